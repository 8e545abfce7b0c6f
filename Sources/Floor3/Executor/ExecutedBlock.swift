// Floor 3, Executor: the result of executing one block, and what execution needs of the chain before it.
public import Engine
public import Primitives

/// A transaction of the payload that could not be included: it stays in the block's bytes and has no effect.
public struct SkippedTransaction: Equatable, Sendable {
    public var hash: Hash256
    /// In go-ethereum's words, e.g. `nonce too low: …`.
    public var reason: String

    public init(hash: Hash256, reason: String) {
        self.hash = hash
        self.reason = reason
    }
}

/// Everything that follows from executing one block; storing it makes the block part of the chain's state.
public struct ExecutedBlock: Equatable, Sendable {
    public var record: BlockRecord
    public var transactions: [TransactionRecord]
    public var skipped: [SkippedTransaction]
    public var changes: StateChanges
    public var tree: TreeUpdate

    public init(
        record: BlockRecord, transactions: [TransactionRecord], skipped: [SkippedTransaction], changes: StateChanges,
        tree: TreeUpdate
    ) {
        self.record = record
        self.transactions = transactions
        self.skipped = skipped
        self.changes = changes
        self.tree = tree
    }
}

/// The stored, final part of the chain as execution reads it. Storage implements it; the base class is a chain without blocks.
/// Confined to one thread.
open class FinalizedChain {
    public init() {}

    /// The newest stored block; `nil` before genesis is stored.
    open func head() throws(StateError) -> BlockRecord? { nil }

    /// The state after the head.
    open func state() throws(StateError) -> StateDatabase { StateDatabase() }

    /// The state tree after the head.
    open func tree() throws(StateError) -> TreeStore { TreeStore() }
}
