// Modular exponentiation: Python's pow as the oracle of a table, then GMP and the portable form against each other.

import Crypto
import Primitives
import Testing

@Suite struct ModularExponentiationTests {
    /// base, exponent, modulus, result.
    static let cases: [(String, String, String, String)] = [
        ("", "",
            "", ""),
        ("", "",
            "01", "00"),
        ("", "",
            "02", "01"),
        ("00", "00",
            "0005", "0001"),
        ("03", "",
            "0000", "0000"),
        ("03", "07",
            "80", "0b"),
        ("02", "10",
            "010000", "000000"),
        ("03", "ffffffff",
            "010000000000000000", "000b864da6aaaaaaab"),
        ("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "0000000000000000000000000000000000000000000000000000000000000000"),
        ("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "02",
            "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe", "000000000000000000000000000000000000000000000000000000000003fc01"),
        ("03", "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2e",
            "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f", "0000000000000000000000000000000000000000000000000000000000000001"),
        ("", "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2e",
            "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f", "0000000000000000000000000000000000000000000000000000000000000000"),
        ("f2", "65",
            "53", "14"),
        ("0c", "d2",
            "4e", "42"),
        ("18", "3195",
            "90", "00"),
        ("e8", "36",
            "80", "00"),
        ("0016", "0d6b",
            "9909", "8563"),
        ("9c3d", "8d",
            "c422", "551b"),
        ("210f", "b11f",
            "6d00", "67ef"),
        ("2639", "9fa0",
            "8000", "3701"),
        ("0d9df2", "93",
            "483f95", "28a6a0"),
        ("da8c65", "f9",
            "15cd2a", "0fce9b"),
        ("d7ec0b", "96c4db",
            "839000", "626c93"),
        ("d5234a", "ed24",
            "800000", "000000"),
        ("c0a1271e", "38aaf84e",
            "ec636a8b", "9e5f4f8e"),
        ("2fa8edd0", "8b15442e",
            "b00adb1e", "04ea88e2"),
        ("91bfe394", "47d58fa3",
            "611b0000", "4aa10000"),
        ("0372555f", "8c",
            "80000000", "27c91781"),
        ("c3707a900f", "dfb5b9347f",
            "22e44cb611", "19f8ba3ea3"),
        ("7eb0766dc6", "3177",
            "a9625d5d12", "25c4cf83b4"),
        ("30e403745c", "983f",
            "795ed00000", "3428200000"),
        ("944cf1b2c7", "14",
            "8000000000", "0f863c67e1"),
        ("21477386f2bf7e", "bcba",
            "af6e0d9320dd4d", "43b484d1d9fde2"),
        ("fcbce49bbdecfa", "1e",
            "7599cce4956c92", "32274d42575e4c"),
        ("d4f43a2afcd3c1", "e826",
            "3180a6b0000000", "09feef26e35e81"),
        ("696cf46b7c090a", "86efde13eabac3",
            "80000000000000", "00000000000000"),
        ("5e1302ca57501fe0", "1257",
            "7a0dde8ef2d3b193", "68ab6269a0d84b2d"),
        ("cd9f28984b14267f", "dd1c01cc6adfc974",
            "1fc1fd62f6954ab2", "0bcad63de5ec2a23"),
        ("37e8f517d69ed6f1", "5e79",
            "fe2008d700000000", "957140d6d39dd371"),
        ("b2d6a3100b08880f", "36fb94b3cb6d424f",
            "8000000000000000", "788011f0ccf583ef"),
        ("338f65aea5a969d272", "74b7",
            "813caaa5b348f493ff", "393079e868daa5632b"),
        ("3d56d55807afc605f0", "ff5a",
            "9e7586c510242bc756", "7ab4ecee5bb3b0b9f6"),
        ("0aaa627e00a3170f37", "1c21",
            "839659c1d000000000", "327d3e3fda0c703237"),
        ("9c471564d277b4eadf", "a014",
            "800000000000000000", "25a195beff6a421e81"),
        ("1118a88c1f772047597125e2", "d1",
            "1afb962a02f2fd727628d267", "0f5d83cc1af721e42340ce34"),
        ("4d9a46473a6ad6b44ddf506a", "c6ae",
            "61546cdc122c5dbabe61b71a", "1f1d818b597f7f1dda2c93c6"),
        ("ff87123bbdc0a2262a7c3e15", "26",
            "64615ddf2df5000000000000", "01b660e970e3acbd077a4969"),
        ("9e9016037f84267c2e8cc2d4", "cf05ae2ec55c4343bc9c2c48",
            "800000000000000000000000", "000000000000000000000000"),
        ("ed66875ef7aa1c9c11bdfb90f5889051", "b0",
            "59470c014e0c4b25ef13406b01f4da89", "13c2139fc587fd042401b732d0be4037"),
        ("c2e1aba7db721bad818862bd657ad20d", "47e6",
            "6551e9b62c7fef06f5c083e7e91c353e", "28a744fb2c20e0e1c5690b45f7f74159"),
        ("7f2b3aaea36941ccc86e2c8fa3f17264", "2366",
            "b6d0aef39318e0df0000000000000000", "87d9ba490f0555230000000000000000"),
        ("866883662879ef0f7dc9cb307db13d11", "70",
            "80000000000000000000000000000000", "7a8e78c36cf5676614e5d17cdd28ff01"),
        ("7f4cb926b3d75f899c91f919454eeef22f8a155da0e21d9dfa398706330012", "9d",
            "a5b38c29f942241c95c10d570943c9995d98750da08c351ac8490f00bb1891", "82a0c42459f50f36e51b301bab9fb8eb9c693670e76d9ca94b5c86f3007606"),
        ("92fd6179ab96721fc3ce871d26ee53d92407f27cdafa3bfea39b52fa154b77", "dc7b",
            "9522a0c13ace0e4d0f54d145bded2680f91b33e8e30bdcb01ff05d35a072ba", "5fe96e8e25e61d3dacab9365952caf2e90c28c94c442ac69e4b1d61968ddcb"),
        ("a2f7867abbdd2fd4f6a12ab16e0a5429c27f2e84f399e90576f88834ca73f3", "35cf9b5c6bbe8725e544a8b00b590d8b437505eaad41ec062aa815c22e3287",
            "a55a1eabf7efbb65765a887bd1bc7430000000000000000000000000000000", "64e127dd825cae00670f1fdce8eac630ecace1cfc2357ba42ca3e4e0b7c29b"),
        ("18a8b5849709e05dd4a183e84644c32a6fe70e5b16b99dc527f20839f95788", "202470c78bc0b080c2ec6454bddbeda2424219395286fc9c6033bfcf88d4c9",
            "80000000000000000000000000000000000000000000000000000000000000", "00000000000000000000000000000000000000000000000000000000000000"),
        ("675168bdfdc6a6cd65990b3a31d32d33b8f883846af3267e8e25065bf51323bb", "fd",
            "0b1d24fc026b21c28ae145da0717f531922a5bcea582483d97447ed136409367", "04f47f0d76742ec24ae284fdb518298401aadc9bdc9b3f747fe24ba41ee75259"),
        ("082cdef477cb225849837d721f2afece079fe0efe5e91eb9ec0ff0fccf1e7a59", "9e14",
            "b9c44c0f0dd6899477f30e8f1b73c8f0a480b284096f2462483c936252c9d536", "8eece755117abd326bd2cb09b1bd4a372f818e692c411b06a872e0c1d5bd6e53"),
        ("a1d0c29f244739fc759b7ae6cd233a9c6bc826d734107d0039c5be7a4347c1e8", "0ed61058d973b5ccff5ea4a4eb0ab4154d8babd539241ca90901b21e8927e7e8",
            "dd555b32adf6755613d05134b52a8f7b00000000000000000000000000000000", "743c2e17857f62dbe463d7893aa6e8c700000000000000000000000000000000"),
        ("adb6156f9fc704ca458ec6a2f9d81f55033d3516e1c502cd5ae437f23188bef8", "feab55656fb091764e49c166e65c4cbeed4961f28f44bd15c2678cb951caaa28",
            "8000000000000000000000000000000000000000000000000000000000000000", "0000000000000000000000000000000000000000000000000000000000000000"),
        ("9b52e6a7f9ad6b25ef11909cd63096d3fbf38a989654f5faad746f7919bc42a8ef", "e927",
            "1f5c852b8f9c3cfe3496852009710d07fccfb12686793f970963a4e79e6e2177cf", "080d3d603c7373bbf0704abae0559c1565b86bda7eec9a5bad104725e39dd083ef"),
        ("f9444f1af903ce8615fcdebf0b0902ef88efa52389220e6fb3808efc798b2adf31", "07",
            "3df8e918bee2b918fc5110436480f40b82d94a0657534598568519f0b8c7e7734e", "2dbadf51ed1feea571515754279d71dc953f3fce40e6b5a99a4bf88a4d376e3cd7"),
        ("eeb35a8b0668446bb4cd8dd57b0b8e214470970fbde0f6e81a886bbdf096915ae5", "97a9",
            "cfd933da08480c30dbf20960209745343000000000000000000000000000000000", "757ec4210fa7a6c108f57841bc11241b2f6c0d5e68a4a6779405fcddb5890976c5"),
        ("7db3792156ae2588dbbfde26198704869935b3828dd7c904173070dfac06ac70c6", "9b",
            "800000000000000000000000000000000000000000000000000000000000000000", "6e570735e90cf9a5678f30a706d800000000000000000000000000000000000000"),
        ("df2f758eca31cf0fe5907353b044adae5480b284b7aedd874170318ed144847bb214c6c82b0ec8c6", "e2",
            "11b80101557daac6466f96cca77459261fea1e2c70353d2436d53679376b7d9e2e44a6b95d61ce1f", "02ce183c2097135822d15652c176de21f6bb6f88fe7592aa2882fe904b55a88030554fae2e30da1d"),
        ("407fcd8fc235220707e98ec2b9f9dde4eed098e9b5f038100aba7871436a5b5398a0ce9c39232ef9", "c0d62b9bbf031d83a3160c33add156b1b4a1f54603efcc738f851682e86485881549afce8396607a",
            "bf22df1f29d9161df2a53a7eb0e1f2612013c88dc3179a14b5cf658b23aa0a32a517f302599b82e6", "a003f4481f4c21539b984822500a14957ee0c3d4ee26aabc0aa5a578c7c61c9a31f174abb1deae81"),
        ("05963bece34b3c8f62968be4d2f279f17fd7dc33d1390ad7bd359172143e1b23e0b9a86ad09d221f", "2e71",
            "14a164e05c0140e02dbf32f11ee984edeba374430000000000000000000000000000000000000000", "07e85fbb967f3ad167add049a545d627243f05b1981161ba9aee2a838467bc435ff1367a058ef01f"),
        ("6552521f3e86a3e5f20de5c659d08927856083f0eea153b7c4a9b9a42f9206a92330be5d84459a24", "01e2",
            "80000000000000000000000000000000000000000000000000000000000000000000000000000000", "00000000000000000000000000000000000000000000000000000000000000000000000000000000"),
    ]

    @Test func table() throws {
        #expect(ModularExponentiationTests.cases.count == 68)
        for (b, e, m, expected) in ModularExponentiationTests.cases {
            let base = try #require(Hex.decode(b))
            let exponent = try #require(Hex.decode(e))
            let modulus = try #require(Hex.decode(m))
            let result = try #require(Hex.decode(expected))
            #expect(ModularExponentiation.compute(base: base, exponent: exponent, modulus: modulus) == result, "\(b) \(e) \(m)")
            #expect(PortableModularExponentiation.compute(base: base, exponent: exponent, modulus: modulus) == result, "\(b) \(e) \(m)")
        }
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func nativeAndPortableAgree(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        func number(_ limit: Int) -> [UInt8] {
            var bytes = random.bytes(Int(random.next() % UInt64(limit + 1)))
            // Runs of zeros and ones at both ends find the carries.
            switch random.next() % 4 {
            case 0: for i in 0..<bytes.count / 2 { bytes[bytes.count - 1 - i] = 0 }
            case 1: for i in 0..<bytes.count / 2 { bytes[i] = 0xff }
            case 2: for i in 0..<bytes.count / 2 { bytes[i] = 0 }
            default: break
            }
            return bytes
        }
        let base = number(80)
        let exponent = number(20)
        let modulus = number(70)
        let native = ModularExponentiation.compute(base: base, exponent: exponent, modulus: modulus)
        #expect(native == PortableModularExponentiation.compute(base: base, exponent: exponent, modulus: modulus))
        #expect(native.count == modulus.count)
    }
}
