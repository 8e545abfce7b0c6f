// secp256k1: vectors of an independent implementation (py_ecc), the native and the portable form against each other,
// and everything hostile that a signature or a key can be.

import Crypto
import Primitives
import Testing

struct SignatureCase: Sendable {
    var secret: String
    var hash: String
    var r: String
    var s: String
    var yParity: UInt8
    var x: String
    var y: String

    static let all: [SignatureCase] = [
        SignatureCase(
            secret: "0000000000000000000000000000000000000000000000000000000000000001",
            hash: "42a98f3d3ee09518c8e23699af60fa6d97bb457436a68142b342d2395ecfe405",
            r: "42f7d0a0c2c4c02b7e90a2c851484dd0176f8c5938cff4da86634d8ff39286dd",
            s: "33c0b9fdcdcffe41bd6cb8914edbd850f12141a41163fa404a17c0a10cdeeccb", yParity: 0,
            x: "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
            y: "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"),
        SignatureCase(
            secret: "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140",
            hash: "289e5175e02c788c2d442cfe81d6be0533d8c13e253ef763fda45d37accfe4d4",
            r: "ee378a06cdca33ac4e597c2f722bb4b5a9c30fb3e3316d9f4d244582d7592ec6",
            s: "239802d3b87d2dac53bb51497eabd93ef72ce860ec96d8149739c178a5877051", yParity: 0,
            x: "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
            y: "b7c52588d95c3b9aa25b0403f1eef75702e84bb7597aabe663b82f6f04ef2777"),
        SignatureCase(
            secret: "b10253764c8b233fb37542e23401c7b450e5a6f9751f3b5a014f6f67e8bc999d",
            hash: "0000000000000000000000000000000000000000000000000000000000000000",
            r: "c8288cdb70ed92918421521a860c54bbc09e10082154582b6f3c284de5f083ec",
            s: "2687d6e6ca6103fccb22bc4e3cf18babc63779aba3a950327a9b6462a96e8ca3", yParity: 0,
            x: "f039fdcdb728efbbddf4ee452419a988497debb7bd1b42644c5fa66e9af8c8b6",
            y: "08f516435d1217f63e786a5a66c2122c343d07c583239329cc7c2256d71d1d27"),
        SignatureCase(
            secret: "f576104eebeab09651d83acffc77c8b8c6eaa4b767aeab24d7da80f83f51d865",
            hash: "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            r: "0cf30eb0b77b8be85d77ace62449265212ee287a408c5690310ccf443405d3b9",
            s: "7dd27b4f07d50810cb461a853776645ffa00333efac546d82f0d14e1b489add8", yParity: 0,
            x: "6da0e4d65a933e828c9de388005281dfa7e4948895d10c7c3ef617b5e40d97fd",
            y: "f424db33400fd7fab1d6e84f4551babd04662a8b1699fbcbf96aba3a3eaedd86"),
        SignatureCase(
            secret: "a4b3504c2769fce9547f6dda310dd8b094d630a044d65f5324d4b37310aab714",
            hash: "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
            r: "fb1c7dfd0553453205861c463319ff6b6dbc616b16b757c7eec504a24cfa9c69",
            s: "529484ac14881d2a08f8a3e6f8cc1ce944591f85ea9990a9f4a2aa5a1efc5fdf", yParity: 1,
            x: "b15867cb022210f38bf0ae40f4deadc680779338d2bf2569bb99507f95280a2e",
            y: "68af1237eb189b5f5e0d948135a1fc274cace4171fe65b0d5220a09528717f91"),
        SignatureCase(
            secret: "07e7394e0702340d9fd1d777fbbad2804a5188d1dd07ff580f473bd7645ff205",
            hash: "92253243f3471651d425293dfe382cb9017fe15fc46b1deb79e561f5a38f7242",
            r: "563ec52db8939f2b8b30f417c08c0656c0ec75b63e9ce65411f046814abd8236",
            s: "5b59e34fbb6a2e4a527707362d73ee46a422deb94f6969b4210fdabce0a92eeb", yParity: 0,
            x: "70e3043d088ec7ebe970529cd9ae6f90c9e04ce4c71f883b1f73b3e6cb2202b3",
            y: "4c7c4f90f6afef5fedce6ee64bc99e11485d49548fcf0b5fbb37b4d0611522f9"),
        SignatureCase(
            secret: "8dfad052fee5c62957d3ebe1752219a02f45634b2c32a6ac408b26ffcedfb7da",
            hash: "cd682266d91f196c09590f35c003fa8aaf01321dcb8cb675c6bc1d70c5b6822b",
            r: "8aed11f1e52bc3d2fe1351bf2168f6fa5b5d42e5c6d96c38e083202821a06f2d",
            s: "25ff01599d2f6b1d93ef4eef2421e617f4c84ea2adb314a7d2d2132c5940ff35", yParity: 1,
            x: "4141a1ef664b76572adc99eb6a57c927aef4b84e37441338b0eb0f698aa74242",
            y: "f3a0b00ca1df74816c6252d6b54cbf4524d9063268431881e10e80d06026e423"),
        SignatureCase(
            secret: "1e3f92d0f678eb83b0bf93855d90699d8ae5dfb4ae023bdf352bd8d93f2060b1",
            hash: "f6bca2ea669a35112ab2a8292f5a88c675cc265e0b7af2e0ae1b9fe080be108f",
            r: "af827d6d5e4eb2c94486eb9cebab12c8f513fe0b2f3dc4a4435a1dbcc4c9d3b4",
            s: "383634a4ba9cfe1f94d74c24a2d42afd64377879a4d69ed456962888eb748b51", yParity: 1,
            x: "732beac3f258cf9d0f3a372e1dd7fe507707b137600953cfd53211b69a08f969",
            y: "c4da0b301d1baf48f537b75ddac333079944dbaef63fee21d4ff83154dad4efe"),
        SignatureCase(
            secret: "5bda7a9c0fb9e5102411342f9bedf63f37d8835ee6e903e95dd3050fd15af81c",
            hash: "231cf49d59380f36c61d1a7b53e95b2cc337bb1c13a935a1e81951e22d248c43",
            r: "6e34b4eea648ca18cf50c0593b486e5ec7deaf430874179fda7a98b046dcd402",
            s: "6810560bba08065c693bb0d097efb8367a6ef4f3ef3f0a809bf874f3f4fa354b", yParity: 0,
            x: "c8a20fe0d0ffa89561717ba19863df4a6cd37ab7f284fac30b4d5677becb5927",
            y: "e58dff892acab580bc92cda66b44345a9fc45aae370d15eb684dc0c8df6bb79d"),
        SignatureCase(
            secret: "dd9d6e0266d0a3f9adf3748ba973419b373d33434f649276549a1963164e7e49",
            hash: "7d2e1591f4f2dbb0fe599d3078bb6f726551b746f1c73f579b3e323b321a5208",
            r: "88712ee3cbd1d0f5c6151f55693c6b6748bec7d03f38a9043553cef9f04d9e04",
            s: "4044d11bacfa9b940a9ccf6104f7d15d2827d58b336b7b8b8f03af015ab2da71", yParity: 0,
            x: "9fc40d31af3ff9f3d9c44170e78d55723c7419693fcd45a91e8bc8ebdfd8403f",
            y: "7b5a52bc78b3beeee5577dce2e364b7a6e0dd74dc7aeeaa04e14f20f9ce1a813"),
        SignatureCase(
            secret: "148bc7fa770e6e057657d90f45b92553689e211e96863a401ec8fb455f3091b1",
            hash: "ef4bc57db6967a0cdfef7d2adc32f7629d6e460fbd9a21a2b7612983d501cd4b",
            r: "aac2062ab9638dd247973593396f732244e929915394eca799ba513f58431403",
            s: "6a9d8df2b76473f66ee12ea6f32171ca14243c91fd3f792ac1b09a2e908a79f9", yParity: 1,
            x: "f83c3a8ec823dd997d81cab87fd2a19d15d1ca83686b04723809d1901a33cbbd",
            y: "c798bd8627c094f930b3c0aedd4248444f9a0f52c05392ad1e2952139a1e01a4"),
        SignatureCase(
            secret: "e964e91cb42e10c4f7e0ecd1a344d4fa24306de8ae45fb20bcd0f482f732cbff",
            hash: "6553ebbf32170056c066c01b8afe30eaf73d4b8a771be2515b5cecc358c77a18",
            r: "7013e1812132274beab386c17ae336c25addb94bb75826163a5e8346c79dc5f8",
            s: "51a614d4219585e3c2f1c7030fbc022db9e6b2e2b5820967c52f9559e1a02260", yParity: 1,
            x: "12d9a4376450c3a1d04f135844b4a44f057deeac05c3ea54d2d4ce9b67410673",
            y: "5b92d94cb6b09e3fed97326de0e2052bbac54bc6438983fd3e95e8a5b8a8bc2c"),
    ]
}

