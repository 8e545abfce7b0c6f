// Memory: contents, growth and its price, copies, call data, return data, hashing, logs.
import Engine
import Primitives
import Testing

@Suite("EVM memory")
struct MemoryTests {
    @Test("stores and loads at unaligned places")
    func storeAndLoad() throws {
        let value = UInt256(l0: 1, l1: 2, l2: 3, l3: 4)
        #expect(try result(of: Program.op(0x52, 5, value) + Program.op(0x51, 5) + Program.returnTop) == value)
        #expect(try result(of: Program.op(0x53, 31, 0x1ff) + Program.op(0x51, 0) + Program.returnTop) == 0xff)
        #expect(try result(of: Program.op(0x51, 100) + [0x59] + Program.returnTop) == 160)
    }

    @Test("growth costs 3 per word and a square")
    func growth() throws {
        #expect(try gas(of: Program.op(0x51, 0)) == 2 + 3 + 3)
        #expect(try gas(of: Program.op(0x51, UInt256(32 * 999))) == 3 + 3 + 3 * 1000 + 1_000_000 / 512)
        #expect(try gas(of: Program.op(0x53, 32, 1)) == 3 + 3 + 3 + 3 * 2)
        #expect(try World(code: Program.op(0x51, .max)).execute().status == .halted(.outOfGas))
        #expect(try World(code: Program.op(0x51, 1 &<< 63)).execute().status == .halted(.outOfGas))
        #expect(try World(code: Program.op(0x51, UInt256(UInt64.max &- 20))).execute().status == .halted(.outOfGas))
    }

    @Test("a range of no bytes costs nothing wherever it is")
    func emptyRanges() throws {
        #expect(try result(of: Program.op(0x20, .max, 0) + Program.returnTop) == UInt256(Keccak256.empty))
        #expect(try World(code: Program.op(0x37, .max, .max, 0)).execute().succeeded)
        #expect(try World(code: Program.op(0xf3, .max, 0)).execute().output == [])
    }

    @Test("MCOPY moves overlapping ranges (EIP-5656)")
    func memoryCopy() throws {
        let fill = Program.op(0x52, 0, UInt256(bigEndianBytes: (0..<32).map { UInt8($0) }))
        let forward = try World(code: fill + Program.op(0x5e, 4, 0, 16) + Program.op(0xf3, 0, 32)).execute().output
        #expect(forward == [0, 1, 2, 3] + (0..<16).map { UInt8($0) } + (20..<32).map { UInt8($0) })
        let backward = try World(code: fill + Program.op(0x5e, 0, 4, 16) + Program.op(0xf3, 0, 32)).execute().output
        #expect(backward == (4..<20).map { UInt8($0) } + (16..<32).map { UInt8($0) })
        #expect(try gas(of: Program.op(0x5e, 0, 32, 33)) == 2 + 3 + 3 + 3 + 2 * 3 + 3 * 3)
    }

    @Test("call data is padded with zeros")
    func callData() throws {
        let data: [UInt8] = [1, 2, 3]
        #expect(try result(of: Program.op(0x35, 0) + Program.returnTop, data: data) == UInt256(0x010203) &<< 232)
        #expect(try result(of: Program.op(0x35, 2) + Program.returnTop, data: data) == UInt256(3) &<< 248)
        #expect(try result(of: Program.op(0x35, 3) + Program.returnTop, data: data) == 0)
        #expect(try result(of: Program.op(0x35, .max) + Program.returnTop, data: data) == 0)
        let copied = try World(code: Program.op(0x37, 1, 1, 4) + Program.op(0xf3, 0, 6)).execute(callTransaction(data: data)).output
        #expect(copied == [0, 2, 3, 0, 0, 0])
    }

    @Test("code is copied, padded, and its size known")
    func codeCopy() throws {
        let code = Program.op(0x39, 0, 0, 64) + Program.op(0xf3, 0, 64)
        #expect(try World(code: code).execute().output == code + [UInt8](repeating: 0, count: 64 - code.count))
        let world = World { state in
            state.put(Fixed.contract, code: Program.op(0x3c, Fixed.other.word, 0, 1, 3) + Program.op(0xf3, 0, 4))
            state.put(Fixed.other, code: [9, 8, 7])
        }
        #expect(try world.execute().output == [8, 7, 0, 0])
    }

    @Test("KECCAK256 hashes memory and costs 6 per word")
    func keccak() throws {
        let code = Program.op(0x52, 0, 5) + Program.op(0x20, 0, 32) + Program.returnTop
        #expect(try result(of: code) == UInt256(Keccak256.hash(UInt256(5).bigEndianBytes)))
        #expect(try gas(of: Program.op(0x20, 0, 33)) == 2 + 3 + 30 + 2 * 6 + 2 * 3)
    }

    @Test("RETURNDATACOPY must stay inside the return data")
    func returnData() throws {
        func run(_ tail: [UInt8]) throws -> TransactionOutcome {
            let world = World { state in
                state.put(Fixed.contract, code: Program.call(Fixed.other) + tail)
                state.put(Fixed.other, code: Program.op(0x52, 0, 0xabcd) + Program.op(0xf3, 30, 2))
            }
            return try world.execute()
        }
        #expect(try run([0x3d] + Program.returnTop).output == UInt256(2).bigEndianBytes)
        #expect(try run(Program.op(0x3e, 0, 0, 2) + Program.op(0xf3, 0, 2)).output == [0xab, 0xcd])
        #expect(try run(Program.op(0x3e, 0, 1, 2)).status == .halted(.returnDataOutOfBounds))
        #expect(try run(Program.op(0x3e, 0, .max, 2)).status == .halted(.returnDataOutOfBounds))
        #expect(try run(Program.op(0x3e, 0, 2, 0)).succeeded)
    }

    @Test("logs carry address, topics in order and data")
    func logs() throws {
        let code = Program.op(0x52, 0, 0x77) + Program.op(0xa3, 31, 1, 11, 12, 13)
        let outcome = try World(code: code).execute()
        let topics = [11, 12, 13].map { Hash256(UInt256(UInt64($0))) }
        #expect(outcome.logs == [Log(address: Fixed.contract, topics: topics, data: [0x77])])
        #expect(try gas(of: Program.op(0xa1, 0, 10, 1)) == 2 + 3 + 3 + 375 * 2 + 8 * 10 + 3)
    }
}
