// Floor 1, Engine: what a transaction leaves behind.
public import Primitives

/// An event emitted by LOG0 to LOG4.
public struct Log: Equatable, Sendable {
    public var address: Address
    public var topics: [Hash256]
    public var data: [UInt8]

    public init(address: Address, topics: [Hash256], data: [UInt8]) {
        self.address = address
        self.topics = topics
        self.data = data
    }
}

/// The outcome of one included transaction.
public struct Receipt: Equatable, Sendable {
    public var type: TransactionType
    public var succeeded: Bool
    /// Gas of this and all earlier transactions of the block.
    public var cumulativeGasUsed: UInt64
    public var gasUsed: UInt64
    public var effectiveGasPrice: UInt256
    /// The address of a created contract (also when the creation failed), `nil` for calls.
    public var contractAddress: Address?
    public var logs: [Log]

    public init(
        type: TransactionType, succeeded: Bool, cumulativeGasUsed: UInt64, gasUsed: UInt64, effectiveGasPrice: UInt256,
        contractAddress: Address?, logs: [Log]
    ) {
        self.type = type
        self.succeeded = succeeded
        self.cumulativeGasUsed = cumulativeGasUsed
        self.gasUsed = gasUsed
        self.effectiveGasPrice = effectiveGasPrice
        self.contractAddress = contractAddress
        self.logs = logs
    }
}
