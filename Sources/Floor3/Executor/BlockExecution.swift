// Floor 3, Executor: one block, executed. A pure function of the block, its parent and the state below it.
public import Consensus
public import Engine
public import Primitives

/// The rules of a chain that execution needs; they come from genesis.
public struct ChainRules: Equatable, Sendable {
    public var chainID: UInt64
    public var fork: Fork
    public var gasLimit: UInt64
    public var minimumBaseFeePerGas: UInt256

    public init(genesis: Genesis) {
        chainID = genesis.chainID
        fork = .prague
        gasLimit = genesis.gasLimit
        minimumBaseFeePerGas = genesis.baseFeePerGas
    }

    /// What the EVM is told of the block with `header` on top of `parent`.
    public func environment(of header: BlockHeader, parent: BlockRecord) -> BlockEnvironment {
        environment(
            height: header.height, timestampMilliseconds: header.timestampMilliseconds, proposer: header.proposer,
            prevRandao: ChainRules.prevRandao(parentHash: header.parentHash, view: header.view), parent: parent)
    }

    /// The environment of a block that would stand on `parent` now.
    public func pendingEnvironment(on parent: BlockRecord) -> BlockEnvironment {
        let (height, overflow) = parent.header.height.addingReportingOverflow(1)
        precondition(!overflow)
        return environment(
            height: height, timestampMilliseconds: parent.header.timestampMilliseconds, proposer: parent.header.proposer,
            prevRandao: ChainRules.prevRandao(parentHash: parent.hash, view: parent.header.view), parent: parent)
    }

    private func environment(
        height: UInt64, timestampMilliseconds: UInt64, proposer: Address, prevRandao: Hash256, parent: BlockRecord
    ) -> BlockEnvironment {
        BlockEnvironment(
            fork: fork, chainID: chainID, number: height, timestampSeconds: timestampMilliseconds / 1_000,
            gasLimit: gasLimit,
            baseFeePerGas: FeeMarket.baseFee(
                afterBaseFee: parent.baseFeePerGas, gasUsed: parent.gasUsed, gasLimit: parent.gasLimit,
                minimum: minimumBaseFeePerGas),
            coinbase: proposer, prevRandao: prevRandao)
    }

    /// EIP-4399's value: known to the proposer in advance, hence no source of fair chance; distinct for each block.
    public static func prevRandao(parentHash: Hash256, view: UInt64) -> Hash256 {
        Keccak256.hash(parentHash, Hash256(UInt256(view)))
    }
}

public enum BlockExecution {
    /// Executes the transactions of a certified block in order. A transaction that is invalid in the state it meets is
    /// skipped, and so are its effects; the others follow.
    public static func execute(
        header: BlockHeader, hash: Hash256, transactions: [PreparedTransaction], parent: BlockRecord, rules: ChainRules,
        database: StateDatabase, tree: TreeStore, runner: BatchRunner = BatchRunner()
    ) throws(StateError) -> ExecutedBlock {
        let environment = rules.environment(of: header, parent: parent)
        let executor = TransactionExecutor(database: database, environment: environment)
        try executor.beginBlock(parentHash: header.parentHash)

        var records: [TransactionRecord] = []
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
                    skipped.append(SkippedTransaction(hash: prepared.hash, reason: invalidity.message))
                    continue
                case .state(let failure):
                    throw failure
                case .interrupted:
                    // Only observers interrupt, and blocks have none.
                    throw .unavailable
                }
            }
            cumulativeGas += outcome.gasUsed
            for log in outcome.logs { bloom.insert(log) }
            let receipt = Receipt(
                type: prepared.transaction.type, succeeded: outcome.status == .success, cumulativeGasUsed: cumulativeGas,
                gasUsed: outcome.gasUsed, effectiveGasPrice: outcome.effectiveGasPrice,
                contractAddress: outcome.createdAddress, logs: outcome.logs)
            records.append(
                TransactionRecord(
                    hash: prepared.hash, sender: prepared.sender, transaction: prepared.transaction, blockHash: hash,
                    blockHeight: header.height, index: UInt32(records.count), firstLogIndex: logCount, receipt: receipt))
            logCount += UInt32(outcome.logs.count)
        }

        let changes = executor.changes()
        let update = try StateTree.update(tree, with: changes, runner: runner)
        let record = BlockRecord(
            hash: hash, header: header, gasLimit: environment.gasLimit, gasUsed: cumulativeGas,
            baseFeePerGas: environment.baseFeePerGas, prevRandao: environment.prevRandao, stateRoot: update.root,
            transactionsRoot: MerklePatriciaTrie.root(ofList: records.map { $0.transaction.encode() }),
            receiptsRoot: MerklePatriciaTrie.root(ofList: records.map { $0.receipt.encode() }),
            logsBloom: bloom.bytes, transactionHashes: records.map(\.hash))
        return ExecutedBlock(record: record, transactions: records, skipped: skipped, changes: changes, tree: update)
    }
}
