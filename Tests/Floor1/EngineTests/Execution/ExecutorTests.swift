// Fees, refunds, calls, block start, set-code transactions, and the changes a block leaves.
import Crypto
import Engine
import Primitives
import Testing

@Suite("Transaction execution")
struct TransactionExecutorTests {
    @Test("the sender pays, the recipient gets the tip, the base fee is burnt")
    func fees() throws {
        let world = World(baseFee: 10) { _ in }
        let outcome = try world.execute(callTransaction(to: Fixed.other, value: 7, maxFee: 100, tip: 3))
        #expect(outcome.effectiveGasPrice == 13)
        #expect(outcome.gasUsed == 21000)
        #expect(try world.executor.account(Fixed.sender) == AccountRecord(nonce: 1, balance: Fixed.richBalance &- 7 &- UInt256(21000 * 13)))
        #expect(try world.executor.account(Fixed.coinbase)?.balance == 63000)
        #expect(try world.executor.account(Fixed.other)?.balance == 7)
    }

    @Test("at most a fifth of the gas is refunded (EIP-3529), and never below the floor (EIP-7623)")
    func refunds() throws {
        let clear = (1...10).flatMap { Program.op(0x55, UInt256(UInt64($0)), 0) }
        var storage: [UInt256: UInt256] = [:]
        for slot in 1...10 { storage[UInt256(UInt64(slot))] = 1 }
        let world = World(code: clear, storage: storage)
        let outcome = try world.execute()
        #expect(outcome.gasRefunded == (outcome.gasUsed + outcome.gasRefunded) / 5)
        let data = [UInt8](repeating: 1, count: 3000)
        let floored = World(code: clear, storage: storage)
        let floor = try floored.execute(callTransaction(data: data))
        #expect(floor.gasUsed == 21000 + 40 * 3000)
    }

    @Test("a failed transaction keeps its nonce and fee, nothing else")
    func failure() throws {
        let world = World { $0.put(Fixed.contract, code: Program.op(0x55, 0, 1) + [0xfe]) }
        let outcome = try world.execute(callTransaction(value: 5, gasLimit: 100_000, maxFee: 2, tip: 2))
        #expect(outcome.status == .halted(.undefinedInstruction) && outcome.gasUsed == 100_000 && outcome.logs.isEmpty)
        #expect(try world.executor.account(Fixed.sender) == AccountRecord(nonce: 1, balance: Fixed.richBalance &- 200_000))
        let reverted = World { $0.put(Fixed.contract, code: Program.op(0x52, 0, 0xdead) + Program.op(0xfd, 30, 2)) }
        let second = try reverted.execute(callTransaction(value: 5))
        #expect(second.status == .reverted && second.output == [0xde, 0xad] && second.gasUsed < 22000)
        #expect(try reverted.executor.account(Fixed.contract)?.balance == .zero)
    }

    @Test("changes are net, sorted and make the next block's state")
    func changes() throws {
        let world = World { state in
            state.put(Fixed.contract, code: Program.op(0x55, 2, 2) + Program.op(0x55, 1, 1) + Program.op(0x55, 3, 0), storage: [3: 1])
            state.put(Fixed.other, code: Program.op(0x55, 1, 1))
        }
        _ = try world.execute()
        _ = try world.execute(callTransaction(to: Fixed.other, nonce: 1))
        let changes = world.executor.changes()
        #expect(changes.accounts == [AccountChange(address: Fixed.sender, record: AccountRecord(nonce: 2, balance: Fixed.richBalance))])
        #expect(
            changes.storage == [
                StorageChange(address: Fixed.other, slot: 1, value: 1), StorageChange(address: Fixed.contract, slot: 1, value: 1),
                StorageChange(address: Fixed.contract, slot: 2, value: 2), StorageChange(address: Fixed.contract, slot: 3, value: 0),
            ])
        world.state.apply(changes)
        let next = TransactionExecutor(database: world.state, environment: environment())
        #expect(try next.execute(callTransaction(nonce: 2), sender: Fixed.sender).gasUsed < 30000)
    }

    @Test("a broken database stops everything and is reported")
    func brokenDatabase() throws {
        let world = World(code: Program.op(0x54, 0))
        world.state.isBroken = true
        #expect(throws: ExecutionError.state(.unavailable)) { _ = try world.execute() }
        world.state.isBroken = false
        #expect(throws: ExecutionError.state(.unavailable)) { _ = try world.execute() }
        #expect(throws: StateError.unavailable) { _ = try world.executor.account(Fixed.sender) }
    }
}

@Suite("Calls without transactions")
struct CallRequestTests {
    @Test("effects are discarded and no price is asked")
    func discarded() throws {
        let world = World(baseFee: 10) { state in
            state.put(Fixed.contract, code: Program.op(0x55, 0, 1) + [0x48] + Program.returnTop)
            state.put(Fixed.other, code: [1])
        }
        let request = CallRequest(from: Fixed.other, to: Fixed.contract, gasLimit: 1_000_000)
        let outcome = try world.executor.call(request)
        #expect(outcome.succeeded && outcome.output == UInt256.zero.bigEndianBytes)
        #expect(world.executor.changes() == StateChanges())
        #expect(try world.executor.call(request).gasUsed == outcome.gasUsed)
    }

