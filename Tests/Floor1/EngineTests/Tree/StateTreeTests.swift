// The state tree against its definition, batches against single changes, layers against applied updates.
import Engine
import Primitives
import Testing

@Suite struct StateTreeTests {
    @Test func genesisWritesTheSentinel() throws {
        let store = MemoryTreeStore()
        let before = try StateTree.root(store)
        let update = try StateTree.update(store, with: StateChanges())
        #expect(update.leafCount == 1)
        #expect(update.leaves == [IndexedLeaf(index: 0, leaf: .sentinel)])
        #expect(update.newKeys == [TreeKeyIndex(key: .zero, index: 0)])
        #expect(update.nodes.count == StateTree.depth + 1)
        #expect(update.root == NaiveTree().root)
        #expect(update.root != before)
        try store.apply(update)
        #expect(try StateTree.root(store) == update.root)
        // Nothing to do is nothing to write.
        let idle = try StateTree.update(store, with: StateChanges())
        #expect(idle == TreeUpdate(root: update.root, leafCount: 1, leaves: [], nodes: [], newKeys: []))
    }

    @Test(arguments: [21, 22, 23, 24] as [UInt64])
    func equalsTheNaiveTree(seed: UInt64) throws {
        var population = TreePopulation(seed: seed, size: 60)
        let store = MemoryTreeStore()
        var naive = NaiveTree()
        for _ in 0..<12 {
            let changes = population.changes(accounts: 15, slots: 25)
            let update = try StateTree.update(store, with: changes)
            try store.apply(update)
            naive.apply(changes)
            #expect(update.root == naive.root)
            #expect(try StateTree.root(store) == update.root)
            #expect(try store.leafCount() == UInt64(naive.leaves.count))
            for (index, leaf) in naive.linked.enumerated() { #expect(try store.leaf(UInt64(index)) == leaf) }
        }
    }

    @Test(arguments: [25, 26] as [UInt64])
    func updatesAreInCanonicalOrder(seed: UInt64) throws {
        var population = TreePopulation(seed: seed, size: 200)
        let store = MemoryTreeStore()
        for _ in 0..<5 {
            let update = try StateTree.update(store, with: population.changes(accounts: 40, slots: 40))
            #expect(zip(update.leaves, update.leaves.dropFirst()).allSatisfy { $0.index < $1.index })
            #expect(zip(update.nodes, update.nodes.dropFirst()).allSatisfy { ($0.level, $0.index) < ($1.level, $1.index) })
            #expect(zip(update.newKeys, update.newKeys.dropFirst()).allSatisfy { $0.key < $1.key })
            #expect(zip(update.newKeys, update.newKeys.dropFirst()).allSatisfy { $0.index + 1 == $1.index })
            try store.apply(update)
        }
    }

    /// One batch gives the same tree as its changes one by one in ascending order of keys.
    @Test(arguments: [27, 28, 29] as [UInt64])
    func batchEqualsSingleChanges(seed: UInt64) throws {
        var population = TreePopulation(seed: seed, size: 80)
        let batched = MemoryTreeStore()
        let single = MemoryTreeStore()
        for _ in 0..<6 {
            let changes = population.changes(accounts: 20, slots: 20)
            try batched.apply(StateTree.update(batched, with: changes))
            var parts = changes.accounts.map { (StateTree.accountKey($0.address), StateChanges(accounts: [$0])) }
            parts += changes.storage.map { (StateTree.slotKey($0.address, $0.slot), StateChanges(storage: [$0])) }
            for (_, part) in parts.sorted(by: { $0.0 < $1.0 }) { try single.apply(StateTree.update(single, with: part)) }
            #expect(try StateTree.root(batched) == StateTree.root(single))
            #expect(try batched.leafCount() == single.leafCount())
        }
    }

    @Test(arguments: [30, 31, 32] as [UInt64])
    func layersEqualAppliedUpdates(seed: UInt64) throws {
        var population = TreePopulation(seed: seed, size: 100)
        let base = MemoryTreeStore()
        let applied = MemoryTreeStore()
        // With no base at first: even the sentinel may be in a layer.
        if seed > 30 {
            let start = population.changes(accounts: 40, slots: 40)
            try base.apply(StateTree.update(base, with: start))
            try applied.apply(StateTree.update(applied, with: start))
        }
        var layers: [TreeUpdate] = []
        for _ in 0..<6 {
            let changes = population.changes(accounts: 15, slots: 20)
            let layered = LayeredTreeStore(base: base, layers: layers)
            let update = try StateTree.update(layered, with: changes)
            #expect(try update == StateTree.update(applied, with: changes))
            try applied.apply(update)
            layers.append(update)
        }
        let layered = LayeredTreeStore(base: base, layers: layers)
        let count = try applied.leafCount()
        #expect(try layered.leafCount() == count)
        for index in 0...count {
            let leaf = try applied.leaf(index)
            #expect(try layered.leaf(index) == leaf)
            guard let leaf, leaf.key != .zero else { continue }
            #expect(try layered.find(leaf.key) == index)
            #expect(try layered.predecessor(of: leaf.key) == applied.predecessor(of: leaf.key))
        }
        for level in 0...StateTree.depth {
            for index in 0...(count >> UInt64(level)) {
                #expect(try layered.node(level: level, index: index) == applied.node(level: level, index: index))
            }
        }
        for number in 0..<300 as Range<UInt64> {
            let key = StateTree.accountKey(population.address(number))
            #expect(try layered.find(key) == applied.find(key))
            #expect(try layered.predecessor(of: key) == applied.predecessor(of: key))
        }
        // The layers become final one after the other.
        for layer in layers { try base.apply(layer) }
        #expect(try StateTree.root(base) == StateTree.root(layered))
    }

    @Test func clearingKeepsTheLeafAndZeroInsertsNothing() throws {
        let store = MemoryTreeStore()
        try store.apply(StateTree.update(store, with: StateChanges()))
        let address = Address(small: 5)
        let absent = StateChanges(
            accounts: [AccountChange(address: address, record: nil)], storage: [StorageChange(address: address, slot: 1, value: 0)])
        #expect(try StateTree.update(store, with: absent).leafCount == 1)
        let set = StateChanges(
            accounts: [AccountChange(address: address, record: AccountRecord(nonce: 1))],
            storage: [StorageChange(address: address, slot: 1, value: 9)])
        try store.apply(StateTree.update(store, with: set))
        let root = try StateTree.root(store)
        try store.apply(StateTree.update(store, with: absent))
        #expect(try store.leafCount() == 3)
        let index = try #require(try store.find(StateTree.slotKey(address, 1)))
        #expect(try store.leaf(index)?.value == Hash256.zero)
        #expect(try StateTree.root(store) != root)
        // What comes back takes its old leaf.
        try store.apply(StateTree.update(store, with: set))
        #expect(try StateTree.root(store) == root)
    }

    @Test func keysAndValuesAreDistinct() {
        let a = Address(small: 1)
        var keys = [
            StateTree.accountKey(a), StateTree.accountKey(a, partition: 2), StateTree.accountKey(Address(small: 2)),
            StateTree.slotKey(a, 0), StateTree.slotKey(a, 1), StateTree.slotKey(a, 0, partition: 2), StateTree.slotKey(a, .max),
        ]
        keys.sort()
        #expect(zip(keys, keys.dropFirst()).allSatisfy { $0 < $1 })
        let record = AccountRecord(nonce: 1, balance: 2)
        let others = [AccountRecord(nonce: 2, balance: 2), AccountRecord(nonce: 1, balance: 3), AccountRecord(nonce: 1, balance: 2, codeHash: .zero)]
        for other in others { #expect(StateTree.accountValue(other) != StateTree.accountValue(record)) }
    }

    /// The format of Specs/state.md: values of an independent implementation. To change one is to change every chain's state root.
    @Test func formatIsPinned() throws {
        let store = MemoryTreeStore()
        let address = Address(hex: "0x00112233445566778899aabbccddeeff01234567") ?? .zero
        #expect(StateTree.accountKey(address).hash256.hex == "0x6916a1e71888bff706fdcadd7d4e68755d605f8339a2e0b121c15b926fe00fe2")
        #expect(StateTree.slotKey(address, 5).hash256.hex == "0x11637111470172b230cc8a89516b0893018c78053bf36ed521365feb20e6f2f4")
        #expect(StateTree.accountValue(AccountRecord(nonce: 3, balance: 1_000_000)).hex == "0x17b8e8a45e4fdcee650dc4e8686ed7854c173f0a5d943fdb2528ccfc09185614")
        #expect(try StateTree.update(store, with: StateChanges()).root.hex == "0x012cdd0e5b142dfb7b136a2c220e867824a392e751e821e14aea3b1e3fe1579a")
        let changes = StateChanges(
            accounts: [AccountChange(address: address, record: AccountRecord(nonce: 3, balance: 1_000_000))],
            storage: [StorageChange(address: address, slot: 5, value: 77)])
        #expect(try StateTree.update(store, with: changes).root.hex == "0x1ceb12736fd0ab2566aea68a195d04e350f646d12415164b1eb4a44924e1b49c")
    }

    @Test func aForeignUpdateIsRefused() throws {
        let store = MemoryTreeStore()
        let gap = TreeUpdate(root: .zero, leafCount: 3, leaves: [IndexedLeaf(index: 2, leaf: .sentinel)], nodes: [], newKeys: [])
        #expect(throws: StateError.unavailable) { try store.apply(gap) }
        let level = TreeUpdate(root: .zero, leafCount: 1, leaves: [], nodes: [TreeNode(level: 33, index: 0, digest: .zero)], newKeys: [])
        #expect(throws: StateError.unavailable) { try store.apply(level) }
        #expect(try store.leafCount() == 0)
    }

    /// Shows the cost of a typical block on a tree of 100,000 leaves in the test log.
    @Test func updatesALargeTree() throws {
        var population = TreePopulation(seed: 33, size: 100_000)
        let store = MemoryTreeStore()
        let clock = ContinuousClock()
        let build = try clock.measure {
            try store.apply(StateTree.update(store, with: population.newAccounts(first: 0, count: 99_999)))
        }
        #expect(try store.leafCount() == 100_000)
        var existing = StateChanges()
        for number in Set((0..<200).map { _ in population.random.below(99_999) }) {
            existing.accounts.append(AccountChange(address: population.address(number), record: AccountRecord(nonce: 2)))
        }
        existing.accounts.sort { $0.address < $1.address }
        var update = try StateTree.update(store, with: StateChanges())
        let change = try clock.measure { update = try StateTree.update(store, with: existing) }
        #expect(update.leaves.count == existing.accounts.count)
        let new = population.newAccounts(first: 200_000, count: 200)
        let insert = try clock.measure { update = try StateTree.update(store, with: new) }
        #expect(update.newKeys.count == 200)
        print("state tree: 100,000 leaves built in \(build); 200 accounts changed in \(change), 200 inserted in \(insert)")
    }

    @Test func emptySubtreesAreWhatTheyAreDefinedToBe() throws {
        var digest = PoseidonDigest.zero
        let store = MemoryTreeStore()
        try store.apply(try StateTree.update(TreeStore(), with: StateChanges(accounts: [AccountChange(address: Address(small: 1), record: AccountRecord(nonce: 1))])))
        // The second of two leaves: all siblings above the first level are empty.
        let proof = try StateTree.prove(store, StateTree.accountKey(Address(small: 1)))
        for level in 0..<StateTree.depth {
            if level > 0 { #expect(proof.siblings[level] == digest) }
            digest = Poseidon2.compress(digest, digest)
        }
        #expect(try StateTree.root(TreeStore()) == digest.hash256)
    }
}
