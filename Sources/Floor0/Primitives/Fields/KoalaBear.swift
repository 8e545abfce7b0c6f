/// The field of p = 2^31 - 2^24 + 1 elements (KoalaBear): the field of the proof system and of the state tree's hash.
///
/// Kept in Montgomery form, value times 2^32 modulo p, always below p, so that equal elements have equal words.
@frozen
public struct KoalaBear: Hashable, Sendable {
    /// The Montgomery form.
    public var word: UInt32

    public static let prime: UInt32 = 0x7f00_0001

    /// p^-1 modulo 2^32.
    @usableFromInline static let inversePrime: UInt32 = 0x8100_0001

    /// 2^64 modulo p: a product with it takes a canonical value to Montgomery form.
    @usableFromInline static let montgomerySquare: UInt32 = 0x17f7_efe4

    public static var zero: KoalaBear { KoalaBear(word: 0) }
    public static var one: KoalaBear { KoalaBear(word: 0x01ff_fffe) }

    /// An element from its Montgomery form, which must be below p.
    @inlinable @inline(__always)
    public init(word: UInt32) { self.word = word }

    /// The residue of any 32-bit value.
    @inlinable @inline(__always)
    public init(_ value: UInt32) {
        word = KoalaBear.reduce(UInt64(value) &* UInt64(KoalaBear.montgomerySquare))
    }

    /// The element of a value below p; `nil` for any other.
    @inlinable @inline(__always)
    public init?(canonical value: UInt32) {
        guard value < KoalaBear.prime else { return nil }
        self.init(value)
    }

    /// The value, below p.
    @inlinable @inline(__always)
    public var value: UInt32 { KoalaBear.reduce(UInt64(word)) }

    /// x / 2^32 modulo p, for x below 2^32 p.
    @inlinable @inline(__always)
    static func reduce(_ x: UInt64) -> UInt32 {
        let quotient = UInt32(truncatingIfNeeded: x) &* inversePrime
        let multiple = UInt32(truncatingIfNeeded: (UInt64(quotient) &* UInt64(prime)) &>> 32)
        let (difference, borrow) = UInt32(truncatingIfNeeded: x &>> 32).subtractingReportingOverflow(multiple)
        return borrow ? difference &+ prime : difference
    }

    @inlinable @inline(__always)
    public static func + (a: KoalaBear, b: KoalaBear) -> KoalaBear {
        let sum = a.word &+ b.word
        return KoalaBear(word: sum >= prime ? sum &- prime : sum)
    }

    @inlinable @inline(__always)
    public static func - (a: KoalaBear, b: KoalaBear) -> KoalaBear {
        let (difference, borrow) = a.word.subtractingReportingOverflow(b.word)
        return KoalaBear(word: borrow ? difference &+ prime : difference)
    }

    @inlinable @inline(__always)
    public static func * (a: KoalaBear, b: KoalaBear) -> KoalaBear {
        KoalaBear(word: reduce(UInt64(a.word) &* UInt64(b.word)))
    }

    @inlinable @inline(__always)
    public static prefix func - (a: KoalaBear) -> KoalaBear { zero - a }

    /// `self` to the power `exponent`.
    public func power(_ exponent: UInt64) -> KoalaBear {
        var result = KoalaBear.one
        var bit = 64 - exponent.leadingZeroBitCount
        while bit > 0 {
            bit -= 1
            result = result * result
            if (exponent >> UInt64(bit)) & 1 == 1 { result = result * self }
        }
        return result
    }

    /// The inverse; zero for zero.
    public var inverse: KoalaBear { power(UInt64(KoalaBear.prime) - 2) }
}
