// The constants of BLS12-381's curves and pairing, field elements in Montgomery form. The tests check each by what it is for.

typealias BLSField2 = Extension2<BLSField>

enum BLSConstants {
    /// The absolute value of the curve's parameter x, which is negative: r = x^4 - x^2 + 1, p = (x - 1)^2 r / 3 + x.
    static var x: UInt64 { 0xd201_0000_0001_0000 }

    /// 4, the b of G1's curve; that of the twist is 4 (1 + u).
    static var four: BLSField {
        BLSField(
            0xaa27_0000_000c_fff3, 0x53cc_0032_fc34_000a, 0x478f_e97a_6b0a_807f, 0xb1d3_7ebe_e6ba_24d7, 0x8ec9_733b_bf78_ab2f,
            0x09d6_4551_3d83_de7e)
    }

    /// The cube root of one with (beta x, y) = -x^2 (x, y) in G1.
    static var beta: BLSField {
        BLSField(
            0x30f1_361b_798a_64e8, 0xf3b8_ddab_7ece_5a2a, 0x16a8_ca3a_c615_77f7, 0xc26a_2ff8_74fd_029b, 0x3636_b766_6070_1c6e,
            0x051b_a4ab_241b_6160)
    }

    /// 1 / (1 + u)^((p - 1) / 3): the factor of the x coordinate in psi.
    static var psiX: BLSField2 {
        BLSField2(
            a: .zero,
            b: BLSField(
                0x890d_c9e4_8675_45c3, 0x2af3_2253_3285_a5d5, 0x5088_0866_309b_7e2c, 0xa20d_1b8c_7e88_1024, 0x14e4_f04f_e2db_9068,
                0x14e5_6d3f_1564_853a))
    }

    /// 1 / (1 + u)^((p - 1) / 2): the factor of the y coordinate in psi.
    static var psiY: BLSField2 {
        BLSField2(
            a: BLSField(
                0x3e2f_585d_a55c_9ad1, 0x4294_213d_86c1_8183, 0x3828_44c8_8b62_3732, 0x92ad_2afd_1910_3e18, 0x1d79_4e4f_ac7c_f0b9,
                0x0bd5_92fc_7d82_5ec8),
            b: BLSField(
                0x7bcf_a7a2_5aa3_0fda, 0xdc17_dec1_2a92_7e7c, 0x2f08_8dd8_6b4e_bef1, 0xd1ca_2087_da74_d4a7, 0x2da2_5966_96ce_bc1d,
                0x0e2b_7eed_bbfd_87d2))
    }

    /// The generator of G1.
    static var generator1: AffinePoint<BLSG1> {
        AffinePoint(
            uncheckedX: BLSField(
                0x5cb3_8790_fd53_0c16, 0x7817_fc67_9976_fff5, 0x154f_95c7_143b_a1c1, 0xf0ae_6acd_f3d0_e747, 0xedce_6ecc_21db_f440,
                0x1201_7741_9e0b_fb75),
            y: BLSField(
                0xbaac_93d5_0ce7_2271, 0x8c22_631a_7918_fd8e, 0xdd59_5f13_5707_25ce, 0x51ac_5829_5040_5194, 0x0e1c_8c3f_ad00_59c0,
                0x0bbc_3efc_5008_a26a))
    }

    /// The generator of G2.
    static var generator2: AffinePoint<BLSG2> {
        AffinePoint(
            uncheckedX: BLSField2(
                a: BLSField(
                    0xf5f2_8fa2_0294_0a10, 0xb3f5_fb26_87b4_961a, 0xa1a8_93b5_3e2a_e580, 0x9894_999d_1a3c_aee9, 0x6f67_b763_1863_366b,
                    0x0581_9192_4350_bcd7),
                b: BLSField(
                    0xa5a9_c075_9e23_f606, 0xaaa0_c59d_bccd_60c3, 0x3bb1_7e18_e286_7806, 0x1b1a_b6cc_8541_b367, 0xc2b6_ed0e_f215_8547,
                    0x1192_2a09_7360_edf3)),
            y: BLSField2(
                a: BLSField(
                    0x4c73_0af8_6049_4c4a, 0x597c_fa1f_5e36_9c5a, 0xe7e6_856c_aa0a_635a, 0xbbef_b5e9_6e0d_495f, 0x07d3_a975_f0ef_25a2,
                    0x0083_fd8e_7e80_dae5),
                b: BLSField(
                    0xadc0_fc92_df64_b05d, 0x18aa_270a_2b14_61dc, 0x86ad_ac6a_3be4_eba0, 0x7949_5c4e_c93d_a33a, 0xe717_5850_a43c_caed,
                    0x0b2b_c2a1_63de_1bf2)))
    }

    /// The generator of G2 times the secret of the KZG ceremony of Ethereum: the second power in the trusted setup (EIP-4844).
    static var ceremonyPower: AffinePoint<BLSG2> {
        AffinePoint(
            uncheckedX: BLSField2(
                a: BLSField(
                    0x6120_a209_9b03_79f9, 0xa2df_815c_b821_0e4e, 0xcb57_be55_77bd_3d4f, 0x62da_0ea8_9a0c_93f8, 0x02e0_ee16_968e_150d,
                    0x171f_09ae_a833_acd5),
                b: BLSField(
                    0x11a3_6707_49df_d455, 0x0499_1d7b_3abf_fadc, 0x8544_6a8e_1443_7f41, 0x2717_4e7b_4e76_e3f2, 0x7bfa_6dd3_97f6_0a20,
                    0x02fc_c329_ac07_080f)),
            y: BLSField2(
                a: BLSField(
                    0xaa13_0838_793b_2317, 0xe236_dd22_0f89_1637, 0x6502_7829_2576_0980, 0xd05c_25f6_0557_ec89, 0x6095_767a_4406_4474,
                    0x1856_9391_7080_d405),
                b: BLSField(
                    0x549f_9e17_5b03_dc0a, 0x32c0_c95a_7710_6cfe, 0x64a7_4eae_5705_d080, 0x53de_eaf5_6659_ed9e, 0x09a1_d368_508a_fb93,
                    0x12cf_3a45_25b5_e9bd)))
    }
}
