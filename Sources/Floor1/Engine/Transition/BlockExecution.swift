// Floor 1, Engine: one block, executed. A pure function of the block, its parent and the state below it: the same natively and
// in the guest.
public import Primitives

/// What executing the transactions of a block came to, before anything is hashed.
public struct BlockOutcome: Equatable, Sendable {
    /// One for each transaction of the block.
    public var results: [TransactionResult]
    public var changes: StateChanges

    public init(results: [TransactionResult], changes: StateChanges) {
        self.results = results
        self.changes = changes
    }
}

public enum BlockExecution {
    /// Executes the transactions of a certified block in order. A transaction that is invalid in the state it meets is
    /// skipped, and so are its effects; the others follow.
    public static func execute(
        header: BlockHeader, hash: Hash256, transactions: [PreparedTransaction], parent: ParentFacts, rules: ChainRules,
        database: StateDatabase, tree: TreeStore, runner: BatchRunner = BatchRunner()
    ) throws(StateError) -> ExecutedBlock {
        let environment = rules.environment(of: header, parent: parent)
        let run = try run(transactions, parentHash: header.parentHash, environment: environment, database: database)
        return try seal(
            run, header: header, hash: hash, transactions: transactions, environment: environment, tree: tree, runner: runner)
    }

    /// The first half: the transactions, one after the other.
    public static func run(
        _ transactions: [PreparedTransaction], parentHash: Hash256, environment: BlockEnvironment, database: StateDatabase
    ) throws(StateError) -> BlockOutcome {
        let executor = TransactionExecutor(database: database, environment: environment)
        try executor.beginBlock(parentHash: parentHash)
        var results: [TransactionResult] = []
        results.reserveCapacity(transactions.count)
        for prepared in transactions {
            results.append(try executor.attempt(prepared.transaction, sender: prepared.sender))
        }
        return BlockOutcome(results: results, changes: executor.changes())
    }

    /// The second half: receipts, the state tree and the roots.
    public static func seal(
        _ run: BlockOutcome, header: BlockHeader, hash: Hash256, transactions: [PreparedTransaction], environment: BlockEnvironment,
        tree: TreeStore, runner: BatchRunner
    ) throws(StateError) -> ExecutedBlock {
        var records: [TransactionRecord] = []
        records.reserveCapacity(run.results.count)
        var encodings: [[UInt8]] = []
        encodings.reserveCapacity(run.results.count)
        var skipped: [SkippedTransaction] = []
        var cumulativeGas: UInt64 = 0
        var logCount: UInt32 = 0
        var bloom = LogsBloom()
        for (prepared, result) in zip(transactions, run.results) {
            let outcome: TransactionOutcome
            switch result {
            case .included(let found): outcome = found
            case .skipped(let invalidity):
                skipped.append(SkippedTransaction(hash: prepared.hash, invalidity: invalidity))
                continue
            }
            cumulativeGas &+= outcome.gasUsed
            for log in outcome.logs { bloom.insert(log) }
            let receipt = Receipt(
                type: prepared.transaction.type, succeeded: outcome.status == .success, cumulativeGasUsed: cumulativeGas,
                gasUsed: outcome.gasUsed, effectiveGasPrice: outcome.effectiveGasPrice,
                contractAddress: outcome.createdAddress, logs: outcome.logs)
            records.append(
                TransactionRecord(
                    hash: prepared.hash, sender: prepared.sender, transaction: prepared.transaction, blockHash: hash,
                    blockHeight: header.height, index: UInt32(truncatingIfNeeded: records.count), firstLogIndex: logCount, receipt: receipt))
            encodings.append(prepared.raw)
            logCount += UInt32(truncatingIfNeeded: outcome.logs.count)
        }

        let update = try StateTree.update(tree, with: run.changes, runner: runner)
        let record = BlockRecord(
            hash: hash, header: header, gasLimit: environment.gasLimit, gasUsed: cumulativeGas,
            baseFeePerGas: environment.baseFeePerGas, prevRandao: environment.prevRandao, stateRoot: update.root,
            transactionsRoot: MerklePatriciaTrie.root(ofList: encodings),
            receiptsRoot: MerklePatriciaTrie.root(ofList: records.map { $0.receipt.encode() }),
            logsBloom: bloom.bytes, transactionHashes: records.map { $0.hash })
        return ExecutedBlock(record: record, transactions: records, skipped: skipped, changes: run.changes, tree: update)
    }
}
