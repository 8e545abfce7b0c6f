// Floor 1, Engine: a transaction as the EVM takes it, of EIP-2718 types 0 (legacy), 1 (EIP-2930), 2 (EIP-1559), 3 (EIP-4844) and 4 (EIP-7702).
public import Primitives

/// EIP-2718 transaction types that this chain knows.
public enum TransactionType: UInt8, Sendable {
    case legacy = 0
    case accessList = 1
    case dynamicFee = 2
    /// EIP-4844: only in Ethereum mode; our own chains refuse it.
    case blob = 3
    case setCode = 4
}

/// One entry of an EIP-2930 access list.
public struct AccessListEntry: Equatable, Sendable {
    public var address: Address
    public var storageKeys: [UInt256]

    public init(address: Address, storageKeys: [UInt256]) {
        self.address = address
        self.storageKeys = storageKeys
    }
}

/// One EIP-7702 authorization tuple.
public struct Authorization: Equatable, Sendable {
    public var chainID: UInt256
    public var address: Address
    public var nonce: UInt64
    public var yParity: UInt8
    public var r: UInt256
    public var s: UInt256

    public init(chainID: UInt256, address: Address, nonce: UInt64, yParity: UInt8, r: UInt256, s: UInt256) {
        self.chainID = chainID
        self.address = address
        self.nonce = nonce
        self.yParity = yParity
        self.r = r
        self.s = s
    }
}

/// A signed transaction. Fields that a type lacks are `nil` or empty.
public struct Transaction: Equatable, Sendable {
    public var type: TransactionType
    /// `nil` only for legacy transactions signed without replay protection (before EIP-155).
    public var chainID: UInt64?
    public var nonce: UInt64
    public var gasLimit: UInt64
    /// `gasPrice` for types 0 and 1 (then equal to `maxPriorityFeePerGas`), else `maxFeePerGas`.
    public var maxFeePerGas: UInt256
    public var maxPriorityFeePerGas: UInt256
    /// `nil` creates a contract.
    public var to: Address?
    public var value: UInt256
    public var data: [UInt8]
    public var accessList: [AccessListEntry]
    public var authorizations: [Authorization]
    /// EIP-4844 fields.
    public var maxFeePerBlobGas: UInt256
    public var blobHashes: [Hash256]
    /// 0 or 1.
    public var yParity: UInt8
    public var r: UInt256
    public var s: UInt256

    public init(
        type: TransactionType, chainID: UInt64?, nonce: UInt64, gasLimit: UInt64, maxFeePerGas: UInt256,
        maxPriorityFeePerGas: UInt256, to: Address?, value: UInt256, data: [UInt8] = [],
        accessList: [AccessListEntry] = [], authorizations: [Authorization] = [], maxFeePerBlobGas: UInt256 = .zero,
        blobHashes: [Hash256] = [], yParity: UInt8 = 0, r: UInt256 = .zero, s: UInt256 = .zero
    ) {
        self.type = type
        self.chainID = chainID
        self.nonce = nonce
        self.gasLimit = gasLimit
        self.maxFeePerGas = maxFeePerGas
        self.maxPriorityFeePerGas = maxPriorityFeePerGas
        self.to = to
        self.value = value
        self.data = data
        self.accessList = accessList
        self.authorizations = authorizations
        self.maxFeePerBlobGas = maxFeePerBlobGas
        self.blobHashes = blobHashes
        self.yParity = yParity
        self.r = r
        self.s = s
    }
}
