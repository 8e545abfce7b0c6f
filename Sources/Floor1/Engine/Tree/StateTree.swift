// Floor 1, Engine: the chain's own commitment to its state, an indexed Merkle tree (Specs/state.md).
//
// A binary Poseidon2 tree of fixed depth over leaves that are only ever appended or changed, linked in the order of their keys,
// so that one leaf proves both presence and absence. Invariants: leaf 0 is the sentinel; following `nextKey` from it
// visits every leaf once in ascending order.
public import Primitives

/// The state tree: pure functions over a `TreeStore`.
public enum StateTree {
    /// Levels above the leaves. 2^32 leaves outlast any chain; proofs have this many siblings.
    public static let depth = 32
    static let maxLeafCount: UInt64 = 1 << 32

    /// The digest of a subtree without leaves, by level: zero, then each level the node over two of the level below.
    static let emptySubtrees: [PoseidonDigest] = {
        var digests = [PoseidonDigest.zero]
        for level in 0..<depth { digests.append(Poseidon2.compress(digests[level], digests[level])) }
        return digests
    }()

    /// The root of a stored tree.
    public static func root(_ store: TreeStore) throws(StateError) -> Hash256 {
        (try store.node(level: depth, index: 0) ?? emptySubtrees[depth]).hash256
    }

    /// The update that brings a block's changes into the tree; nothing is written.
    ///
    /// New leaves are appended in ascending order of their keys, so equal changes on equal trees give equal updates.
    /// A cleared slot or deleted account keeps its leaf with value zero; zero for an absent key inserts nothing.
    /// The first update of an empty store (genesis) also writes the sentinel.
    public static func update(_ store: TreeStore, with changes: StateChanges) throws(StateError) -> TreeUpdate {
        var edit = try TreeEdit(store)
        for change in sortedValues(changes) { try edit.set(change.key, change.value) }
        let leaves = edit.sortedLeaves()
        let nodes = try hashPaths(store, leaves)
        let root: Hash256
        if let top = nodes.last { root = top.digest.hash256 } else { root = try self.root(store) }
        return TreeUpdate(root: root, leafCount: edit.leafCount, leaves: leaves, nodes: nodes, newKeys: edit.newKeys)
    }

    // MARK: - From changes to keys

    private struct KeyValue {
        var key: PoseidonDigest
        var value: Hash256
    }

    /// The changed leaves in ascending order of keys.
    private static func sortedValues(_ changes: StateChanges) -> [KeyValue] {
        var values: [KeyValue] = []
        values.reserveCapacity(changes.accounts.count + changes.storage.count)
        for change in changes.accounts {
            values.append(KeyValue(key: accountKey(change.address), value: change.record.map(accountValue) ?? .zero))
        }
        for change in changes.storage {
            values.append(KeyValue(key: slotKey(change.address, change.slot), value: Hash256(change.value)))
        }
        values.sort { $0.key < $1.key }
        return values
    }

    // MARK: - Hashing

    /// All nodes on the paths of these leaves, each computed once: level by level from the leaves to the root.
    private static func hashPaths(_ store: TreeStore, _ leaves: [IndexedLeaf]) throws(StateError) -> [TreeNode] {
        guard !leaves.isEmpty else { return [] }
        var indices = leaves.map { $0.index }
        var digests = leaves.map { $0.leaf.digest }
        var nodes: [TreeNode] = []
        nodes.reserveCapacity(leaves.count * 16 + depth)
        for level in 0..<depth {
            append(&nodes, level, indices, digests)
            let pairs = try gatherPairs(store, level, indices, digests)
            indices = pairs.map { $0.parent }
            digests = pairs.map { Poseidon2.compress($0.left, $0.right) }
        }
        append(&nodes, depth, indices, digests)
        return nodes
    }

    private static func append(_ nodes: inout [TreeNode], _ level: Int, _ indices: [UInt64], _ digests: [PoseidonDigest]) {
        for position in indices.indices {
            nodes.append(TreeNode(level: level, index: indices[position], digest: digests[position]))
        }
    }

    private struct NodePair {
        var parent: UInt64
        var left: PoseidonDigest
        var right: PoseidonDigest
    }

    /// The children of every node above the given ones; what is not given comes from the store.
    private static func gatherPairs(
        _ store: TreeStore, _ level: Int, _ indices: [UInt64], _ digests: [PoseidonDigest]
    ) throws(StateError) -> [NodePair] {
        var pairs: [NodePair] = []
        pairs.reserveCapacity(indices.count)
        var position = 0
        while position < indices.count {
            let index = indices[position]
            let own = digests[position]
            position += 1
            if index & 1 == 1 {
                // Trees grow to the right: what is left of a leaf is never empty.
                guard let left = try store.node(level: level, index: index - 1) else { throw .unavailable }
                pairs.append(NodePair(parent: index >> 1, left: left, right: own))
            } else if position < indices.count, indices[position] == index + 1 {
                pairs.append(NodePair(parent: index >> 1, left: own, right: digests[position]))
                position += 1
            } else {
                let right = try store.node(level: level, index: index + 1) ?? emptySubtrees[level]
                pairs.append(NodePair(parent: index >> 1, left: own, right: right))
            }
        }
        return pairs
    }
}
