// Every instruction against what the specification says, on edge values.
import Testing

import ZKVM

@Suite struct InstructionTests {
    static let edges: [UInt32] = [0, 1, 2, 3, 31, 32, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, 0xffff_ffff, 0xffff_fffe, 0x1234_5678, 0xdead_beef]

    static func signed(_ value: UInt32) -> Int64 { Int64(Int32(bitPattern: value)) }
    static func low(_ value: Int64) -> UInt32 { UInt32(truncatingIfNeeded: value) }

    /// Name, funct7, funct3, meaning.
    static let operations: [(String, UInt32, UInt32, @Sendable (UInt32, UInt32) -> UInt32)] = [
        ("add", 0, 0, { low(signed($0) + signed($1)) }), ("sub", 0x20, 0, { low(signed($0) - signed($1)) }),
        ("sll", 0, 1, { UInt32(truncatingIfNeeded: UInt64($0) << UInt64($1 % 32)) }), ("slt", 0, 2, { signed($0) < signed($1) ? 1 : 0 }),
        ("sltu", 0, 3, { $0 < $1 ? 1 : 0 }), ("xor", 0, 4, { $0 ^ $1 }), ("srl", 0, 5, { $0 >> ($1 % 32) }),
        ("sra", 0x20, 5, { low(signed($0) >> Int64($1 % 32)) }), ("or", 0, 6, { $0 | $1 }), ("and", 0, 7, { $0 & $1 }),
        ("mul", 1, 0, { low(signed($0) * signed($1)) }), ("mulh", 1, 1, { low((signed($0) * signed($1)) >> 32) }),
        ("mulhsu", 1, 2, { low((signed($0) * Int64($1)) >> 32) }),
        ("mulhu", 1, 3, { UInt32(truncatingIfNeeded: (UInt64($0) * UInt64($1)) >> 32) }),
        ("div", 1, 4, { $1 == 0 ? .max : low(signed($0) / signed($1)) }), ("divu", 1, 5, { $1 == 0 ? .max : $0 / $1 }),
        ("rem", 1, 6, { $1 == 0 ? $0 : low(signed($0) % signed($1)) }), ("remu", 1, 7, { $1 == 0 ? $0 : $0 % $1 }),
    ]

    @Test(arguments: operations.indices) func registerOperations(index: Int) throws {
        let (name, funct7, funct3, meaning) = Self.operations[index]
        for a in Self.edges {
            for b in Self.edges {
                let code = Assembly.li(5, a) + Assembly.li(6, b) + [Assembly.r(funct7, funct3, 7, 5, 6), Assembly.r(funct7, funct3, 5, 5, 6)]
                let (stop, machine) = try Assembly.run(code + [Assembly.r(funct7, funct3, 0, 5, 6)] + Assembly.end)
                #expect(stop == .halted(code: 0))
                #expect(machine.state.register(7) == meaning(a, b), "\(name) \(a) \(b)")
                #expect(machine.state.register(5) == meaning(a, b), "\(name) into its own operand")
                #expect(machine.state.register(0) == 0)
                #expect(machine.state.cycleCount == 10)
            }
        }
    }

    @Test func immediateOperations() throws {
        let table: [(UInt32, @Sendable (UInt32, Int32) -> UInt32)] = [
            (0, { $0 &+ UInt32(bitPattern: $1) }), (2, { Int32(bitPattern: $0) < $1 ? 1 : 0 }), (3, { $0 < UInt32(bitPattern: $1) ? 1 : 0 }),
            (4, { $0 ^ UInt32(bitPattern: $1) }), (6, { $0 | UInt32(bitPattern: $1) }), (7, { $0 & UInt32(bitPattern: $1) }),
        ]
        for (funct3, meaning) in table {
            for a in Self.edges {
                for immediate in [0, 1, -1, 2047, -2048, 100] as [Int32] {
                    let (_, machine) = try Assembly.run(Assembly.li(5, a) + [Assembly.i(0x13, funct3, 6, 5, immediate)] + Assembly.end)
                    #expect(machine.state.register(6) == meaning(a, immediate))
                }
            }
        }
        for a in Self.edges {
            for shift in [0, 1, 7, 31] as [Int32] {
                let code = [Assembly.i(0x13, 1, 6, 5, shift), Assembly.i(0x13, 5, 7, 5, shift), Assembly.i(0x13, 5, 28, 5, shift | 0x400)]
                let (_, machine) = try Assembly.run(Assembly.li(5, a) + code + Assembly.end)
                #expect(machine.state.register(6) == a << UInt32(shift))
                #expect(machine.state.register(7) == a >> UInt32(shift))
                #expect(machine.state.register(28) == UInt32(bitPattern: Int32(bitPattern: a) >> shift))
            }
        }
    }