    @Test("value and, with a price, fees must be covered")
    func funds() throws {
        let world = World(baseFee: 10) { $0.put(Fixed.other, balance: 100) }
        var request = CallRequest(from: Fixed.other, to: Fixed.contract, gasLimit: 50_000, value: 100)
        #expect(try world.executor.call(request).succeeded)
        request.value = 101
        #expect(throws: ExecutionError.invalid(.insufficientFunds(sender: Fixed.other, have: 100, want: 101))) { try world.executor.call(request) }
        request.value = 0
        request.maxFeePerGas = 10
        #expect(throws: ExecutionError.invalid(.insufficientFunds(sender: Fixed.other, have: 100, want: 500_000))) { try world.executor.call(request) }
        request.maxFeePerGas = 9
        #expect(throws: ExecutionError.invalid(.feeCapBelowBaseFee(feeCap: 9, baseFee: 10))) { try world.executor.call(request) }
    }

    @Test("calls see the transactions before them, and creations return their code")
    func sequence() throws {
        let world = World(code: Program.op(0x54, 0) + Program.push(1) + [0x01] + Program.store(0) + Program.op(0x54, 0) + Program.returnTop)
        _ = try world.execute()
        let request = CallRequest(from: Fixed.sender, to: Fixed.contract, gasLimit: 100_000)
        #expect(try world.executor.call(request).output == UInt256(2).bigEndianBytes)
        #expect(world.slot(0) == 1)
        let creation = CallRequest(from: Fixed.sender, to: nil, gasLimit: 100_000, data: Program.deploy([1, 2, 3]))
        #expect(try world.executor.call(creation).output == [1, 2, 3])
    }
}

@Suite("Block start")
struct BlockStartTests {
    /// EIP-2935's bytecode.
    static let historyCode =
        "3373fffffffffffffffffffffffffffffffffffffffe14604657602036036042575f35600143038111604257611fff81430311604257611fff9006545f5260205ff35b5f5ffd5b5f35611fff60014303065500"

    @Test("the parent's hash is written to the history contract from Prague (EIP-2935)")
    func history() throws {
        let code = try #require(Hex.decode(BlockStartTests.historyCode))
        let parent = Hash256(UInt256(0x1234))
        for fork in [Fork.cancun, .prague] {
            let world = World(fork) { $0.put(SystemContract.history, nonce: 1, code: code) }
            try world.executor.beginBlock(parentHash: parent)
            #expect(world.slot(999, SystemContract.history) == (fork == .prague ? 0x1234 : nil))
            #expect(world.executor.changes().accounts.isEmpty)
        }
        let without = World { _ in }
        try without.executor.beginBlock(parentHash: parent)
        #expect(without.executor.changes() == StateChanges())
    }
}

@Suite("Set-code transactions (EIP-7702)")
struct SetCodeTests {
    static let key = SecretKey([UInt8](repeating: 7, count: 32))!
    static let authority = key.publicKey.address

    func authorization(_ target: Address = Fixed.other, chainID: UInt256 = 7, nonce: UInt64 = 0) -> Authorization {
        Authorization(chainID: chainID, address: target, nonce: nonce, yParity: 0, r: 0, s: 0).signed(with: SetCodeTests.key)
    }

    func world(balance: UInt256 = 5) -> World {
        World { state in
            state.put(SetCodeTests.authority, balance: balance)
            state.put(Fixed.other, code: Program.op(0x55, 0, 1) + [0x30] + Program.returnTop)
        }
    }

    @Test("an account runs another's code on its own storage")
    func delegation() throws {
        let world = world()
        let outcome = try world.execute(callTransaction(to: SetCodeTests.authority, authorizations: [authorization()]))
        #expect(outcome.output == SetCodeTests.authority.word.bigEndianBytes)
        #expect(world.slot(0, SetCodeTests.authority) == 1)
        let found = try world.executor.account(SetCodeTests.authority)
        let record = try #require(found)
        #expect(record.nonce == 1 && record.codeHash == Keccak256.hash([0xef, 1, 0] + Fixed.other.bytes))
        // Removing the delegation restores an account without code.
        _ = try world.execute(callTransaction(nonce: 1, authorizations: [authorization(.zero, nonce: 1)]))
        #expect(try world.executor.account(SetCodeTests.authority)?.codeHash == Keccak256.empty)
    }

    @Test("wrong chain, nonce or signature skip the tuple; existing accounts get a refund")
    func skipping() throws {
        var forged = authorization()
        forged.s = .max
        for bad in [authorization(chainID: 8), authorization(nonce: 1), forged] {
            let world = world()
            #expect(try world.execute(callTransaction(authorizations: [bad])).gasUsed == 46000)
            #expect(try world.executor.account(SetCodeTests.authority)?.nonce == 0)
        }
        #expect(try world().execute(callTransaction(authorizations: [authorization(chainID: 0)])).gasUsed == 46000 - 46000 / 5)
        #expect(try world(balance: 0).execute(callTransaction(authorizations: [authorization()])).gasUsed == 46000)
    }

    @Test("the delegation stays when the transaction reverts")
    func reverted() throws {
        let world = World { $0.put(Fixed.contract, code: Program.op(0xfd, 0, 0)) }
        #expect(try world.execute(callTransaction(authorizations: [authorization()])).status == .reverted)
        #expect(try world.executor.account(SetCodeTests.authority)?.nonce == 1)
    }

    @Test("EXTCODESIZE sees the designator, calls pay for the target too")
    func observers() throws {
        func run(_ code: [UInt8]) throws -> TransactionOutcome {
            let world = World { state in
                state.put(Fixed.contract, code: code)
                state.put(SetCodeTests.authority, code: [0xef, 1, 0] + Fixed.other.bytes)
                state.put(Fixed.other, code: [0x00])
            }
            return try world.execute()
        }
        #expect(try run(Program.op(0x3b, SetCodeTests.authority.word) + Program.returnTop).output == UInt256(23).bigEndianBytes)
        #expect(try run(Program.call(SetCodeTests.authority, gas: 0)).gasUsed == 21000 + 2 + 3 + 2 * 5 + 2600 + 2600)
    }
}
