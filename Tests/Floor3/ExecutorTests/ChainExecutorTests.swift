import Consensus
import Crypto
import Engine
import Executor
import Primitives
import Testing

@Suite struct ChainExecutorTests {
    @Test func executesTransfersAndStoresThemOnce() throws {
        let world = try World()
        let target = Address(small: 0xbeef)
        let genesis = world.executor.head
        let block = world.block(
            on: genesis, view: 1,
            [try world.transfer(from: 0, to: target, nonce: 0, value: 5), try world.transfer(from: 1, to: target, nonce: 0, value: 6)])
        let step = try world.executor.execute(block)
        #expect(step.reverted.isEmpty)
        #expect(step.block.transactions.count == 2)
        #expect(step.block.transactions.allSatisfy { $0.receipt.succeeded && $0.receipt.gasUsed == 21_000 })
        #expect(step.block.record.gasUsed == 42_000)
        #expect(step.block.record.stateRoot != genesis.stateRoot)
        #expect(world.executor.pending.count == 1)
        let final = try world.executor.finalize(upTo: block.hash)
        #expect(final == [step.block])
        try world.chain.append(final)
        #expect(world.chain.memory.accounts[target]?.balance == 11)
        #expect(world.chain.memory.accounts[Address(small: 0xfee)]?.balance == World.gwei &* 42_000)
        #expect(try world.executor.finalize(upTo: block.hash).isEmpty)
        #expect(try StateTree.root(world.chain.nodes) == step.block.record.stateRoot)
    }

    @Test func skipsWhatIsInvalidWhenItsTurnComes() throws {
        let world = try World()
        let good = try world.transfer(from: 0, to: Address(small: 1_000), nonce: 0)
        let future = try world.transfer(from: 0, to: Address(small: 1_000), nonce: 5)
        let poor = try world.transfer(from: 1, to: Address(small: 1_000), nonce: 0, value: .max)
        let block = world.block(on: world.executor.head, view: 1, [future, good, poor])
        let executed = try world.executor.execute(block).block
        #expect(executed.transactions.map(\.hash) == [good.hash])
        #expect(executed.skipped.map(\.hash) == [future.hash, poor.hash])
        #expect(executed.skipped[0].reason.hasPrefix("nonce too high"))
        #expect(executed.skipped[1].reason.hasPrefix("insufficient funds"))
        #expect(executed.changes.accounts.allSatisfy { $0.address != world.keys[1].address })
    }

    @Test func aViewChangeReplacesExecutedBlocks() throws {
        let world = try World()
        let base = world.executor.head
        let lost = world.block(on: base, view: 1, [try world.transfer(from: 0, to: Address(small: 1_000), nonce: 0)])
        let lostChild = world.block(
            on: try world.executor.execute(lost).block.record, view: 2,
            [try world.transfer(from: 0, to: Address(small: 1_001), nonce: 1)])
        let child = try world.executor.execute(lostChild).block
        let winner = world.block(on: base, view: 3, [try world.transfer(from: 1, to: Address(small: 1_002), nonce: 0)])
        let step = try world.executor.execute(winner)
        #expect(step.reverted.map(\.record.hash) == [child.record.hash, lost.hash])
        #expect(throws: ExecutorError.notExecuted(lost.hash)) { try world.executor.finalize(upTo: lost.hash) }

        let other = try World()
        let direct = try other.executor.execute(other.block(on: other.executor.head, view: 3, winner.transactions))
        #expect(step.block == direct.block, "the result does not depend on what was undone")
        #expect(throws: ExecutorError.unknownParent(lost.hash)) { try world.executor.execute(lostChild) }
    }

