// Floor 1, Engine: the leaves that one update changes, before anything is hashed.
//
// Invariant: keys are set in ascending order, so the predecessor of a new key is either a stored leaf
// or the leaf appended last.
import Primitives

/// The working set of an update.
struct TreeEdit {
    private let store: TreeStore
    private let storedCount: UInt64
    private var leaves: [UInt64: TreeLeaf] = [:]
    /// The keys of `leaves`, each once, in order of first touch.
    private var touched: [UInt64] = []
    private(set) var leafCount: UInt64
    private(set) var newKeys: [TreeKeyIndex] = []

    init(_ store: TreeStore) throws(StateError) {
        self.store = store
        storedCount = try store.leafCount()
        leafCount = storedCount
        if storedCount == 0 { try append(.sentinel) }
    }

    /// Gives `key` a value. Zero does not insert an absent key.
    mutating func set(_ key: PoseidonDigest, _ value: Hash256) throws(StateError) {
        if let index = try find(key) {
            var leaf = try leaf(index)
            guard leaf.value != value else { return }
            leaf.value = value
            put(index, leaf)
        } else if value != .zero {
            let index = try predecessor(of: key)
            var previous = try leaf(index)
            try append(TreeLeaf(key: key, nextKey: previous.nextKey, value: value))
            previous.nextKey = key
            put(index, previous)
        }
    }

    /// The changed leaves in order of position.
    func sortedLeaves() -> [IndexedLeaf] {
        var sorted: [IndexedLeaf] = []
        sorted.reserveCapacity(touched.count)
        for index in touched.sorted() {
            if let leaf = leaves[index] { sorted.append(IndexedLeaf(index: index, leaf: leaf)) }
        }
        return sorted
    }

    private func find(_ key: PoseidonDigest) throws(StateError) -> UInt64? {
        if let last = newKeys.last, last.key == key { return last.index }
        return storedCount == 0 ? nil : try store.find(key)
    }

    private func predecessor(of key: PoseidonDigest) throws(StateError) -> UInt64 {
        guard storedCount > 0 else {
            guard let last = newKeys.last else { throw .unavailable }
            return last.index
        }
        let stored = try store.predecessor(of: key)
        guard let last = newKeys.last else { return stored }
        return try leaf(stored).key < last.key ? last.index : stored
    }

    private func leaf(_ index: UInt64) throws(StateError) -> TreeLeaf {
        if let leaf = leaves[index] { return leaf }
        guard let leaf = try store.leaf(index) else { throw .unavailable }
        return leaf
    }

    private mutating func append(_ leaf: TreeLeaf) throws(StateError) {
        guard leafCount < StateTree.maxLeafCount else { throw .treeFull }
        newKeys.append(TreeKeyIndex(key: leaf.key, index: leafCount))
        put(leafCount, leaf)
        leafCount += 1
    }

    private mutating func put(_ index: UInt64, _ leaf: TreeLeaf) {
        if leaves.updateValue(leaf, forKey: index) == nil { touched.append(index) }
    }
}
