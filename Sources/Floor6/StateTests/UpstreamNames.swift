// Floor 6, StateTests: upstream's names for what makes a block invalid, for the engine's own errors.
import Engine

extension EthereumBlockError {
    /// Names that upstream's tests may give this error.
    var upstreamNames: [String] {
        switch self {
        case .malformed, .malformedTransaction:
            ["RLP_STRUCTURES_ENCODING", "RLP_INVALID_FIELD_OVERFLOW_64", "RLP_INVALID_ADDRESS", "RLP_WITHDRAWALS_NOT_READ"].map(Self.block)
        case .tooLarge: [Self.block("RLP_BLOCK_LIMIT_EXCEEDED")]
        case .wrongParent: ["UNKNOWN_PARENT", "UNKNOWN_PARENT_ZERO"].map(Self.block)
        case .wrongNumber: [Self.block("INVALID_BLOCK_NUMBER")]
        case .timestampNotAboveParent: [Self.block("INVALID_BLOCK_TIMESTAMP_OLDER_THAN_PARENT")]
        case .extraDataTooLong: [Self.block("EXTRA_DATA_TOO_BIG")]
        case .gasLimitOutOfBounds: ["INVALID_GASLIMIT", "GASLIMIT_TOO_BIG"].map(Self.block)
        case .gasUsedAboveLimit: ["GAS_USED_OVERFLOW", "INVALID_GAS_USED"].map(Self.block)
        case .wrongBaseFee: [Self.block("INVALID_BASEFEE_PER_GAS")]
        case .proofOfWorkFields: [Self.block("IMPORT_IMPOSSIBLE_DIFFICULTY_OVER_PARIS")]
        case .hasOmmers: [Self.block("IMPORT_IMPOSSIBLE_UNCLES_OVER_PARIS")]
        case .wrongFields: ["INCORRECT_BLOCK_FORMAT", "RLP_STRUCTURES_ENCODING", "RLP_WITHDRAWALS_NOT_READ"].map(Self.block)
        case .wrongExcessBlobGas: [Self.block("INCORRECT_EXCESS_BLOB_GAS")]
        case .wrongBlobGasUsed, .tooManyBlobs: ["INCORRECT_BLOB_GAS_USED", "BLOB_GAS_USED_ABOVE_LIMIT"].map(Self.block)
        case .wrongTransactionsRoot: [Self.block("INVALID_TRANSACTIONS_ROOT")]
        case .wrongWithdrawalsRoot: [Self.block("INVALID_WITHDRAWALS_ROOT")]
        case .wrongGasUsed: [Self.block("INVALID_GAS_USED")]
        case .wrongReceiptsRoot: [Self.block("INVALID_RECEIPTS_ROOT")]
        case .wrongLogsBloom: [Self.block("INVALID_LOG_BLOOM")]
        case .wrongRequestsHash: [Self.block("INVALID_REQUESTS")]
        case .wrongStateRoot: [Self.block("INVALID_STATE_ROOT")]
        case .systemCallFailed: ["SYSTEM_CONTRACT_EMPTY", "SYSTEM_CONTRACT_CALL_FAILED"].map(Self.block)
        case .malformedDeposit: [Self.block("INVALID_DEPOSIT_EVENT_LAYOUT")]
        case .invalidSignature: [Self.transaction("INVALID_SIGNATURE_VRS"), Self.transaction("EC_RECOVERY_FAIL")]
        case .invalidTransaction(_, let invalidity): invalidity.upstreamNames.map(Self.transaction)
        case .wrongDifficulty, .proofOfWorkFork, .state: []
        }
    }

    private static func block(_ name: String) -> String { "BlockException." + name }

    private static func transaction(_ name: String) -> String { "TransactionException." + name }
}

extension TransactionInvalidity {
    fileprivate var upstreamNames: [String] {
        switch self {
        case .nonceTooLow: ["NONCE_MISMATCH_TOO_LOW"]
        case .nonceTooHigh: ["NONCE_MISMATCH_TOO_HIGH"]
        case .nonceOverflow: ["NONCE_IS_MAX"]
        case .insufficientFunds: ["INSUFFICIENT_ACCOUNT_FUNDS"]
        case .intrinsicGasTooLow, .floorGasTooLow: ["INTRINSIC_GAS_TOO_LOW"]
        case .feeCapBelowBaseFee: ["INSUFFICIENT_MAX_FEE_PER_GAS"]
        case .tipAboveFeeCap: ["PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS"]
        case .gasLimitAboveBlock: ["GAS_ALLOWANCE_EXCEEDED"]
        case .gasLimitAboveTransactionLimit: ["GAS_LIMIT_EXCEEDS_MAXIMUM"]
        case .initCodeTooLarge: ["INITCODE_SIZE_EXCEEDED"]
        case .senderHasCode: ["SENDER_NOT_EOA"]
        case .wrongChainID: ["INVALID_CHAINID"]
        case .unsupportedType: ["TYPE_NOT_SUPPORTED"]
        case .emptyAuthorizationList: ["TYPE_4_EMPTY_AUTHORIZATION_LIST"]
        case .setCodeCreation: ["TYPE_4_TX_CONTRACT_CREATION"]
        case .blobCreation: ["TYPE_3_TX_CONTRACT_CREATION"]
        case .missingBlobs: ["TYPE_3_TX_ZERO_BLOBS"]
        case .tooManyBlobs: ["TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED", "TYPE_3_TX_BLOB_COUNT_EXCEEDED"]
        case .invalidBlobVersion: ["TYPE_3_TX_INVALID_BLOB_VERSIONED_HASH"]
        case .blobFeeCapBelowBaseFee: ["INSUFFICIENT_MAX_FEE_PER_BLOB_GAS"]
        }
    }
}
