// Arithmetic modulo the prime of secp256k1, p = 2^256 - 0x1000003d1, in plain Swift, and the curve over it.

internal import Primitives

/// An element of the field, always fully reduced.
struct Secp256k1Field: FiniteField {
    var value: UInt256

    static var prime: UInt256 {
        UInt256(l0: 0xffff_fffe_ffff_fc2f, l1: .max, l2: .max, l3: .max)
    }

    /// 2^256 - p.
    static var fold: UInt64 { 0x1_0000_03d1 }

    static var zero: Secp256k1Field { Secp256k1Field(reduced: .zero) }
    static var one: Secp256k1Field { Secp256k1Field(reduced: .one) }

    @inline(__always)
    init(reduced value: UInt256) { self.value = value }

    /// `nil` for a value of p and more.
    init?(_ value: UInt256) {
        guard value < Secp256k1Field.prime else { return nil }
        self.value = value
    }

    @inline(__always)
    var isZero: Bool { value.isZero }

    @inline(__always)
    var isOdd: Bool { value.l0 & 1 == 1 }

    @inline(__always)
    static func + (a: Secp256k1Field, b: Secp256k1Field) -> Secp256k1Field {
        let (sum, overflow) = a.value.addingReportingOverflow(b.value)
        if overflow || sum >= prime { return Secp256k1Field(reduced: sum &- prime) }
        return Secp256k1Field(reduced: sum)
    }

    @inline(__always)
    static func - (a: Secp256k1Field, b: Secp256k1Field) -> Secp256k1Field {
        let (difference, overflow) = a.value.subtractingReportingOverflow(b.value)
        return Secp256k1Field(reduced: overflow ? difference &+ prime : difference)
    }

    static func * (a: Secp256k1Field, b: Secp256k1Field) -> Secp256k1Field {
        reduced(a.value.multipliedFullWidth(by: b.value))
    }

    #if !hasFeature(Embedded)
        /// A product modulo p. The guest has its own form.
        @inline(__always)
        static func reduced(_ product: UInt512) -> Secp256k1Field {
            let low = product.low
            let high = product.high
            var limbs = UInt256.zero
            var carry: UInt64
            (limbs.l0, carry) = multiplyAccumulate(low.l0, high.l0, fold, 0)
            (limbs.l1, carry) = multiplyAccumulate(low.l1, high.l1, fold, carry)
            (limbs.l2, carry) = multiplyAccumulate(low.l2, high.l2, fold, carry)
            (limbs.l3, carry) = multiplyAccumulate(low.l3, high.l3, fold, carry)
            let (top, bottom) = carry.multipliedFullWidth(by: fold)
            var (sum, overflow) = limbs.addingReportingOverflow(UInt256(l0: bottom, l1: top, l2: 0, l3: 0))
            if overflow { sum = sum &+ UInt256(fold) }
            overflow = sum >= prime
            return Secp256k1Field(reduced: overflow ? sum &- prime : sum)
        }
    #endif

    @inline(__always)
    var squared: Secp256k1Field { Secp256k1Field.reduced(value.squaredFullWidth) }

    /// The inverse; zero for zero.
    var inverse: Secp256k1Field { Secp256k1Field(reduced: value.inverse(moduloOdd: Secp256k1Field.prime)) }

    private func squared(_ times: Int) -> Secp256k1Field {
        var result = self
        for _ in 0..<times { result = result.squared }
        return result
    }

    /// A square root, or `nil` for a non-residue: the power (p + 1) / 4, for p is 3 modulo 4. That exponent is, from the top, 223
    /// ones, a zero, 22 ones, 0000110 and 0; runs of ones are put together from shorter runs.
    var squareRoot: Secp256k1Field? {
        let ones2 = squared * self
        let ones3 = ones2.squared * self
        let ones6 = ones3.squared(3) * ones3
        let ones9 = ones6.squared(3) * ones3
        let ones11 = ones9.squared(2) * ones2
        let ones22 = ones11.squared(11) * ones11
        let ones44 = ones22.squared(22) * ones22
        let ones88 = ones44.squared(44) * ones44
        let ones176 = ones88.squared(88) * ones88
        let ones220 = ones176.squared(44) * ones44
        let ones223 = ones220.squared(3) * ones3
        let root = ((ones223.squared(23) * ones22).squared(6) * ones2).squared(2)
        return root.squared == self ? root : nil
    }
}

/// The curve y^2 = x^3 + 7. Its order is prime.
enum Secp256k1Curve: WeierstrassCurve {
    typealias Field = Secp256k1Field

    static var b: Secp256k1Field { Secp256k1Field(reduced: 7) }

    static var generator: AffinePoint<Secp256k1Curve> {
        AffinePoint(
            uncheckedX: Secp256k1Field(
                reduced: UInt256(
                    l0: 0x59f2_815b_16f8_1798, l1: 0x029b_fcdb_2dce_28d9, l2: 0x55a0_6295_ce87_0b07, l3: 0x79be_667e_f9dc_bbac)),
            y: Secp256k1Field(
                reduced: UInt256(
                    l0: 0x9c47_d08f_fb10_d4b8, l1: 0xfd17_b448_a685_5419, l2: 0x5da4_fbfc_0e11_08a8, l3: 0x483a_da77_26a3_c465)))
    }
}
