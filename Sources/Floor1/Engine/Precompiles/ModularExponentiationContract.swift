// Floor 1, Engine: MODEXP (EIP-198), from Berlin priced by EIP-2565, from Osaka by EIP-7883 and with bounded lengths (EIP-7823).
import Crypto
import Primitives

extension Precompile {
    /// Longest base and modulus that are computed: longer ones cost more than 2^40 gas, which no block holds.
    private static let operandLimit: UInt64 = 1 << 24
    /// Longest exponent that is computed: a longer one costs more than 7e8 gas, also with operands of one byte.
    private static let exponentLimit: UInt64 = 1 << 28

    /// EIP-7823: the longest base, exponent and modulus from Osaka on; a call with a longer one fails.
    private static let boundedLength: UInt64 = 1024

    static func exponentiate(_ m: MachinePointer, _ data: UnsafePointer<UInt8>?, _ count: Int, _ gas: Int64) -> Int64 {
        // Only what the price depends on is read before the price is paid.
        let lengths = unsafe PaddedInput(part(data, count, from: 0, 96))
        let baseLength = lengths.word(0).saturatedUInt64
        let exponentLength = lengths.word(32).saturatedUInt64
        let modulusLength = lengths.word(64).saturatedUInt64
        let longest = max(baseLength, modulusLength)
        let isOsaka = unsafe m.pointee.hasOsaka
        guard longest <= (isOsaka ? boundedLength : operandLimit) else { return -1 }
        if isOsaka, exponentLength > boundedLength { return -1 }

        let exponentStart = 96 + Int(baseLength)
        let headLength = Int(min(exponentLength, 32))
        let head = unsafe UInt256(bigEndianBytes: PaddedInput(part(data, count, from: exponentStart, headLength)).slice(0, headLength))
        let charged = unsafe price(m.pointee.environment.fork, longest, exponentLength, head)
        guard let price = charged else { return -1 }
        let left = gas &- price
        guard left >= 0 else { return left }
        guard longest > 0 else {
            unsafe m.pointee.returnedCount = 0
            return left
        }
        guard exponentLength <= exponentLimit else { return -1 }
        let used = exponentStart + Int(exponentLength) + Int(modulusLength)
        let input = unsafe PaddedInput(part(data, count, from: 0, used))
        let result = ModularExponentiation.compute(
            base: input.slice(96, Int(baseLength)), exponent: input.slice(exponentStart, Int(exponentLength)),
            modulus: input.slice(exponentStart + Int(exponentLength), Int(modulusLength)))
        unsafe m.pointee.setReturned(result)
        return left
    }

    /// The bytes of the input from `start` on, at most `length` of them.
    private static func part(_ data: UnsafePointer<UInt8>?, _ count: Int, from start: Int, _ length: Int) -> [UInt8] {
        guard let data = unsafe data, start < count else { return [] }
        return unsafe Array(UnsafeBufferPointer(start: data + start, count: min(length, count - start)))
    }

    private static func price(_ fork: Fork, _ longest: UInt64, _ exponentLength: UInt64, _ head: UInt256) -> Int64? {
        if fork >= .osaka { return priceOfOsaka(longest, exponentLength, head) }
        return fork >= .berlin ? price(longest, exponentLength, head) : firstPrice(longest, exponentLength, head)
    }

    /// EIP-198; `nil` when the price exceeds 63 bits.
    private static func firstPrice(_ longest: UInt64, _ exponentLength: UInt64, _ head: UInt256) -> Int64? {
        let square = longest * longest
        let complexity =
            longest <= 64 ? square : (longest <= 1024 ? square / 4 + 96 * longest - 3072 : square / 16 + 480 * longest - 199_680)
        guard let product = UInt256(complexity).multiplied(by: iterations(exponentLength, head)), let price = (product / 20).asUInt64
        else { return nil }
        return price > UInt64(Int64.max) ? nil : Int64(price)
    }

    /// EIP-198's adjusted length of the exponent: about its number of bits, at least 1.
    private static func iterations(_ exponentLength: UInt64, _ head: UInt256) -> UInt256 {
        var iterations = UInt256(UInt64(max(head.bitWidthUsed, 1) - 1))
        if exponentLength > 32 { iterations = iterations &+ (UInt256(exponentLength) &- 32) &* 8 }
        return iterations.isZero ? .one : iterations
    }

    /// EIP-7883. Cannot overflow: both lengths are bounded.
    private static func priceOfOsaka(_ longest: UInt64, _ exponentLength: UInt64, _ head: UInt256) -> Int64 {
        let words = Int64((longest + 7) / 8)
        let complexity = longest > 32 ? 2 * words * words : 16
        let tail = exponentLength > 32 ? 16 * Int64(exponentLength - 32) : 0
        let iterations = max(tail + Int64(max(head.bitWidthUsed, 1) - 1), 1)
        return max(500, complexity * iterations)
    }

    /// EIP-2565; `nil` when the price exceeds 63 bits.
    private static func price(_ longest: UInt64, _ exponentLength: UInt64, _ head: UInt256) -> Int64? {
        let words = (longest + 7) / 8
        guard let product = UInt256(words &* words).multiplied(by: iterations(exponentLength, head)), let price = (product / 3).asUInt64 else { return nil }
        return price > UInt64(Int64.max) ? nil : max(200, Int64(price))
    }
}
