// Floor 6, GuestChecks: random EVM code that gets somewhere: the stack is kept from underflow most of the time, memory and
// storage are touched at few places, and calls go to addresses that have something to say.
import Engine
import Primitives

struct RandomPrograms {
    var random: SeededRandom
    /// Whom the code calls, beside the precompiles.
    let targets: [Address]

    /// Instructions without operands that take `pops` words and leave `pushes`.
    private static let plain: [(opcode: UInt8, pops: Int, pushes: Int)] = {
        var table: [(UInt8, Int, Int)] = []
        for opcode in UInt8(0x01)...0x07 { table.append((opcode, 2, 1)) }
        for opcode in UInt8(0x08)...0x09 { table.append((opcode, 3, 1)) }
        for opcode in [0x0b, 0x10, 0x11, 0x12, 0x13, 0x14, 0x16, 0x17, 0x18, 0x1a, 0x1b, 0x1c, 0x1d] as [UInt8] { table.append((opcode, 2, 1)) }
        for opcode in [0x15, 0x19, 0x1e] as [UInt8] { table.append((opcode, 1, 1)) }
        for opcode in [0x30, 0x32, 0x33, 0x34, 0x36, 0x38, 0x3a, 0x3d, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x4a, 0x58, 0x59, 0x5a] as [UInt8] {
            table.append((opcode, 0, 1))
        }
        for opcode in [0x35, 0x49] as [UInt8] { table.append((opcode, 1, 1)) }
        return table
    }()

    /// Code of about `length` instructions.
    mutating func program(length: Int) -> [UInt8] {
        var code: [UInt8] = []
        var depth = 0
        for _ in 0..<length {
            // Now and then below what the stack holds.
            if depth < 4, !random.oneIn(40) {
                push(random.word(), &code)
                depth += 1
                continue
            }
            emit(&code, &depth)
        }
        switch random.below(6) {
        case 0: code += [0x5f, 0x5f, 0xfd]
        case 1: code += [0x60, UInt8(random.below(96)), 0x5f, 0xf3]
        case 2: code.append(0xfe)
        default: code.append(0x00)
        }
        return code
    }

    /// Init code that leaves `runtime`.
    func deploying(_ runtime: [UInt8]) -> [UInt8] {
        let count = UInt8(truncatingIfNeeded: runtime.count)
        let high = UInt8(truncatingIfNeeded: runtime.count >> 8)
        return [0x61, high, count, 0x60, 13, 0x5f, 0x39, 0x61, high, count, 0x5f, 0xf3, 0x00] + runtime
    }

    private mutating func emit(_ code: inout [UInt8], _ depth: inout Int) {
        switch random.below(20) {
        case 0..<8:
            let entry = random.pick(Self.plain)
            code.append(entry.opcode)
            depth = max(0, depth - entry.pops) + entry.pushes
        case 8:
            let n = random.below(min(max(depth, 1), 16))
            code.append((random.oneIn(2) ? 0x80 : 0x90) + UInt8(n))
            if code[code.count - 1] < 0x90 { depth += 1 }
        case 9: storage(&code, &depth)
        case 10, 11: memory(&code, &depth)
        case 12: call(&code, &depth)
        case 13:
            // Over a few bytes, or not.
            code += [random.oneIn(2) ? 0x34 : 0x36, 0x61, 0, 0, 0x57]
            let destination = code.count + 2
            code[code.count - 3] = UInt8(truncatingIfNeeded: destination >> 8)
            code[code.count - 2] = UInt8(truncatingIfNeeded: destination)
            code += [random.pick([0x5a, 0x32, 0x00, 0xfe]), 0x5b]
        case 14: log(&code)
        case 15: account(&code, &depth)
        case 16: if random.oneIn(3) { create(&code, &depth) }
        case 17: if random.oneIn(12) { code += [0x73] + random.pick(targets).bytes + [0xff] }
        default:
            push(random.word(), &code)
            depth += 1
        }
    }

    private func push(_ value: UInt256, _ code: inout [UInt8]) {
        let bytes = value.minimalBytes
        code.append(0x5f + UInt8(bytes.count))
        code += bytes
    }

