// The field of BLS12-381 as the foot of the tower: xi is 1 + u.

extension BLSField {
    @inline(__always)
    static func timesXi(_ x: BLSField2) -> BLSField2 { BLSField2(a: x.a - x.b, b: x.a + x.b) }

    static var gamma1: BLSField2 {
        BLSField2(
            a: BLSField(
                0x0708_9552_b319_d465, 0xc669_5f92_b50a_8313, 0x97e8_3ccc_d117_228f, 0xa35b_aeca_b2dc_29ee, 0x1ce3_93ea_5daa_ce4d,
                0x08f2_220f_b0fb_66eb),
            b: BLSField(
                0xb2f6_6aad_4ce5_d646, 0x5842_a06b_fc49_7cec, 0xcf48_95d4_2599_d394, 0xc11b_9cba_40a8_e8d0, 0x2e38_13cb_e5a0_de89,
                0x110e_efda_8884_7faf))
    }

    static var gamma2: BLSField2 {
        BLSField2(
            a: .zero,
            b: BLSField(
                0xcd03_c9e4_8671_f071, 0x5dab_2246_1fcd_a5d2, 0x5870_42af_d385_1b95, 0x8eb6_0ebe_01ba_cb9e, 0x03f9_7d6e_83d0_50d2,
                0x18f0_2065_5463_8741))
    }

    static var gamma3: BLSField2 {
        BLSField2(
            a: BLSField(
                0x7bcf_a7a2_5aa3_0fda, 0xdc17_dec1_2a92_7e7c, 0x2f08_8dd8_6b4e_bef1, 0xd1ca_2087_da74_d4a7, 0x2da2_5966_96ce_bc1d,
                0x0e2b_7eed_bbfd_87d2),
            b: BLSField(
                0x7bcf_a7a2_5aa3_0fda, 0xdc17_dec1_2a92_7e7c, 0x2f08_8dd8_6b4e_bef1, 0xd1ca_2087_da74_d4a7, 0x2da2_5966_96ce_bc1d,
                0x0e2b_7eed_bbfd_87d2))
    }

    static var gamma4: BLSField2 {
        BLSField2(
            a: BLSField(
                0x890d_c9e4_8675_45c3, 0x2af3_2253_3285_a5d5, 0x5088_0866_309b_7e2c, 0xa20d_1b8c_7e88_1024, 0x14e4_f04f_e2db_9068,
                0x14e5_6d3f_1564_853a),
            b: .zero)
    }

    static var gamma5: BLSField2 {
        BLSField2(
            a: BLSField(
                0x82d8_3cf5_0dbc_e43f, 0xa281_3e53_df9d_018f, 0xc6f0_caa5_3c65_e181, 0x7525_cf52_8d50_fe95, 0x4a85_ed50_f479_8a6b,
                0x171d_a0fd_6cf8_eebd),
            b: BLSField(
                0x3726_c30a_f242_c66c, 0x7c2a_c1aa_d1b6_fe70, 0xa040_07fb_ba4b_14a2, 0xef51_7c32_6634_1429, 0x0095_ba65_4ed2_226b,
                0x02e3_70ec_cc86_f7dd))
    }
}
