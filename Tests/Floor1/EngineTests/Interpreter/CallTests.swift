// Calls: context, value, gas, static frames, depth; self-destruction.
import Engine
import Primitives
import Testing

@Suite("EVM calls")
struct CallTests {
    /// Stores ADDRESS, CALLER and CALLVALUE in slots 1 to 3 of whoever's storage it runs on.
    static let witness: [UInt8] = [0x30] + Program.store(1) + [0x33] + Program.store(2) + [0x34] + Program.store(3)

    func world(_ code: [UInt8], callee: [UInt8] = witness, balance: UInt256 = 100) -> World {
        World { state in
            state.put(Fixed.contract, balance: balance, code: code)
            state.put(Fixed.other, code: callee)
        }
    }

    @Test("CALL, CALLCODE and DELEGATECALL differ in storage, caller and value")
    func contexts() throws {
        let call = world(Program.op(0xf1, 200_000, Fixed.other.word, 5, 0, 0, 0, 0))
        #expect(try call.execute().succeeded)
        #expect([1, 2, 3].map { call.slot($0, Fixed.other) } == [Fixed.other.word, Fixed.contract.word, 5])
        #expect(try call.executor.account(Fixed.other)?.balance == 5)

        let callCode = world(Program.op(0xf2, 200_000, Fixed.other.word, 5, 0, 0, 0, 0))
        #expect(try callCode.execute().succeeded)
        #expect([1, 2, 3].map { callCode.slot($0) } == [Fixed.contract.word, Fixed.contract.word, 5])
        #expect(try callCode.executor.account(Fixed.contract)?.balance == 100)

        let delegate = world(Program.op(0xf4, 200_000, Fixed.other.word, 0, 0, 0, 0))
        #expect(try delegate.execute(callTransaction(value: 9)).succeeded)
        #expect([1, 2, 3].map { delegate.slot($0) } == [Fixed.contract.word, Fixed.sender.word, 9])
    }

    @Test(
        "nothing may be written inside a STATICCALL",
        arguments: [
            Program.op(0x55, 0, 1), Program.op(0x5d, 0, 1), Program.op(0xa0, 0, 0), Program.op(0xf0, 0, 0, 0), Program.op(0xf5, 0, 0, 0, 0),
            Program.op(0xff, 0), Program.call(Address(small: 0x99), value: 1),
        ])
    func staticCalls(callee: [UInt8]) throws {
        let code = Program.op(0xfa, 500_000, Fixed.other.word, 0, 0, 0, 0) + Program.returnTop
        #expect(try world(code, callee: callee).execute().output == UInt256.zero.bigEndianBytes)
        // Allowed: a call without value, and CALLCODE with one.
        #expect(try world(code, callee: Program.call(Address(small: 0x99))).execute().output == UInt256.one.bigEndianBytes)
    }

    @Test("a call gets at most all but one 64th (EIP-150), and the stipend on top")
    func gasForCallee() throws {
        let callee: [UInt8] = [0x5a] + Program.returnTop
        let code = Program.op(0xf1, .max, Fixed.other.word, 0, 0, 0, 0, 32) + Program.op(0xf3, 0, 32)
        let output = UInt256(bigEndianBytes: try world(code, callee: callee).execute().output)
        // PUSH32, PUSH2 and PUSH1 cost 3, four PUSH0 cost 2; one word of memory; a cold account.
        let left = Fixed.gasLimit - 21000 - (3 * 3 + 4 * 2) - 3 - 2600
        #expect(output == UInt256(left - left / 64 - 2))
        let withValue = Program.op(0xf1, 0, Fixed.other.word, 1, 0, 0, 0, 32) + Program.op(0xf3, 0, 32)
        #expect(try world(withValue, callee: callee).execute().output == UInt256(2300 - 2).bigEndianBytes)
    }

    @Test("prices: cold and warm accounts, value, new accounts")
    func prices() throws {
        let pushes: UInt64 = 2 + 3 + 2 * 5
        #expect(try gas(of: Program.call(Fixed.other, gas: 0)) == pushes + 2600)
        #expect(try gas(of: Program.call(Fixed.coinbase, gas: 0)) == pushes + 100)
        let fresh = world(Program.call(Address(small: 0x5555), value: 1, gas: 0))
        #expect(try fresh.execute().gasUsed == 21000 + pushes + 1 + 2600 + 9000 + 25000 - 2300)
        let existing = world(Program.call(Fixed.other, value: 1, gas: 0), callee: [0x00])
        #expect(try existing.execute().gasUsed == 21000 + pushes + 1 + 2600 + 9000 - 2300)
    }

