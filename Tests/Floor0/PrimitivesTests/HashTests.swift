// The hash functions against Python's hashlib and pycryptodome, at every length around the block boundaries.

import Primitives
import Testing

@Suite struct HashTests {
    /// Digests of the bytes (7 i + count) mod 256 for i in 0..<count.
    static let digests: [(count: Int, sha256: String, ripemd160: String, keccak256: String)] = [
        (
            0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "9c1185a5c5e9fc54612808977ee8f548b2258d31", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
        ),
        (
            1, "4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a",
            "f291ba5015df348c80853fa5bb0f7946f5c9e1b3", "5fe7f977e71dba2ea1a68e21057beebb9be2ac30c6410aa38d4f3fbe41dcffd2"
        ),
        (
            3, "6ab0dba1f4f1dfbb37b4f9eeb092c09fca4900ad32bdcd147d8dde35d6c87c35",
            "4198d88f75583a3c1b1dbf18501eaff97669ae63", "7d228cdb40e661b0731cd20c876de675137701233a19b450a36e53a053407a22"
        ),
        (
            8, "f8d2f3f092c61db3436e728bafd621519c6791af5717fbcde1129c46a0543a7a",
            "3b9a8d8b2277346f0c2868d47c96ac1147884272", "66d6ac686bbe637cb6cf3e4deb8a1bb6aec0163cbbbd2c22747069455e660457"
        ),
        (
            31, "6c56c9f0cdd4759c04aa75b8583e11614c25b347c984ca4c6bcb1fdfb09fb268",
            "e1263d7a31cae67c3c2c85d9f8a29f43ae8329a8", "f2edf8e57f5f8acb78dac9a80285ed8d829840361fdc4d99698e7ab6685d82ea"
        ),
        (
            32, "70b25e78a713fbc17ba3f5e9b25c16200202a776ddb67fffb745d54b9eee7f29",
            "3af08531e63ef9fecf991f002c9f24c4f212de04", "75ddc22689ac5cfab91ff4f11af7f47658c89f63dcb005c00824017d8081c7e8"
        ),
        (
            33, "91b1f04c498a0d2ca0febf8a29dba678ce15d4aeac21e98a53a085d8282af974",
            "7f4ea87849a6efec5cbe8f4a2d99f2f447e984b7", "c6054684b0825b997510f120321a58f8488803992923926fcda6db5405ec35c9"
        ),
        (
            55, "81afe5b788dc2ce138ff83d9b20164db75a94d75d2b2432eea4a0ef605088c72",
            "8ce4447e6a334c0d0fd3e0497000d5517b290c6b", "546a7fe6ccfdaf2fb18c8725219ad2041f386774722f4f2dcb3b2793bfa58b7e"
        ),
        (
            56, "2aba54f0ac632420a2b502431408866e40e1d5e430df4cd822642c78ab2eb9c1",
            "02bbf2b0a77eb8de66c498f16384e495975a36c0", "0cdb8fcd4763c8d9f8b6c398744ab4424b90653a7f12c33ee1c2d1a07537b799"
        ),
        (
            57, "903284efbf9100e8ba1614ec65eacacad125e03f857cae7acbf8b73b23e0fdfe",
            "99af5a2e30d8f8a5a5442995203d6ee074fc8d3f", "687b8e1b7ab0d1e6033f7203616c04f2c68ad3d74c4d9216c29d2b4e5ef103fd"
        ),
        (
            63, "733d3d4ee79ee67145bf73da13588f6f235d37414fc64b14a2f00f1762792f5e",
            "487308a77bcebfff3ec6a8961aeec6cb37674388", "23d423b6d670da9f8eb7005be5babaaae40beaade0df1285f9afe52c99a48913"
        ),
        (
            64, "79322907b3e9d013d7dc2c2f256674dbf733045cde01df3539271c6f5605feb8",
            "fdd721c94769fc21316ecff699e63a77ef64fab4", "d432c602ee561dfffe10aa1a7df28751b7990fcb5ba7a66055452fd680beb44c"
        ),
        (
            65, "d85c007c6eb440f085afa2b84f6f2bce4658b240e9f62cb1364bf0485a57e720",
            "4f5953456c001a29a93a01b13edfd89a40613606", "d14beec624675ed9c45cd3291bfe6c7117ead23dda513937c78e4d9703ff88a0"
        ),
        (
            71, "8798aff4b6c7917f633eb750058b80fd0e73986c4fb0038843abdc33174f7980",
            "becc46a99788b95d04fcc8ea4f41fd53feb80e86", "ad89939b62ad68d3486ddcf0afb76f5005e548ecb5be0b539977e9972a9d1473"
        ),
        (
            72, "220945122dff0711e679897f5f0e7918746434608c91f567185813e88eacbc20",
            "68f9d5688409debb42fab8cbaca8b10976fb820c", "76f26b049572c8817894cecfcb21c080480ed822a9d1a1192ed1dc6390f39db7"
        ),
        (
            119, "6c87eedf096b345de205b702e5223b73b447a3207791ded3ea007ba15ed6736e",
            "24df45a68bf7057239f2b9b0523d1da9cd13f088", "056aa68647c239770482a44fbb32cc79257271fea3111df1e24584d56c3f4f6d"
        ),
        (
            120, "42500cf6a1e3936d6b9e0bcfe296d654b63255e525487d3634d0b15fde591c4d",
            "57cb6d761e1c48de60fea795121dbf972f262e5d", "7e67d3ce1e608e232c234cd72301db8701d597220e430e4bfe27c400cb922d4a"
        ),
        (
            127, "68f6ff710276900c0ffbbc57426f67e00c2e01f0750c7edc25ac06b8ce7a8095",
            "2721eb2be18712dcb564a3616c52140bd5b7d953", "360624fdc6aaf93c47d59120537140e83f396adf69a00f1f5a2d0be944be6ad0"
        ),
        (
            128, "489d55fea9a73af36b6dd0be7b4117d8e5683386d39544e8a44c99a87f368707",
            "55246fefe2e0f589c3cfd43279f97691117330ef", "341903dfc532312b44e06a38076b6339ff973201b69d4ba6bbde1158906e8413"
        ),
        (
            134, "4a2614e2d0bbd340b46169033d382cb3d872ea38be56e6bf500f70f0204ff535",
            "20be65ad130f8cfa8b30ed2c50efeddfdba45f7f", "8884d266ac61dea6a59234e679bb56fd1bf116a05634f2e8de1b7224302bc122"
        ),
        (
            135, "0eea3025e4a37d3b2bd952fdee392fd179b4fec0aca90a9359d836f86b089a00",
            "049d9f32db3039c01c4faa922eb42681d5c4269c", "8ab570337c9a3a773c3605160ca58e3f0546d92d217c908669cc4f35a31933bc"
        ),
        (
            136, "b72d3b91114641dc389ef63339b20e5c9ee433830181cc1dfb0b31399238ad15",
            "b9e57a90f5980dbf90f661f5df53479cf915a624", "16b30a6be318a7acbcba7a2194789f628abf68dfbbf55a4d840f22f6a4d29efd"
        ),
        (
            137, "38290bf1c604be3889d181a6742d78b480dca5c25b58b2d204df47f826a68370",
            "14f76951f4c26dff981d3a0b3265c11f87372b23", "6a7e8293441d51be41bf4994995b35981f90c07866c7fd0465f405e2b7a8f8dd"
        ),
        (
            143, "96c2d4ee4ba535bd13bddd959af587e03a986a55c650f16a0fcd1c8fd0f0245e",
            "794c1cddb73137c49002cefdeb25b951c718f15c", "44155d1cbe1b42fdc2d7da57823137461f4589a7e86cfe5e429c55cb55a258ae"
        ),
        (
            144, "c64a92aab2316b08396d945ceafeac9ec05a9571432be89b92f2a5e4d38b01e2",
            "393e4252d6ea2d286b1c8304eb1939fe77fca2bf", "fe052a68a78768cd738644a394394460e6bc3dfa6fbf82581c63531d1bcda736"
        ),
        (
            200, "8e3f3819b4f1b1f71c011c6b854c43601f132c3c88b8982b20733d2b1695c593",
            "8d85358ee11cecf390adde8af082580bdec887d7", "5df43bf0d784fc93408fa76ffebdf2b45f60884dbbae8b0f1e47ab05f37f8508"
        ),
        (
            271, "d3b475edf86891463af014f436dfeb81620c00859254de8794a51f8aad3ec7bc",
            "c4eafcab0bcc2df12c33a04d35129826b6ed81ae", "bb02bca6be57f42d131406260c6f1a81fd9922af8bd1c96d78f454b19ae10add"
        ),
        (
            272, "a56f6f847d7802ac16082392ce893c1fe78b684eb3dcab07ff7b0e2d6d419274",
            "3b7551434c4ab6dde9d0de018289d5e6d1b59049", "443464c0c3ac8036d14a6f8647fc93b592d514adefbe88683cbbda3b4b2c4553"
        ),
        (
            273, "d468c534ac8e2bd7795d64c50f3b911df9aaa008fa3f7d35d289fe4b197ee25d",
            "76f74af188e54a860df5bc6170f8204caca85102", "73d5960773e36742ead7c872d84d535f35e75b9517ccb1023491276013f88890"
        ),
        (
            1000, "6b0df76627243d095b0c4400cb658b7e804dd03461cc03aee8fc8fe0bcada168",
            "622470226d6a7769ad615d58cdd5297d479a7323", "5cab097db1a529f5b1a15428cc494df950671bc3824340aad89941fa68e151bc"
        ),
    ]

