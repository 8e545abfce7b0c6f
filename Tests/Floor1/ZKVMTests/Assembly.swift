// A small assembler, and programs made with it.
import ZKVM

enum Assembly {
    static func r(_ funct7: UInt32, _ funct3: UInt32, _ rd: UInt32, _ rs1: UInt32, _ rs2: UInt32) -> UInt32 {
        funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | 0x33
    }

    static func i(_ opcode: UInt32, _ funct3: UInt32, _ rd: UInt32, _ rs1: UInt32, _ immediate: Int32) -> UInt32 {
        UInt32(bitPattern: immediate) << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode
    }

    static func addi(_ rd: UInt32, _ rs1: UInt32, _ immediate: Int32) -> UInt32 { i(0x13, 0, rd, rs1, immediate) }
    static func load(_ funct3: UInt32, _ rd: UInt32, _ rs1: UInt32, _ offset: Int32) -> UInt32 { i(0x03, funct3, rd, rs1, offset) }
    static func jalr(_ rd: UInt32, _ rs1: UInt32, _ offset: Int32) -> UInt32 { i(0x67, 0, rd, rs1, offset) }
    static func lui(_ rd: UInt32, _ upper: UInt32) -> UInt32 { upper << 12 | rd << 7 | 0x37 }
    static func auipc(_ rd: UInt32, _ upper: UInt32) -> UInt32 { upper << 12 | rd << 7 | 0x17 }

    static func store(_ funct3: UInt32, _ rs2: UInt32, _ rs1: UInt32, _ offset: Int32) -> UInt32 {
        let o = UInt32(bitPattern: offset)
        return (o >> 5 & 0x7f) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | (o & 31) << 7 | 0x23
    }

    static func branch(_ funct3: UInt32, _ rs1: UInt32, _ rs2: UInt32, _ offset: Int32) -> UInt32 {
        let o = UInt32(bitPattern: offset)
        let high = (o >> 12 & 1) << 31 | (o >> 5 & 0x3f) << 25
        return high | rs2 << 20 | rs1 << 15 | funct3 << 12 | (o >> 1 & 15) << 8 | (o >> 11 & 1) << 7 | 0x63
    }

    static func jal(_ rd: UInt32, _ offset: Int32) -> UInt32 {
        let o = UInt32(bitPattern: offset)
        return (o >> 20 & 1) << 31 | (o >> 1 & 0x3ff) << 21 | (o >> 11 & 1) << 20 | (o >> 12 & 0xff) << 12 | rd << 7 | 0x6f
    }

    /// Any 32-bit constant into a register.
    static func li(_ rd: UInt32, _ value: UInt32) -> [UInt32] {
        let low = Int32(bitPattern: value << 20) >> 20
        return [lui(rd, (value &- UInt32(bitPattern: low)) >> 12), addi(rd, rd, low)]
    }

    static let ecall: UInt32 = 0x73

    /// Ends with exit code 0.
    static let end: [UInt32] = [addi(17, 0, 0), addi(10, 0, 0), ecall]

    /// An ELF file with this code at 0x1000 and a page of data at 0x100000.
    static func elf(_ code: [UInt32]) -> [UInt8] {
        var file: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 1, 1, 1] + [UInt8](repeating: 0, count: 9)
        func half(_ value: UInt16) { file += [UInt8(value & 255), UInt8(value >> 8)] }
        func word(_ value: UInt32) { for shift in [0, 8, 16, 24] as [UInt32] { file.append(UInt8(truncatingIfNeeded: value >> shift)) } }
        half(2)
        half(243)
        word(1)
        word(0x1000)
        word(52)
        word(0)
        word(0)
        for value in [52, 32, 2, 40, 0, 0] as [UInt16] { half(value) }
        let count = UInt32(code.count * 4)
        for value in [1, 0x1000, 0x1000, 0x1000, count, count, 5, 4096] as [UInt32] { word(value) }
        for value in [1, 0, 0x10_0000, 0x10_0000, 0, 4096, 6, 4096] as [UInt32] { word(value) }
        file += [UInt8](repeating: 0, count: 0x1000 - file.count)
        for instruction in code { word(instruction) }
        return file
    }

    /// Runs code to its end.
    static func run(_ code: [UInt32], input: [UInt8] = [], cycleLimit: UInt64 = 100_000) throws -> (StopReason, GuestMachine) {
        let machine = GuestMachine(program: try ProgramImage(elf: elf(code)), input: input)
        return (machine.run(cycleLimit: cycleLimit), machine)
    }
}