    @Test("a call that cannot be paid gives its gas back and clears the return data")
    func tooPoor() throws {
        let code = Program.call(Fixed.other, value: 101) + Program.returnTop
        let outcome = try world(code).execute()
        #expect(outcome.output == UInt256.zero.bigEndianBytes)
        #expect(outcome.gasUsed < 60000)
    }

    @Test("output is copied as far as it fits, the rest of the area stays")
    func outputArea() throws {
        let callee = Program.op(0x52, 0, 0xaabbccdd) + Program.op(0xf3, 28, 4)
        let prefill = Program.op(0x52, 0, .max)
        let short = try world(prefill + Program.op(0xf1, 100_000, Fixed.other.word, 0, 0, 0, 0, 2) + Program.op(0xf3, 0, 4), callee: callee)
            .execute().output
        #expect(short == [0xaa, 0xbb, 0xff, 0xff])
        let long = try world(prefill + Program.op(0xf1, 100_000, Fixed.other.word, 0, 0, 0, 0, 32) + Program.op(0xf3, 0, 6), callee: callee)
            .execute().output
        #expect(long == [0xaa, 0xbb, 0xcc, 0xdd, 0xff, 0xff])
    }

    @Test("call data that lies in memory survives the growth of the buffer")
    func inputSurvivesGrowth() throws {
        // The callee grows memory far beyond the buffer, then reads its call data.
        let callee = Program.op(0x51, 400_000) + [0x50] + Program.op(0x35, 0) + Program.returnTop
        let code = Program.op(0x52, 0, 0x1234) + Program.op(0xf1, 4_000_000, Fixed.other.word, 0, 0, 32, 32, 32) + [0x50] + Program.op(0xf3, 32, 32)
        #expect(try world(code, callee: callee).execute().output == UInt256(0x1234).bigEndianBytes)
    }

    @Test("1024 nested calls are the deepest")
    func depth() throws {
        // Each frame gets its depth as call data, stores depth + 1 and calls itself with that.
        let code = Program.op(0x35, 0) + Program.push(1) + [0x01, 0x80] + Program.push(0) + [0x52] + Program.store(0)
            + Program.op(0xf1, .max, Fixed.contract.word, 0, 0, 32, 0, 0)
        let state = MemoryState()
        state.put(Fixed.sender, balance: Fixed.richBalance)
        state.put(Fixed.contract, code: code)
        var block = environment()
        block.gasLimit = 1 << 50
        let executor = TransactionExecutor(database: state, environment: block)
        let outcome = try executor.execute(callTransaction(gasLimit: 1 << 45), sender: Fixed.sender)
        #expect(outcome.succeeded)
        #expect(executor.changes().storage == [StorageChange(address: Fixed.contract, slot: 0, value: 1025)])
    }

    @Test("an account of earlier transactions only sends its balance on SELFDESTRUCT from Cancun (EIP-6780)")
    func selfDestruct() throws {
        func run(_ fork: Fork, heir: Address) throws -> World {
            let world = World(fork) { $0.put(Fixed.contract, balance: 50, code: Program.push(heir) + [0xff]) }
            #expect(try world.execute().succeeded)
            return world
        }
        let cancun = try run(.cancun, heir: Fixed.other)
        #expect(try cancun.executor.account(Fixed.contract)?.balance == 0)
        #expect(try cancun.executor.account(Fixed.other)?.balance == 50)
        #expect(try run(.cancun, heir: Fixed.contract).executor.account(Fixed.contract)?.balance == 50)
        let shanghai = try run(.shanghai, heir: Fixed.other)
        #expect(try shanghai.executor.account(Fixed.contract) == nil)
        #expect(try shanghai.executor.account(Fixed.other)?.balance == 50)
        #expect(try run(.shanghai, heir: Fixed.contract).executor.account(Fixed.contract) == nil)
    }

    @Test("a contract that destroys itself where it was created is gone")
    func selfDestructInCreation() throws {
        // Init code: store something, then SELFDESTRUCT to the caller.
        let initCode: [UInt8] = Program.op(0x55, 1, 1) + [0x33, 0xff]
        let world = World { _ in }
        let outcome = try world.execute(callTransaction(to: nil, value: 5, data: initCode))
        #expect(outcome.succeeded)
        let address = try #require(outcome.createdAddress)
        #expect(try world.executor.account(address) == nil)
        #expect(world.executor.changes().storage.isEmpty)
        #expect(try world.executor.account(Fixed.sender)?.balance == Fixed.richBalance)
    }
}