    /// Blocks that are handed out and not yet stored stay: execution reads through them whether the store has them or not.
    @Test func executionGoesOnWhileBlocksAreBeingStored() throws {
        let world = try World()
        let direct = try World()
        var blocks: [ExecutedBlock] = []
        for view: UInt64 in 1...6 {
            let transactions = [try world.transfer(from: 0, to: Address(small: 1_000), nonce: view - 1, value: UInt256(view))]
            let block = world.block(on: world.executor.head, view: view, transactions)
            blocks += [try world.executor.execute(block).block]
            #expect(try direct.executor.execute(direct.block(on: direct.executor.head, view: view, transactions)).block == blocks.last)
            try direct.chain.append(try direct.executor.finalize(upTo: block.hash))
            try direct.executor.stored(upTo: block.hash)
            // Handed out at once; stored two blocks later, and the executor told later still.
            #expect(try world.executor.finalize(upTo: block.hash) == [blocks[blocks.count - 1]])
            if view > 2 { try world.chain.append([blocks[Int(view) - 3]]) }
            if view > 4 { try world.executor.stored(upTo: blocks[Int(view) - 5].record.hash) }
        }
        #expect(world.executor.pending == Array(blocks[2...]))
        #expect(world.executor.storedHead == blocks[1].record)
        #expect(world.executor.finalHead == blocks[5].record)
        #expect(direct.executor.pending.isEmpty)
    }

    @Test func finalBlocksAreNeverUndone() throws {
        let world = try World()
        let genesis = world.executor.head
        let final = world.block(on: genesis, view: 1, [try world.transfer(from: 0, to: Address(small: 1_000), nonce: 0)])
        let above = world.block(on: try world.executor.execute(final).block.record, view: 2, [])
        _ = try world.executor.execute(above)
        _ = try world.executor.finalize(upTo: final.hash)
        let rival = world.block(on: genesis, view: 3, [])
        #expect(throws: ExecutorError.unknownParent(genesis.hash)) { try world.executor.execute(rival) }
        #expect(throws: ExecutorError.notExecuted(above.hash)) { try world.executor.stored(upTo: above.hash) }
        #expect(world.executor.pending.count == 2)
    }

    @Test func theHistoryContractServesParents() throws {
        let world = try World()
        let history = Address(hex: "0x0000f90827f1c53a10cb7a02335b175320002935")!
        var head = world.executor.head
        for view: UInt64 in 1...3 {
            head = try world.executor.execute(world.block(on: head, view: view, [])).block.record
        }
        let state = LayeredState(base: world.chain.memory, layers: world.executor.pending)
        for layer in world.executor.pending {
            let height = layer.record.header.height
            #expect(try state.storage(history, UInt256(height - 1)) == UInt256(layer.record.header.parentHash))
        }
    }

    /// Layers over the stored state give the same results as storing every block at once.
    @Test(arguments: 0..<20 as Range<UInt64>) func layersEqualStoredState(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let lazy = try World()
        let eager = try World()
        var nonces = [UInt64](repeating: 0, count: 5)
        // A contract that writes its call data's first word into slot (second word).
        let writer: [UInt8] = [0x5f, 0x35, 0x60, 0x20, 0x35, 0x55, 0x00]
        let initCode: [UInt8] = [0x66] + writer + [0x5f, 0x52, 0x60, 0x07, 0x60, 0x19, 0xf3]
        var contract: Address?
        for view: UInt64 in 1...12 {
            var transactions: [PreparedTransaction] = []
            if view == 1 {
                transactions.append(try lazy.create(from: 0, nonce: 0, code: initCode))
                nonces[0] = 1
            }
            for _ in 0..<(random.next() % 6) {
                let from = Int(random.next() % 5)
                if let contract, random.next() % 2 == 0 {
                    let data = UInt256(random.next() % 3).bigEndianBytes + UInt256(random.next() % 4).bigEndianBytes
                    transactions.append(
                        try lazy.transfer(from: from, to: contract, nonce: nonces[from], value: 0, data: data, gasLimit: 90_000))
                } else {
                    transactions.append(
                        try lazy.transfer(from: from, to: Address(small: 5_000 + UInt32(random.next() % 4)), nonce: nonces[from]))
                }
                nonces[from] += 1
            }
            let a = try lazy.executor.execute(lazy.block(on: lazy.executor.head, view: view, transactions)).block
            let b = try eager.executor.execute(eager.block(on: eager.executor.head, view: view, transactions)).block
            #expect(a == b)
            #expect(a.skipped.isEmpty)
            #expect(a.transactions.allSatisfy { $0.receipt.succeeded })
            if view == 1 { contract = a.transactions[0].receipt.contractAddress }
            try eager.chain.append(try eager.executor.finalize(upTo: b.record.hash))
            try eager.executor.stored(upTo: b.record.hash)
            if random.next() % 4 == 0 {
                try lazy.chain.append(try lazy.executor.finalize(upTo: a.record.hash))
            }
        }
        #expect(try StateTree.root(eager.chain.nodes) == eager.executor.head.stateRoot)
    }
}