private func word(_ hex: String) throws -> UInt256 {
    let hash = try #require(Hash256(hex: hex))
    return UInt256(hash)
}

@Suite struct Secp256k1Tests {
    @Test func knownAddress() throws {
        let one = try #require(SecretKey(UInt256.one.bigEndianBytes))
        #expect(one.address.hex == "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf")
        #expect("\(one)" == "SecretKey(0x7e5f4552091a69125d5dfcb7b8c2659029395bdf)")
    }

    @Test(arguments: SignatureCase.all)
    func vectors(_ vector: SignatureCase) throws {
        let secret = try #require(Hex.decode(vector.secret))
        let key = try #require(SecretKey(secret))
        let hash = try #require(Hash256(hex: vector.hash))
        let expected = try #require(PublicKey(x: try word(vector.x), y: try word(vector.y)))
        #expect(key.publicKey == expected)
        #expect(key.bytes == secret)

        let signature = RecoverableSignature(r: try word(vector.r), s: try word(vector.s), yParity: vector.yParity)
        // Hashes of n and more: RFC 6979 and libsecp256k1 disagree on reducing them for the nonce; either is a good signature.
        if UInt256(hash) < Secp256k1.order { #expect(key.sign(hash) == signature) }
        #expect(key.sign(hash) == key.sign(hash))
        #expect(Secp256k1.recover(hash: hash, r: signature.r, s: signature.s, yParity: signature.yParity) == expected)
        #expect(PortableSecp256k1.recover(hash: hash, r: signature.r, s: signature.s, yParity: signature.yParity) == expected)
        #expect(Secp256k1.recoverAddress(hash: hash, r: signature.r, s: signature.s, yParity: signature.yParity) == key.address)
        #expect(RecoverableSignature(compact: signature.compact) == signature)
        #expect(PublicKey(compressed: expected.compressed) == expected)
        #expect(PublicKey(uncompressed: expected.uncompressed) == expected)
        #expect(PublicKey(uncompressed: [4] + expected.uncompressed) == expected)

        let prepared = try #require(PreparedPublicKey(expected))
        #expect(prepared.verify(hash, signature))
        #expect(PortableSecp256k1.verify(hash: hash, signature: signature, key: expected))
    }

    /// A signature that ECRECOVER on the parent would not give back to the same key must not verify here.
    @Test(arguments: 0..<40 as Range<UInt64>)
    func nativeAndPortableAgree(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let key = try #require(SecretKey(random.bytes(32)))
        let hash = random.hash()
        let good = key.sign(hash)
        let prepared = try #require(PreparedPublicKey(key.publicKey))
        var variants = [good]
        variants.append(RecoverableSignature(r: good.r, s: good.s, yParity: good.yParity ^ 1))
        variants.append(RecoverableSignature(r: good.r, s: Secp256k1.order &- good.s, yParity: good.yParity ^ 1))
        variants.append(RecoverableSignature(r: good.r &+ 1, s: good.s, yParity: good.yParity))
        variants.append(RecoverableSignature(r: good.r, s: good.s &+ 1, yParity: good.yParity))
        variants.append(RecoverableSignature(r: UInt256(random.hash()), s: UInt256(random.hash()), yParity: 0))
        variants.append(RecoverableSignature(r: good.r, s: good.s, yParity: 2))
        for (index, signature) in variants.enumerated() {
            let native = Secp256k1.recover(hash: hash, r: signature.r, s: signature.s, yParity: signature.yParity)
            let portable = PortableSecp256k1.recover(hash: hash, r: signature.r, s: signature.s, yParity: signature.yParity)
            #expect(native == portable)
            // The high-s twin recovers the same key, as the precompile must.
            #expect((native == key.publicKey) == (index == 0 || index == 2))
            #expect(prepared.verify(hash, signature) == (index == 0))
            #expect(PortableSecp256k1.verify(hash: hash, signature: signature, key: key.publicKey) == (index == 0))
        }
        #expect(!prepared.verify(random.hash(), good))
    }

    @Test func recoverRefusesScalarsOutOfRange() {
        let hash = Hash256(UInt256(7))
        let n = Secp256k1.order
        for (r, s) in [(UInt256.zero, UInt256.one), (.one, .zero), (n, .one), (.one, n), (.max, .one), (.one, .max)] {
            #expect(Secp256k1.recover(hash: hash, r: r, s: s, yParity: 0) == nil)
            #expect(PortableSecp256k1.recover(hash: hash, r: r, s: s, yParity: 0) == nil)
        }
        #expect(Secp256k1.recover(hash: hash, r: .one, s: .one, yParity: 2) == nil)
        // x = 5 is on no point of the curve.
        #expect(Secp256k1.recover(hash: hash, r: 5, s: 1, yParity: 0) == nil)
        #expect(PortableSecp256k1.recover(hash: hash, r: 5, s: 1, yParity: 0) == nil)
        #expect(Secp256k1.halfOrder &+ Secp256k1.halfOrder &+ 1 == n)
    }

    /// s R = h G makes the recovered point infinity: R = G, s = h.
    @Test func recoverRefusesInfinity() throws {
        let generator = try #require(SecretKey(UInt256.one.bigEndianBytes)).publicKey
        let parity = UInt8(generator.y.l0 & 1)
        let hash = Hash256(UInt256(12345))
        #expect(Secp256k1.recover(hash: hash, r: generator.x, s: 12345, yParity: parity) == nil)
        #expect(PortableSecp256k1.recover(hash: hash, r: generator.x, s: 12345, yParity: parity) == nil)
        // s = -h gives -2h/r G instead: the doubling case of the addition.
        let s = Secp256k1.order &- 12345
        let native = Secp256k1.recover(hash: hash, r: generator.x, s: s, yParity: parity)
        #expect(native != nil)
        #expect(PortableSecp256k1.recover(hash: hash, r: generator.x, s: s, yParity: parity) == native)
    }

    @Test func compactRefusesWhatIsNotCanonical() throws {
        let key = try #require(SecretKey(UInt256(99).bigEndianBytes))
        let good = key.sign(Hash256(UInt256(1)))
        let n = Secp256k1.order
        func compact(_ r: UInt256, _ s: UInt256) -> RecoverableSignature? {
            RecoverableSignature(compact: r.bigEndianBytes + s.bigEndianBytes)
        }
        #expect(compact(good.r, good.s) != nil)
        #expect(compact(.zero, good.s) == nil)
        #expect(compact(n, good.s) == nil)
        #expect(compact(good.r, .zero) == nil)
        #expect(compact(good.r, Secp256k1.halfOrder) != nil)
        #expect(compact(good.r, Secp256k1.halfOrder &+ 1) == nil)
        #expect(RecoverableSignature(compact: []) == nil)
        #expect(RecoverableSignature(compact: good.compact + [0]) == nil)
        #expect(RecoverableSignature(compact: Array(good.compact.dropLast())) == nil)
        let odd = RecoverableSignature(r: good.r, s: good.s, yParity: 1)
        #expect(odd.compact[32] & 0x80 == 0x80)
        #expect(RecoverableSignature(compact: odd.compact) == odd)
    }

    @Test func keysRefuseWhatIsNoPoint() throws {
        let key = try #require(SecretKey(UInt256(3).bigEndianBytes)).publicKey
        var bytes = key.uncompressed
        bytes[63] ^= 1
        #expect(PublicKey(uncompressed: bytes) == nil)
        #expect(PublicKey(uncompressed: [5] + key.uncompressed) == nil)
        #expect(PublicKey(uncompressed: []) == nil)
        #expect(PublicKey(uncompressed: [UInt8](repeating: 0, count: 64)) == nil)
        #expect(PublicKey(uncompressed: [UInt8](repeating: 255, count: 64)) == nil)
        #expect(PublicKey(compressed: [4] + key.x.bigEndianBytes) == nil)
        #expect(PublicKey(compressed: [2] + UInt256(5).bigEndianBytes) == nil)
        #expect(PublicKey(compressed: [2] + UInt256.max.bigEndianBytes) == nil)
        #expect(PublicKey(compressed: key.compressed + [0]) == nil)
        #expect(SecretKey([UInt8](repeating: 0, count: 32)) == nil)
        #expect(SecretKey(Secp256k1.order.bigEndianBytes) == nil)
        #expect(SecretKey([1, 2, 3]) == nil)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func compressionRoundTrip(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let key = try #require(SecretKey(random.bytes(32))).publicKey
        #expect(PublicKey(compressed: key.compressed) == key)
        var other = key.compressed
        other[0] ^= 1
        let negated = try #require(PublicKey(compressed: other))
        #expect(negated.x == key.x && negated.y != key.y)
    }

    @Test func randomKeysDiffer() {
        #expect(SecretKey.random().publicKey != SecretKey.random().publicKey)
    }
}
