// Proofs of the state tree: true ones verify, no changed one does.
import Engine
import Primitives
import Testing

@Suite struct TreeProofTests {
    @Test(arguments: [41, 42] as [UInt64])
    func presenceAndAbsence(seed: UInt64) throws {
        var population = TreePopulation(seed: seed, size: 60)
        let store = MemoryTreeStore()
        for _ in 0..<4 { try store.apply(StateTree.update(store, with: population.changes(accounts: 20, slots: 20))) }
        let root = try StateTree.root(store)
        var present = 0
        var absent = 0
        for number in 0..<120 as Range<UInt64> {
            for key in [StateTree.accountKey(population.address(number)), StateTree.slotKey(population.address(number), 3)] {
                let proof = try StateTree.prove(store, key)
                if let index = try store.find(key) {
                    let leaf = try #require(try store.leaf(index))
                    #expect(proof.verify(key: key, root: root) == .present(leaf.value))
                    present += 1
                } else {
                    #expect(proof.verify(key: key, root: root) == .absent)
                    absent += 1
                }
            }
        }
        #expect(present > 20)
        #expect(absent > 100)
    }

    @Test(arguments: [43, 44] as [UInt64])
    func changedProofsFail(seed: UInt64) throws {
        var population = TreePopulation(seed: seed, size: 60)
        let store = MemoryTreeStore()
        for _ in 0..<3 { try store.apply(StateTree.update(store, with: population.changes(accounts: 20, slots: 20))) }
        let root = try StateTree.root(store)
        let count = try store.leafCount()
        for number in 0..<30 as Range<UInt64> {
            let key = StateTree.accountKey(population.address(number * 3))
            let proof = try StateTree.prove(store, key)
            #expect(proof.verify(key: key, root: root) != nil)
            for forged in mutations(proof, count: count, &population.random) {
                #expect(forged.verify(key: key, root: root) == nil)
            }
            var other = root
            other.w3 ^= 1 << population.random.below(64)
            #expect(proof.verify(key: key, root: other) == nil)
        }
    }

    private func mutations(_ proof: TreeProof, count: UInt64, _ random: inout SeededGenerator) -> [TreeProof] {
        let stranger = StateTree.accountKey(random.address())
        var forged: [TreeProof] = []
        func change(_ body: (inout TreeProof) -> Void) {
            var copy = proof
            body(&copy)
            forged.append(copy)
        }
        change { $0.index ^= 1 }
        change { $0.index ^= 1 << 31 }
        change { $0.index ^= 1 << 32 }
        change { $0.index ^= 1 << 63 }
        change { $0.leaf.key = stranger }
        change { $0.leaf.nextKey = $0.leaf.nextKey == .zero ? stranger : .zero }
        change { $0.leaf.value.w3 ^= 1 }
        change { $0.leaf.value.w0 ^= 1 << 63 }
        change { $0.siblings.removeLast() }
        change { $0.siblings.append(.zero) }
        change { $0.siblings = [] }
        for level in 0..<StateTree.depth { change { $0.siblings[level] = stranger } }
        // An inner node in place of a leaf.
        change {
            $0.siblings.removeFirst()
            $0.index >>= 1
        }
        return forged
    }

    /// A leaf that neither has the key nor skips it proves nothing about it.
    @Test func anHonestPathOfAnotherLeafProvesNothing() throws {
        var population = TreePopulation(seed: 45, size: 50)
        let store = MemoryTreeStore()
        try store.apply(StateTree.update(store, with: population.newAccounts(first: 0, count: 40)))
        let root = try StateTree.root(store)
        let keys = (0..<80).map { StateTree.accountKey(population.address(UInt64($0))) }
        let proofs = try keys.map { try StateTree.prove(store, $0) }
        for (key, own) in zip(keys, proofs) {
            for proof in proofs where proof != own { #expect(proof.verify(key: key, root: root) == nil) }
        }
        #expect(proofs[0].verify(key: .zero, root: root) == nil)
    }

    @Test func anEmptyStoreProvesNothing() {
        #expect(throws: StateError.unavailable) { try StateTree.prove(TreeStore(), StateTree.accountKey(.zero)) }
    }
}
