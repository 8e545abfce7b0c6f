// P-256: vectors of an independent implementation (OpenSSL through Python's cryptography), among them constructed ones that hit
// the rare cases of the curve's addition and of the final comparison; and everything hostile.

import Crypto
import Primitives
import Testing

struct P256Case: Sendable, CustomStringConvertible {
    var name: String
    var isValid: Bool
    var hash: String
    var r: String
    var s: String
    var x: String
    var y: String

    var description: String { name }

    static let all: [P256Case] = [
        P256Case(
            name: "the key is G", isValid: true,
            hash: "093226e8af785cfcbef4c63c9d12525bd69b679d9690d98bc5f142d8617fd5d1",
            r: "5d41f946615b3572a044bab51c7b6515d25125fee73b80d22b3d0e3da481a64d", s: "43b326cf28735b4e4e711b9b56314ee0db37a1bd07b0971d23450663fdaf6708",
            x: "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296", y: "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"),
        P256Case(
            name: "the key is -G", isValid: true,
            hash: "b2bf42bb874f3bb8d803a3d7afa70d504a1e5590432a25ff5cace922201e3ac2",
            r: "388678a5d2c8d533a03b8551a94134ab6c630f07b1df21f33448ab79f0654880", s: "a5bc8377db29c43346cf0b45e872a75cb39a7a33fc15b5013940ec34d4df509e",
            x: "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296", y: "b01cbd1c01e58065711814b583f061e9d431cca994cea1313449bf97c840ae0a"),
        P256Case(
            name: "the key is 2 G", isValid: true,
            hash: "7337d32648b20527dada4594261c7048ba5d80035d6fc9cc8ee58c0e8499e608",
            r: "1dc7faa555f0384a19b100cf76551dd2f47076d795542fd546b07a7d2978aa79", s: "2c6fa1d961ba25d15ac39fc91ce0db9b5b7862c3ecd274517c3562a97a76dd34",
            x: "7cf27b188d034f7e8a52380304b51ac3c08969e277f21b35a60b48fc47669978", y: "07775510db8ed040293d9ac69f7430dbba7dade63ce982299e04b79d227873d1"),
        P256Case(
            name: "hash 0", isValid: true,
            hash: "0000000000000000000000000000000000000000000000000000000000000000",
            r: "a5370634392bd29cfe4caecec59bc99a78e000319ebc7005c641ddd3f164d570", s: "88a0dc1fa7e49e366ad6b84cfec5214b847bad638c6ca83fdbf2c44a5c040eed",
            x: "fe6426469f0e097bf7d4ce549e3a674b28835dc45cacf3c8e576a4d226f133e1", y: "efbe576b0bc9d9db64cba06d1670f8dffae33115175aa0fa8ec08a14e82ef9e8"),
        P256Case(
            name: "the highest hash", isValid: true,
            hash: "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            r: "d6df7f6c826946290fdc686ae78b1ae524d88965f8392b3b0e4e877552ad7caf", s: "6a900acca11b446a3820ff9bc1a54658a3dcd3b25f50afe6de71debd3c8b4513",
            x: "b9b10a8d4810e3fbf5620c95a62989747e191968525122181dc7d2f0f7cd7bd4", y: "d9547236dab94683ebd7215dd01df4f2f805966e218568672801f2cc09102890"),
        P256Case(
            name: "hash n", isValid: true,
            hash: "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
            r: "493e63e16c6162a9e5b76848905fc999e2a8628f6b3e352ae43cda9404353d1f", s: "9fa38d3dd7b76ee0a086fd0f4d97213b17de5347a8805ae54b0f19d0437eaa8c",
            x: "e27a09e670f0105fa815a064dd975882dbdf134d99d2d485227031f9ad573dc0", y: "bebee16aeb580bbd9e2e08934b251fa7c8752e24f573baf38b73863b200e4b30"),
        P256Case(
            name: "hash above n", isValid: true,
            hash: "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632552",
            r: "cb8b9725481c7caf75180b70e1f3a12083afc1cdf3cda28a99c0d5778d3194d3", s: "2ed4f93491e6a8411d663d6cdd43459117232024e5563ea9552ce5f40a6dec82",
            x: "4b48859853120414d6fb92bae2745eed60aa8fa4fdd5b687739728e38ab206de", y: "2f9d8029fc9d1f890355f506d34159556cdba000c169506b72d7de3ac3e048d8"),
        P256Case(
            name: "hash 1", isValid: true,
            hash: "0000000000000000000000000000000000000000000000000000000000000001",
            r: "33456bdb3b1adb80da47637396216bd00764966852e1fefbc4017c09757b0f00", s: "be4ed4988658d341015d78fd853d05f1539cddcbdc0fa30f85f582fed818a56a",
            x: "579a3bedcfaee1cfff4e219872eb32de7d2bf6453e895789ee713ca4118a56b9", y: "8c12c20bfa22ecc610fce2f4ead78b7057283a1e76c85d8b252626f9c5917cc8"),
        P256Case(
            name: "random", isValid: true,
            hash: "39402986c30990aca672f281d5f629e5b0cfdbe3988ed000d2b14892bf00124e",
            r: "8563f296b2af31540af1b620e4794f3a5fa0486a385194767254ef0a4aaea2ec", s: "c3240796d9fcb02713e0f61a16e42658d9ccbd16f84d74f9350a74574643dea0",
            x: "b73556996816a936a09979029559a733942710e134cc455b298a0730fcdc3858", y: "83cf6193d99df2fffe435bfb546ea152448bfb9990a70fedd6ef7b5fe2343178"),
        P256Case(
            name: "the other s", isValid: true,
            hash: "39402986c30990aca672f281d5f629e5b0cfdbe3988ed000d2b14892bf00124e",
            r: "8563f296b2af31540af1b620e4794f3a5fa0486a385194767254ef0a4aaea2ec", s: "3cdbf86826034fd9ec1f09e5e91bd9a6e31a3d96aeca298bbeaf566bb61f46b1",
            x: "b73556996816a936a09979029559a733942710e134cc455b298a0730fcdc3858", y: "83cf6193d99df2fffe435bfb546ea152448bfb9990a70fedd6ef7b5fe2343178"),
        P256Case(
            name: "another hash", isValid: false,
            hash: "39402986c30990aca672f281d5f629e5b0cfdbe3988ed000d2b14892bf00124f",
            r: "8563f296b2af31540af1b620e4794f3a5fa0486a385194767254ef0a4aaea2ec", s: "c3240796d9fcb02713e0f61a16e42658d9ccbd16f84d74f9350a74574643dea0",
            x: "b73556996816a936a09979029559a733942710e134cc455b298a0730fcdc3858", y: "83cf6193d99df2fffe435bfb546ea152448bfb9990a70fedd6ef7b5fe2343178"),
        P256Case(
            name: "negated key", isValid: false,
            hash: "39402986c30990aca672f281d5f629e5b0cfdbe3988ed000d2b14892bf00124e",
            r: "8563f296b2af31540af1b620e4794f3a5fa0486a385194767254ef0a4aaea2ec", s: "c3240796d9fcb02713e0f61a16e42658d9ccbd16f84d74f9350a74574643dea0",
            x: "b73556996816a936a09979029559a733942710e134cc455b298a0730fcdc3858", y: "7c309e6b26620d0101bca404ab915eadbb7404676f58f012291084a01dcbce87"),
        P256Case(
            name: "r and s swapped", isValid: false,
            hash: "39402986c30990aca672f281d5f629e5b0cfdbe3988ed000d2b14892bf00124e",
            r: "c3240796d9fcb02713e0f61a16e42658d9ccbd16f84d74f9350a74574643dea0", s: "8563f296b2af31540af1b620e4794f3a5fa0486a385194767254ef0a4aaea2ec",
            x: "b73556996816a936a09979029559a733942710e134cc455b298a0730fcdc3858", y: "83cf6193d99df2fffe435bfb546ea152448bfb9990a70fedd6ef7b5fe2343178"),
        P256Case(
            name: "random", isValid: true,
            hash: "76d20550780cfc1840bf7a6d0df54af6c0dadf79bb92e9ff8818c1b7d7678cb8",
            r: "0b9ab7484ac3efb18cf4df24081955e081262228c317deeff90a7391f02d4b3b", s: "d1575305ba504f82b395b9e122ef44ee44bbef5bd35864368c3b629638b4effd",
            x: "7de3b9a73777e073f78364b1a637fa8a391601cdda63b88e4ff11b6fb46a05f7", y: "6b65d3c2cee731aadc78a1eb5e77982098a537c7d8591a32a912926fbaabc067"),
        P256Case(
            name: "random", isValid: true,
            hash: "9cba532d31dd13cda096fd765eb42fd37bc0b137c9dfa32c1d491a7d081a2c56",
            r: "e42cab51a8f494669ff4e59f966a9fd3d38a5c8deb6cf4b657f4f17dd13ad0dc", s: "23b997567a3b6c22ed2d880de8dc6b495f86b47bc5dd61f51b19d053a681231c",
            x: "223952b12cc86d08c356d3b0a7c0b082ec86302ecd8432e107db485dc5cf5e05", y: "9293bcdc0e2a14185072359a292620245871c4026063ccc16fc939bccdf6ea38"),
        P256Case(
            name: "random", isValid: true,
            hash: "f3287c71515f38f63162f696ffe4433846f7fbf5cf81b15b459de2ee59204ec3",
            r: "0d4ed73ff8b518e28d764a1ee01b26623696138dca75d51b34a083eb238243e9", s: "76bdb9ef586bc5071fa3b78d04d6eb69e91fbed7c82b89729613e01b8a375498",
            x: "31c4687cc55b4579a2198bea295135ef50d8b6c4471d9e84a095f7b7c3c0e7bf", y: "edc26745da7bdae48ef89f311e929094c626b4951e993cee99c721f24a98cac1"),
        P256Case(
            name: "random", isValid: true,
            hash: "a5d3485b37a15aedd187b7e722a10f5dcaeb62f975fb450803ea71b501e22626",
            r: "3e38ba57e63435b4b386521a125e2595b502071b56b8ff278e7f1f595b16d1b0", s: "8bca8b78966e9d3d7925af3de4baf2efb36e2286fa84d68ac42bcfa15fdf9879",
            x: "53bee15d757e71b476f00d8f8f742bc469f04d37ace9922cac932da8a08b150d", y: "112209190628d7ca9138296f9c282ca587016d586c88da449b18e6793e0aef15"),
        P256Case(
            name: "random", isValid: true,
            hash: "0fc8749bf427a09fb8ce7a1b0b69f39ec70fdfa52b3a623581ed45313f42ccd5",
            r: "bef4a0d8ded5db56b9e0b2e509f097771d5cd20732a22155c868f2c8537a8837", s: "1e6f526d22611cf8ff1485419dd3c700e0ea477076dd8921609defc72d045018",
            x: "f2808cab8d04dc8bdaabc5f0de7e5d0e586f3d9aefc28f7df5beb126a669147d", y: "3fad748374b40920353fddc0548548fc552e143a364e74ecb1db0521f6a6c060"),
        P256Case(
            name: "random", isValid: true,
            hash: "6e560674bb34b78100864bbac90af8388b4a3a9ee6af2bebb3a875e802f91f63",
            r: "e1cf48d0757ada330ca179b60585b015f3d4eb4b4eced9322d265339c5ca0182", s: "e3c5f7e3c577422233e7bb0c87eca00fbdbad31ee8aabc76330cdf99ba02865c",
            x: "b992a9bf3fe4b6f7ed1ee17378e085245b36b95d8957be4c37fe269c39bdc5b8", y: "19d5e62668188634c71573c33089c65c137ba08deddb916aa3fe167135b111bc"),
        P256Case(
            name: "random", isValid: true,
            hash: "bce203d342cdd25f5ed71b0a9fd95582824416ed3c9eced3964f0cee22c3f531",
            r: "cbb85055b4b06393a415e872e7f888ad652aebc88a1a0ae8e4801fa13a10367c", s: "bc42316c40981acc87d21badb6caf3e7bf800f1f940266407055a218223e3d3b",
            x: "422d3d14be260cae5dcea77fa7b20ae4495dc2703c930fe86d8f420cc7693af1", y: "2ac77f07db0cf3a3abb622c88a7da7bad64929d6b448d4b8cfae433b88f2b4a0"),
        P256Case(
            name: "the point's x is r + n", isValid: true,
            hash: "2812e4a6190ac8b435294c9843d80591dbde9d186f2a80f0bfddbbf178a0dcdc",
            r: "0000000000000000000000000000000000000000000000000000000000000003", s: "0568c8e0837540f490ce28985b944eda6d57c8430ad667e980dcdbcb6c0d381f",
            x: "b410f9f15fa98bc2920a1bdf3dfc29b496cdf8f158abde62c59ea5988e998287", y: "2749094d84e5df195354f44d914036a19b6ea705869bad7eb7747c33b4c8d6c4"),
        P256Case(
            name: "a small r", isValid: true,
            hash: "2812e4a6190ac8b435294c9843d80591dbde9d186f2a80f0bfddbbf178a0dcdc",
            r: "0000000000000000000000000000000000000000000000000000000000000005", s: "0568c8e0837540f490ce28985b944eda6d57c8430ad667e980dcdbcb6c0d381f",
            x: "9499989f2e4458a1ebfba2b631d8e3be571d11204213d1a77c7bbad57bce0977", y: "0cb32e61d2c0367d2894e3b323daf0d1f2ea6172678a3a21a10fc656c6e9f510"),
        P256Case(
            name: "the sum is infinity", isValid: false,
            hash: "ae410b94a4de2fc7f2b8e99ac23411702285c3b4e28fbb306f55ade7595b8c04",
            r: "20ed07039a0a77c7658bb4dd7e62221a224b540ba8e475b374e1682e9a1c25a7", s: "0568c8e0837540f490ce28985b944eda6d57c8430ad667e980dcdbcb6c0d381f",
            x: "8afa42596d1b4b26956e4f3812b364c3f8b746ba11a103c4f7e92c08413b97c4", y: "44374ad19fd004844aefbb6ea6f5162d433282ae6870a148eb39dd27b1db7bdd"),
        P256Case(
            name: "both parts are equal", isValid: true,
            hash: "4edf3a5e5425b459d731e455fed8203a6a981c7697b46bde7d89cb0cbf8b5dc3",
            r: "79aa6d832510bdebfa5baba9520c4d1b8eb3d411b62dd4e4b18c876d89fbf648", s: "812df09a78d09ba8652b5c7dca660246450d29995eef24da28b31d75f49f7c2e",
            x: "22ff2708b2da68d8f09ddd25c1f3ca04aa2bf8ecbf95caec6dc75e75046f9e2e", y: "e1c4fdc9e6668bca04a340e8a610a0c05e3288433b013518476f0e8a8843ab94"),
        P256Case(
            name: "both factors are 1", isValid: true,
            hash: "e2534a3532d08fbba02dde659ee62bd0031fe2db785596ef509302446b030852",
            r: "e2534a3532d08fbba02dde659ee62bd0031fe2db785596ef509302446b030852", s: "e2534a3532d08fbba02dde659ee62bd0031fe2db785596ef509302446b030852",
            x: "5ecbe4d1a6330a44c8f7ef951d4bf165e6c6b721efada985fb41661bc6e7fd6c", y: "8734640c4998ff7e374b06ce1a64a2ecd82ab036384fb83d9a79b127a27d5032"),
    ]
}

