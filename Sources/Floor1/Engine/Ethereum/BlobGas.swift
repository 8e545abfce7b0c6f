// Floor 1, Engine: the price and the amount of blob gas of blocks in Ethereum mode (EIP-4844, EIP-7691, EIP-7918).
public import Primitives

/// A fork's market of blobs.
public struct BlobGas: Sendable {
    /// Blobs that leave the price as it is, and blobs at most, in one block.
    public let targetBlobs: UInt64
    public let maximumBlobs: UInt64
    /// The greater, the slower the price moves.
    let updateFraction: UInt256
    /// EIP-7918: whether the price follows the base fee upwards.
    private let hasReservePrice: Bool

    /// EIP-7918: execution gas that a blob is held to cost at least.
    private static let reserveGas: UInt256 = 8192

    /// `nil` before Cancun.
    public init?(_ fork: Fork) {
        guard fork >= .cancun else { return nil }
        let isPrague = fork >= .prague
        targetBlobs = isPrague ? 6 : 3
        maximumBlobs = isPrague ? 9 : 6
        updateFraction = isPrague ? 5_007_716 : 3_338_477
        hasReservePrice = fork >= .osaka
    }

    /// The price of one unit at this excess: e^(excess / fraction) by its series; the greatest number when it exceeds 256 bits.
    public func baseFee(excess: UInt64) -> UInt256 {
        var output = UInt256.zero
        var term = updateFraction
        var step: UInt256 = 1
        while !term.isZero {
            guard let sum = output.adding(term), let product = term.multiplied(by: UInt256(excess)) else { return .max }
            output = sum
            term = product / (updateFraction &* step)
            step = step &+ 1
        }
        return output / updateFraction
    }

    /// The excess of a block on this parent; `nil` when it exceeds 64 bits.
    public func excess(after parent: EthereumHeader) -> UInt64? {
        let (excess, used) = (parent.excessBlobGas ?? 0, parent.blobGasUsed ?? 0)
        let (sum, overflow) = excess.addingReportingOverflow(used)
        guard !overflow else { return nil }
        let target = targetBlobs * GasRules.perBlob
        guard sum >= target else { return 0 }
        if hasReservePrice {
            let reserve = (parent.baseFeePerGas ?? .zero).multiplied(by: BlobGas.reserveGas) ?? .max
            let price = baseFee(excess: excess).multiplied(by: UInt256(GasRules.perBlob)) ?? .max
            // Split, so that the product cannot overflow.
            let above = maximumBlobs - targetBlobs
            if reserve > price { return excess + used / maximumBlobs * above + used % maximumBlobs * above / maximumBlobs }
        }
        return sum - target
    }
}
