// Stored Merkle-Patricia tries: changed step by step they equal the trie over all pairs, and their proofs hold and cannot be bent.
import Engine
import Primitives
import Testing

@Suite("Stored tries")
struct StoredTrieTests {
    typealias Random = FuzzTests.Random

    /// Few distinct keys, short ones too, so that paths are shared, nested and cut.
    static func key(_ random: inout Random) -> [UInt8] {
        let count = [1, 2, 2, 3, 32][random.below(5)]
        return (0..<count).map { $0 < 3 ? [0x00, 0x01, 0x10, 0x11, 0xff][random.below(5)] : 0x77 }
    }

    static func value(_ random: inout Random) -> [UInt8] {
        (0..<1 + random.below([3, 40, 100][random.below(3)])).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    @Test("random changes in batches give the root over all pairs, and old roots stay readable", arguments: [1, 2, 3] as [UInt64])
    func incremental(seed: UInt64) throws {
        var random = Random(state: seed)
        let store = MemoryTrieNodeStore()
        var model: [[UInt8]: [UInt8]] = [:]
        var root = MerklePatriciaTrie.emptyRoot
        var past: [(root: Hash256, model: [[UInt8]: [UInt8]])] = []
        for _ in 0..<120 {
            var changes: [(key: [UInt8], value: [UInt8])] = []
            for _ in 0..<1 + random.below(6) {
                let removes = random.below(5) < 2
                changes.append((key: StoredTrieTests.key(&random), value: removes ? [] : StoredTrieTests.value(&random)))
            }
            for change in changes { model[change.key] = change.value.isEmpty ? nil : change.value }
            let update = try MerklePatriciaTrie.update(changes, root: root, in: store)
            #expect(update.root == MerklePatriciaTrie.root(of: model.map { (key: $0.key, value: $0.value) }))
            store.apply(update)
            root = update.root
            past.append((root, model))
        }
        for (root, model) in past {
            for _ in 0..<5 {
                let key = StoredTrieTests.key(&random)
                #expect(try MerklePatriciaTrie.value(of: key, root: root, in: store) == model[key])
            }
        }
        let all = try MerklePatriciaTrie.update(model.keys.map { (key: $0, value: []) }, root: root, in: store)
        #expect(all.root == MerklePatriciaTrie.emptyRoot && all.nodes.isEmpty)
    }

    /// A store that counts what is read.
    final class CountingStore: TrieNodeStore {
        let inner: MemoryTrieNodeStore
        var reads = 0
        init(_ inner: MemoryTrieNodeStore) {
            self.inner = inner
            super.init()
        }
        override func node(_ hash: Hash256) throws(StateError) -> [UInt8]? {
            reads += 1
            return try inner.node(hash)
        }
    }

    @Test("a change reads and makes only the nodes on its path")
    func onlyTouchedPaths() throws {
        let store = MemoryTrieNodeStore()
        let pairs = (0..<10_000).map { (key: Keccak256.hash(UInt256(UInt64($0)).bigEndianBytes).bytes, value: [UInt8](repeating: 7, count: 40)) }
        let first = try MerklePatriciaTrie.update(pairs, root: MerklePatriciaTrie.emptyRoot, in: store)
        store.apply(first)
        let counting = CountingStore(store)
        let update = try MerklePatriciaTrie.update([(key: pairs[77].key, value: [1])], root: first.root, in: counting)
        #expect(counting.reads <= 7 && update.nodes.count <= 7)
        // Nothing new for what is there already, or not there.
        let absent = Keccak256.hash([0xff]).bytes
        let nothing = try MerklePatriciaTrie.update([(key: absent, value: [])], root: first.root, in: store)
        #expect(nothing == TrieUpdate.unchanged(first.root))
    }

    @Test("a missing or damaged node is an error")
    func missingNode() throws {
        #expect(throws: StateError.unavailable) {
            try MerklePatriciaTrie.update([(key: [1], value: [1])], root: Keccak256.hash([1]), in: TrieNodeStore())
        }
        #expect(throws: StateError.unavailable) { try MerklePatriciaTrie.prove([1], root: Keccak256.hash([1]), in: TrieNodeStore()) }
        final class Garbage: TrieNodeStore {
            override func node(_ hash: Hash256) throws(StateError) -> [UInt8]? { [0xc1, 0x80] }
        }
        #expect(throws: StateError.unavailable) {
            try MerklePatriciaTrie.value(of: [1], root: Keccak256.hash([1]), in: Garbage())
        }
    }

    @Test("proofs show values and absences", arguments: [4, 5] as [UInt64])
    func proofs(seed: UInt64) throws {
        var random = Random(state: seed)
        let (store, root, model) = try StoredTrieTests.trie(&random)
        for _ in 0..<400 {
            let key = StoredTrieTests.key(&random)
            let proof = try MerklePatriciaTrie.prove(key, root: root, in: store)
            #expect(try MerklePatriciaTrie.verify(proof, key: key, root: root) == model[key])
        }
        #expect(try MerklePatriciaTrie.verify([], key: [1], root: MerklePatriciaTrie.emptyRoot) == nil)
        #expect(throws: TrieProofError.incomplete) { try MerklePatriciaTrie.verify([], key: [1], root: root) }
    }

    static func trie(_ random: inout Random) throws -> (MemoryTrieNodeStore, Hash256, [[UInt8]: [UInt8]]) {
        let store = MemoryTrieNodeStore()
        var model: [[UInt8]: [UInt8]] = [:]
        for _ in 0..<60 { model[key(&random)] = value(&random) }
        let update = try MerklePatriciaTrie.update(model.map { (key: $0.key, value: $0.value) }, root: MerklePatriciaTrie.emptyRoot, in: store)
        store.apply(update)
        return (store, update.root, model)
    }

    @Test("no change of a proof is accepted", arguments: [6] as [UInt64])
    func mutations(seed: UInt64) throws {
        var random = Random(state: seed)
        let (store, root, model) = try StoredTrieTests.trie(&random)
        for _ in 0..<4000 {
            let key = StoredTrieTests.key(&random)
            let honest = try MerklePatriciaTrie.prove(key, root: root, in: store)
            var proof = honest
            let node = random.below(proof.count)
            switch random.below(6) {
            case 0: proof[node][random.below(proof[node].count)] ^= UInt8(1 << random.below(8))
            case 1: proof.remove(at: node)
            case 2: proof.insert(proof[node], at: node)
            case 3: proof.append(proof[node])
            case 4: proof[node].removeLast()
            default: proof[node].append(0)
            }
            #expect(throws: TrieProofError.self) { try MerklePatriciaTrie.verify(proof, key: key, root: root) }
            // For another key the nodes prove that key's value or nothing.
            let other = StoredTrieTests.key(&random)
            if let shown = try? MerklePatriciaTrie.verify(honest, key: other, root: root) { #expect(shown == model[other]) }
        }
    }

    @Test("noise with the right hash never traps: 100,000 nodes")
    func noise() throws {
        var random = Random(state: 9)
        let (store, root, _) = try StoredTrieTests.trie(&random)
        for round in 0..<100_000 {
            var node: [UInt8]
            if round % 2 == 0 {
                node = (0..<random.below(40)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                if random.below(2) == 0 { node = [0xc0 + UInt8(min(node.count, 55))] + node }
            } else {
                node = try MerklePatriciaTrie.prove(StoredTrieTests.key(&random), root: root, in: store).last ?? []
                for _ in 0..<1 + random.below(3) { node[random.below(node.count)] = UInt8(truncatingIfNeeded: random.next()) }
            }
            _ = try? MerklePatriciaTrie.verify([node], key: StoredTrieTests.key(&random), root: Keccak256.hash(node))
        }
    }
}

extension TrieUpdate {
    static func unchanged(_ root: Hash256) -> TrieUpdate { TrieUpdate(root: root, nodes: []) }
}
