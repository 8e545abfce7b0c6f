// Floor 1, Engine: what executing a transaction or a call gives.
public import Primitives

public enum OutcomeStatus: Equatable, Sendable {
    case success
    /// REVERT: unused gas is given back and `output` says why.
    case reverted
    /// An exceptional halt: all gas is consumed.
    case halted(HaltReason)
}

public struct TransactionOutcome: Equatable, Sendable {
    public var status: OutcomeStatus
    /// Gas paid for: after the refund (EIP-3529) and not below the calldata floor (EIP-7623).
    public var gasUsed: UInt64
    /// The part of the consumed gas that was given back.
    public var gasRefunded: UInt64
    /// Return data, revert data, or the code of a created contract.
    public var output: [UInt8]
    public var logs: [Log]
    /// The address of the new contract, also when its creation failed; `nil` for calls.
    public var createdAddress: Address?
    public var effectiveGasPrice: UInt256

    public init(
        status: OutcomeStatus, gasUsed: UInt64, gasRefunded: UInt64, output: [UInt8], logs: [Log], createdAddress: Address?,
        effectiveGasPrice: UInt256
    ) {
        self.status = status
        self.gasUsed = gasUsed
        self.gasRefunded = gasRefunded
        self.output = output
        self.logs = logs
        self.createdAddress = createdAddress
        self.effectiveGasPrice = effectiveGasPrice
    }

    public var succeeded: Bool { status == .success }
}

/// What `eth_call` and `eth_estimateGas` execute: a transaction without nonce and signature.
public struct CallRequest: Equatable, Sendable {
    public var from: Address
    /// `nil` creates a contract.
    public var to: Address?
    public var gasLimit: UInt64
    /// Zero: no price is paid and BASEFEE reads zero.
    public var maxFeePerGas: UInt256
    public var maxPriorityFeePerGas: UInt256
    public var value: UInt256
    public var data: [UInt8]
    public var accessList: [AccessListEntry]
    public var authorizations: [Authorization]

    public init(
        from: Address, to: Address?, gasLimit: UInt64, maxFeePerGas: UInt256 = .zero, maxPriorityFeePerGas: UInt256 = .zero,
        value: UInt256 = .zero, data: [UInt8] = [], accessList: [AccessListEntry] = [], authorizations: [Authorization] = []
    ) {
        self.from = from
        self.to = to
        self.gasLimit = gasLimit
        self.maxFeePerGas = maxFeePerGas
        self.maxPriorityFeePerGas = maxPriorityFeePerGas
        self.value = value
        self.data = data
        self.accessList = accessList
        self.authorizations = authorizations
    }
}
