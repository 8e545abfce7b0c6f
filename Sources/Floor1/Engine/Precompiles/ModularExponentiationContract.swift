// Floor 1, Engine: MODEXP (EIP-198), priced by EIP-2565.
import Crypto
import Primitives

extension Precompile {
    /// Longest operand that is computed. A longer one costs more than 2^40 gas, which no block holds, unless it is multiplied by nothing:
    /// base and modulus are bounded by price, an exponent of only zeros behind empty operands is not read.
    private static let operandLimit: UInt64 = 1 << 24

    static func exponentiate(_ m: MachinePointer, _ bytes: [UInt8], _ gas: Int64) -> Int64 {
        let input = PaddedInput(bytes)
        let baseLength = input.word(0).saturatedUInt64
        let exponentLength = input.word(32).saturatedUInt64
        let modulusLength = input.word(64).saturatedUInt64
        let longest = max(baseLength, modulusLength)
        guard longest <= operandLimit else { return -1 }

        let exponentStart = 96 + Int(baseLength)
        let headLength = Int(min(exponentLength, 32))
        let head = UInt256(bigEndianBytes: input.slice(exponentStart, headLength))
        guard let price = price(longest, exponentLength, head) else { return -1 }
        let left = gas &- price
        guard left >= 0 else { return left }
        guard longest > 0 else {
            unsafe m.pointee.returnedCount = 0
            return left
        }
        guard exponentLength <= operandLimit else { return -1 }
        let result = ModularExponentiation.compute(
            base: input.slice(96, Int(baseLength)), exponent: input.slice(exponentStart, Int(exponentLength)),
            modulus: input.slice(exponentStart + Int(exponentLength), Int(modulusLength)))
        unsafe m.pointee.setReturned(result)
        return left
    }

    /// `nil` when the price exceeds 63 bits.
    private static func price(_ longest: UInt64, _ exponentLength: UInt64, _ head: UInt256) -> Int64? {
        let words = (longest + 7) / 8
        let headBits = UInt64(max(head.bitWidthUsed, 1) - 1)
        var iterations = UInt256(headBits)
        if exponentLength > 32 {
            iterations = iterations &+ (UInt256(exponentLength) &- 32) &* 8
        }
        if iterations.isZero { iterations = .one }
        guard let product = UInt256(words &* words).multiplied(by: iterations), let price = (product / 3).asUInt64 else { return nil }
        return price > UInt64(Int64.max) ? nil : max(200, Int64(price))
    }
}
