// Floor 1, Engine: a state tree in memory, for genesis, tools and tests.
//
// Invariants: level L holds the first ceil(leaves / 2^L) digests, for the tree only ever grows to the right;
// `keys` ascends and has one entry per leaf.
public import Primitives

/// A state tree in memory.
public final class MemoryTreeStore: TreeStore {
    private var levels = [[PoseidonDigest]](repeating: [], count: StateTree.depth + 1)
    private var leaves: [TreeLeaf] = []
    private var keys: [TreeKeyIndex] = []

    /// Writes an update that `StateTree.update` made from this store.
    ///
    /// Throws `.unavailable`, having written nothing, when the update leaves a gap and so cannot come from this store.
    public func apply(_ update: TreeUpdate) throws(StateError) {
        var newLeaves = leaves
        for entry in update.leaves { try MemoryTreeStore.set(&newLeaves, entry.index, entry.leaf) }
        var newLevels = levels
        for node in update.nodes {
            guard newLevels.indices.contains(node.level) else { throw .unavailable }
            try MemoryTreeStore.set(&newLevels[node.level], node.index, node.digest)
        }
        leaves = newLeaves
        levels = newLevels
        keys = MemoryTreeStore.merge(keys, update.newKeys)
    }

    private static func set<T>(_ array: inout [T], _ index: UInt64, _ value: T) throws(StateError) {
        guard index <= UInt64(array.count) else { throw .unavailable }
        let position = Int(truncatingIfNeeded: index)
        if position == array.count { array.append(value) } else { array[position] = value }
    }

    private static func merge(_ a: [TreeKeyIndex], _ b: [TreeKeyIndex]) -> [TreeKeyIndex] {
        var merged: [TreeKeyIndex] = []
        merged.reserveCapacity(a.count + b.count)
        var next = 0
        for entry in a {
            while next < b.count, b[next].key < entry.key {
                merged.append(b[next])
                next += 1
            }
            merged.append(entry)
        }
        merged.append(contentsOf: b[next...])
        return merged
    }

    public override func node(level: Int, index: UInt64) throws(StateError) -> PoseidonDigest? {
        guard levels.indices.contains(level), index < UInt64(levels[level].count) else { return nil }
        return levels[level][Int(truncatingIfNeeded: index)]
    }

    public override func leaf(_ index: UInt64) throws(StateError) -> TreeLeaf? {
        index < UInt64(leaves.count) ? leaves[Int(truncatingIfNeeded: index)] : nil
    }

    public override func find(_ key: PoseidonDigest) throws(StateError) -> UInt64? { keys.find(key) }

    public override func predecessor(of key: PoseidonDigest) throws(StateError) -> UInt64 {
        guard let entry = keys.predecessor(of: key) else { throw .unavailable }
        return entry.index
    }

    public override func leafCount() throws(StateError) -> UInt64 { UInt64(leaves.count) }
}
