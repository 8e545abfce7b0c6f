// The curve P-256 and its fields (SEC 2, 2.4.2; FIPS 186-5).

internal import Primitives

/// The prime of the field, 2^256 - 2^224 + 2^192 + 2^96 - 1.
enum P256Prime: MontgomeryModulus {
    static var modulus: UInt256 { UInt256(l0: .max, l1: 0x0000_0000_ffff_ffff, l2: 0, l3: 0xffff_ffff_0000_0001) }
    static var factor: UInt64 { 1 }
    static var one: UInt256 { UInt256(l0: 1, l1: 0xffff_ffff_0000_0000, l2: .max, l3: 0x0000_0000_ffff_fffe) }
    static var square: UInt256 {
        UInt256(l0: 3, l1: 0xffff_fffb_ffff_ffff, l2: 0xffff_ffff_ffff_fffe, l3: 0x0000_0004_ffff_fffd)
    }
}

/// The order of the group.
enum P256Order: MontgomeryModulus {
    static var modulus: UInt256 {
        UInt256(l0: 0xf3b9_cac2_fc63_2551, l1: 0xbce6_faad_a717_9e84, l2: .max, l3: 0xffff_ffff_0000_0000)
    }
    static var factor: UInt64 { 0xccd1_c8aa_ee00_bc4f }
    static var one: UInt256 {
        UInt256(l0: 0x0c46_353d_039c_daaf, l1: 0x4319_0552_58e8_617b, l2: 0x0000_0000_0000_0000, l3: 0x0000_0000_ffff_ffff)
    }
    static var square: UInt256 {
        UInt256(l0: 0x8324_4c95_be79_eea2, l1: 0x4699_799c_49bd_6fa6, l2: 0x2845_b239_2b6b_ec59, l3: 0x66e1_2d94_f3d9_5620)
    }
}

typealias P256Field = MontgomeryElement<P256Prime>
typealias P256Scalar = MontgomeryElement<P256Order>

/// The curve y^2 = x^3 - 3 x + b. Its order is prime.
enum P256Curve: WeierstrassCurve {
    typealias Field = P256Field

    static var aIsMinusThree: Bool { true }

    static var b: P256Field {
        P256Field(
            reducing: UInt256(
                l0: 0x3bce_3c3e_27d2_604b, l1: 0x651d_06b0_cc53_b0f6, l2: 0xb3eb_bd55_7698_86bc, l3: 0x5ac6_35d8_aa3a_93e7))
    }

    static var generator: AffinePoint<P256Curve> {
        AffinePoint(
            uncheckedX: P256Field(
                reducing: UInt256(
                    l0: 0xf4a1_3945_d898_c296, l1: 0x7703_7d81_2deb_33a0, l2: 0xf8bc_e6e5_63a4_40f2, l3: 0x6b17_d1f2_e12c_4247)),
            y: P256Field(
                reducing: UInt256(
                    l0: 0xcbb6_4068_37bf_51f5, l1: 0x2bce_3357_6b31_5ece, l2: 0x8ee7_eb4a_7c0f_9e16, l3: 0x4fe3_42e2_fe1a_7f9b)))
    }
}
