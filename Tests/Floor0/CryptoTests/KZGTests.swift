// KZG point evaluation against c-kzg, and inputs that the precompile must refuse.

import Crypto
import Primitives
import Testing

@Suite struct KZGTests {
    /// Inputs that c-kzg 2.1.8 made over Ethereum's trusted setup: a random polynomial at a random point, 0, 1 and r - 1; a constant one,
    /// whose proof is infinity; and zero, whose commitment is infinity as well.
    static let proofs: [String] = [
        "0124af2b2b4ce3c3590ecc9ad43a94ea4c4858617688829f2412fddca72debf2012a8ee126b7bb9da686dbd9c5ec6030a177699ec409ed56040a07fa3c2d2cc7381d16d6897ababe59ca732c3fbabaeb8d7c0740c1d42a5de661ec1a70753db3950eb3a828da1daedd4f0b2205f1cb62db7c811369707a57397b2e0c8409c7df8115b8a6562519055111ffe81c215d3fa2c575dc4966f4c4777e633da678ea8b4f6952d15797f7149384ef786e7f29f745bb98c1a82cf8e819444b250c5c019d",
        "0124af2b2b4ce3c3590ecc9ad43a94ea4c4858617688829f2412fddca72debf2000000000000000000000000000000000000000000000000000000000000000031596ab4c0ad53d917c72e3766604f4e1bb8e4a0ad66fc2bdb0b3f809af1af2c950eb3a828da1daedd4f0b2205f1cb62db7c811369707a57397b2e0c8409c7df8115b8a6562519055111ffe81c215d3f80215df067da7f1d07ad23443eeba793f4aaa35abb0714ac280ed09e613f9359e5c5fbafead01f0fb486c438fa03d174",
        "0124af2b2b4ce3c3590ecc9ad43a94ea4c4858617688829f2412fddca72debf2000000000000000000000000000000000000000000000000000000000000000120351f22e5742e633a3662c91e7fd6b72a6d83de4de4f16093c240a73fdbdf50950eb3a828da1daedd4f0b2205f1cb62db7c811369707a57397b2e0c8409c7df8115b8a6562519055111ffe81c215d3f8f87498c0a01d6f51db5c42fd45e91c8c39ad26cd5797f035cc5d1bf7e08290a581260f68301016b68993aa744b36520",
        "0124af2b2b4ce3c3590ecc9ad43a94ea4c4858617688829f2412fddca72debf273eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000000611824dc5aa3433a95fd0de29901c505ca8492a8fcf178d7cf5cd9ee8e11a0ba950eb3a828da1daedd4f0b2205f1cb62db7c811369707a57397b2e0c8409c7df8115b8a6562519055111ffe81c215d3fafd131ecb1a68fffe3e67c077805bb76f35538f71988cf9f3f4142e751d6c0095d4cf5ca5caa859c9d1ace3f15d4c1ed",
        "01cdcb18824446fa3041b29d7d3b5abc4152b417cb6814d7fd1852fa2511a64e000000000000000000000000000000000000000000000000000000000000004d0000000000000000000000000000000000000000000000000000000000000005b0e7791fb972fe014159aa33a98622da3cdc98ff707965e536d8636b5fcc5ac7a91a8c46e59a00dca575af0f18fb13dcc00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
        "010657f37554c781402a22917dee2f75def7ab966d7b770905398eba3c44401400000000000000000000000000000000000000000000000000000000000000030000000000000000000000000000000000000000000000000000000000000000c00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000c00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
    ]

    private static let output =
        UInt256(4096).bigEndianBytes
        + (Hex.decode("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001") ?? [])

    private func proofs() throws -> [[UInt8]] { try KZGTests.proofs.map { try #require(Hex.decode($0)) } }

    /// The input with the versioned hash of its commitment.
    private func rehashed(_ input: [UInt8]) -> [UInt8] {
        [1] + SHA256.hash(Array(input[96..<144])).bytes[1...] + input[32...]
    }

    @Test func goodProofsPass() throws {
        for proof in try proofs() { #expect(KZG.verifyPointEvaluation(proof) == KZGTests.output) }
    }

    @Test func aChangedByteFails() throws {
        let proof = try proofs()[0]
        for index in proof.indices {
            var bad = proof
            bad[index] ^= 1
            #expect(KZG.verifyPointEvaluation(bad) == nil)
            #expect(KZG.verifyPointEvaluation(rehashed(bad)) == (index < 32 ? KZGTests.output : nil))
        }
    }

    @Test func badLengthsFail() throws {
        let proof = try proofs()[0]
        for bad in [[], Array(proof.dropLast()), proof + [0]] { #expect(KZG.verifyPointEvaluation(bad) == nil) }
    }

    /// z + r and y + r are the same residues, but not canonical.
    @Test func scalarsAreCanonical() throws {
        let proof = try proofs()[2]
        for start in [32, 64] {
            let scalar = UInt256(bigEndianBytes: Array(proof[start..<start + 32]))
            var bad = proof
            bad.replaceSubrange(start..<start + 32, with: (scalar &+ BLS12381.order).bigEndianBytes)
            #expect(KZG.verifyPointEvaluation(bad) == nil)
        }
    }

    /// Forms of points that the compressed encoding does not have, and points outside the subgroup.
    @Test func badPointsFail() throws {
        let zero = try proofs()[5]
        func with(_ point: [UInt8], at start: Int) -> [UInt8] {
            var input = zero
            input.replaceSubrange(start..<start + 48, with: point)
            return rehashed(input)
        }
        let rest = [UInt8](repeating: 0, count: 47)
        let prime = Array(try #require(Hex.decode("9a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab")))
        for start in [96, 144] {
            #expect(KZG.verifyPointEvaluation(with([0xc0] + rest, at: start)) == KZGTests.output)
            // Infinity with another flag or a coordinate; not compressed; x = p; x = 0, whose point has order 3; no point at x = 1.
            for bad in [[0xe0] + rest, [0x40] + rest, [0xc0] + rest.dropLast() + [1], [0xc1] + rest, [0x00] + rest] {
                #expect(KZG.verifyPointEvaluation(with(bad, at: start)) == nil)
            }
            for bad in [prime, [0x80] + rest, [0xa0] + rest, [0x80] + rest.dropLast() + [1]] {
                #expect(KZG.verifyPointEvaluation(with(bad, at: start)) == nil)
            }
        }
    }

    /// The proof that is infinity belongs to a constant: with another value it fails.
    @Test func aWrongValueOfAConstantFails() throws {
        var bad = try proofs()[4]
        bad[95] ^= 2
        #expect(KZG.verifyPointEvaluation(bad) == nil)
    }

    @Test func mutations() throws {
        var random = SplitMix64(seed: 3)
        let proofs = try proofs()
        for round in 0..<mutationsPerDecoder / 10 {
            let bad = mutated(proofs[round % proofs.count], &random)
            guard bad.count == KZG.inputByteCount else {
                #expect(KZG.verifyPointEvaluation(bad) == nil)
                continue
            }
            let result = KZG.verifyPointEvaluation(rehashed(bad))
            // What passes differs in the hash alone, or in the point of a constant.
            if result != nil { #expect(result == KZGTests.output) }
        }
    }
}
