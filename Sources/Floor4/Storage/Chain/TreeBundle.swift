// Floor 4, Storage: how the nodes of the state tree lie in the store. A node is 32 bytes, and a block changes whole paths of
// them; one entry per node would touch a page per node. So the nodes of four successive levels that lie under one node
// form one record, a bundle of 8 + 4 + 2 + 1 digests: a path of 33 nodes is nine records.
internal import Engine
internal import Primitives

/// Names a bundle: `group` is the quarter of its levels, `index` the place of its top node on its level.
struct TreeBundle: Equatable {
    static let levels = 4
    /// Digests of a bundle, lowest level first.
    static let slots = 15
    static let byteCount = slots * Hash256.byteCount
    static let groups = StateTree.depth / levels + 1

    var group: Int
    var index: UInt64

    /// The bundle with the node at this place.
    init(level: Int, index: UInt64) {
        group = level / TreeBundle.levels
        self.index = index >> UInt64(TreeBundle.levels - 1 - level % TreeBundle.levels)
    }

    var key: Key {
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
