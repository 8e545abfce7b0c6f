// Floor 4, Storage: the state tree after the head. Holds one view of the store for its lifetime; confined to one thread.
public import Engine
public import Primitives

/// The state tree after the head at the time it was made.
public final class StoredTree: TreeStore {
    private let store: ChainStore
    private let transaction: ReadTransaction
    private let count: UInt64
    /// The bundle read last in each group: neighbours are asked for one after the other.
    private var recent: [(index: UInt64, bytes: [UInt8]?)?]
    /// Why the last read threw `unavailable`.
    public private(set) var failure: StorageError?

    init(_ store: ChainStore) throws(StorageError) {
        let transaction = try ReadTransaction(store.environment)
        count = try store.leafCount(transaction)
        self.store = store
        self.transaction = transaction
        recent = Array(repeating: nil, count: TreeBundle.groups)
        super.init()
    }

    public override func leafCount() throws(StateError) -> UInt64 { count }

    public override func node(level: Int, index: UInt64) throws(StateError) -> PoseidonDigest? {
        guard level >= 0, level <= StateTree.depth else { return nil }
        return try reading { (tree) throws(StorageError) in
            let bundle = TreeBundle(level: level, index: index)
            guard let bytes = try tree.bytes(of: bundle) else { return nil }
            do throws(CanonicalError) {
                return try TreeRecords.decodeNode(bytes, slot: TreeBundle.slot(level: level, index: index))
            } catch {
                throw tree.store.environment.context.damaged(tree.store.treeNodes, bundle.key)
            }
        }
    }

    private func bytes(of bundle: TreeBundle) throws(StorageError) -> [UInt8]? {
        if let known = recent[bundle.group], known.index == bundle.index { return known.bytes }
        let bytes = try transaction.record(store.treeNodes, bundle.key)
        recent[bundle.group] = (bundle.index, bytes)
        return bytes
    }

    public override func leaf(_ index: UInt64) throws(StateError) -> TreeLeaf? {
        guard index < count else { return nil }
        return try reading { (tree) throws(StorageError) in
            guard let leaf = try tree.transaction.record(tree.store.treeLeaves, Key(index), TreeRecords.decodeLeaf) else {
                throw tree.store.environment.context.missing(tree.store.treeLeaves, "leaf \(index)")
            }
            return leaf
        }
    }

    public override func find(_ key: PoseidonDigest) throws(StateError) -> UInt64? {
        try reading { (tree) throws(StorageError) in
            try tree.transaction.record(tree.store.treeKeys, Key(key.hash256)) { (reader) throws(CanonicalError) in try reader.read() }
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

    private func reading<R>(_ body: (StoredTree) throws(StorageError) -> R) throws(StateError) -> R {
        do throws(StorageError) {
            return try body(self)
        } catch {
            failure = error
            throw .unavailable
        }
    }
}