@Suite struct PayloadTests {
    @Test func roundTripsAndRefusesTheRest() throws {
        let world = try World()
        let transactions = try (0..<3).map { try world.transfer(from: $0, to: Address(small: 9), nonce: 0) }
        let bytes = Payload.encode(transactions.map(\.raw))
        #expect(try Payload.decode(bytes) == transactions.map(\.raw))
        #expect(try Payload.prepare(bytes, chainID: World.chainID, blockGasLimit: 63_000) { _ in nil } == transactions)
        #expect(throws: PayloadError.gasLimitExceeded) {
            try Payload.prepare(bytes, chainID: World.chainID, blockGasLimit: 62_999) { _ in nil }
        }
        #expect(throws: PayloadError.self, "another chain") {
            try Payload.prepare(bytes, chainID: 1, blockGasLimit: 63_000) { _ in nil }
        }
        let twice = Payload.encode([transactions[0].raw, transactions[0].raw])
        #expect(throws: PayloadError.duplicateTransaction) {
            try Payload.prepare(twice, chainID: World.chainID, blockGasLimit: 63_000) { _ in nil }
        }
        #expect(throws: PayloadError.encoding(.trailingBytes)) { try Payload.decode(bytes + [0]) }
        #expect(throws: PayloadError.encoding(.tooLong)) { try Payload.decode([0xff, 0xff, 0xff, 0xff]) }
        #expect(Payload.encode([]).count == Payload.emptyByteCount)
    }

    @Test func mutatedPayloadsNeverTrap() throws {
        let world = try World()
        let transactions = try (0..<3).map { try world.transfer(from: $0, to: Address(small: 9), nonce: 0) }
        let original = Payload.encode(transactions.map(\.raw))
        var random = SplitMix64(seed: 1)
        for _ in 0..<200_000 {
            var bytes = original
            for _ in 0...(random.next() % 3) {
                switch random.next() % 3 {
                case 0: bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.removeLast(Int(random.next() % 8) % bytes.count)
                default: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: Int(random.next() % UInt64(bytes.count)))
                }
            }
            _ = try? Payload.prepare(bytes, chainID: World.chainID, blockGasLimit: 30_000_000) { hash in
                transactions.first { $0.hash == hash }
            }
        }
    }
}

@Suite struct FeeMarketTests {
    @Test func followsTheLoadWithinItsBounds() {
        let gwei = UInt256(1_000_000_000)
        func next(_ fee: UInt256, _ used: UInt64) -> UInt256 {
            FeeMarket.baseFee(afterBaseFee: fee, gasUsed: used, gasLimit: 30_000_000, minimum: gwei)
        }
        #expect(next(gwei, 0) == gwei, "never below the minimum")
        #expect(next(gwei &* 250, 30_000_000) == gwei &* 251)
        #expect(next(gwei &* 250, 15_000_000) == gwei &* 250)
        #expect(next(gwei &* 250, 0) == gwei &* 249)
        #expect(FeeMarket.baseFee(afterBaseFee: .one, gasUsed: 30_000_000, gasLimit: 30_000_000, minimum: 0) == 2, "rises by at least one")
        #expect(next(.max, 30_000_000) == .max)
        #expect(FeeMarket.baseFee(afterBaseFee: gwei, gasUsed: 0, gasLimit: 0, minimum: 0) == gwei)
    }
}
