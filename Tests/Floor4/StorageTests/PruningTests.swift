// Pruned history: what must stay stays, what must go goes, at any moment of a crash.
import Engine
import Foundation
import Primitives
import Storage
import Testing

@Suite struct PruningTests {
    private func open(_ folder: TemporaryFolder, _ history: UInt64?) throws -> ChainStore {
        try ChainStore(path: folder.path, historyBlocks: history, mapSizeBytes: 4 << 30)
    }

    /// Every height within the window agrees with the model, every height below is refused.
    private func check(_ store: ChainStore, _ model: ChainModel, head: Int, oldest: Int, window: UInt64) throws {
        for height in 0...head {
            guard height >= oldest else {
                let thrown = failure { _ = try store.state(height: UInt64(height)) }
                #expect(thrown?.code == .statePruned(height: UInt64(height), historyBlocks: window))
                #expect(thrown?.message == "state at height \(height) is pruned (window is \(window) blocks)")
                continue
            }
            let state = try store.state(height: UInt64(height))
            let expected = model.states[height]
            for address in model.addresses {
                #expect(try state.account(address) == expected.accounts[address])
                var hasStorage = false
                for slot in model.slotNumbers {
                    let value = try state.storage(address, slot)
                    #expect(value == expected.slots[SlotName(address: address, slot: slot)] ?? .zero)
                    if !value.isZero { hasStorage = true }
                }
                #expect(try state.hasStorage(address) == hasStorage)
            }
        }
    }

    private func rows(_ store: ChainStore) throws -> Int {
        try store.environment.read { (t) throws(StorageError) in
            var count = 0
            for table in store.environment.tables where ["accounts", "slots"].contains(table.name) { count += try t.count(table) }
            return count
        }
    }

    @Test(arguments: [(31, 5), (32, 1), (33, 20), (34, 3)] as [(UInt64, UInt64)])
    func theWindowAgreesWithTheModel(seed: UInt64, window: UInt64) throws {
        let folder = TemporaryFolder()
        let model = ChainModel(seed: seed, addresses: 20, slots: 3)
        for _ in 0..<70 { try model.addBlock(transactions: 0) }
        let store = try open(folder, window)
        try store.initialize(genesis: model.blocks[0])
        var next = 1
        while next < model.blocks.count {
            let end = min(model.blocks.count, next + Int.random(in: 1...9, using: &model.random))
            try store.append(Array(model.blocks[next..<end]))
            next = end
            if next % 3 == 0 { try check(store, model, head: end - 1, oldest: max(0, end - 1 - Int(window)), window: window) }
        }
        try check(store, model, head: 69, oldest: 69 - Int(window), window: window)
        #expect(try StateTree.root(StoredFinalizedChain(store).tree()) == model.blocks[69].record.stateRoot)
    }

    /// After rounds of the sweep nothing superfluous is left: exactly one version of each live row and those of the window.
    @Test func idleBlocksSweepEverything() throws {
        let folder = TemporaryFolder()
        let model = ChainModel(seed: 35, addresses: 40, slots: 6)
        for _ in 0..<40 { try model.addBlock(transactions: 0) }
        for _ in 0..<60 { try model.addBlock(transactions: 0, changes: StateChanges()) }
        let archiveFolder = TemporaryFolder()
        let store = try open(folder, 10)
        let archive = try open(archiveFolder, nil)
        for chain in [store, archive] {
            try chain.initialize(genesis: model.blocks[0])
            for block in model.blocks[1...] { try chain.append([block]) }
        }
        let state = try #require(model.states.last)
        #expect(try rows(store) == state.accounts.count + state.slots.values.count { !$0.isZero })
        #expect(try rows(archive) > 5 * rows(store))
        try check(store, model, head: 99, oldest: 89, window: 10)
        try check(archive, model, head: 99, oldest: 0, window: 0)
    }

    /// One row with thousands of versions takes several sweeps and no long commit.
    @Test func aBusyRowGoesInPieces() throws {
        let folder = TemporaryFolder()
        let model = ChainModel(seed: 36, addresses: 2, slots: 1)
        func change(_ balance: UInt64?) -> StateChanges {
            StateChanges(accounts: [
                AccountChange(address: model.addresses[0], record: balance.map { AccountRecord(nonce: 1, balance: UInt256($0)) })
            ])
        }
        for number in UInt64(1)...1_000 { try model.addBlock(transactions: 0, changes: change(number)) }
        do {
            let store = try open(folder, nil)
            try store.initialize(genesis: model.blocks[0])
            try store.append(Array(model.blocks[1...]))
            #expect(try rows(store) == 1_000)
        }
        let store = try open(folder, 4)
        var counts: [Int] = []
        for _ in 0..<12 {
            try store.append([model.addBlock(transactions: 0, changes: StateChanges())])
            counts.append(try rows(store))
        }
        #expect(zip([1_000] + counts, counts).allSatisfy { $0 - $1 <= 300 })
        #expect(counts.last == 1)
        #expect(try store.state(height: 1_011).account(model.addresses[0])?.balance == 1_000)
        // A longer history from now on does not bring back what is gone.
        #expect(failure { _ = try store.state(height: 900) }?.code == .statePruned(height: 900, historyBlocks: 4))
    }

    /// Killed within any of its commits, and opened again, the store is the one before or after that commit.
    @Test func killedProcessesPruneWhole() async throws {
        let folder = TemporaryFolder()
        let path = folder.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let model = ChainModel(seed: 37, addresses: 20, slots: 3)
            let store = try ChainStore(path: path, historyBlocks: 3, mapSizeBytes: 4 << 30)
            try store.initialize(genesis: model.addBlock(transactions: 0))
            Thread.detachNewThread {
                Thread.sleep(forTimeInterval: 0.05)
                kill(getpid(), SIGKILL)
            }
            while true { try store.append([model.addBlock(transactions: 0)]) }
        }
        let store = try open(folder, 3)
        let head = Int(try #require(try store.head()).header.height)
        let model = ChainModel(seed: 37, addresses: 20, slots: 3)
        for _ in 0...head + 5 { try model.addBlock(transactions: 0) }
        try check(store, model, head: head, oldest: max(0, head - 3), window: 3)
        try store.append(Array(model.blocks[(head + 1)...]))
        try check(store, model, head: head + 5, oldest: max(0, head + 2), window: 3)
    }
}
