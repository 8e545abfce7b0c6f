// Floor 1, Engine: one block of a chain in Ethereum mode, from Paris on: checked, executed and compared with its header.
//
// A pure function of the block, its parent's header and the state. On an error nothing may be kept. The header's fields that only
// execution gives (roots, gas, bloom) are not read by `execute`, so that whoever builds a block can fill them from the outcome.
public import Primitives

/// What executing a block gives.
public struct EthereumBlockOutcome: Sendable {
    public var receipts: [Receipt]
    public var changes: StateChanges
    public var gasUsed: UInt64
    public var blobGasUsed: UInt64
    public var receiptsRoot: Hash256
    public var logsBloom: LogsBloom
    /// `nil` before Prague.
    public var requestsHash: Hash256?
}

/// The block transition of Ethereum mode.
public enum EthereumTransition {
    /// EIP-7934, from Osaka: the largest encoding of a block.
    static let blockByteLimit = 8 << 20
    private static let weiPerGwei: UInt256 = 1_000_000_000

    /// Checks a block, executes it and brings the state trie to the block's state root.
    ///
    /// - Parameters:
    ///   - database: the state after the parent.
    ///   - nodes: where the parent's state trie is read from.
    public static func apply(
        _ block: EthereumBlock, parent: EthereumHeader, fork: Fork, chainID: UInt64, database: StateDatabase, nodes: TrieNodeStore
    ) throws(EthereumBlockError) -> (outcome: EthereumBlockOutcome, update: TrieUpdate) {
        let outcome = try check(block, parent: parent, fork: fork, chainID: chainID, database: database)
        let update: TrieUpdate
        do throws(StateError) {
            update = try EthereumStateTrie.update(outcome.changes, root: parent.stateRoot, in: nodes)
        } catch {
            throw .state(error)
        }
        guard update.root == block.header.stateRoot else { throw .wrongStateRoot }
        return (outcome, update)
    }

    /// Checks and executes a block; only the state root is not compared.
    public static func check(
        _ block: EthereumBlock, parent: EthereumHeader, fork: Fork, chainID: UInt64, database: StateDatabase
    ) throws(EthereumBlockError) -> EthereumBlockOutcome {
        let header = block.header
        if fork >= .osaka, block.encodedByteCount > blockByteLimit { throw .tooLarge(byteCount: block.encodedByteCount) }
        guard fork >= .paris else { throw .proofOfWorkFork }
        try header.check(parent: parent, fork: fork)
        guard block.ommers.isEmpty else { throw .hasOmmers }
        guard (block.withdrawals != nil) == (fork >= .shanghai) else { throw .wrongFields }
        guard header.transactionsRoot == MerklePatriciaTrie.root(ofList: block.transactions.map { $0.encode() }) else {
            throw .wrongTransactionsRoot
        }
        if let withdrawals = block.withdrawals {
            guard header.withdrawalsRoot == MerklePatriciaTrie.root(ofList: withdrawals.map { $0.encode() }) else {
                throw .wrongWithdrawalsRoot
            }
        }
        let outcome = try execute(block, fork: fork, chainID: chainID, database: database)
        guard header.gasUsed == outcome.gasUsed else { throw .wrongGasUsed }
        guard (header.blobGasUsed ?? 0) == outcome.blobGasUsed else { throw .wrongBlobGasUsed }
        guard header.receiptsRoot == outcome.receiptsRoot else { throw .wrongReceiptsRoot }
        guard header.logsBloom == outcome.logsBloom else { throw .wrongLogsBloom }
        guard header.requestsHash == outcome.requestsHash else { throw .wrongRequestsHash }
        return outcome
    }

    /// Executes a block's system calls, transactions, withdrawals and requests.
    public static func execute(
        _ block: EthereumBlock, fork: Fork, chainID: UInt64, database: StateDatabase
    ) throws(EthereumBlockError) -> EthereumBlockOutcome {
        let header = block.header
        let executor = TransactionExecutor(database: database, environment: environment(header, fork, chainID))
        do throws(StateError) {
            try executor.beginBlock(parentHash: header.parentHash, beaconRoot: header.parentBeaconRoot)
        } catch {
            throw .state(error)
        }
        var run = TransactionRun(executor: executor, gasLimit: header.gasLimit, maximumBlobs: BlobGas(fork)?.maximumBlobs ?? 0)
        for (index, transaction) in block.transactions.enumerated() { try run.execute(transaction, index: index) }
        do throws(StateError) {
            for withdrawal in block.withdrawals ?? [] {
                try executor.credit(withdrawal.address, UInt256(withdrawal.amountGwei) &* weiPerGwei)
            }
        } catch {
            throw .state(error)
        }
        let requests = fork >= .prague ? try ExecutionRequests(run.receipts, executor) : nil
        return EthereumBlockOutcome(
            receipts: run.receipts, changes: executor.changes(), gasUsed: run.gasUsed, blobGasUsed: run.blobs * GasRules.perBlob,
            receiptsRoot: MerklePatriciaTrie.root(ofList: run.receipts.map { $0.encode() }), logsBloom: run.logsBloom,
            requestsHash: requests?.hash)
    }

    private static func environment(_ header: EthereumHeader, _ fork: Fork, _ chainID: UInt64) -> BlockEnvironment {
        BlockEnvironment(
            fork: fork, chainID: chainID, number: header.number, timestampSeconds: header.timestampSeconds, gasLimit: header.gasLimit,
            baseFeePerGas: header.baseFeePerGas ?? .zero, coinbase: header.coinbase, prevRandao: header.mixHash,
            blobBaseFee: BlobGas(fork)?.baseFee(excess: header.excessBlobGas ?? 0) ?? .one)
    }
}

/// The transactions of a block so far.
private struct TransactionRun {
    let executor: TransactionExecutor
    let gasLimit: UInt64
    let maximumBlobs: UInt64
    var receipts: [Receipt] = []
    var gasUsed: UInt64 = 0
    var blobs: UInt64 = 0
    var logsBloom = LogsBloom()

    mutating func execute(_ transaction: Transaction, index: Int) throws(EthereumBlockError) {
        guard let sender = transaction.recoverSender(fork: executor.environment.fork) else { throw .invalidSignature(index: index) }
        guard transaction.gasLimit <= gasLimit - gasUsed else {
            throw .invalidTransaction(index: index, .gasLimitAboveBlock(available: gasLimit - gasUsed, got: transaction.gasLimit))
        }
        blobs += UInt64(transaction.blobHashes.count)
        guard blobs <= maximumBlobs else { throw .tooManyBlobs }
        let outcome: TransactionOutcome
        do throws(ExecutionError) {
            outcome = try executor.execute(transaction, sender: sender)
        } catch {
            switch error {
            case .invalid(let invalidity): throw .invalidTransaction(index: index, invalidity)
            case .state(let error): throw .state(error)
            // Nobody observes.
            case .interrupted: throw .state(.unavailable)
            }
        }
        gasUsed += outcome.gasUsed
        let receipt = Receipt(
            type: transaction.type, succeeded: outcome.succeeded, cumulativeGasUsed: gasUsed, gasUsed: outcome.gasUsed,
            effectiveGasPrice: outcome.effectiveGasPrice, contractAddress: outcome.createdAddress, logs: outcome.logs)
        for log in receipt.logs { logsBloom.insert(log) }
        receipts.append(receipt)
    }
}
