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

    /// The digest of a subtree without leaves under a node of this level.
    public static func emptySubtree(level: Int) -> PoseidonDigest { emptySubtrees[level] }

    /// The root of a stored tree.
    public static func root(_ store: TreeStore) throws(StateError) -> Hash256 {
        (try store.node(level: depth, index: 0) ?? emptySubtrees[depth]).hash256
    }

    /// The update that brings a block's changes into the tree; nothing is written.
    ///
    /// New leaves are appended in ascending order of their keys, so equal changes on equal trees give equal updates.
    /// A cleared slot or deleted account keeps its leaf with value zero; zero for an absent key inserts nothing.
    /// The first update of an empty store (genesis) also writes the sentinel. The result does not depend on `runner`.
    public static func update(
        _ store: TreeStore, with changes: StateChanges, runner: BatchRunner = BatchRunner()
    ) throws(StateError) -> TreeUpdate {
        var edit = try TreeEdit(store)
        for change in sortedValues(changes, runner) { try edit.set(change.key, change.value) }
        let leaves = edit.sortedLeaves()
        guard !leaves.isEmpty else {
            return TreeUpdate(root: try root(store), leafCount: edit.leafCount, leaves: [], nodes: [], newKeys: [])
        }
        let paths = TreePaths(leaves: leaves.map { $0.index })
        let digests = TreeHashing.digests(paths, leaves: leaves, read: try read(store, paths), runner: runner)
        return TreeUpdate(
            root: digests[paths.count - 1].hash256, leafCount: edit.leafCount, leaves: leaves, nodes: nodes(paths, digests),
            newKeys: edit.newKeys)
    }

    // MARK: - From changes to keys

    private struct KeyValue {
        var key: PoseidonDigest
        var value: Hash256
    }

    /// The changed leaves in ascending order of keys.
    private static func sortedValues(_ changes: StateChanges, _ runner: BatchRunner) -> [KeyValue] {
        var accounts = TreeLimbs(.accountKey, capacity: changes.accounts.count)
        var records = TreeLimbs(.accountValue, capacity: changes.accounts.count)
        for change in changes.accounts {
            accounts.appendAccountKey(change.address, partition: userPartition)
            if let record = change.record { records.append(record) }
        }
        var slots = TreeLimbs(.slotKey, capacity: changes.storage.count)
        for change in changes.storage { slots.appendSlotKey(change.address, change.slot, partition: userPartition) }

        var values: [KeyValue] = []
        values.reserveCapacity(changes.accounts.count + changes.storage.count)
        let accountKeys = accounts.hashed(runner)
        let recordDigests = records.hashed(runner)
        var nextRecord = 0
        for (place, change) in changes.accounts.enumerated() {
            var value = Hash256.zero
            if change.record != nil {
                value = recordDigests[nextRecord].hash256
                nextRecord += 1
            }
            values.append(KeyValue(key: accountKeys[place], value: value))
        }
        let slotKeys = slots.hashed(runner)
        for (place, change) in changes.storage.enumerated() {
            values.append(KeyValue(key: slotKeys[place], value: Hash256(change.value)))
        }
        values.sort { $0.key < $1.key }
        return values
    }

    // MARK: - Nodes

    /// The stored digests next to the paths.
    private static func read(_ store: TreeStore, _ paths: TreePaths) throws(StateError) -> [PoseidonDigest] {
        let found = try store.nodes(paths.missing)
        guard found.count == paths.missing.count else { throw .unavailable }
        var digests: [PoseidonDigest] = []
        digests.reserveCapacity(found.count)
        for (place, digest) in zip(paths.missing, found) {
            // Trees grow to the right: what is left of a leaf is never empty.
            if digest == nil, place.index & 1 == 0 { throw .unavailable }
            digests.append(digest ?? emptySubtrees[place.level])
        }
        return digests
    }

    private static func nodes(_ paths: TreePaths, _ digests: [PoseidonDigest]) -> [TreeNode] {
        var nodes: [TreeNode] = []
        nodes.reserveCapacity(paths.count)
        for level in 0...depth {
            for node in paths.nodes(level) {
                nodes.append(TreeNode(level: level, index: paths.indices[node], digest: digests[node]))
            }
        }
        return nodes
    }
}
