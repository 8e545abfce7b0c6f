// Floor 1, Engine: why a transaction cannot be included. Messages are go-ethereum's, which wallets and libraries parse.
public import Primitives

public enum TransactionInvalidity: Error, Equatable, Sendable {
    case nonceTooLow(expected: UInt64, got: UInt64)
    case nonceTooHigh(expected: UInt64, got: UInt64)
    /// The sender's nonce cannot be raised (EIP-2681).
    case nonceOverflow
    case insufficientFunds(sender: Address, have: UInt256, want: UInt256)
    case intrinsicGasTooLow(have: UInt64, want: UInt64)
    /// EIP-7623.
    case floorGasTooLow(have: UInt64, want: UInt64)
    case feeCapBelowBaseFee(feeCap: UInt256, baseFee: UInt256)
    case tipAboveFeeCap(tip: UInt256, feeCap: UInt256)
    /// More gas than the block has left (or than 2^63 - 1, EIP-4803).
    case gasLimitAboveBlock(available: UInt64, got: UInt64)
    /// EIP-7825.
    case gasLimitAboveTransactionLimit(limit: UInt64, got: UInt64)
    /// EIP-3860.
    case initCodeTooLarge(count: Int)
    /// EIP-3607.
    case senderHasCode(sender: Address)
    case wrongChainID(expected: UInt64, got: UInt64)
    /// The fork does not know the type.
    case unsupportedType(TransactionType)
    /// EIP-7702.
    case emptyAuthorizationList
    case setCodeCreation
    /// EIP-4844.
    case blobCreation
    case missingBlobs
    case tooManyBlobs(count: Int, limit: Int)
    case invalidBlobVersion
    case blobFeeCapBelowBaseFee(feeCap: UInt256, baseFee: UInt256)

    public var message: String {
        switch self {
        case .nonceTooLow(let expected, let got): "nonce too low: next nonce \(expected), tx nonce \(got)"
        case .nonceTooHigh(let expected, let got): "nonce too high: next nonce \(expected), tx nonce \(got)"
        case .nonceOverflow: "nonce has max value"
        case .insufficientFunds(let sender, let have, let want):
            "insufficient funds for gas * price + value: address \(sender.hex) have \(have.decimal) want \(want.decimal)"
        case .intrinsicGasTooLow(let have, let want): "intrinsic gas too low: have \(have), want \(want)"
        case .floorGasTooLow(let have, let want): "insufficient gas for floor data gas cost: have \(have), want \(want)"
        case .feeCapBelowBaseFee(let feeCap, let baseFee):
            "max fee per gas less than block base fee: maxFeePerGas: \(feeCap.decimal), baseFee: \(baseFee.decimal)"
        case .tipAboveFeeCap(let tip, let feeCap):
            "max priority fee per gas higher than max fee per gas: maxPriorityFeePerGas: \(tip.decimal), maxFeePerGas: \(feeCap.decimal)"
        case .gasLimitAboveBlock(let available, let got): "gas limit reached: have \(available), want \(got)"
        case .gasLimitAboveTransactionLimit(let limit, let got): "transaction gas limit too high (cap: \(limit), tx: \(got))"
        case .initCodeTooLarge(let count): "max initcode size exceeded: code size \(count) limit \(CodeLimit.initCodeBytes)"
        case .senderHasCode(let sender): "sender not an eoa: address \(sender.hex)"
        case .wrongChainID(let expected, let got): "invalid chain id for signer: have \(got) want \(expected)"
        case .unsupportedType(let type): "transaction type not supported: \(type.rawValue)"
        case .emptyAuthorizationList: "EIP-7702 transaction with empty auth list"
        case .setCodeCreation: "EIP-7702 transaction cannot be used to create contract"
        case .blobCreation: "blob transaction of type create"
        case .missingBlobs: "blob transaction missing blob hashes"
        case .tooManyBlobs(let count, let limit): "too many blobs in transaction (have \(count), permitted \(limit))"
        case .invalidBlobVersion: "blob hash version is not supported"
        case .blobFeeCapBelowBaseFee(let feeCap, let baseFee):
            "max fee per blob gas less than block blob gas fee: blobGasFeeCap: \(feeCap.decimal), blobBaseFee: \(baseFee.decimal)"
        }
    }
}

public enum ExecutionError: Error, Equatable, Sendable {
    /// The transaction cannot be included; nothing has changed.
    case invalid(TransactionInvalidity)
    /// The state before the block could not be read. The executor is unusable from then on and throws this for ever.
    case state(StateError)
    /// The observer gave it up; nothing has changed.
    case interrupted
}
