// Floor 4, Storage: the state tree after the head. Holds one view of the store for its lifetime; confined to one thread.
public import Engine
public import Primitives

/// The state tree after the head at the time it was made.
public final class StoredTree: TreeStore {
    private let store: ChainStore
    private let transaction: ReadTransaction
    private let count: UInt64
    /// Why the last read threw `unavailable`.
    public private(set) var failure: StorageError?

    init(_ store: ChainStore) throws(StorageError) {
        let transaction = try ReadTransaction(store.environment)
        count = try store.leafCount(transaction)
        self.store = store
        self.transaction = transaction
        super.init()
    }

    public override func leafCount() throws(StateError) -> UInt64 { count }

    public override func node(level: Int, index: UInt64) throws(StateError) -> PoseidonDigest? {
        guard level >= 0, level <= StateTree.depth else { return nil }
        let found = try nodes([TreePlace(level: level, index: index)])
        return found.first ?? nil
    }

    /// Reads every bundle once.
    public override func nodes(_ places: [TreePlace]) throws(StateError) -> [PoseidonDigest?] {
        try reading { (tree) throws(StorageError) in
            var digests = [PoseidonDigest?](repeating: nil, count: places.count)
            let bundle = { (place: Int) in TreeBundle(level: places[place].level, index: places[place].index) }
            var runs = BundleRuns(count: places.count)
            while runs.nextGroup({ places[$0].level }) != nil {
                while let next = runs.nextBundle(bundle) {
                    let ranges = runs.take(next, bundle)
                    _ = try unsafe tree.withBundle(next) { (bytes) throws(CanonicalError) in
                        for range in ranges {
                            for place in range {
                                let slot = TreeBundle.slot(level: places[place].level, index: places[place].index)
                                digests[place] = try unsafe TreeRecords.node(bytes, slot: slot)
                            }
                        }
                    }
                }
            }
            guard runs.isComplete else { throw tree.store.invalid("nodes are not asked for in order") }
            return digests
        }
    }

    public override func leaf(_ index: UInt64) throws(StateError) -> TreeLeaf? {
        guard index < count else { return nil }
        return try reading { (tree) throws(StorageError) in
            let place = Int(index % UInt64(TreeBundle.leafCount))
            let leaf = try unsafe tree.withBundle(TreeBundle(leaf: index)) { (bytes) throws(CanonicalError) in
                try unsafe TreeRecords.leaf(bytes, place: place)
            }
            guard let leaf, let leaf else { throw tree.store.environment.context.missing(tree.store.treeLeaves, "leaf \(index)") }
            return leaf
        }
    }

    public override func find(_ key: PoseidonDigest) throws(StateError) -> UInt64? {
        try reading { (tree) throws(StorageError) in
            let key = Key(key.hash256)
            return try unsafe tree.transaction.withRecord(tree.store.treeKeys, key) { (content) throws(StorageError) in
                guard content.count == 8 else { throw tree.store.environment.context.damaged(tree.store.treeKeys, key) }
                return unsafe UInt64(bigEndian: content.loadUnaligned(as: UInt64.self))
            }
        }
    }

    public override func predecessor(of key: PoseidonDigest) throws(StateError) -> UInt64 {
        try reading { (tree) throws(StorageError) in
            try tree.transaction.withCursor(tree.store.treeKeys) { (cursor) throws(StorageError) in
                guard try cursor.lastBefore(Key(key.hash256)) else {
                    throw tree.store.environment.context.missing(tree.store.treeKeys, "the sentinel")
                }
                return try cursor.record { (reader) throws(CanonicalError) in try reader.read() }
            }
        }
    }

    /// Lends a bundle; `nil` when it is not stored.
    private func withBundle<R>(
        _ bundle: TreeBundle, _ body: (UnsafeRawBufferPointer) throws(CanonicalError) -> R
    ) throws(StorageError) -> R? {
        let table = store.table(of: bundle)
        return try unsafe transaction.withRecord(table, bundle.key) { (content) throws(StorageError) in
            do throws(CanonicalError) {
                return try unsafe body(content)
            } catch {
                throw store.environment.context.damaged(table, bundle.key)
            }
        }
    }

    private func reading<R>(_ body: (StoredTree) throws(StorageError) -> R) throws(StateError) -> R {
        do throws(StorageError) {
            return try body(self)
        } catch {
            failure = error
            throw .unavailable
        }
    }
}
