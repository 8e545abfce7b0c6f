// Keys and signatures from damaged bytes: what decodes encodes to the same bytes, and nothing traps.

import Crypto
import Primitives
import Testing

@Suite struct DecoderFuzzTests {
    /// Calls `body` with `mutationsPerDecoder` damaged copies of encodings of random keys' values.
    private func forEachMutation(
        _ encode: (SecretKey, Hash256) -> [UInt8], seed: UInt64, _ body: ([UInt8]) -> Bool
    ) throws {
        var random = SplitMix64(seed: seed)
        var refused = 0
        for _ in 0..<mutationsPerDecoder / 1000 {
            let bytes = encode(try #require(SecretKey(random.bytes(32))), random.hash())
            for _ in 0..<1000 where !body(mutated(bytes, &random)) { refused += 1 }
        }
        #expect(refused > mutationsPerDecoder / 4)
    }

    @Test func uncompressedKeys() throws {
        try forEachMutation({ key, _ in key.publicKey.uncompressed }, seed: 1) { bytes in
            guard let key = PublicKey(uncompressed: bytes) else { return false }
            if key.uncompressed != bytes && [4] + key.uncompressed != bytes { Issue.record("\(bytes)") }
            return true
        }
    }

    @Test func compressedKeys() throws {
        try forEachMutation({ key, _ in key.publicKey.compressed }, seed: 2) { bytes in
            guard let key = PublicKey(compressed: bytes) else { return false }
            if key.compressed != bytes { Issue.record("\(bytes)") }
            return true
        }
    }

    @Test func compactSignatures() throws {
        try forEachMutation({ key, hash in key.sign(hash).compact }, seed: 3) { bytes in
            guard let signature = RecoverableSignature(compact: bytes) else { return false }
            if signature.compact != bytes { Issue.record("\(bytes)") }
            return true
        }
    }
}
