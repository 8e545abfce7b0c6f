// Floor 1, Engine: what is kept and served of an executed block.
public import Primitives

/// An executed block as it is stored and served; its transactions are stored beside it.
public struct BlockRecord: Equatable, Sendable {
    public var hash: Hash256
    public var header: BlockHeader
    public var gasLimit: UInt64
    public var gasUsed: UInt64
    public var baseFeePerGas: UInt256
    /// EIP-4399's value for this block.
    public var prevRandao: Hash256
    /// The state after the block.
    public var stateRoot: Hash256
    public var transactionsRoot: Hash256
    public var receiptsRoot: Hash256
    /// 256 bytes.
    public var logsBloom: [UInt8]
    /// The included transactions in order.
    public var transactionHashes: [Hash256]

    public init(
        hash: Hash256, header: BlockHeader, gasLimit: UInt64, gasUsed: UInt64, baseFeePerGas: UInt256, prevRandao: Hash256,
        stateRoot: Hash256, transactionsRoot: Hash256, receiptsRoot: Hash256, logsBloom: [UInt8], transactionHashes: [Hash256]
    ) {
        self.hash = hash
        self.header = header
        self.gasLimit = gasLimit
        self.gasUsed = gasUsed
        self.baseFeePerGas = baseFeePerGas
        self.prevRandao = prevRandao
        self.stateRoot = stateRoot
        self.transactionsRoot = transactionsRoot
        self.receiptsRoot = receiptsRoot
        self.logsBloom = logsBloom
        self.transactionHashes = transactionHashes
    }
}

extension BlockRecord {
    /// What the execution of the next block takes from this one.
    public var facts: ParentFacts { ParentFacts(baseFeePerGas: baseFeePerGas, gasUsed: gasUsed, gasLimit: gasLimit) }
}

/// An included transaction with its place and outcome.
public struct TransactionRecord: Equatable, Sendable {
    public var hash: Hash256
    public var sender: Address
    public var transaction: Transaction
    public var blockHash: Hash256
    public var blockHeight: UInt64
    /// Position among the included transactions of the block.
    public var index: UInt32
    /// Index within the block of the first of its logs.
    public var firstLogIndex: UInt32
    public var receipt: Receipt

    public init(
        hash: Hash256, sender: Address, transaction: Transaction, blockHash: Hash256, blockHeight: UInt64, index: UInt32,
        firstLogIndex: UInt32, receipt: Receipt
    ) {
        self.hash = hash
        self.sender = sender
        self.transaction = transaction
        self.blockHash = blockHash
        self.blockHeight = blockHeight
        self.index = index
        self.firstLogIndex = firstLogIndex
        self.receipt = receipt
    }
}