    @Test func loadsAndStores() throws {
        var code = Assembly.li(5, 0x10_0000) + Assembly.li(6, 0x8182_f384)
        code += [Assembly.store(2, 6, 5, 8), Assembly.store(1, 6, 5, 12), Assembly.store(0, 6, 5, 17)]
        code += [Assembly.load(2, 7, 5, 8), Assembly.load(0, 28, 5, 8), Assembly.load(4, 29, 5, 8), Assembly.load(1, 30, 5, 8), Assembly.load(5, 31, 5, 8)]
        code += [Assembly.load(2, 18, 5, 12), Assembly.load(2, 19, 5, 16), Assembly.load(2, 0, 5, 8)]
        let (stop, machine) = try Assembly.run(code + Assembly.end)
        #expect(stop == .halted(code: 0))
        #expect(machine.state.register(7) == 0x8182_f384)
        #expect(machine.state.register(28) == 0xffff_ff84)
        #expect(machine.state.register(29) == 0x84)
        #expect(machine.state.register(30) == 0xffff_f384)
        #expect(machine.state.register(31) == 0xf384)
        #expect(machine.state.register(18) == 0xf384)
        #expect(machine.state.register(19) == 0x8400)
        #expect(machine.state.register(0) == 0)
    }

    @Test func branchesAndJumps() throws {
        let meanings: [(UInt32, @Sendable (UInt32, UInt32) -> Bool)] = [
            (0, { $0 == $1 }), (1, { $0 != $1 }), (4, { Int32(bitPattern: $0) < Int32(bitPattern: $1) }),
            (5, { Int32(bitPattern: $0) >= Int32(bitPattern: $1) }), (6, { $0 < $1 }), (7, { $0 >= $1 }),
        ]
        for (funct3, meaning) in meanings {
            for a in Self.edges {
                for b in Self.edges {
                    let code = Assembly.li(5, a) + Assembly.li(6, b) + [Assembly.branch(funct3, 5, 6, 8), Assembly.addi(7, 0, 1)]
                    let (_, machine) = try Assembly.run(code + Assembly.end)
                    #expect(machine.state.register(7) == (meaning(a, b) ? 0 : 1))
                    #expect(machine.state.cycleCount == (meaning(a, b) ? 8 : 9))
                }
            }
        }
        // A call and its return, a backward branch, and the addresses of LUI and AUIPC.
        let code: [UInt32] =
            [Assembly.auipc(8, 0), Assembly.auipc(9, 1), Assembly.jal(1, 16)] + Assembly.end
            + [Assembly.addi(5, 0, 10), Assembly.addi(6, 6, 3), Assembly.addi(5, 5, -1), Assembly.branch(1, 5, 0, -8), Assembly.jalr(7, 1, 1)]
        let (stop, machine) = try Assembly.run(code)
        #expect(stop == .halted(code: 0))
        #expect(machine.state.register(6) == 30)
        #expect(machine.state.register(8) == 0x1000)
        #expect(machine.state.register(9) == 0x2004)
        #expect(machine.state.register(1) == 0x100c)
        #expect(machine.state.register(7) == 0x1000 + 44)
    }

