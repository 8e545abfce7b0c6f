// The chain store: round trips, versions of the state against a model, the tree, crashes, mutated records.
import Consensus
import Engine
import Executor
import Foundation
import Primitives
import Storage
import Testing

private func open(_ folder: TemporaryFolder) throws -> ChainStore {
    try ChainStore(path: folder.path, mapSizeBytes: 4 << 30)
}

@Suite struct ChainStoreTests {
    @Test func everythingOfABlockComesBack() throws {
        let folder = TemporaryFolder()
        let model = ChainModel(seed: 1)
        for count in [0, 1, 7, 0, 4] { try model.addBlock(transactions: count) }
        do {
            let store = try open(folder)
            #expect(try store.head() == nil)
            try store.initialize(genesis: model.blocks[0])
            #expect(try store.head() == model.blocks[0].record)
            try store.append([])
            try store.append(Array(model.blocks[1..<3]))
            try store.append(Array(model.blocks[3...]))
        }
        let store = try open(folder)
        try store.initialize(genesis: model.blocks[0])
        #expect(try store.head() == model.blocks[4].record)
        for block in model.blocks {
            let height = block.record.header.height
            #expect(try store.block(height: height) == block.record)
            #expect(try store.block(hash: block.record.hash) == block.record)
            #expect(try store.transactions(height: height) == block.transactions)
            for record in block.transactions { #expect(try store.transaction(hash: record.hash) == record) }
            let skipped = block.skipped[0]
            #expect(try store.skipped(hash: skipped.hash) == SkippedRecord(blockHeight: height, reason: skipped.reason))
        }
        #expect(try store.block(height: 5) == nil && store.block(hash: .zero) == nil && store.transactions(height: 5) == nil)
        #expect(try store.transaction(hash: .zero) == nil && store.skipped(hash: .zero) == nil)
        #expect(failure { _ = try store.state(height: 5) }?.code == .unknownHeight(5))
        #expect(failure { _ = try store.state(height: .max) }?.code == .unknownHeight(.max))
    }

    @Test(arguments: [UInt64(11), 12, 13])
    func everyVersionOfTheStateAgreesWithTheModel(seed: UInt64) throws {
        let folder = TemporaryFolder()
        let model = ChainModel(seed: seed)
        for _ in 0..<60 { try model.addBlock(transactions: 0) }
        let store = try open(folder)
        try store.initialize(genesis: model.blocks[0])
        var next = 1
        while next < model.blocks.count {
            let end = min(model.blocks.count, next + Int.random(in: 1...7, using: &model.random))
            try store.append(Array(model.blocks[next..<end]))
            next = end
        }
        var compared = 0
        for (height, expected) in model.states.enumerated() {
            let state = try store.state(height: UInt64(height))
            for address in model.addresses + [.zero, Address(small: .max)] {
                let account = try state.account(address)
                #expect(account == expected.accounts[address])
                if let account { #expect(try state.code(account.codeHash) == expected.codes[account.codeHash]) }
                var hasStorage = false
                for slot in model.slotNumbers + [99] {
                    let value = try state.storage(address, slot)
                    #expect(value == expected.slots[SlotName(address: address, slot: slot)] ?? .zero)
                    if !value.isZero { hasStorage = true }
                    compared += 1
                }
                #expect(try state.hasStorage(address) == hasStorage)
            }
            #expect(state.failure == nil)
        }
        #expect(compared > 10_000)
    }

    @Test func missingCodeIsAnErrorWithItsReason() throws {
        let folder = TemporaryFolder()
        let model = ChainModel(seed: 2)
        let store = try open(folder)
        try store.initialize(genesis: model.addBlock())
        let state = try store.state(height: 0)
        #expect(throws: StateError.unavailable) { try state.code(.zero) }
        #expect(state.failure?.code == .missing)
    }

    @Test func blockHashesReachBack256Blocks() throws {
        let folder = TemporaryFolder()
        let model = ChainModel(seed: 3, addresses: 2)
        for _ in 0..<300 { try model.addBlock(transactions: 0, changes: StateChanges()) }
        let store = try open(folder)
        try store.initialize(genesis: model.blocks[0])
        try store.append(Array(model.blocks[1...]))
        let state = try store.state(height: 290)
        for number in UInt64(0)..<310 {
            let expected = (35...290).contains(number) ? model.blocks[Int(number)].record.hash : nil
            #expect(try state.blockHash(number) == expected)
        }
        #expect(try store.state(height: 3).blockHash(0) == model.blocks[0].record.hash)
        #expect(try state.blockHash(.max) == nil)
    }

    /// The stored tree answers as the tree in memory does, and gives the same updates.
    @Test(arguments: [UInt64(21), 22])
    func theStoredTreeIsTheTreeInMemory(seed: UInt64) throws {
        let folder = TemporaryFolder()
        let model = ChainModel(seed: seed, addresses: 60, slots: 8)
        let store = try open(folder)
        let chain = StoredFinalizedChain(store)
        #expect(try chain.head() == nil && chain.tree().leafCount() == 0)
        #expect(try chain.state().account(.zero) == nil)
        try store.initialize(genesis: model.addBlock())
        for round in 0..<25 {
            let before = try chain.tree()
            let block = try model.addBlock()
            #expect(try StateTree.update(before, with: block.changes) == block.tree)
            try store.append([block])
            guard round % 6 == 0 else { continue }
            let tree = try chain.tree()
            let count = try tree.leafCount()
            #expect(try count == model.tree.leafCount() && StateTree.root(tree) == block.record.stateRoot)
            for index in 0...count { #expect(try tree.leaf(index) == model.tree.leaf(index)) }
            for level in 0...StateTree.depth {
                for index in 0...(count >> UInt64(level) + 1) {
                    #expect(try tree.node(level: level, index: index) == model.tree.node(level: level, index: index))
                }
            }
            for _ in 0..<200 {
                let key = StateTree.slotKey(model.addresses[1], UInt256(model.random.next()))
                #expect(try tree.find(key) == nil)
                #expect(try tree.predecessor(of: key) == model.tree.predecessor(of: key))
            }
            for index in 1..<count {
                let key = try #require(try tree.leaf(index)).key
                #expect(try tree.find(key) == index)
                #expect(try tree.predecessor(of: key) == model.tree.predecessor(of: key))
            }
        }
        #expect(try chain.head() == model.blocks.last?.record)
        // A view taken before stays what it was.
        let old = try chain.tree()
        let root = try StateTree.root(old)
        try store.append([model.addBlock()])
        #expect(try StateTree.root(old) == root)
    }

    @Test func repeatedTransactionsKeepTheirInclusion() throws {
        let folder = TemporaryFolder()
        let model = ChainModel(seed: 4)
        let store = try open(folder)
        try store.initialize(genesis: model.addBlock(transactions: 0))
        var first = try model.addBlock()
        let included = first.transactions[0].hash
        let later = try model.addBlock()
        first.skipped = [SkippedTransaction(hash: later.transactions[0].hash, invalidity: .nonceTooHigh(expected: 0, got: 1))]
        try store.append([first])
        #expect(try store.skipped(hash: later.transactions[0].hash)?.reason == first.skipped[0].reason)
        var second = later
        second.skipped = [SkippedTransaction(hash: included, invalidity: .nonceTooLow(expected: 1, got: 0))]
        try store.append([second])
        #expect(try store.skipped(hash: included) == nil && store.transaction(hash: included) != nil)
        #expect(try store.skipped(hash: later.transactions[0].hash) == nil)
    }

    @Test func impossibleBlocksChangeNothing() throws {
        let folder = TemporaryFolder()
        let model = ChainModel(seed: 5)
        for _ in 0..<4 { try model.addBlock() }
        let store = try open(folder)
        #expect(failure { try store.append([model.blocks[0]]) }?.code == .invalidWrite)
        try store.initialize(genesis: model.blocks[0])
        var bad: [[ExecutedBlock]] = [[model.blocks[0]], [model.blocks[2]], [model.blocks[1], model.blocks[3]], [model.blocks[1], model.blocks[1]]]
        for change in 0..<9 {
            var block = model.blocks[1]
            switch change {
            case 0: block.record.hash = .zero
            case 1: block.record.logsBloom = [1]
            case 2: block.record.transactionHashes.removeLast()
            case 3: block.transactions[1].index = 7
            case 4: block.transactions[1].blockHeight = 9
            case 5: block.tree.leafCount += 1
            case 6: block.tree.nodes.reverse()
            case 7: block.tree.nodes[0].level = 99
            default: block.transactions[0].receipt.logs = [Log(address: .zero, topics: [Hash256](repeating: .zero, count: 5), data: [])]
            }
            bad.append([block])
        }
        for (index, blocks) in bad.enumerated() {
            #expect(failure { try store.append(blocks) }?.code == .invalidWrite, "\(index)")
            #expect(try store.head() == model.blocks[0].record)
        }
        try store.append(Array(model.blocks[1...]))
        #expect(try StateTree.root(StoredFinalizedChain(store).tree()) == model.blocks[3].record.stateRoot)
    }

    @Test func anotherGenesisIsRefused() throws {
        let folder = TemporaryFolder()
        let store = try open(folder)
        try store.initialize(genesis: ChainModel(seed: 6).addBlock())
        let thrown = failure { try store.initialize(genesis: ChainModel(seed: 7).addBlock()) }
        #expect(thrown?.code == .wrongStore && thrown?.message.contains("genesis") == true)
    }

    @Test func aStateHeldInAThreadOfItsOwnStaysAsItWas() async throws {
        let folder = TemporaryFolder()
        let model = ChainModel(seed: 8)
        let store = try open(folder)
        try store.initialize(genesis: model.addBlock())
        for _ in 0..<30 { try model.addBlock(transactions: 0) }
        let blocks = Array(model.blocks[1...])
        let addresses = model.addresses
        let expected = model.states[0].accounts
        let reader = Task.detached {
            for _ in 0..<300 {
                let state = try store.state(height: 0)
                for address in addresses where try state.account(address) != expected[address] { return false }
                guard try store.head() != nil else { return false }
            }
            return true
        }
        for block in blocks { try store.append([block]) }
        #expect(try await reader.value)
    }

    /// A process that is killed within a commit leaves the chain after the last completed one.
    @Test func killedProcessesLeaveAWholeChain() async throws {
        let folder = TemporaryFolder()
        let path = folder.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let model = ChainModel(seed: 9)
            let store = try ChainStore(path: path, mapSizeBytes: 4 << 30)
            try store.initialize(genesis: model.addBlock())
            for _ in 0..<10 { try store.append([model.addBlock()]) }
            try store.environment.write { (t) throws(StorageError) in
                for table in store.environment.tables { try t.put(table, Key(UInt64(0)), [UInt8](repeating: 1, count: 20_000)) }
                kill(getpid(), SIGKILL)
            }
        }
        let model = ChainModel(seed: 9)
        for _ in 0..<12 { try model.addBlock() }
        let store = try open(folder)
        #expect(try store.head() == model.blocks[10].record)
        try store.append([model.blocks[11]])
        #expect(try StateTree.root(StoredFinalizedChain(store).tree()) == model.blocks[11].record.stateRoot)
    }

    /// Every stored value in turn is changed: reading everything is an error or the same answer, never a trap.
    @Test func changedRecordsAreErrors() throws {
        let folder = TemporaryFolder()
        let model = ChainModel(seed: 10, addresses: 6, slots: 2)
        for _ in 0..<3 { try model.addBlock() }
        let store = try open(folder)
        try store.initialize(genesis: model.blocks[0])
        try store.append(Array(model.blocks[1...]))
        func readEverything() throws {
            let chain = StoredFinalizedChain(store)
            _ = try store.head()
            for block in model.blocks {
                let height = block.record.header.height
                _ = try store.block(hash: block.record.hash)
                _ = try store.transactions(height: height)
                for record in block.transactions { _ = try store.transaction(hash: record.hash) }
                _ = try store.skipped(hash: block.skipped[0].hash)
                let state = try store.state(height: height)
                for address in model.addresses {
                    if let account = try state.account(address) { _ = try state.code(account.codeHash) }
                    for slot in model.slotNumbers { _ = try state.storage(address, slot) }
                }
                _ = try state.blockHash(height)
            }
            let tree = try chain.tree()
            for index in 0..<(try tree.leafCount()) {
                guard let leaf = try tree.leaf(index) else { continue }
                if leaf.key != .zero { _ = try (tree.find(leaf.key), tree.predecessor(of: leaf.key)) }
                for level in 0...StateTree.depth { _ = try tree.node(level: level, index: index >> UInt64(level)) }
            }
        }
        try readEverything()
        var refused = 0
        var changed = 0
        for table in store.environment.tables {
            let keys = try store.environment.read { (t) throws(StorageError) in
                try t.withCursor(table) { (cursor) throws(StorageError) in
                    var keys: [[UInt8]] = []
                    var more = try cursor.first()
                    while more {
                        keys.append(cursor.keyBytes)
                        more = try cursor.next()
                    }
                    return keys
                }
            }
            for key in keys {
                let value = try store.environment.read { (t) throws(StorageError) in try t.get(table, key) } ?? []
                for wrong in [model.random.mutated(value), []] where wrong != value {
                    try store.environment.write { (t) throws(StorageError) in try t.put(table, key, wrong) }
                    changed += 1
                    do { try readEverything() } catch { refused += 1 }
                }
                try store.environment.write { (t) throws(StorageError) in try t.put(table, key, value) }
            }
        }
        try readEverything()
        // Only old versions of slots and codes that nothing above reads, and the genesis name, go unnoticed.
        #expect(refused * 10 > changed * 9, "\(refused) of \(changed)")
    }

    @Test func mutatedRecordsNeverTrap() throws {
        let model = ChainModel(seed: 14)
        let block = try model.addBlock(transactions: 5)
        let account = AccountRecord(nonce: 1, balance: 2)
        var samples: [(bytes: [UInt8], decode: (inout CanonicalReader) throws -> Void)] = [
            (ChainRecords.encode(block.record), { _ = try ChainRecords.decodeBlock(&$0) }),
            (ChainRecords.encode(TransactionPlace(height: 1, index: 2)), { _ = try ChainRecords.decodePlace(&$0) }),
            (ChainRecords.encode(SkippedRecord(blockHeight: 1, reason: "nonce too low")), { _ = try ChainRecords.decodeSkipped(&$0) }),
            (ChainRecords.encode(account), { _ = try ChainRecords.decodeAccount(&$0) }),
            (UInt256(7).bigEndianBytes, { _ = try ChainRecords.decodeValue(&$0) }),
            ([UInt8](repeating: 3, count: 480 + 96), {
                try $0.readRaw($0.remaining).withUnsafeBytes { bytes in
                    _ = try (TreeRecords.node(bytes, slot: 14), TreeRecords.leaf(bytes, place: 0))
                }
            }),
        ]
        for record in block.transactions {
            samples.append((ChainRecords.encode(record), {
                _ = try ChainRecords.decodeTransaction(&$0, at: TransactionPlace(height: 0, index: 0))
            }))
        }
        for sample in samples {
            var reader = CanonicalReader(sample.bytes)
            try sample.decode(&reader)
            try reader.finish()
        }
        var refused = 0
        for round in 0..<240_000 {
            let sample = samples[round % samples.count]
            var reader = CanonicalReader(model.random.mutated(sample.bytes))
            do {
                try sample.decode(&reader)
                try reader.finish()
            } catch { refused += 1 }
        }
        #expect(refused > 120_000)
    }

    /// Blocks of 500 transfers between random accounts of a state with 20,000.
    @Test func appendTimes() throws {
        let folder = TemporaryFolder()
        let model = ChainModel(seed: 15)
        let all = (0..<20_000).map { _ in Address(model.random.bytes(20)) ?? .zero }
        func changes(_ addresses: some Sequence<Address>) -> StateChanges {
            StateChanges(accounts: Set(addresses).sorted().map { address in
                AccountChange(address: address, record: AccountRecord(nonce: 1, balance: UInt256(model.random.next())))
            })
        }
        let store = try open(folder)
        try store.initialize(genesis: model.addBlock(transactions: 0, changes: changes(all)))
        var times: [Double] = []
        var updates: [Double] = []
        for _ in 0..<12 {
            let some = (0..<1_000).map { _ in all[Int.random(in: 0..<all.count, using: &model.random)] }
            let block = try model.addBlock(transactions: 500, changes: changes(some))
            let tree = try StoredFinalizedChain(store).tree()
            var start = ContinuousClock.now
            _ = try StateTree.update(tree, with: block.changes)
            updates.append((ContinuousClock.now - start) / .milliseconds(1))
            start = ContinuousClock.now
            try store.append([block])
            times.append((ContinuousClock.now - start) / .milliseconds(1))
        }
        let many = try (0..<8).map { _ in
            let some = (0..<1_000).map { _ in all[Int.random(in: 0..<all.count, using: &model.random)] }
            return try model.addBlock(transactions: 500, changes: changes(some))
        }
        let start = ContinuousClock.now
        try store.append(many)
        print("append of 8 such blocks at once: \((ContinuousClock.now - start) / .milliseconds(8)) ms per block")
        let used = Double(try store.environment.usedBytes()) / 1e6
        let copy = try folder.copy()
        let opening = ContinuousClock.now
        #expect(try open(copy).head() == many.last?.record)
        print("opening with the check of all pages: \((ContinuousClock.now - opening) / .milliseconds(1)) ms")
        print("append of 500 transfers: median \(times.sorted()[6]) ms, worst \(times.max() ?? 0) ms; "
            + "tree update over the store \(updates.sorted()[6]) ms; file \(used) MB")
    }
}
