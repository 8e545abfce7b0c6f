// Batches of Poseidon2 hashes against single ones, for every number of states around the width of the vectors.

import Primitives
import Testing

@Suite struct Poseidon2BatchTests {
    private let p = UInt64(KoalaBear.prime)

    /// Random words, with the edges of the field among them.
    private func words(_ count: Int, _ random: inout SplitMix64) -> [UInt32] {
        (0..<count).map { _ in
            switch random.next() % 8 {
            case 0: 0
            case 1: UInt32(p - 1)
            default: UInt32(random.next() % p)
            }
        }
    }

    @Test(arguments: 0..<40)
    func compressEqualsSingle(count: Int) throws {
        var random = SplitMix64(seed: UInt64(count))
        let pairs = try (0..<2 * count).map { _ in
            let w = words(8, &random)
            return try #require(PoseidonDigest(words: SIMD8(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7])))
        }
        var nodes = [PoseidonDigest](repeating: .zero, count: count)
        Poseidon2.compress(pairs: pairs, count: count, into: &nodes)
        #expect(nodes == (0..<count).map { Poseidon2.compress(pairs[2 * $0], pairs[2 * $0 + 1]) })
    }

    @Test(arguments: [1, 2, 12, 15, 16, 17, 28, 32, 33, 36, 64])
    func hashEqualsSingle(length: Int) {
        var random = SplitMix64(seed: UInt64(length))
        for count in [0, 1, 2, 3, 7, 8, 9, 16, 19, 30] {
            let lists = words(count * length, &random)
            var digests = [PoseidonDigest](repeating: .zero, count: count)
            Poseidon2.hash(lists: lists, count: count, length: length, domain: 0x5401, into: &digests)
            #expect(digests == (0..<count).map { Poseidon2.hash(Array(lists[$0 * length..<($0 + 1) * length]), domain: 0x5401) })
        }
    }
}
