// Arithmetic modulo a prime of exactly 256 bits, in plain Swift. (BN254's field has two spare bits and does without the carry.)
// Only public data passes through here, so nothing needs constant time.

internal import Primitives

/// A prime between 2^255 and 2^256, and what Montgomery arithmetic needs of it.
protocol MontgomeryModulus {
    static var modulus: UInt256 { get }
    /// -1 / modulus, modulo 2^64.
    static var factor: UInt64 { get }
    /// 2^256 modulo the modulus: the form of one.
    static var one: UInt256 { get }
    /// 2^512 modulo the modulus: its product with a number is the number's form.
    static var square: UInt256 { get }
}

/// An element of the prime field, in Montgomery form (times 2^256), always fully reduced.
struct MontgomeryElement<Modulus: MontgomeryModulus>: FiniteField {
    var word: UInt256

    static var zero: Self { Self(word: .zero) }
    static var one: Self { Self(word: Modulus.one) }

    @inline(__always)
    init(word: UInt256) { self.word = word }

    /// The element of a number, taken modulo the modulus.
    init(reducing value: UInt256) {
        self = Self.reduced(value, 0) * Self(word: Modulus.square)
    }

    /// `nil` for a value of the modulus and more.
    init?(_ value: UInt256) {
        guard value < Modulus.modulus else { return nil }
        self = Self(word: value) * Self(word: Modulus.square)
    }

    /// The number that the element stands for.
    var value: UInt256 { (self * Self(word: .one)).word }

    @inline(__always)
    var isZero: Bool { word.isZero }

    /// `value`, plus the modulus when `isBelow`. By a mask: the processor cannot foresee a branch on random data.
    @inline(__always)
    private static func corrected(_ value: UInt256, _ isBelow: Bool) -> Self {
        let mask: UInt64 = 0 &- (isBelow ? 1 : 0)
        let p = Modulus.modulus
        return Self(word: value &+ UInt256(l0: p.l0 & mask, l1: p.l1 & mask, l2: p.l2 & mask, l3: p.l3 & mask))
    }

    /// A number below twice the modulus whose bit 256 is `top`.
    @inline(__always)
    private static func reduced(_ value: UInt256, _ top: UInt64) -> Self {
        let (difference, borrow) = value.subtractingReportingOverflow(Modulus.modulus)
        return corrected(difference, borrow && top == 0)
    }

    @inline(__always)
    static func + (a: Self, b: Self) -> Self {
        let (sum, overflow) = a.word.addingReportingOverflow(b.word)
        return reduced(sum, overflow ? 1 : 0)
    }

    @inline(__always)
    static func - (a: Self, b: Self) -> Self {
        let (difference, borrow) = a.word.subtractingReportingOverflow(b.word)
        return corrected(difference, borrow)
    }

    /// One limb of the Montgomery product: t becomes (t + a b + m p) / 2^64 with m making the division exact. t stays below
    /// 2 p, so `top`, its bit 256, is 0 or 1.
    @inline(__always)
    private static func step(_ t: inout UInt256, _ top: inout UInt64, _ a: UInt64, _ b: UInt256) {
        let p = Modulus.modulus
        var x: UInt64
        var c: UInt64
        var d: UInt64
        (x, c) = multiplyAccumulate(t.l0, a, b.l0, 0)
        let m = x &* Modulus.factor
        (_, d) = multiplyAccumulate(x, m, p.l0, 0)
        (x, c) = multiplyAccumulate(t.l1, a, b.l1, c)
        (t.l0, d) = multiplyAccumulate(x, m, p.l1, d)
        (x, c) = multiplyAccumulate(t.l2, a, b.l2, c)
        (t.l1, d) = multiplyAccumulate(x, m, p.l2, d)
        (x, c) = multiplyAccumulate(t.l3, a, b.l3, c)
        (t.l2, d) = multiplyAccumulate(x, m, p.l3, d)
        let high = UInt128(c) &+ UInt128(d) &+ UInt128(top)
        t.l3 = UInt64(truncatingIfNeeded: high)
        top = UInt64(truncatingIfNeeded: high &>> 64)
    }

    /// Montgomery's product.
    static func * (a: Self, b: Self) -> Self {
        var t = UInt256.zero
        var top: UInt64 = 0
        step(&t, &top, a.word.l0, b.word)
        step(&t, &top, a.word.l1, b.word)
        step(&t, &top, a.word.l2, b.word)
        step(&t, &top, a.word.l3, b.word)
        return reduced(t, top)
    }

    @inline(__always)
    var squared: Self { self * self }

    /// The inverse, by Fermat's little theorem; zero for zero.
    var inverse: Self {
        let exponent = Modulus.modulus &- 2
        var result = Self.one
        var bit = 256
        while bit > 0 {
            bit -= 1
            result = result.squared
            if (exponent &>> bit).l0 & 1 == 1 { result = result * self }
        }
        return result
    }
}