    private func input(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: 7 * $0 + count) } }

    @Test(arguments: 0..<30)
    func digests(_ index: Int) throws {
        let vector = HashTests.digests[index]
        let bytes = input(vector.count)
        #expect(SHA256.hash(bytes).hex == "0x" + vector.sha256)
        #expect(Hex.encode(RIPEMD160.hash(bytes)) == "0x" + vector.ripemd160)
        #expect(Keccak256.hash(bytes).hex == "0x" + vector.keccak256)
    }

    @Test func vectorsAreAllUsed() { #expect(HashTests.digests.count == 30) }

    @Test func keccakConstants() {
        #expect(Keccak256.hash([]) == Keccak256.empty)
    }

    @Test(arguments: 0..<16 as Range<UInt64>)
    func keccakOfTwoHashes(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let a = random.hash()
        let b = random.hash()
        #expect(Keccak256.hash(a, b) == Keccak256.hash(a.bytes + b.bytes))
    }

    /// Two permutations of the zero state (the Keccak team's KeccakF-1600 vectors).
    @Test func keccakPermutation() {
        var state: InlineArray<25, UInt64> = .init(repeating: 0)
        Keccak256.permute(&state)
        #expect(state[0] == 0xf125_8f79_40e1_dde7)
        #expect(state[1] == 0x84d5_ccf9_33c0_478a)
        #expect(state[24] == 0xeaf1_ff7b_5cec_a249)
        Keccak256.permute(&state)
        #expect(state[0] == 0x2d5c_954d_f96e_cb3c)
        #expect(state[24] == 0x20d0_6cd2_6a8f_bf5c)
    }

    // MARK: - EIP-152

    private struct Blake2Case {
        var rounds: UInt32
        var isFinal: Bool
        var expected: String
    }

    /// Test vectors 4 to 7 of EIP-152: the block "abc" of BLAKE2b-512.
    @Test func blake2fVectors() throws {
        let state =
            "48c9bdf267e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5"
            + "d182e6ad7f520e511f6c3e2b8c68059b6bbd41fbabd9831f79217e1319cde05b"
        let cases = [
            Blake2Case(
                rounds: 0, isFinal: true,
                expected: "08c9bcf367e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5"
                    + "d282e6ad7f520e511f6c3e2b8c68059b9442be0454267ce079217e1319cde05b"),
            Blake2Case(
                rounds: 12, isFinal: true,
                expected: "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
                    + "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923"),
            Blake2Case(
                rounds: 12, isFinal: false,
                expected: "75ab69d3190a562c51aef8d88f1c2775876944407270c42c9844252c26d28752"
                    + "98743e7f6d5ea2f2d3e8d226039cd31b4e426ac4f2d3d666a610c2116fde4735"),
            Blake2Case(
                rounds: 1, isFinal: true,
                expected: "b63a380cb2897d521994a85234ee2c181b5f844d2c624c002677e9703449d2fb"
                    + "a551b3a8333bcdf5f2f7e08993d53923de3d64fcc68c034e717b9293fed7a421"),
        ]
        let bytes = try #require(Hex.decode(state))
        let h = stride(from: 0, to: 64, by: 8).map { at in
            bytes[at..<at + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        }
        var m = [UInt64](repeating: 0, count: 16)
        m[0] = 0x636261
        for vector in cases {
            let result = Blake2F.compress(rounds: vector.rounds, h: h, m: m, t0: 3, t1: 0, isFinal: vector.isFinal)
            let output = result.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) } }
            #expect(Hex.encode(output) == "0x" + vector.expected)
        }
    }
}
