// Random programs on our machine and on QEMU's: equal registers and memory at the end. Runs when HYPERSEQ_QEMU names qemu-riscv32
// (`make machine-differential` installs it): SEED and PROGRAMS give the first seed and the number of programs.
import Foundation
import Testing

import ZKVM

private let qemu = ProcessInfo.processInfo.environment["HYPERSEQ_QEMU"]

/// SplitMix64.
private struct Random {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func below(_ bound: UInt32) -> UInt32 { UInt32(next() % UInt64(bound)) }
    mutating func pick(_ values: [UInt32]) -> UInt32 { values[Int(below(UInt32(values.count)))] }
    mutating func word() -> UInt32 { below(3) == 0 ? pick(InstructionTests.edges) : UInt32(truncatingIfNeeded: next()) }
}

/// x5 to x31 take part, x4 points to the data, x3 counts the rounds of the only loop.
private enum RandomProgram {
    static func body(_ random: inout Random) -> [UInt32] {
        var code = Assembly.li(4, 0x10_0400)
        for register in 5..<32 as Range<UInt32> { code += Assembly.li(register, random.word()) }
        code.append(Assembly.addi(3, 0, 20))
        let top = code.count
        for _ in 0..<100 { code.append(instruction(&random)) }
        // A branch in the last place skips this.
        code.append(Assembly.addi(0, 0, 0))
        code.append(Assembly.addi(3, 3, -1))
        code.append(Assembly.branch(1, 3, 0, Int32((top - code.count) * 4)))
        // All registers behind the data; then 256 bytes of data and registers are what is compared.
        for register in 5..<32 as Range<UInt32> { code.append(Assembly.store(2, register, 4, Int32(register * 4) + 128)) }
        return code
    }

    private static func instruction(_ random: inout Random) -> UInt32 {
        let (rd, rs1, rs2) = (random.pick([0] + Array(5..<32)), random.pick([0] + Array(5..<32)), random.pick([0] + Array(5..<32)))
        let immediate = Int32(random.below(4096)) - 2048
        switch random.below(12) {
        case 0...2: return Assembly.r(1, random.below(8), rd, rs1, rs2)
        case 3...5:
            let funct3 = random.below(8)
            return Assembly.r((funct3 == 0 || funct3 == 5) && random.below(2) == 0 ? 0x20 : 0, funct3, rd, rs1, rs2)
        case 6: return Assembly.i(0x13, random.pick([0, 2, 3, 4, 6, 7]), rd, rs1, immediate)
        case 7: return Assembly.i(0x13, 1, rd, rs1, Int32(random.below(32)))
        case 8: return Assembly.i(0x13, 5, rd, rs1, Int32(random.below(32)) | (random.below(2) == 0 ? 0x400 : 0))
        case 9:
            let size = random.below(3)
            return Assembly.store(size, rs2, 4, Int32(random.below(32)) * 4 + (size == 2 ? 0 : size == 1 ? 2 : Int32(random.below(4))))
        case 10:
            let kind = random.pick([0, 1, 2, 4, 5])
            return Assembly.load(kind, rd, 4, Int32(random.below(32)) * 4 + (kind == 2 ? 0 : kind & 1 == 1 ? 2 : Int32(random.below(4))))
        default: return random.below(2) == 0 ? Assembly.lui(rd, random.word() >> 12) : Assembly.branch(random.pick([0, 1, 4, 5, 6, 7]), rs1, rs2, 8)
        }
    }

    /// Writes 256 bytes from x4 and ends, by our host calls or by Linux's.
    static func ending(linux: Bool) -> [UInt32] {
        if linux {
            return [Assembly.addi(10, 0, 1), Assembly.addi(11, 4, 0), Assembly.addi(12, 0, 256), Assembly.addi(17, 0, 64), Assembly.ecall]
                + [Assembly.addi(10, 0, 0), Assembly.addi(17, 0, 93), Assembly.ecall]
        }
        return [Assembly.addi(10, 4, 0), Assembly.addi(11, 0, 256), Assembly.addi(17, 0, 3), Assembly.ecall] + Assembly.end
    }
}

@Suite struct QemuTests {
    @Test(.enabled(if: qemu != nil, "HYPERSEQ_QEMU is not set: `make machine-differential`")) func randomPrograms() throws {
        let environment = ProcessInfo.processInfo.environment
        let first = environment["SEED"].flatMap(UInt64.init) ?? 1
        let count = environment["PROGRAMS"].flatMap(UInt64.init) ?? 1_000
        let file = FileManager.default.temporaryDirectory.appending(path: "hyperseq-\(UUID().uuidString).elf")
        defer { try? FileManager.default.removeItem(at: file) }
        for seed in first..<first + count {
            var random = Random(state: seed)
            let body = RandomProgram.body(&random)
            let (stop, machine) = try Assembly.run(body + RandomProgram.ending(linux: false))
            #expect(stop == .halted(code: 0), "seed \(seed)")
            try Data(Assembly.elf(body + RandomProgram.ending(linux: true))).write(to: file)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
            let process = Process()
            process.executableURL = URL(fileURLWithPath: qemu ?? "")
            process.arguments = [file.path]
            let pipe = Pipe()
            process.standardOutput = pipe
            try process.run()
            let output = [UInt8](pipe.fileHandleForReading.readDataToEndOfFile())
            process.waitUntilExit()
            #expect(output == machine.tapes.output, "seed \(seed)")
        }
    }
}
