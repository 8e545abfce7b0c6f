// Merkle-Patricia roots: Ethereum's TrieTests, known roots, order independence.
import Engine
import Foundation
import Primitives
import Testing

@Suite struct MerklePatriciaTrieTests {
    @Test func emptyRootIsThatOfTheEmptyString() {
        #expect(MerklePatriciaTrie.emptyRoot == Keccak256.hash([0x80]))
        #expect(MerklePatriciaTrie.root(of: []) == MerklePatriciaTrie.emptyRoot)
        #expect(MerklePatriciaTrie.root(ofList: []) == MerklePatriciaTrie.emptyRoot)
        #expect(EthereumStateRoot.root(accounts: []) == MerklePatriciaTrie.emptyRoot)
    }

    @Test(.enabled(if: ConformanceFiles.arePresent))
    func ethereumTrieTests() throws {
        var count = 0
        for (file, content) in try ConformanceFiles.objects("ethereum-tests/TrieTests") {
            for (name, value) in content {
                let test = try #require(value as? [String: Any])
                guard let expected = test["root"] as? String else { continue }
                var entries: [[UInt8]: [UInt8]] = [:]
                if let pairs = test["in"] as? [[Any]] {
                    for pair in pairs { entries[bytes(pair[0] as? String)] = bytes(pair[1] as? String) }
                } else {
                    for (key, value) in try #require(test["in"] as? [String: String]) { entries[bytes(key)] = bytes(value) }
                }
                let pairs = entries.map { (key: $0.key, value: $0.value) }
                let isSecure = file.lowercased().contains("secure")
                let root = isSecure ? MerklePatriciaTrie.secureRoot(of: pairs) : MerklePatriciaTrie.root(of: pairs)
                #expect(root.hex == expected, "\(file) \(name)")
                count += 1
            }
        }
        #expect(count >= 20)
    }

    private func bytes(_ text: String?) -> [UInt8] {
        guard let text else { return [] }
        return text.hasPrefix("0x") ? Hex.decode(text) ?? [] : Array(text.utf8)
    }

    @Test(arguments: [11, 12, 13] as [UInt64])
    func orderDoesNotMatter(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var pairs = (0..<200).map { index in
            (key: [UInt8(index), UInt8(random.below(3))] + random.bytes(Int(random.below(4))), value: random.bytes(Int(random.below(60)) + 1))
        }
        let root = MerklePatriciaTrie.root(of: pairs)
        pairs.shuffle(using: &random)
        #expect(MerklePatriciaTrie.root(of: pairs) == root)
        pairs[7].value[0] ^= 1
        #expect(MerklePatriciaTrie.root(of: pairs) != root)
    }

    /// The list root equals the general root over RLP keys, also beyond one-byte positions.
    @Test(arguments: [1, 2, 15, 16, 17, 127, 128, 129, 255, 256, 257, 300, 4_097]) func listKeysAreRLPPositions(count: Int) {
        var random = SeededGenerator(seed: UInt64(count))
        // Nodes shorter than a hash stand in their parents; headers of items and nodes have one to three bytes.
        for longest in [2, 40, 300] as [UInt64] {
            var items = (0..<count).map { _ in random.bytes(Int(random.below(longest)) + 1) }
            if count < 20 { items[count / 2] = random.bytes(70_000) }
            let pairs = items.enumerated().map { index, item in
                let key: [UInt8] = index == 0 ? [0x80] : index < 0x80 ? [UInt8(index)] : index < 256 ? [0x81, UInt8(index)] : [0x82, UInt8(index >> 8), UInt8(index & 255)]
                return (key: key, value: item)
            }
            #expect(MerklePatriciaTrie.root(ofList: items) == MerklePatriciaTrie.root(of: pairs))
        }
    }

    @Test func zeroSlotsAreAbsent() {
        #expect(EthereumStateRoot.storageRoot([(1, 0), (2, 0)]) == MerklePatriciaTrie.emptyRoot)
        #expect(EthereumStateRoot.storageRoot([(2, 7), (1, 0)]) == EthereumStateRoot.storageRoot([(2, 7)]))
    }
}
