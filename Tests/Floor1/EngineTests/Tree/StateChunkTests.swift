// Chunks of a snapshot: they verify against the root of the tree they come from, and nothing else does; bytes never trap.
import Engine
import Primitives
import Testing

@Suite struct StateChunkTests {
    /// A tree with accounts, slots and emptied leaves, its leaves in full, and its chunks.
    private struct Example {
        let root: Hash256
        let chunks: [UnverifiedStateChunk]

        init(seed: UInt64, accounts: UInt64, slots: Int) throws {
            var population = TreePopulation(seed: seed, size: accounts)
            let store = MemoryTreeStore()
            var entries: [PoseidonDigest: StateEntry] = [:]
            for round in 0..<3 {
                let changes = round == 0
                    ? population.newAccounts(first: 0, count: accounts) : population.changes(accounts: 50, slots: slots)
                for change in changes.accounts {
                    entries[StateTree.accountKey(change.address)] = change.record.map { .account(change.address, $0) }
                }
                for change in changes.storage {
                    entries[StateTree.slotKey(change.address, change.slot)] =
                        change.value.isZero ? nil : .slot(change.address, change.slot, change.value)
                }
                try store.apply(try StateTree.update(store, with: changes))
            }
            root = try StateTree.root(store)
            let count = try store.leafCount()
            var chunks: [UnverifiedStateChunk] = []
            for number in 0..<UnverifiedStateChunk.count(leaves: count) {
                let first = number << UInt64(UnverifiedStateChunk.levels)
                let leaves = try (first..<min(first + UInt64(UnverifiedStateChunk.leafCount), count)).map { index in
                    let leaf = try #require(try store.leaf(index))
                    return StateLeaf(entry: entries[leaf.key] ?? .empty(key: leaf.key), nextKey: leaf.nextKey)
                }
                let siblings = try (UnverifiedStateChunk.levels..<StateTree.depth).map { level in
                    try store.node(level: level, index: (number >> UInt64(level - UnverifiedStateChunk.levels)) ^ 1)
                        ?? StateTree.emptySubtree(level: level)
                }
                chunks.append(UnverifiedStateChunk(number: UInt32(number), leaves: leaves, siblings: siblings))
            }
            self.chunks = chunks
        }
    }

    @Test func chunksVerify() throws {
        let example = try Example(seed: 61, accounts: 9_000, slots: 60)
        #expect(example.chunks.count == 3)
        for chunk in example.chunks {
            let bytes = chunk.encode()
            #expect(bytes.count <= UnverifiedStateChunk.byteLimit)
            #expect(try UnverifiedStateChunk.decode(bytes) == chunk)
            let verified = try #require(chunk.verified(root: example.root))
            #expect(verified.isLast == (chunk == example.chunks.last))
            #expect(verified.hashed.treeLeaves.count == chunk.leaves.count)
            #expect(chunk.verified(root: .zero) == nil)
        }
    }

    @Test func changedChunksDoNot() throws {
        let example = try Example(seed: 62, accounts: 5_000, slots: 40)
        for original in example.chunks {
            var bad: [UnverifiedStateChunk] = []
            func change(_ edit: (inout UnverifiedStateChunk) -> Void) {
                var copy = original
                edit(&copy)
                bad.append(copy)
            }
            change { $0.number ^= 1 }
            change { $0.number += 2 }
            change { $0.number += 1 << 20 }
            change { $0.leaves.removeLast() }
            change { $0.leaves.removeFirst() }
            change { $0.leaves.swapAt(1, 2) }
            change { $0.leaves[3].nextKey = .zero }
            change { $0.leaves[4].entry = .empty(key: .zero) }
            change { $0.siblings[0] = .zero }
            change { $0.siblings.removeLast() }
            change { $0.siblings.append(.zero) }
            change { $0.leaves = [] }
            change { $0.leaves += $0.leaves }
            change { chunk in
                for index in chunk.leaves.indices {
                    guard case .account(let address, var record) = chunk.leaves[index].entry else { continue }
                    record.balance = record.balance &+ 1
                    chunk.leaves[index].entry = .account(address, record)
                    return
                }
            }
            for (index, chunk) in bad.enumerated() { #expect(chunk.verified(root: example.root) == nil, "\(index)") }
        }
    }

    /// Short chunks whose bytes change anywhere decode to an error or to something that encodes to the same bytes, and never to
    /// another chunk that verifies.
    @Test func mutatedBytesNeverTrapNorVerify() throws {
        let example = try Example(seed: 63, accounts: 20, slots: 20)
        let chunk = try #require(example.chunks.first)
        let bytes = chunk.encode()
        var random = SeededGenerator(seed: 64)
        var decoded = 0
        for round in 0..<200_000 {
            var wrong = bytes
            for _ in 0...random.below(3) {
                let place = Int(random.below(UInt64(wrong.count)))
                switch random.below(4) {
                case 0: wrong[place] ^= 1 << UInt8(random.below(8))
                case 1: wrong[place] = UInt8(truncatingIfNeeded: random.next())
                case 2: wrong.removeSubrange(place..<min(wrong.count, place + 1 + Int(random.below(8))))
                default: wrong.insert(contentsOf: random.bytes(1 + Int(random.below(8))), at: place)
                }
                if wrong.isEmpty { wrong = [0] }
            }
            guard let other = try? UnverifiedStateChunk.decode(wrong) else { continue }
            decoded += 1
            #expect(other.encode() == wrong)
            if round % 16 == 0, other != chunk { #expect(other.verified(root: example.root) == nil) }
        }
        #expect(decoded > 1_000)
        #expect(throws: CanonicalError.tooLong) {
            try UnverifiedStateChunk.decode([UInt8](repeating: 0, count: UnverifiedStateChunk.byteLimit + 1))
        }
    }
}
