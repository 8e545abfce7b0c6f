// Floor 4, Storage: how the state tree lies in the store. A node is 32 bytes, and a block changes whole paths of them; one
// entry per node would touch a page per node. So the nodes of four successive levels that lie under one node form one
// record, a bundle of 8 + 4 + 2 + 1 digests: a path of 33 nodes is nine records. The lowest bundle also holds its eight
// leaves, for a changed leaf always changes its digest.
internal import Engine
internal import Primitives

/// Names a bundle: `group` is the quarter of its levels, `index` the place of its top node on its level.
struct TreeBundle: Equatable {
    static let levels = 4
    /// Digests of a bundle, lowest level first.
    static let slots = 15
    /// Bytes of the digests.
    static let byteCount = slots * Hash256.byteCount
    static let groups = StateTree.depth / levels + 1
    /// Leaves of a bundle of the lowest group.
    static let leafCount = 8

    var group: Int
    var index: UInt64

    /// The bundle with the node at this place.
    init(level: Int, index: UInt64) {
        group = level / TreeBundle.levels
        self.index = index >> UInt64(TreeBundle.levels - 1 - level % TreeBundle.levels)
    }

    /// The bundle with this leaf.
    init(leaf index: UInt64) { self.init(level: 0, index: index) }

    /// The lowest group has a table of its own (`treeLeaves`), whose records are longer and come in order of position.
    var key: Key {
        guard group > 0 else { return Key(index) }
        var key = Key()
        key.append(byte: UInt8(truncatingIfNeeded: group))
        key.append(index)
        return key
    }

    /// The position of a node's digest within its bundle.
    static func slot(level: Int, index: UInt64) -> Int {
        let row = level % levels
        // Rows of 8, 4, 2 and 1 digests start at 0, 8, 12 and 14.
        let start = 16 - (16 >> row)
        return start + Int(index & UInt64((8 >> row) - 1))
    }
}

extension ChainStore {
    func table(of bundle: TreeBundle) -> Table { bundle.group == 0 ? treeLeaves : treeNodes }
}
