// The field of BN254 as the foot of the tower: xi is 9 + u.

internal import Primitives

extension BN254Field {
    static func timesXi(_ x: BN254Field2) -> BN254Field2 {
        let a8 = x.a.doubled.doubled.doubled
        let b8 = x.b.doubled.doubled.doubled
        return BN254Field2(a: a8 + x.a - x.b, b: b8 + x.b + x.a)
    }

    static var gamma1: BN254Field2 {
        BN254Field2(
            a: BN254Field(word: UInt256(l0: 0xaf9b_a696_3314_4907, l1: 0xca6b_1d73_87af_b78a, l2: 0x11bd_ed5e_f08a_2087, l3: 0x02f3_4d75_1a1f_3a7c)),
            b: BN254Field(word: UInt256(l0: 0xa222_ae23_4c49_2d72, l1: 0xd00f_02a4_565d_e15b, l2: 0xdc2f_f3a2_53df_c926, l3: 0x10a7_5716_b389_9551)))
    }

    static var gamma2: BN254Field2 {
        BN254Field2(
            a: BN254Field(word: UInt256(l0: 0xb577_3b10_4563_ab30, l1: 0x347f_91c8_a9aa_6454, l2: 0x7a00_7127_242e_0991, l3: 0x1956_bcd8_1182_14ec)),
            b: BN254Field(word: UInt256(l0: 0x6e84_9f1e_a0aa_4757, l1: 0xaa1c_7b6d_89f8_9141, l2: 0xb6e7_13cd_fae0_ca3a, l3: 0x2669_4fbb_4e82_ebc3)))
    }

    static var gamma3: BN254Field2 {
        BN254Field2(
            a: BN254Field(word: UInt256(l0: 0xe4bb_dd0c_2936_b629, l1: 0xbb30_f162_e133_bacb, l2: 0x31a9_d1b6_f964_5366, l3: 0x2535_70be_a500_f8dd)),
            b: BN254Field(word: UInt256(l0: 0xa1d7_7ce4_5ffe_77c7, l1: 0x07af_fd11_7826_d1db, l2: 0x6d16_bd27_bb7e_dc6b, l3: 0x2c87_2002_85de_fecc)))
    }

    static var gamma4: BN254Field2 {
        BN254Field2(
            a: BN254Field(word: UInt256(l0: 0x7361_d77f_843a_be92, l1: 0xa5bb_2bd3_2734_11fb, l2: 0x9c94_1f31_4b3e_2399, l3: 0x15df_9cdd_bb9f_d3ec)),
            b: BN254Field(word: UInt256(l0: 0x5ddd_fd15_4bd8_c949, l1: 0x62cb_29a5_a444_5b60, l2: 0x37bc_870a_0c7d_d2b9, l3: 0x2483_0a9d_3171_f0fd)))
    }

    static var gamma5: BN254Field2 {
        BN254Field2(
            a: BN254Field(word: UInt256(l0: 0xc970_692f_4169_0fe7, l1: 0xe240_3421_2769_4b0b, l2: 0x32be_e66b_83c4_59e8, l3: 0x12aa_bced_0ab0_8841)),
            b: BN254Field(word: UInt256(l0: 0x0d48_5d23_40ae_bfa9, l1: 0x0519_3418_ab2f_cc57, l2: 0xd3b0_a40b_8a49_10f5, l3: 0x2f21_ebb5_35d2_925a)))
    }
}
