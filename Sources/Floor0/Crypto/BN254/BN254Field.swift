// The base field of BN254, in plain Swift, for the precompiles of EIP-196 and EIP-197.

internal import Primitives

/// An element of the prime field, in Montgomery form (times 2^256 modulo p), always fully reduced.
struct BN254Field: TowerField {
    var word: UInt256

    static var prime: UInt256 {
        UInt256(l0: 0x3c20_8c16_d87c_fd47, l1: 0x9781_6a91_6871_ca8d, l2: 0xb850_45b6_8181_585d, l3: 0x3064_4e72_e131_a029)
    }

    static var zero: BN254Field { BN254Field(word: .zero) }
    static var one: BN254Field {
        BN254Field(word: UInt256(l0: 0xd35d_438d_c58f_0d9d, l1: 0x0a78_eb28_f5c7_0b3d, l2: 0x666e_a36f_7879_462c, l3: 0x0e0a_77c1_9a07_df2f))
    }
    static var three: BN254Field {
        BN254Field(word: UInt256(l0: 0x7a17_caa9_50ad_28d7, l1: 0x1f6a_c17a_e155_21b9, l2: 0x334b_ea4e_696b_d284, l3: 0x2a1f_6744_ce17_9d8e))
    }
    static var half: BN254Field {
        BN254Field(word: UInt256(l0: 0x87be_e7d2_4f06_0572, l1: 0xd0fd_2add_2f1c_6ae5, l2: 0x8f5f_7492_fcfd_4f44, l3: 0x1f37_631a_3d9c_bfac))
    }

    @inline(__always)
    init(word: UInt256) { self.word = word }

    /// The element of a value below p; `nil` for any other.
    init?(_ value: UInt256) {
        guard value < BN254Field.prime else { return nil }
        // 2^512 modulo p.
        let square = UInt256(l0: 0xf32c_fc5b_538a_fa89, l1: 0xb5e7_1911_d445_01fb, l2: 0x47ab_1eff_0a41_7ff6, l3: 0x06d8_9f71_cab8_351f)
        self = BN254Field(word: value) * BN254Field(word: square)
    }

    var value: UInt256 { (self * BN254Field(word: .one)).word }

    @inline(__always)
    var isZero: Bool { word.isZero }

    /// `value`, plus p when `borrow`. By a mask: the processor cannot foresee a branch on random data.
    @inline(__always)
    private static func corrected(_ value: UInt256, _ borrow: Bool) -> BN254Field {
        let mask: UInt64 = 0 &- (borrow ? 1 : 0)
        let p = prime
        return BN254Field(word: value &+ UInt256(l0: p.l0 & mask, l1: p.l1 & mask, l2: p.l2 & mask, l3: p.l3 & mask))
    }

    @inline(__always)
    private static func reduced(_ value: UInt256) -> BN254Field {
        let (difference, borrow) = value.subtractingReportingOverflow(prime)
        return corrected(difference, borrow)
    }

    /// p has 254 bits, so a sum of two elements fits.
    @inline(__always)
    static func + (a: BN254Field, b: BN254Field) -> BN254Field { reduced(a.word &+ b.word) }

    @inline(__always)
    static func - (a: BN254Field, b: BN254Field) -> BN254Field {
        let (difference, borrow) = a.word.subtractingReportingOverflow(b.word)
        return corrected(difference, borrow)
    }

    /// One limb of the Montgomery product: t becomes (t + a b + m p) / 2^64 with m making the division exact.
    @inline(__always)
    private static func step(_ t: inout UInt256, _ a: UInt64, _ b: UInt256) {
        let p = prime
        var x: UInt64
        var c: UInt64
        var d: UInt64
        (x, c) = multiplyAccumulate(t.l0, a, b.l0, 0)
        let m = x &* 0x87d2_0782_e486_6389
        (_, d) = multiplyAccumulate(x, m, p.l0, 0)
        (x, c) = multiplyAccumulate(t.l1, a, b.l1, c)
        (t.l0, d) = multiplyAccumulate(x, m, p.l1, d)
        (x, c) = multiplyAccumulate(t.l2, a, b.l2, c)
        (t.l1, d) = multiplyAccumulate(x, m, p.l2, d)
        (x, c) = multiplyAccumulate(t.l3, a, b.l3, c)
        (t.l2, d) = multiplyAccumulate(x, m, p.l3, d)
        t.l3 = c &+ d
    }

    /// Montgomery's product; the two free bits of p leave no carry out of the top limb.
    static func * (a: BN254Field, b: BN254Field) -> BN254Field {
        var t = UInt256.zero
        step(&t, a.word.l0, b.word)
        step(&t, a.word.l1, b.word)
        step(&t, a.word.l2, b.word)
        step(&t, a.word.l3, b.word)
        return reduced(t)
    }

    @inline(__always)
    var squared: BN254Field { self * self }

    /// The inverse, by Fermat's little theorem; zero for zero.
    var inverse: BN254Field {
        let exponent = BN254Field.prime &- 2
        var result = BN254Field.one
        var bit = 254
        while bit > 0 {
            bit -= 1
            result = result.squared
            if (exponent &>> bit).l0 & 1 == 1 { result = result * self }
        }
        return result
    }
}
