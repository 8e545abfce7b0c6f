// Floor 1, Engine: the result of executing one block.
public import Primitives

/// A transaction of the payload that could not be included: it stays in the block's bytes and has no effect.
public struct SkippedTransaction: Equatable, Sendable {
    public var hash: Hash256
    public var invalidity: TransactionInvalidity

    public init(hash: Hash256, invalidity: TransactionInvalidity) {
        self.hash = hash
        self.invalidity = invalidity
    }

    /// In go-ethereum's words, e.g. `nonce too low: …`.
    public var reason: String { invalidity.message }
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