@Suite struct P256Tests {
    static let order = UInt256(
        l0: 0xf3b9_cac2_fc63_2551, l1: 0xbce6_faad_a717_9e84, l2: .max, l3: 0xffff_ffff_0000_0000)
    static let prime = UInt256(l0: .max, l1: 0x0000_0000_ffff_ffff, l2: 0, l3: 0xffff_ffff_0000_0001)

    /// hash, r, s, x, y.
    private func numbers(_ test: P256Case) throws -> [UInt256] {
        try [test.hash, test.r, test.s, test.x, test.y].map { UInt256(try #require(Hash256(hex: $0))) }
    }

    private func verify(_ v: [UInt256]) -> Bool { P256.verify(hash: Hash256(v[0]), r: v[1], s: v[2], x: v[3], y: v[4]) }

    @Test(arguments: P256Case.all)
    func vectors(test: P256Case) throws {
        #expect(verify(try numbers(test)) == test.isValid)
    }

    @Test(arguments: P256Case.all.filter(\.isValid))
    func noChangedBitPasses(test: P256Case) throws {
        let good = try numbers(test)
        var random = SplitMix64(seed: 256)
        for field in 0..<5 {
            for _ in 0..<16 {
                var bad = good
                let bit = Int(random.next() % 256)
                bad[field] = bad[field] ^ (UInt256.one &<< bit)
                #expect(!verify(bad), "field \(field), bit \(bit)")
            }
        }
    }

    @Test func rangesAreChecked() throws {
        let good = try numbers(P256Case.all[8])
        let other = try numbers(try #require(P256Case.all.first { $0.name == "a small r" }))
        #expect(verify(good) && verify(other))
        for field in 1...2 {
            for value in [.zero, P256Tests.order, .max] as [UInt256] {
                var bad = good
                bad[field] = value
                #expect(!verify(bad))
            }
        }
        // Equal modulo n, but out of range.
        var bad = other
        bad[1] = other[1] &+ P256Tests.order
        #expect(bad[1] > other[1] && !verify(bad))
        for field in 3...4 {
            for value in [.zero, P256Tests.prime, .max] as [UInt256] {
                bad = good
                bad[field] = value
                #expect(!verify(bad))
            }
        }
        bad[3] = .zero
        bad[4] = .zero
        #expect(!verify(bad))
    }

    /// The hash is taken modulo n.
    @Test func hashesWrap() throws {
        var v = try numbers(try #require(P256Case.all.first { $0.name == "hash 1" }))
        v[0] = P256Tests.order &+ 1
        #expect(verify(v))
        v[0] = P256Tests.order &+ 2
        #expect(!verify(v))
    }
}