    private mutating func storage(_ code: inout [UInt8], _ depth: inout Int) {
        code += [0x60, UInt8(random.below(6))]
        switch random.below(4) {
        case 0:
            code.append(0x54)
            depth += 1
        case 1:
            code.append(0x5c)
            depth += 1
        case 2:
            code.append(0x5d)
            depth -= 1
        default:
            code.append(0x55)
            depth -= 1
        }
        depth = max(0, depth)
    }

    private mutating func memory(_ code: inout [UInt8], _ depth: inout Int) {
        let place = UInt8(random.below(160))
        let size = UInt8(random.below(100))
        switch random.below(7) {
        case 0, 1:
            code += [0x60, place, random.oneIn(3) ? 0x53 : 0x52]
            depth = max(0, depth - 1)
        case 2:
            code += [0x60, place, 0x51]
            depth += 1
        case 3:
            code += [0x60, size, 0x60, place, 0x20]
            depth += 1
        case 4: code += [0x60, size, 0x60, UInt8(random.below(60)), 0x60, place, random.pick([0x37, 0x39])]
        case 5: code += [0x60, size, 0x60, UInt8(random.below(60)), 0x60, place, 0x5e]
        default: code += [0x3d, 0x5f, 0x60, place, 0x3e]
        }
    }

    /// Any of the four calls; precompiles get what lies in memory.
    private mutating func call(_ code: inout [UInt8], _ depth: inout Int) {
        let opcode = random.pick([0xf1, 0xf2, 0xf4, 0xfa] as [UInt8])
        code += [0x60, UInt8(random.below(64)), 0x60, UInt8(random.below(128)), 0x60, UInt8(random.below(200)), 0x60, UInt8(random.below(64))]
        if opcode < 0xf4 { code += random.oneIn(3) ? [0x60, UInt8(random.below(3))] : [0x5f] }
        // Pairings and the curve of EIP-2537 take too long in software to be drawn often; `precompileCall` has them.
        let target = random.oneIn(3) ? Address(small: [1, 2, 3, 4, 5, 6, 7, 9][random.below(8)]) : random.pick(targets)
        code += [0x73] + target.bytes
        code += [0x62, 0, UInt8(random.below(160)), 0xff, opcode]
        depth += 1
    }

    private mutating func log(_ code: inout [UInt8]) {
        let topics = random.below(5)
        for _ in 0..<topics { push(random.word(), &code) }
        code += [0x60, UInt8(random.below(80)), 0x60, UInt8(random.below(64)), 0xa0 + UInt8(topics)]
    }

    private mutating func account(_ code: inout [UInt8], _ depth: inout Int) {
        switch random.below(5) {
        case 0: code += [0x73] + random.pick(targets).bytes + [0x31]
        case 1: code += [0x73] + random.pick(targets).bytes + [random.pick([0x3b, 0x3f])]
        case 2:
            code += [0x60, UInt8(random.below(60)), 0x60, UInt8(random.below(9)), 0x60, UInt8(random.below(90)), 0x73]
            code += random.pick(targets).bytes + [0x3c]
            depth -= 1
        case 3: code += [0x60, UInt8(1 + random.below(5)), 0x43, 0x03, 0x40]
        default: code += [0x60, UInt8(random.below(20)), 0x40]
        }
        depth += 1
    }

    /// A creation whose init code is a short constant.
    private mutating func create(_ code: inout [UInt8], _ depth: inout Int) {
        let initCode: [UInt8] = random.pick([
            [0x5f, 0x5f, 0xf3], [0x60, 1, 0x60, 2, 0x55, 0x60, 3, 0x5f, 0xf3], [0x32, 0xff], [0x60, 1, 0x5f, 0x55, 0x30, 0xff],
            [0x5f, 0x5f, 0xfd], [0x60, 0xef, 0x5f, 0x53, 0x60, 1, 0x5f, 0xf3],
        ])
        push(UInt256(bigEndianBytes: initCode) &<< (256 - 8 * initCode.count), &code)
        code += [0x5f, 0x52]
        if random.oneIn(2) {
            code += [0x60, UInt8(random.below(4)), 0x60, UInt8(initCode.count), 0x5f, 0x5f, 0xf5]
        } else {
            code += [0x60, UInt8(initCode.count), 0x5f, 0x60, UInt8(random.below(2)), 0xf0]
        }
        depth += 1
    }
}
