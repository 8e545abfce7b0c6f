// Floor 1, Engine: what one block changes in the state tree: exactly what a store has to write.
//
// Invariants: `leaves` ascends by index, `nodes` by (level, index), `newKeys` by key; no duplicates.
// Applying the update to the store it was made from gives the tree with `root`.
public import Primitives

/// A leaf and its position.
public struct IndexedLeaf: Equatable, Sendable {
    public var index: UInt64
    public var leaf: TreeLeaf

    public init(index: UInt64, leaf: TreeLeaf) {
        self.index = index
        self.leaf = leaf
    }
}

/// A node's digest and its place.
public struct TreeNode: Equatable, Sendable {
    public var level: Int
    public var index: UInt64
    public var digest: PoseidonDigest

    public init(level: Int, index: UInt64, digest: PoseidonDigest) {
        self.level = level
        self.index = index
        self.digest = digest
    }
}

/// A key and the position of its leaf: the entry of a store's index of keys.
public struct TreeKeyIndex: Equatable, Sendable {
    public var key: PoseidonDigest
    public var index: UInt64

    public init(key: PoseidonDigest, index: UInt64) {
        self.key = key
        self.index = index
    }
}

/// The difference between two successive trees.
public struct TreeUpdate: Equatable, Sendable {
    /// The root after the update, `PoseidonDigest.hash256` of the node at `StateTree.depth`.
    public var root: Hash256
    /// Number of leaves after the update.
    public var leafCount: UInt64
    /// Changed and appended leaves.
    public var leaves: [IndexedLeaf]
    /// Changed and new nodes of all levels, leaf digests (level 0) and the root included.
    public var nodes: [TreeNode]
    /// Keys of the appended leaves.
    public var newKeys: [TreeKeyIndex]

    public init(root: Hash256, leafCount: UInt64, leaves: [IndexedLeaf], nodes: [TreeNode], newKeys: [TreeKeyIndex]) {
        self.root = root
        self.leafCount = leafCount
        self.leaves = leaves
        self.nodes = nodes
        self.newKeys = newKeys
    }

    // MARK: - Reading, by binary search

    func node(level: Int, index: UInt64) -> PoseidonDigest? {
        let position = firstPosition(nodes.count) { nodes[$0].level > level || (nodes[$0].level == level && nodes[$0].index >= index) }
        guard position < nodes.count, nodes[position].level == level, nodes[position].index == index else { return nil }
        return nodes[position].digest
    }

    func leaf(_ index: UInt64) -> TreeLeaf? {
        let position = firstPosition(leaves.count) { leaves[$0].index >= index }
        guard position < leaves.count, leaves[position].index == index else { return nil }
        return leaves[position].leaf
    }

    func find(_ key: PoseidonDigest) -> UInt64? { newKeys.find(key) }

    func predecessor(of key: PoseidonDigest) -> TreeKeyIndex? { newKeys.predecessor(of: key) }
}

extension [TreeKeyIndex] {
    /// The position in the tree of `key` in this sorted index.
    func find(_ key: PoseidonDigest) -> UInt64? {
        let position = firstPosition(count) { !(self[$0].key < key) }
        guard position < count, self[position].key == key else { return nil }
        return self[position].index
    }

    /// The entry with the greatest key below `key` in this sorted index.
    func predecessor(of key: PoseidonDigest) -> TreeKeyIndex? {
        let position = firstPosition(count) { !(self[$0].key < key) }
        return position > 0 ? self[position - 1] : nil
    }
}

/// The first position in `0..<count` where `reached` holds, or `count`; once true it stays true.
func firstPosition(_ count: Int, where reached: (Int) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
        let middle = low + (high - low) / 2
        if reached(middle) { high = middle } else { low = middle + 1 }
    }
    return low
}
