// Floor 4, Storage: the stored chain as the executor reads it.
public import Engine
public import Executor

/// The stored, final chain. Each call gives the newest; states and trees handed out hold their view until released.
/// Confined to one thread.
public final class StoredFinalizedChain: FinalizedChain {
    private let store: ChainStore
    /// Why the last call threw `unavailable`.
    public private(set) var failure: StorageError?

    public init(_ store: ChainStore) {
        self.store = store
        super.init()
    }

    public override func head() throws(StateError) -> BlockRecord? {
        try reading { (store) throws(StorageError) in try store.head() }
    }

    public override func state() throws(StateError) -> StateDatabase {
        try reading { (store) throws(StorageError) in try StoredState.newest(store) ?? StateDatabase() }
    }

    public override func tree() throws(StateError) -> TreeStore {
        try reading { (store) throws(StorageError) in try StoredTree(store) }
    }

    private func reading<R>(_ body: (ChainStore) throws(StorageError) -> R) throws(StateError) -> R {
        do throws(StorageError) {
            return try body(store)
        } catch {
            failure = error
            throw .unavailable
        }
    }
}