    @Test func whatCannotBeProvenStops() throws {
        func stop(_ code: [UInt32]) throws -> StopReason { try Assembly.run(code + Assembly.end).0 }
        let data = Assembly.li(5, 0x10_0000)
        #expect(try stop(data + [Assembly.load(2, 6, 5, 2)]) == .misaligned(address: 0x10_0002))
        #expect(try stop(data + [Assembly.load(1, 6, 5, 1)]) == .misaligned(address: 0x10_0001))
        #expect(try stop(data + [Assembly.store(2, 6, 5, 1)]) == .misaligned(address: 0x10_0001))
        #expect(try stop(data + [Assembly.store(1, 6, 5, 3)]) == .misaligned(address: 0x10_0003))
        #expect(try stop([Assembly.load(2, 0, 0, -4)]) == .outOfBounds(address: 0xffff_fffc))
        #expect(try stop([Assembly.load(0, 0, 0, -1)]) == .outOfBounds(address: 0xffff_ffff))
        #expect(try stop(Assembly.li(5, 0x2000_0000) + [Assembly.store(0, 6, 5, 0)]) == .outOfBounds(address: 0x2000_0000))
        #expect(try stop(Assembly.li(5, 0x1000) + [Assembly.store(2, 6, 5, 0)]) == .outOfBounds(address: 0x1000), "the code")
        #expect(try stop([0]) == .illegalInstruction)
        #expect(try stop([0xffff_ffff]) == .illegalInstruction)
        #expect(try stop([0x0010_0073]) == .breakpoint)
        #expect(try stop([Assembly.jal(0, 2)]) == .badJump, "not a multiple of four")
        #expect(try stop([Assembly.jal(0, -8)]) == .badJump)
        #expect(try stop([Assembly.branch(0, 0, 0, 64)]) == .badJump)
        #expect(try stop([Assembly.jalr(0, 0, 0)]) == .badJump)
        #expect(try stop(Assembly.li(5, 0x1002) + [Assembly.jalr(0, 5, 0)]) == .badJump)
        #expect(try Assembly.run([Assembly.addi(5, 0, 1)]).0 == .badJump, "ran out of the code")
        #expect(try Assembly.run([Assembly.jal(0, 0)], cycleLimit: 1_000).0 == .cycleLimit)
        #expect(try stop([Assembly.addi(17, 0, 99), Assembly.ecall]) == .badHostCall(number: 99))
    }

    @Test func tapes() throws {
        // Reads 5 bytes of 7 to an odd address, writes 6 from there, then asks what is left.
        var code = Assembly.li(10, 0x10_0001) + [Assembly.addi(11, 0, 5), Assembly.addi(17, 0, 1), Assembly.ecall, Assembly.addi(18, 10, 0)]
        code += Assembly.li(10, 0x10_0001) + [Assembly.addi(11, 0, 6), Assembly.addi(17, 0, 3), Assembly.ecall]
        code += [Assembly.addi(17, 0, 2), Assembly.ecall, Assembly.addi(19, 10, 0), Assembly.addi(10, 0, 42), Assembly.addi(17, 0, 0), Assembly.ecall]
        let (stop, machine) = try Assembly.run(code, input: [1, 2, 3, 4, 5, 6, 7])
        #expect(stop == .halted(code: 42))
        #expect(machine.tapes.output == [1, 2, 3, 4, 5, 0])
        #expect(machine.state.register(18) == 5)
        #expect(machine.state.register(19) == 2)
        // Into the code, behind the memory.
        for address in [0x1000, 0x1fff_ffff, 0xffff_fffe] as [UInt32] {
            let code = Assembly.li(10, address) + [Assembly.addi(11, 0, 5), Assembly.addi(17, 0, 1), Assembly.ecall]
            #expect(try Assembly.run(code + Assembly.end, input: [1]).0 == .badHostCall(number: 1))
        }
        let tooMuch = Assembly.li(10, 0x10_0000) + Assembly.li(11, 0x1fff_0000) + [Assembly.addi(17, 0, 3), Assembly.ecall]
        #expect(try Assembly.run(tooMuch + Assembly.end).0 == .badHostCall(number: 3))
    }

    @Test func brokenProgramsAreRefused() throws {
        let good = Assembly.elf(Assembly.end)
        #expect(try ProgramImage(elf: good).entry == 0x1000)
        for count in [0, 3, 16, 51, 52, 100, 115, 0x1000, good.count - 1] { #expect(throws: ProgramError.self) { try ProgramImage(elf: Array(good[..<count])) } }
        var state: UInt64 = 7
        for _ in 0..<2_000 {
            var bytes = good
            for _ in 0..<3 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes[Int(state >> 33) % 128] = UInt8(truncatingIfNeeded: state >> 25)
            }
            guard let program = try? ProgramImage(elf: bytes), program.segments.allSatisfy({ $0.byteCount < 1 << 20 }) else { continue }
            _ = GuestMachine(program: program, input: []).run(cycleLimit: 100)
        }
    }
}
