// The constants of BN254's pairing, field elements in Montgomery form.

internal import Primitives

typealias BN254Field2 = Extension2<BN254Field>

enum BN254Constants {
    /// The parameter of the curve: p = 36 x^4 + 36 x^3 + 24 x^2 + 6 x + 1.
    static var x: UInt64 { 0x44e9_92b4_4a69_09f1 }

    /// (9 + u)^((p^2 - 1) / 3), which lies in the prime field.
    static var gamma2Squared: BN254Field {
        BN254Field(word: UInt256(l0: 0x3350_c88e_13e8_0b9c, l1: 0x7dce_557c_db5e_56b9, l2: 0x6001_b4b8_b615_564a, l3: 0x2682_e617_0202_17e0))
    }

    /// 3 / (9 + u): the twist is y^2 = x^3 + this.
    static var twist: BN254Field2 {
        BN254Field2(
            a: BN254Field(word: UInt256(l0: 0x3bf9_38e3_77b8_02a8, l1: 0x020b_1b27_3633_535d, l2: 0x26b7_edf0_4975_5260, l3: 0x2514_c632_4384_a86d)),
            b: BN254Field(word: UInt256(l0: 0x38e7_eccc_d1dc_ff67, l1: 0x65f0_b37d_93ce_0d3e, l2: 0xd749_d0dd_22ac_00aa, l3: 0x0141_b9ce_4a68_8d4d)))
    }

    /// 6 x + 2 in non-adjacent form, highest digit first.
    static let loop: InlineArray<66, Int8> = [
        1, 0, -1, 0, 1, 0, 0, 0, -1, 0, -1, 0, 0, 0, -1, 0, 1, 0, -1, 0, 0, -1,
        0, 0, 0, 0, 0, 1, 0, 0, -1, 0, 1, 0, 0, -1, 0, 0, 0, 0, -1, 0, 1, 0,
        0, 0, -1, 0, -1, 0, 0, 1, 0, 0, 0, -1, 0, 0, -1, 0, 1, 0, 1, 0, 0, 0,
    ]
}
