// Floor 1, Engine: one block, executed. A pure function of the block, its parent and the state below it: the same natively and
// in the guest.
public import Primitives

public enum BlockExecution {
    /// Executes the transactions of a certified block in order. A transaction that is invalid in the state it meets is
    /// skipped, and so are its effects; the others follow.
    public static func execute(
        header: BlockHeader, hash: Hash256, transactions: [PreparedTransaction], parent: ParentFacts, rules: ChainRules,
        database: StateDatabase, tree: TreeStore, runner: BatchRunner = BatchRunner()
    ) throws(StateError) -> ExecutedBlock {
        let environment = rules.environment(of: header, parent: parent)
        let executor = TransactionExecutor(database: database, environment: environment)
        try executor.beginBlock(parentHash: header.parentHash)

        var records: [TransactionRecord] = []
        var encodings: [[UInt8]] = []
        var skipped: [SkippedTransaction] = []
        var cumulativeGas: UInt64 = 0
        var logCount: UInt32 = 0
        var bloom = LogsBloom()
        for prepared in transactions {
            let outcome: TransactionOutcome
            do {
                outcome = try executor.execute(prepared.transaction, sender: prepared.sender)
            } catch {
                switch error {
                case .invalid(let invalidity):
                    skipped.append(SkippedTransaction(hash: prepared.hash, invalidity: invalidity))
                    continue
                case .state(let failure):
                    throw failure
                case .interrupted:
                    // Only observers interrupt, and blocks have none.
                    throw .unavailable
                }
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

        let changes = executor.changes()
        let update = try StateTree.update(tree, with: changes, runner: runner)
        let record = BlockRecord(
            hash: hash, header: header, gasLimit: environment.gasLimit, gasUsed: cumulativeGas,
            baseFeePerGas: environment.baseFeePerGas, prevRandao: environment.prevRandao, stateRoot: update.root,
            transactionsRoot: MerklePatriciaTrie.root(ofList: encodings),
            receiptsRoot: MerklePatriciaTrie.root(ofList: records.map { $0.receipt.encode() }),
            logsBloom: bloom.bytes, transactionHashes: records.map { $0.hash })
        return ExecutedBlock(record: record, transactions: records, skipped: skipped, changes: changes, tree: update)
    }
}
