// Stores that fail or lie: an update ends in an error or in a wrong root, never in a trap.
import Engine
import Primitives
import Testing

/// Fails at one of its reads.
private final class FailingTreeStore: TreeStore {
    let base: MemoryTreeStore
    var readsLeft: Int

    init(_ base: MemoryTreeStore, readsLeft: Int) {
        self.base = base
        self.readsLeft = readsLeft
    }

    private func count() throws(StateError) {
        readsLeft -= 1
        if readsLeft < 0 { throw .unavailable }
    }

    override func node(level: Int, index: UInt64) throws(StateError) -> PoseidonDigest? {
        try count()
        return try base.node(level: level, index: index)
    }

    override func leaf(_ index: UInt64) throws(StateError) -> TreeLeaf? {
        try count()
        return try base.leaf(index)
    }

    override func find(_ key: PoseidonDigest) throws(StateError) -> UInt64? {
        try count()
        return try base.find(key)
    }

    override func predecessor(of key: PoseidonDigest) throws(StateError) -> UInt64 {
        try count()
        return try base.predecessor(of: key)
    }

    override func leafCount() throws(StateError) -> UInt64 {
        try count()
        return try base.leafCount()
    }
}

/// Answers at random, as a forged witness might.
private final class LyingTreeStore: TreeStore {
    var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    private func number() -> UInt64 { [0, 1, random.next(), random.below(8), .max, .max - 1, 1 << 32, 1 << 32 - 1][Int(random.below(8))] }

    private func digest() -> PoseidonDigest {
        random.below(4) == 0 ? .zero : StateTree.accountKey(random.address())
    }

    override func node(level: Int, index: UInt64) throws(StateError) -> PoseidonDigest? {
        random.below(8) == 0 ? nil : digest()
    }

    override func leaf(_ index: UInt64) throws(StateError) -> TreeLeaf? {
        random.below(16) == 0 ? nil : TreeLeaf(key: digest(), nextKey: digest(), value: digest().hash256)
    }

    override func find(_ key: PoseidonDigest) throws(StateError) -> UInt64? { random.below(2) == 0 ? nil : number() }

    override func predecessor(of key: PoseidonDigest) throws(StateError) -> UInt64 { number() }

    override func leafCount() throws(StateError) -> UInt64 { number() }
}

@Suite struct UnreliableTreeStoreTests {
    @Test func everyFailedReadIsReported() throws {
        var population = TreePopulation(seed: 51, size: 40)
        let base = MemoryTreeStore()
        try base.apply(StateTree.update(base, with: population.changes(accounts: 20, slots: 20)))
        let changes = population.changes(accounts: 6, slots: 6)
        let expected = try StateTree.update(base, with: changes)
        var reads = 0
        while true {
            let store = FailingTreeStore(base, readsLeft: reads)
            guard let update = try? StateTree.update(store, with: changes) else {
                reads += 1
                continue
            }
            #expect(update == expected)
            break
        }
        #expect(reads > 30)
    }

    @Test(arguments: [52, 53, 54] as [UInt64])
    func liesDoNotTrap(seed: UInt64) {
        var population = TreePopulation(seed: seed, size: 40)
        let store = LyingTreeStore(seed: seed)
        for _ in 0..<200 {
            _ = try? StateTree.update(store, with: population.changes(accounts: 3, slots: 3))
            _ = try? StateTree.update(LayeredTreeStore(base: store, layers: []), with: population.changes(accounts: 1, slots: 1))
            let key = StateTree.accountKey(population.random.address())
            #expect((try? StateTree.prove(store, key))?.verify(key: key, root: .zero) == nil)
        }
    }

    @Test func aFullTreeIsAnError() {
        final class FullTreeStore: TreeStore {
            override func predecessor(of key: PoseidonDigest) throws(StateError) -> UInt64 { 0 }
            override func leaf(_ index: UInt64) throws(StateError) -> TreeLeaf? { .sentinel }
            override func leafCount() throws(StateError) -> UInt64 { 1 << 32 }
        }
        let change = StateChanges(accounts: [AccountChange(address: .zero, record: AccountRecord(nonce: 1))])
        #expect(throws: StateError.treeFull) { try StateTree.update(FullTreeStore(), with: change) }
    }
}
