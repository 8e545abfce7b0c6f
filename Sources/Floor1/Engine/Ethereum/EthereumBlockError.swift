// Floor 1, Engine: why a block in Ethereum mode is refused.
public import Primitives

/// Why bytes are not a block, or a block is not valid on its parent.
public enum EthereumBlockError: Error, Equatable, Sendable {
    // MARK: Form
    case malformed(RLPError)
    case malformedTransaction(index: Int, TransactionDecodingError)
    /// EIP-7934.
    case tooLarge(byteCount: Int)

    // MARK: Header
    /// The transition begins with Paris: blocks under proof of work are not executed.
    case proofOfWorkFork
    case wrongParent
    case wrongNumber
    case timestampNotAboveParent
    case extraDataTooLong
    /// Too far from the parent's, below 5,000 or above 2^63 - 1.
    case gasLimitOutOfBounds
    case gasUsedAboveLimit
    case wrongBaseFee
    case wrongDifficulty
    /// Difficulty or nonce is not zero (EIP-3675).
    case proofOfWorkFields
    /// Ommers are named or carried (EIP-3675).
    case hasOmmers
    /// A field is missing that the fork has, or present that it lacks.
    case wrongFields
    case wrongExcessBlobGas
    /// Not the gas of the block's blobs.
    case wrongBlobGasUsed
    case tooManyBlobs

    // MARK: Body
    case wrongTransactionsRoot
    case wrongWithdrawalsRoot

    // MARK: Execution
    case invalidSignature(index: Int)
    case invalidTransaction(index: Int, TransactionInvalidity)
    /// A system contract that the fork needs is missing or failed (EIP-7002, EIP-7251).
    case systemCallFailed(Address)
    /// A log of the deposit contract is not laid out as EIP-6110 says.
    case malformedDeposit
    case wrongGasUsed
    case wrongReceiptsRoot
    case wrongLogsBloom
    case wrongRequestsHash
    case wrongStateRoot

    /// The state could not be read: nothing is said about the block.
    case state(StateError)
}
