// Jumps, stack limits, undefined instructions, and which instruction came with which fork.
import Engine
import Primitives
import Testing

@Suite("EVM control flow")
struct FlowTests {
    func halt(_ code: [UInt8], _ fork: Fork = .prague) throws -> HaltReason? {
        let outcome = try World(fork, code: code).execute()
        guard case .halted(let reason) = outcome.status else { return nil }
        #expect(outcome.gasUsed == Fixed.gasLimit)
        return reason
    }

    @Test("a jump must land on a JUMPDEST that is not push data")
    func jumps() throws {
        #expect(try result(of: [0x60, 4, 0x56, 0xfe, 0x5b] + Program.push(7) + Program.returnTop) == 7)
        #expect(try halt([0x60, 3, 0x56, 0x60, 0x5b]) == .invalidJump)
        #expect(try halt([0x60, 5, 0x56, 0x60, 0x5b]) == .invalidJump)
        #expect(try halt([0x60, 4, 0x56, 0x60, 0x5b]) == .invalidJump)
        #expect(try halt(Program.push(1 &<< 64) + [0x56, 0x5b]) == .invalidJump)
        #expect(try halt(Program.push(.max) + [0x56, 0x5b]) == .invalidJump)
    }

    @Test("JUMPI jumps on any non-zero condition and checks its target only then")
    func conditionalJumps() throws {
        let tail: [UInt8] = [0x5f, 0x5f, 0xfd, 0x5b]
        #expect(try World(code: Program.op(0x57, 0, 0) + Program.push(1) + Program.returnTop).execute().succeeded)
        let code = Program.push(1 &<< 255) + [0x60, 40, 0x57] + tail
        #expect(code.count == 33 + 3 + 4 && code[39] == 0x5b)
        #expect(try halt(code) == .invalidJump)
        #expect(try World(code: Program.push(1 &<< 255) + [0x60, 39, 0x57] + tail).execute().succeeded)
    }

    @Test("PC, GAS and JUMPDEST")
    func counters() throws {
        #expect(try result(of: [0x5b, 0x5b, 0x58] + Program.returnTop) == 2)
        #expect(try result(of: [0x5a] + Program.returnTop) == UInt256(Fixed.gasLimit - 21000 - 2))
        #expect(try gas(of: [0x5b, 0x5b]) == 2)
    }

    @Test("the stack holds 1024 words")
    func stackLimits() throws {
        let full = [UInt8](repeating: 0x5f, count: 1024)
        #expect(try World(code: full).execute().succeeded)
        #expect(try halt(full + [0x5f]) == .stackOverflow)
        #expect(try halt(full + [0x80]) == .stackOverflow)
        #expect(try halt(full + [0x30]) == .stackOverflow)
        #expect(try World(code: full + [0x01]).execute().succeeded)
    }

    @Test("every instruction that takes operands halts on too few", arguments: 0...255)
    func underflow(opcode: Int) throws {
        let operands: [Int: Int] = [
            0x15: 1, 0x19: 1, 0x31: 1, 0x35: 1, 0x3b: 1, 0x3f: 1, 0x40: 1, 0x49: 1, 0x50: 1, 0x51: 1, 0x54: 1, 0x56: 1, 0x5c: 1, 0xff: 1,
            0x08: 3, 0x09: 3, 0x37: 3, 0x39: 3, 0x3c: 4, 0x3e: 3, 0x5e: 3, 0xf0: 3, 0xf5: 4, 0xf1: 7, 0xf2: 7, 0xf4: 6, 0xfa: 6,
        ]
        let two: Set<Int> = [1, 2, 3, 4, 5, 6, 7, 10, 11, 16, 17, 18, 19, 20, 22, 23, 24, 26, 27, 28, 29, 32, 0x52, 0x53, 0x55, 0x57, 0x5d, 0xf3, 0xfd]
        var needed = operands[opcode] ?? (two.contains(opcode) ? 2 : 0)
        if (0x80...0x8f).contains(opcode) { needed = opcode - 0x7f }
        if (0x90...0x9f).contains(opcode) { needed = opcode - 0x8e }
        if (0xa0...0xa4).contains(opcode) { needed = opcode - 0x9e }
        guard needed > 0 else { return }
        #expect(try halt([UInt8](repeating: 0x5f, count: needed - 1) + [UInt8(opcode)]) == .stackUnderflow)
    }

    @Test("undefined instructions halt", arguments: [0x0c, 0x1e, 0x21, 0x4b, 0xa5, 0xb0, 0xef, 0xf6, 0xfb, 0xfe] as [UInt8])
    func undefined(opcode: UInt8) throws {
        #expect(try halt([0x5f, 0x5f, 0x5f, opcode]) == .undefinedInstruction)
    }

    @Test("instructions of Cancun are undefined in Shanghai", arguments: [0x49, 0x4a, 0x5c, 0x5d, 0x5e] as [UInt8])
    func forks(opcode: UInt8) throws {
        let code: [UInt8] = [0x5f, 0x5f, 0x5f, opcode]
        #expect(try halt(code, .shanghai) == .undefinedInstruction)
        #expect(try World(.cancun, code: code).execute().succeeded)
    }

    @Test("block and environment words")
    func environmentWords() throws {
        let expected: [(UInt8, UInt256)] = [
            (0x30, Fixed.contract.word), (0x32, Fixed.sender.word), (0x33, Fixed.sender.word), (0x34, 0), (0x36, 0), (0x38, 7), (0x3a, 0),
            (0x3d, 0), (0x41, Fixed.coinbase.word), (0x42, 123_456), (0x43, 1000), (0x44, 99), (0x45, 30_000_000), (0x46, 7), (0x47, 0),
            (0x48, 0), (0x4a, 3),
        ]
        for (opcode, value) in expected { #expect(try result(of: [opcode] + Program.returnTop) == value, "opcode \(opcode)") }
    }

    @Test("BLOCKHASH knows the last 256 blocks")
    func blockHashes() throws {
        func hash(_ number: UInt256) throws -> UInt256? { try result(of: Program.op(0x40, number) + Program.returnTop) }
        #expect(try hash(999) == UInt256(Keccak256.hash(UInt256(999).bigEndianBytes)))
        #expect(try hash(744) == UInt256(Keccak256.hash(UInt256(744).bigEndianBytes)))
        #expect(try hash(743) == 0)
        #expect(try hash(1000) == 0)
        #expect(try hash(.max) == 0)
    }
}
