// The base field of BLS12-381, in plain Swift on 64-bit limbs.

internal import Primitives

/// An element of the prime field, in Montgomery form (times 2^384 modulo p), always fully reduced.
struct BLSField: TowerField {
    var word: UInt384

    @inline(__always)
    init(word: UInt384) { self.word = word }

    /// From the limbs of the Montgomery form, least significant first.
    @inline(__always)
    init(_ l0: UInt64, _ l1: UInt64, _ l2: UInt64, _ l3: UInt64, _ l4: UInt64, _ l5: UInt64) {
        word = UInt384(l0, l1, l2, l3, l4, l5)
    }

    @inline(__always)
    static var prime: UInt384 {
        UInt384(
            0xb9fe_ffff_ffff_aaab, 0x1eab_fffe_b153_ffff, 0x6730_d2a0_f6b0_f624, 0x6477_4b84_f385_12bf, 0x4b1b_a7b6_434b_acd7,
            0x1a01_11ea_397f_e69a)
    }

    /// -1 / p modulo 2^64.
    @inline(__always)
    private static var factor: UInt64 { 0x89f3_fffc_fffc_fffd }

    /// 2^768 modulo p: the product with a number is the number's form.
    private static var square: BLSField {
        BLSField(
            0xf4df_1f34_1c34_1746, 0x0a76_e6a6_09d1_04f1, 0x8de5_476c_4c95_b6d5, 0x67eb_88a9_939d_83c0, 0x9a79_3e85_b519_952d,
            0x1198_8fe5_92ca_e3aa)
    }

    @inline(__always)
    static var zero: BLSField { BLSField(word: .zero) }

    static var one: BLSField {
        BLSField(
            0x7609_0000_0002_fffd, 0xebf4_000b_c40c_0002, 0x5f48_9857_53c7_58ba, 0x77ce_5853_7052_5745, 0x5c07_1a97_a256_ec6d,
            0x15f6_5ec3_fa80_e493)
    }

    static var half: BLSField {
        BLSField(
            0x1804_0000_0001_5554, 0x8550_0005_3ab0_0001, 0x633c_b57c_253c_276f, 0x6e22_d1ec_31eb_b502, 0xd391_6126_f2d1_4ca2,
            0x17fb_b857_1a00_6596)
    }

    /// The element of a number below p; `nil` for any other.
    init?(_ number: UInt384) {
        guard number < BLSField.prime else { return nil }
        self = BLSField(word: number) * BLSField.square
    }

    /// The number that the element stands for.
    var number: UInt384 { (self * BLSField(1, 0, 0, 0, 0, 0)).word }

    @inline(__always)
    var isZero: Bool { word.isZero }

    /// `value`, which is below 2 p, modulo p. By a mask: the processor cannot foresee a branch on random data.
    @inline(__always)
    private static func reduced(_ value: UInt384) -> BLSField {
        let (difference, borrow) = value.subtracting(prime)
        return BLSField(word: difference &+ prime.masked(0 &- borrow))
    }

    /// p has 381 bits, so a sum of two elements fits.
    @inline(__always)
    static func + (a: BLSField, b: BLSField) -> BLSField { reduced(a.word &+ b.word) }

    @inline(__always)
    static func - (a: BLSField, b: BLSField) -> BLSField {
        let (difference, borrow) = a.word.subtracting(b.word)
        return BLSField(word: difference &+ prime.masked(0 &- borrow))
    }

    /// One limb of the Montgomery product: t becomes (t + a b + m p) / 2^64 with m making the division exact.
    @inline(__always)
    private static func step(_ t: inout UInt384, _ a: UInt64, _ b: UInt384) {
        let p = prime
        var x: UInt64
        var c: UInt64
        var d: UInt64
        (x, c) = multiplyAccumulate(t.l0, a, b.l0, 0)
        let m = x &* factor
        (_, d) = multiplyAccumulate(x, m, p.l0, 0)
        (x, c) = multiplyAccumulate(t.l1, a, b.l1, c)
        (t.l0, d) = multiplyAccumulate(x, m, p.l1, d)
        (x, c) = multiplyAccumulate(t.l2, a, b.l2, c)
        (t.l1, d) = multiplyAccumulate(x, m, p.l2, d)
        (x, c) = multiplyAccumulate(t.l3, a, b.l3, c)
        (t.l2, d) = multiplyAccumulate(x, m, p.l3, d)
        (x, c) = multiplyAccumulate(t.l4, a, b.l4, c)
        (t.l3, d) = multiplyAccumulate(x, m, p.l4, d)
        (x, c) = multiplyAccumulate(t.l5, a, b.l5, c)
        (t.l4, d) = multiplyAccumulate(x, m, p.l5, d)
        t.l5 = c &+ d
    }

    /// Montgomery's product; the three free bits of p leave no carry out of the top limb.
    @inline(never)
    static func * (a: BLSField, b: BLSField) -> BLSField {
        var t = UInt384.zero
        step(&t, a.word.l0, b.word)
        step(&t, a.word.l1, b.word)
        step(&t, a.word.l2, b.word)
        step(&t, a.word.l3, b.word)
        step(&t, a.word.l4, b.word)
        step(&t, a.word.l5, b.word)
        return reduced(t)
    }

    @inline(__always)
    var squared: BLSField { self * self }

    /// A power, in 4-bit windows.
    func power(_ exponent: UInt384) -> BLSField {
        var table = InlineArray<16, BLSField>(repeating: .one)
        for index in 1..<16 { table[index] = table[index - 1] * self }
        var result = table[exponent.digit(95)]
        var place = 95
        while place > 0 {
            place -= 1
            result = result.squared.squared.squared.squared
            let digit = exponent.digit(place)
            if digit != 0 { result = result * table[digit] }
        }
        return result
    }

    /// A square root, or `nil` for a non-residue. p is 3 modulo 4.
    var squareRoot: BLSField? {
        let root = inverseRoot * self
        return root.squared == self ? root : nil
    }

    /// The power (p - 3) / 4: for a square, the inverse of a root; for any other number the inverse of a root of its negative,
    /// with the sign changed.
    var inverseRoot: BLSField { power(BLSField.prime.halved.halved) }

    /// The inverse, by Fermat's little theorem; zero for zero.
    var inverse: BLSField { power(BLSField.prime.subtracting(UInt384(2, 0, 0, 0, 0, 0)).difference) }
}
