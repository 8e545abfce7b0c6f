// Floor 1, Engine: what a header in Ethereum mode must be, given its parent's.
public import Primitives

extension EthereumHeader {
    /// A gas limit differs from its parent's by less than this fraction.
    private static let gasLimitQuotient: UInt64 = 1024
    private static let leastGasLimit: UInt64 = 5000
    private static let extraDataLimit = 32
    /// EIP-1559.
    private static let elasticity: UInt64 = 2
    private static let baseFeeQuotient: UInt64 = 8
    private static let initialBaseFee: UInt256 = 1_000_000_000

    /// The base fee of a block on this parent (EIP-1559).
    public var childBaseFee: UInt256 {
        guard let baseFeePerGas else { return EthereumHeader.initialBaseFee }
        let target = gasLimit / EthereumHeader.elasticity
        guard target > 0, gasUsed != target else { return baseFeePerGas }
        let isAbove = gasUsed > target
        let distance = isAbove ? gasUsed - target : target - gasUsed
        // No base fee that can be paid comes near 192 bits.
        guard let product = baseFeePerGas.multiplied(by: UInt256(distance)) else { return baseFeePerGas }
        let change = product / UInt256(target) / UInt256(EthereumHeader.baseFeeQuotient)
        if isAbove { return baseFeePerGas.adding(max(change, .one)) ?? .max }
        return baseFeePerGas &- change
    }

    /// Checks all that does not need the block's body or its execution; before Paris not the seal.
    public func check(parent: EthereumHeader, fork: Fork) throws(EthereumBlockError) {
        guard parentHash == parent.hash else { throw .wrongParent }
        guard parent.number < UInt64.max, number == parent.number + 1 else { throw .wrongNumber }
        guard timestampSeconds > parent.timestampSeconds else { throw .timestampNotAboveParent }
        guard extraData.count <= EthereumHeader.extraDataLimit else { throw .extraDataTooLong }
        try checkGas(parent)
        if fork >= .paris {
            guard difficulty.isZero, nonce == 0 else { throw .proofOfWorkFields }
            guard ommersHash == EthereumHeader.noOmmers else { throw .hasOmmers }
        } else {
            try checkDifficulty(parent, fork)
        }
        try checkFields(fork)
        if fork >= .london, baseFeePerGas != parent.childBaseFee { throw .wrongBaseFee }
        try checkBlobs(parent, fork)
    }

    private func checkDifficulty(_ parent: EthereumHeader, _ fork: Fork) throws(EthereumBlockError) {
        let expected = ProofOfWorkDifficulty.next(
            parentDifficulty: parent.difficulty, parentTimestampSeconds: parent.timestampSeconds,
            parentHasOmmers: parent.ommersHash != EthereumHeader.noOmmers, number: number, timestampSeconds: timestampSeconds, fork: fork)
        guard difficulty == expected else { throw .wrongDifficulty }
    }

    private func checkGas(_ parent: EthereumHeader) throws(EthereumBlockError) {
        let distance = gasLimit > parent.gasLimit ? gasLimit - parent.gasLimit : parent.gasLimit - gasLimit
        guard distance < parent.gasLimit / EthereumHeader.gasLimitQuotient, gasLimit >= EthereumHeader.leastGasLimit,
            gasLimit <= UInt64(Int64.max)
        else { throw .gasLimitOutOfBounds }
        guard gasUsed <= gasLimit else { throw .gasUsedAboveLimit }
    }

    private func checkFields(_ fork: Fork) throws(EthereumBlockError) {
        guard (baseFeePerGas != nil) == (fork >= .london), (withdrawalsRoot != nil) == (fork >= .shanghai), (blobGasUsed != nil) == (fork >= .cancun),
            (excessBlobGas != nil) == (fork >= .cancun), (parentBeaconRoot != nil) == (fork >= .cancun),
            (requestsHash != nil) == (fork >= .prague)
        else { throw .wrongFields }
    }

    private func checkBlobs(_ parent: EthereumHeader, _ fork: Fork) throws(EthereumBlockError) {
        guard let blobGas = BlobGas(fork), let blobGasUsed else { return }
        guard blobGasUsed <= blobGas.maximumBlobs * GasRules.perBlob else { throw .tooManyBlobs }
        guard blobGasUsed % GasRules.perBlob == 0 else { throw .wrongBlobGasUsed }
        guard excessBlobGas == blobGas.excess(after: parent) else { throw .wrongExcessBlobGas }
    }
}
