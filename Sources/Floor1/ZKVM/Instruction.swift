// Floor 1, ZKVM: RV32IM instructions, decoded once before execution (RISC-V unprivileged specification, 20191213, chapter 24).
//
// Invariants of decoded code: register 0 as a destination is replaced by `Instruction.sink`, so that x0 stays zero; the target of
// a jump or branch is a distance in instructions that stays inside the code or leads to the trap behind its end.

/// What an instruction does. The order has no meaning.
enum Operation: UInt8 {
    case lui, jal, jalr
    case beq, bne, blt, bge, bltu, bgeu
    case lb, lh, lw, lbu, lhu, sb, sh, sw
    case addi, slti, sltiu, xori, ori, andi, slli, srli, srai
    case add, sub, sll, slt, sltu, xor, srl, sra, or, and
    case mul, mulh, mulhsu, mulhu, div, divu, rem, remu
    case fence, ecall, ebreak
    case illegal
    /// Behind the last instruction: a jump or the program ran out of the code.
    case outside
}

struct Instruction: Equatable {
    var operation: Operation
    var destination: UInt8
    var first: UInt8
    var second: UInt8
    /// The immediate; for AUIPC (which becomes LUI) the sum; for jumps and branches the distance in instructions.
    var immediate: UInt32

    /// The register that takes what is written to x0.
    static let sink: UInt8 = 32

    static var outside: Instruction { Instruction(operation: .outside, destination: sink, first: 0, second: 0, immediate: 0) }
}

/// The program's instructions. `base` is the address of the first.
struct DecodedCode {
    let base: UInt32
    /// One more than the program has: the last is `outside`.
    let instructions: [Instruction]

    var count: Int { instructions.count - 1 }

    init(words: [UInt32], base: UInt32) {
        self.base = base
        var decoded: [Instruction] = []
        decoded.reserveCapacity(words.count + 1)
        for (index, word) in words.enumerated() {
            decoded.append(DecodedCode.decode(word, at: index, count: words.count, base: base))
        }
        decoded.append(.outside)
        instructions = decoded
    }

    private static func decode(_ word: UInt32, at index: Int, count: Int, base: UInt32) -> Instruction {
        let destination = UInt8(truncatingIfNeeded: (word >> 7) & 31)
        let function = (word >> 12) & 7
        var result = Instruction(
            operation: .illegal, destination: destination == 0 ? Instruction.sink : destination,
            first: UInt8(truncatingIfNeeded: (word >> 15) & 31), second: UInt8(truncatingIfNeeded: (word >> 20) & 31), immediate: 0)
        let immediateI = UInt32(bitPattern: Int32(bitPattern: word) >> 20)
        switch word & 0x7f {
        case 0x37:
            result.operation = .lui
            result.immediate = word & 0xffff_f000
        case 0x17:
            result.operation = .lui
            result.immediate = base &+ UInt32(truncatingIfNeeded: index * 4) &+ (word & 0xffff_f000)
        case 0x6f:
            result.operation = .jal
            result.immediate = distance(jumpOffset(word), from: index, count: count)
        case 0x67 where function == 0:
            result.operation = .jalr
            result.immediate = immediateI
        case 0x63:
            result.operation = pick([.beq, .bne, nil, nil, .blt, .bge, .bltu, .bgeu], function)
            result.immediate = distance(branchOffset(word), from: index, count: count)
        case 0x03:
            result.operation = pick([.lb, .lh, .lw, nil, .lbu, .lhu, nil, nil], function)
            result.immediate = immediateI
        case 0x23:
            result.operation = pick([.sb, .sh, .sw, nil, nil, nil, nil, nil], function)
            result.immediate = (immediateI & 0xffff_ffe0) | ((word >> 7) & 31)
        case 0x13: decodeImmediate(word, immediateI, function, &result)
        case 0x33:
            switch word >> 25 {
            case 0: result.operation = pick([.add, .sll, .slt, .sltu, .xor, .srl, .or, .and], function)
            case 0x20: result.operation = pick([.sub, nil, nil, nil, nil, .sra, nil, nil], function)
            case 1: result.operation = pick([.mul, .mulh, .mulhsu, .mulhu, .div, .divu, .rem, .remu], function)
            default: break
            }
        case 0x0f where function == 0: result.operation = .fence
        case 0x73 where word == 0x73: result.operation = .ecall
        case 0x73 where word == 0x0010_0073: result.operation = .ebreak
        default: break
        }
        return result
    }

    private static func decodeImmediate(_ word: UInt32, _ immediate: UInt32, _ function: UInt32, _ result: inout Instruction) {
        result.operation = pick([.addi, nil, .slti, .sltiu, .xori, nil, .ori, .andi], function)
        result.immediate = immediate
        guard function == 1 || function == 5 else { return }
        result.immediate = (word >> 20) & 31
        switch (function, word >> 25) {
        case (1, 0): result.operation = .slli
        case (5, 0): result.operation = .srli
        case (5, 0x20): result.operation = .srai
        default: break
        }
    }

    private static func pick(_ table: [Operation?], _ index: UInt32) -> Operation { table[Int(index)] ?? .illegal }

    private static func branchOffset(_ word: UInt32) -> Int32 {
        let sign = UInt32(bitPattern: Int32(bitPattern: word) >> 19) & 0xffff_f000
        return Int32(bitPattern: sign | ((word << 4) & 0x800) | ((word >> 20) & 0x7e0) | ((word >> 7) & 0x1e))
    }

    private static func jumpOffset(_ word: UInt32) -> Int32 {
        let sign = UInt32(bitPattern: Int32(bitPattern: word) >> 11) & 0xfff0_0000
        return Int32(bitPattern: sign | (word & 0xff000) | ((word >> 9) & 0x800) | ((word >> 20) & 0x7fe))
    }

    private static func distance(_ offset: Int32, from index: Int, count: Int) -> UInt32 {
        let target = index + Int(offset) / 4
        let isInside = offset % 4 == 0 && target >= 0 && target < count
        return UInt32(bitPattern: Int32(truncatingIfNeeded: (isInside ? target : count) - index))
    }
}
