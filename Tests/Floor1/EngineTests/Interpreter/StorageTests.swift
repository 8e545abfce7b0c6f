// Storage: EIP-2200 as changed by EIP-2929 and EIP-3529, and transient storage (EIP-1153).
import Engine
import Primitives
import Testing

@Suite("EVM storage")
struct StorageTests {
    /// Original value, values stored one after the other, gas of the stores alone, refund before the cap.
    /// From EIP-3529's table; the first store also pays 2,100 for the cold slot.
    static let sequences: [(original: UInt64, stores: [UInt64], gas: UInt64, refund: Int64)] = [
        (0, [0, 0], 200, 0), (0, [0, 1], 20100, 0), (0, [1, 0], 20100, 19900), (0, [1, 2], 20100, 0), (0, [1, 1], 20100, 0),
        (1, [0, 0], 3000, 4800), (1, [0, 1], 3000, 2800), (1, [0, 2], 3000, 0), (1, [2, 0], 3000, 4800), (1, [2, 3], 3000, 0),
        (1, [2, 1], 3000, 2800), (1, [2, 2], 3000, 0), (1, [1, 0], 3000, 4800), (1, [1, 2], 3000, 0), (1, [1, 1], 200, 0),
        (0, [1, 0, 1], 40100, 19900), (1, [0, 1, 0], 5900, 7600),
    ]

    @Test("gas and refund of EIP-3529's table", arguments: sequences)
    func storeGas(original: UInt64, stores: [UInt64], gas: UInt64, refund: Int64) throws {
        var code: [UInt8] = []
        var pushes: UInt64 = 0
        for value in stores {
            code += Program.op(0x55, 0, UInt256(value))
            pushes += value == 0 ? 4 : 5
        }
        let outcome = try World(code: code, storage: [0: UInt256(original)]).execute()
        let consumed = 21000 + gas + 2100 + pushes
        #expect(outcome.gasRefunded == min(UInt64(max(refund, 0)), consumed / 5))
        #expect(outcome.gasUsed + outcome.gasRefunded == consumed)
    }

    @Test("SLOAD is cold once per transaction")
    func loadGas() throws {
        #expect(try gas(of: Program.op(0x54, 1)) == 3 + 2100)
        #expect(try gas(of: Program.op(0x54, 1) + Program.op(0x54, 1)) == 2 * 3 + 2100 + 100)
        let world = World(code: Program.op(0x54, 1))
        #expect(try world.execute().gasUsed == 21000 + 2103)
        #expect(try world.execute(callTransaction(nonce: 1)).gasUsed == 21000 + 2103)
    }

    @Test("SSTORE needs more than the stipend (EIP-2200)")
    func stipend() throws {
        let world = World(code: Program.op(0x55, 0, 0), storage: [:])
        #expect(try world.execute(callTransaction(gasLimit: 21000 + 4 + 2300)).status == .halted(.outOfGas))
        #expect(try world.execute(callTransaction(gasLimit: 21000 + 4 + 2301, nonce: 1)).succeeded)
    }

    @Test("what a failed frame stored and warmed is undone")
    func undo() throws {
        let world = World { state in
            state.put(Fixed.contract, code: Program.call(Fixed.other) + Program.store(0) + Program.op(0x55, 9, 1))
            state.put(Fixed.other, code: Program.op(0x55, 1, 5) + Program.op(0xfd, 0, 0), storage: [1: 4])
        }
        #expect(try world.execute().succeeded)
        #expect(world.executor.changes().storage == [StorageChange(address: Fixed.contract, slot: 9, value: 1)])
    }

    @Test("original values are those of the transaction's start")
    func originals() throws {
        let world = World(code: Program.op(0x35, 0) + Program.push(0) + [0x55])
        let one = UInt256(1).bigEndianBytes
        let first = try world.execute(callTransaction(data: one))
        #expect(first.gasUsed > 40000)
        let second = try world.execute(callTransaction(data: UInt256(2).bigEndianBytes, nonce: 1))
        #expect(second.gasUsed - 21000 - 31 * 4 - 16 == 2 + 3 + 2 + 2100 + 2900)
        #expect(world.slot(0) == 2)
        let third = try world.execute(callTransaction(data: UInt256(0).bigEndianBytes, nonce: 2))
        #expect(third.gasRefunded == 4800)
        #expect(world.executor.changes().storage.isEmpty)
    }

    @Test("transient storage lasts for the transaction and is undone with its frame (EIP-1153)")
    func transient() throws {
        let keep = Program.op(0x5c, 3) + Program.store(0) + Program.op(0x5d, 3, 7) + Program.op(0x5c, 3) + Program.store(1)
        let world = World(code: keep)
        for nonce in 0..<2 as Range<UInt64> {
            #expect(try world.execute(callTransaction(nonce: nonce)).succeeded)
            #expect(world.slot(0) == nil)
            #expect(world.slot(1) == 7)
        }
        let undone = World { state in
            // Calls itself once: the inner call stores 9 and reverts.
            let inner: [UInt8] = [0x5b] + Program.op(0x5d, 3, 9) + Program.op(0xfd, 0, 0)
            let head: [UInt8] = [0x33, 0x30, 0x14]
            let body = Program.op(0x5d, 3, 8) + Program.call(Fixed.contract) + [0x50] + Program.op(0x5c, 3) + Program.store(0) + [0x00]
            let target = UInt8(head.count + 3 + body.count)
            state.put(Fixed.contract, code: head + [0x60, target, 0x57] + body + inner)
        }
        #expect(try undone.execute().succeeded)
        #expect(undone.slot(0) == 8)
    }
}
