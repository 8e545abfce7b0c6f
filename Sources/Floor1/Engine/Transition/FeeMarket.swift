// Floor 1, Engine: the base fee (EIP-1559), with a change per block that suits blocks of some ten per second.
public import Primitives

public enum FeeMarket {
    /// A block above or below target moves the fee by at most 1/250: with 20 full blocks a second it doubles in about nine
    /// seconds, as it does in some 80 seconds on Ethereum (8 there, for blocks of 12 seconds).
    public static let changeDenominator: UInt64 = 250
    /// A block's gas limit is this many times its target.
    public static let elasticity: UInt64 = 2

    /// The base fee of the child of a block. It never falls below `minimum`.
    public static func baseFee(
        afterBaseFee parent: UInt256, gasUsed: UInt64, gasLimit: UInt64, minimum: UInt256
    ) -> UInt256 {
        let target = gasLimit / elasticity
        guard target > 0, gasUsed != target else { return max(parent, minimum) }
        let distance = gasUsed > target ? gasUsed - target : target - gasUsed
        // A fee so high that this product overflows is above what any account can pay.
        let scaled = parent.multiplied(by: UInt256(distance)) ?? .max
        let change = scaled / UInt256(target) / UInt256(changeDenominator)
        if gasUsed > target {
            return max(parent.adding(max(change, .one)) ?? .max, minimum)
        }
        return max(parent.subtracting(change) ?? .zero, minimum)
    }
}
