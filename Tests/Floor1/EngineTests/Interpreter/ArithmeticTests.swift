// Arithmetic, comparison and bit instructions on values where mistakes show.
import Engine
import Primitives
import Testing

@Suite("EVM arithmetic")
struct ArithmeticTests {
    static let minusOne = UInt256.max
    static let lowest = UInt256.one &<< 255

    static let binary: [(opcode: UInt8, a: UInt256, b: UInt256, expected: UInt256)] = [
        (0x01, .max, 2, 1),
        (0x02, UInt256.one &<< 255, 3, UInt256.one &<< 255),
        (0x03, 1, 2, .max),
        (0x04, 17, 5, 3), (0x04, 17, 0, 0), (0x04, .max, 1 &<< 128, UInt256.max &>> 128),
        (0x05, minusOne, 2, 0), (0x05, lowest, minusOne, lowest), (0x05, UInt256(7).negated, 2, UInt256(3).negated), (0x05, 7, 0, 0),
        (0x06, 17, 5, 2), (0x06, 17, 0, 0),
        (0x07, UInt256(17).negated, 5, UInt256(2).negated), (0x07, 17, UInt256(5).negated, 2), (0x07, 17, 0, 0),
        (0x0a, 3, 5, 243), (0x0a, 2, 256, 0), (0x0a, 0, 0, 1),
        (0x0b, 0, 0xff, .max), (0x0b, 0, 0x7f, 0x7f), (0x0b, 1, 0x80ff, UInt256.max &- 0x7f00), (0x0b, 31, 5, 5), (0x0b, .max, 5, 5),
        (0x10, 1, 2, 1), (0x10, 2, 1, 0), (0x11, 2, 1, 1), (0x12, minusOne, 0, 1), (0x12, 0, minusOne, 0), (0x13, 0, lowest, 1),
        (0x14, 9, 9, 1), (0x14, 9, 8, 0),
        (0x16, 0xf0, 0x3c, 0x30), (0x17, 0xf0, 0x3c, 0xfc), (0x18, 0xf0, 0x3c, 0xcc),
        (0x1a, 31, 0x1234, 0x34), (0x1a, 30, 0x1234, 0x12), (0x1a, 32, 0x1234, 0), (0x1a, .max, 0x1234, 0), (0x1a, 0, lowest, 0x80),
        (0x1b, 4, 1, 16), (0x1b, 256, 1, 0), (0x1b, 255, 1, lowest), (0x1b, .max, 1, 0),
        (0x1c, 4, 16, 1), (0x1c, 256, .max, 0), (0x1c, 255, lowest, 1),
        (0x1d, 4, lowest, UInt256.max &<< 251), (0x1d, 256, minusOne, .max), (0x1d, 300, 5, 0), (0x1d, .max, lowest, .max), (0x1d, 1, 8, 4),
    ]

    @Test("two operands", arguments: binary)
    func twoOperands(opcode: UInt8, a: UInt256, b: UInt256, expected: UInt256) throws {
        #expect(try result(of: Program.op(opcode, a, b) + Program.returnTop) == expected)
    }

    @Test("three operands")
    func threeOperands() throws {
        #expect(try result(of: Program.op(0x08, .max, .max, 7) + Program.returnTop) == UInt256.max.addingModulo(.max, 7))
        #expect(try result(of: Program.op(0x08, .max, 2, .max) + Program.returnTop) == 2)
        #expect(try result(of: Program.op(0x08, 5, 6, 0) + Program.returnTop) == 0)
        #expect(try result(of: Program.op(0x09, .max, .max, 12) + Program.returnTop) == 9)
        #expect(try result(of: Program.op(0x09, 5, 6, 0) + Program.returnTop) == 0)
    }

    @Test("one operand")
    func oneOperand() throws {
        #expect(try result(of: Program.op(0x15, 0) + Program.returnTop) == 1)
        #expect(try result(of: Program.op(0x15, 1 &<< 200) + Program.returnTop) == 0)
        #expect(try result(of: Program.op(0x19, 0) + Program.returnTop) == .max)
    }

    @Test("CLZ counts leading zeros, costs 5 and is undefined before Osaka (EIP-7939)")
    func leadingZeros() throws {
        for (value, count) in [(.zero, 256), (.one, 255), (.max, 0), (ArithmeticTests.lowest, 0), (1 &<< 64, 191), (1 &<< 128, 127), (1 &<< 191, 64)]
            as [(UInt256, UInt256)]
        {
            #expect(try result(of: Program.op(0x1e, value) + Program.returnTop, .osaka) == count)
            #expect(try result(of: Program.op(0x1e, value) + Program.returnTop, .prague) == nil)
        }
        #expect(try gas(of: Program.op(0x1e, 1), .osaka) == 3 + 5)
        #expect(try World(.osaka, code: [0x1e]).execute().status == .halted(.stackUnderflow))
        #expect(try World(.prague, code: [0x5f, 0x1e]).execute().status == .halted(.undefinedInstruction))
    }

    @Test("EXP costs 50 per byte of the exponent (EIP-160)")
    func exponentGas() throws {
        let small = try gas(of: Program.op(0x0a, 2, 0))
        // PUSH0 costs 2 and PUSHn 3.
        #expect(small == 2 + 3 + 10)
        #expect(try gas(of: Program.op(0x0a, 2, 255)) == 3 + 3 + 10 + 50)
        #expect(try gas(of: Program.op(0x0a, 2, .max)) == 3 + 3 + 10 + 32 * 50)
    }

    @Test("DUP and SWAP reach the word they name")
    func stackAccess() throws {
        let words = (1...17).flatMap { Program.push(UInt256(UInt64($0))) }
        for depth in 1...16 {
            #expect(try result(of: words + [0x7f + UInt8(depth)] + Program.returnTop) == UInt256(UInt64(18 - depth)))
            #expect(try result(of: words + [0x8f + UInt8(depth)] + Program.returnTop) == UInt256(UInt64(17 - depth)))
        }
    }

    @Test("PUSH1 to PUSH32 take their bytes, and zeros behind the code's end")
    func pushes() throws {
        for count in 1...32 {
            let bytes = (1...count).map { UInt8($0) }
            #expect(try result(of: [0x5f + UInt8(count)] + bytes + Program.returnTop) == UInt256(bigEndianBytes: bytes))
            // The code ends inside the data: execution stops there without an error.
            #expect(try World(code: [0x5f + UInt8(count)] + bytes.dropLast()).execute().succeeded)
        }
    }
}
