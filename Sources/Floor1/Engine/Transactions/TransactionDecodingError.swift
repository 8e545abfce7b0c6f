// Floor 1, Engine: why bytes are not a transaction of this chain, in terms a wallet's user can act on.
public import Primitives

/// The fields of a transaction, for error messages.
public enum TransactionField: UInt8, Equatable, Sendable {
    case chainID, nonce, gasPrice, maxPriorityFeePerGas, maxFeePerGas, gasLimit, to, value, data
    case accessList, maxFeePerBlobGas, blobVersionedHashes, authorizationList, v, yParity, r, s

    /// The name used by JSON-RPC.
    public var name: String {
        switch self {
        case .chainID: "chainId"
        case .nonce: "nonce"
        case .gasPrice: "gasPrice"
        case .maxPriorityFeePerGas: "maxPriorityFeePerGas"
        case .maxFeePerGas: "maxFeePerGas"
        case .gasLimit: "gas"
        case .to: "to"
        case .value: "value"
        case .data: "input"
        case .accessList: "accessList"
        case .maxFeePerBlobGas: "maxFeePerBlobGas"
        case .blobVersionedHashes: "blobVersionedHashes"
        case .authorizationList: "authorizationList"
        case .v: "v"
        case .yParity: "yParity"
        case .r: "r"
        case .s: "s"
        }
    }
}

/// Why bytes are not a canonical transaction of a type that this chain takes.
public enum TransactionDecodingError: Error, Equatable, Sendable {
    /// Longer than `Transaction.maxEncodedByteCount`.
    case tooLarge
    /// No bytes, or a first byte that is neither an EIP-2718 type nor the start of a list.
    case notATransaction
    /// An EIP-2718 type that this chain does not take, such as 3 (blobs).
    case unsupportedType(UInt8)
    /// The list of fields itself is broken, or bytes follow it.
    case malformed(RLPError)
    /// The list ends before this field.
    case missingField(TransactionField)
    /// Items follow the last field.
    case extraFields
    /// This field is not canonical or does not fit its type.
    case invalidField(TransactionField, RLPError)
    /// A legacy `v` that is neither 27 or 28 nor EIP-155's, or whose chain ID exceeds 64 bits.
    case invalidV
    /// A y parity above 1.
    case invalidYParity
    /// A nonce of 2^64 - 1 (EIP-2681).
    case nonceTooHigh
    /// A blob or set-code transaction without a recipient (EIP-4844, EIP-7702).
    case missingRecipient
    /// An EIP-7702 transaction without authorizations.
    case noAuthorizations

    /// One line for a user.
    public var message: String {
        switch self {
        case .tooLarge: "transaction is larger than 131072 bytes"
        case .notATransaction: "not a transaction"
        case .unsupportedType(3): "blob transactions (type 0x03) are not supported on this chain"
        case .unsupportedType(let type): "transaction type " + Hex.encode([type]) + " is not supported"
        case .malformed(let error): "malformed transaction: " + error.reason
        case .missingField(let field): "missing field " + field.name
        case .extraFields: "more fields than the transaction type has"
        case .invalidField(let field, let error): "invalid " + field.name + ": " + error.reason
        case .invalidV: "invalid signature v"
        case .invalidYParity: "signature yParity must be 0 or 1"
        case .nonceTooHigh: "nonce is too high"
        case .missingRecipient: "a transaction of this type needs a recipient"
        case .noAuthorizations: "a set-code transaction needs an authorization"
        }
    }
}

extension RLPError {
    /// A few words for the end of an error message.
    fileprivate var reason: String {
        switch self {
        case .truncated: "unexpected end"
        case .trailingBytes: "trailing bytes"
        case .nonCanonical: "not the shortest encoding"
        case .unexpectedKind: "list and string confused"
        case .invalidInteger: "leading zeros or too wide"
        case .invalidLength: "wrong length"
        case .tooDeep: "nested too deeply"
        }
    }
}
