// Floor 1, ZKVM: the interpreter's loop. Hot state in locals; cycles are counted from jump to jump.
//
// Every access is checked here, so the pointers never leave their buffers: `next` because jumps are checked (or were when the
// code was decoded) and the code ends in `outside`; registers because numbers have five bits or are the sink.

@safe
struct InterpreterCore {
    let code: UnsafePointer<Instruction>
    let codeCount: Int
    let codeBase: UInt32
    let memory: UnsafeMutablePointer<UInt8>
    let writableFrom: UInt32
    let registers: UnsafeMutablePointer<UInt32>
    var next: UnsafePointer<Instruction>
    var cycleCount: UInt64

    var programCounter: UInt32 { unsafe codeBase &+ UInt32(truncatingIfNeeded: next - code) &* 4 }

    /// - Returns: why the machine stopped; `nil` at an ECALL, which counts as executed.
    @inline(never)
    mutating func run(cycleLimit: UInt64) -> StopReason? { unsafe loop(cycleLimit, nil) }

    /// The same with executions counted by instruction.
    @inline(never)
    mutating func runCounting(cycleLimit: UInt64, _ counts: UnsafeMutablePointer<UInt64>?) -> StopReason? {
        unsafe loop(cycleLimit, counts)
    }

    @inline(__always)
    private mutating func loop(_ limit: UInt64, _ counts: UnsafeMutablePointer<UInt64>?) -> StopReason? {
        let r = unsafe registers
        let memory = unsafe memory
        let code = unsafe code
        let writableFrom = writableFrom
        var ip = unsafe next
        /// The instruction after the last jump: those before it are counted.
        var run = unsafe ip
        var cycles = cycleCount

        /// Leaves with the instruction at `ip` not executed.
        @inline(__always)
        func leave(_ reason: StopReason) -> StopReason {
            unsafe cycleCount = cycles &+ UInt64(truncatingIfNeeded: ip - run)
            unsafe next = ip
            return reason
        }

        @inline(__always)
        func jump(_ target: UnsafePointer<Instruction>) {
            unsafe cycles &+= UInt64(truncatingIfNeeded: ip - run) &+ 1
            unsafe ip = target
            unsafe run = target
        }

        /// Rotated, an address that is not a multiple of the size becomes great.
        @inline(__always)
        func isBad(_ address: UInt32, shift: UInt32) -> Bool {
            let rotated = shift == 0 ? address : (address &>> shift) | (address &<< (32 &- shift))
            return rotated >= UInt32(GuestMemory.byteLimit) &>> shift
        }

        @inline(__always)
        func fault(_ address: UInt32, _ size: UInt32) -> StopReason {
            address & (size &- 1) != 0 ? .misaligned(address: address) : .outOfBounds(address: address)
        }

        while true {
            let i = unsafe ip.pointee
            if let counts = unsafe counts { unsafe counts[ip - code] &+= 1 }
            let a = unsafe r[Int(i.first)]
            let b = unsafe r[Int(i.second)]
            let immediate = i.immediate
            let result: UInt32
            switch i.operation {
            case .lui: result = immediate
            case .addi: result = a &+ immediate
            case .slti: result = Int32(bitPattern: a) < Int32(bitPattern: immediate) ? 1 : 0
            case .sltiu: result = a < immediate ? 1 : 0
            case .xori: result = a ^ immediate
            case .ori: result = a | immediate
            case .andi: result = a & immediate
            case .slli: result = a &<< immediate
            case .srli: result = a &>> immediate
            case .srai: result = UInt32(bitPattern: Int32(bitPattern: a) &>> Int32(bitPattern: immediate))
            case .add: result = a &+ b
            case .sub: result = a &- b
            case .sll: result = a &<< b
            case .slt: result = Int32(bitPattern: a) < Int32(bitPattern: b) ? 1 : 0
            case .sltu: result = a < b ? 1 : 0
            case .xor: result = a ^ b
            case .srl: result = a &>> b
            case .sra: result = UInt32(bitPattern: Int32(bitPattern: a) &>> Int32(bitPattern: b))
            case .or: result = a | b
            case .and: result = a & b
            case .mul: result = a &* b
            case .mulh:
                result = UInt32(truncatingIfNeeded: (Int64(Int32(bitPattern: a)) &* Int64(Int32(bitPattern: b))) &>> 32)
            case .mulhsu: result = UInt32(truncatingIfNeeded: (Int64(Int32(bitPattern: a)) &* Int64(b)) &>> 32)
            case .mulhu: result = UInt32(truncatingIfNeeded: (UInt64(a) &* UInt64(b)) &>> 32)
            case .div, .divu, .rem, .remu: result = InterpreterCore.divide(i.operation, a, b)
            case .lw:
                let address = a &+ immediate
                if isBad(address, shift: 2) { return leave(fault(address, 4)) }
                result = unsafe UnsafeRawPointer(memory + Int(address)).load(as: UInt32.self)
            case .lb, .lbu:
                let address = a &+ immediate
                if isBad(address, shift: 0) { return leave(fault(address, 1)) }
                let value = unsafe memory[Int(address)]
                result = i.operation == .lbu ? UInt32(value) : UInt32(bitPattern: Int32(Int8(bitPattern: value)))
            case .lh, .lhu:
                let address = a &+ immediate
                if isBad(address, shift: 1) { return leave(fault(address, 2)) }
                let value = unsafe UnsafeRawPointer(memory + Int(address)).load(as: UInt16.self)
                result = i.operation == .lhu ? UInt32(value) : UInt32(bitPattern: Int32(Int16(bitPattern: value)))
            case .sw:
                let address = a &+ immediate
                if isBad(address, shift: 2) || address < writableFrom { return leave(fault(address, 4)) }
                unsafe UnsafeMutableRawPointer(memory + Int(address)).storeBytes(of: b, as: UInt32.self)
                unsafe ip += 1
                continue
            case .sb:
                let address = a &+ immediate
                if isBad(address, shift: 0) || address < writableFrom { return leave(fault(address, 1)) }
                unsafe memory[Int(address)] = UInt8(truncatingIfNeeded: b)
                unsafe ip += 1
                continue
            case .sh:
                let address = a &+ immediate
                if isBad(address, shift: 1) || address < writableFrom { return leave(fault(address, 2)) }
                unsafe UnsafeMutableRawPointer(memory + Int(address)).storeBytes(of: UInt16(truncatingIfNeeded: b), as: UInt16.self)
                unsafe ip += 1
                continue
            case .beq, .bne, .blt, .bge, .bltu, .bgeu:
                let isTaken: Bool
                switch i.operation {
                case .beq: isTaken = a == b
                case .bne: isTaken = a != b
                case .blt: isTaken = Int32(bitPattern: a) < Int32(bitPattern: b)
                case .bge: isTaken = Int32(bitPattern: a) >= Int32(bitPattern: b)
                case .bltu: isTaken = a < b
                default: isTaken = a >= b
                }
                if isTaken {
                    unsafe jump(ip + Int(Int32(bitPattern: immediate)))
                    if cycles >= limit { return leave(.cycleLimit) }
                } else {
                    unsafe ip += 1
                }
                continue
            case .jal:
                unsafe r[Int(i.destination)] = codeBase &+ UInt32(truncatingIfNeeded: ip - code) &* 4 &+ 4
                unsafe jump(ip + Int(Int32(bitPattern: immediate)))
                if cycles >= limit { return leave(.cycleLimit) }
                continue
            case .jalr:
                // The lowest bit of a target is cleared; the next one must be zero.
                let offset = (a &+ immediate) & ~1 &- codeBase
                if offset & 3 != 0 || Int(offset &>> 2) >= codeCount { return leave(.badJump) }
                unsafe r[Int(i.destination)] = codeBase &+ UInt32(truncatingIfNeeded: ip - code) &* 4 &+ 4
                unsafe jump(code + Int(offset &>> 2))
                if cycles >= limit { return leave(.cycleLimit) }
                continue
            case .fence:
                unsafe ip += 1
                continue
            case .ecall:
                unsafe ip += 1
                unsafe cycleCount = cycles &+ UInt64(truncatingIfNeeded: ip - run)
                unsafe next = ip
                return nil
            case .ebreak: return leave(.breakpoint)
            case .illegal: return leave(.illegalInstruction)
            case .outside: return leave(.badJump)
            }
            unsafe r[Int(i.destination)] = result
            unsafe ip += 1
        }
    }

    /// Division as the M extension defines it: nothing traps.
    @inline(never)
    private static func divide(_ operation: Operation, _ a: UInt32, _ b: UInt32) -> UInt32 {
        let signedA = Int32(bitPattern: a)
        let signedB = Int32(bitPattern: b)
        switch operation {
        case .divu: return b == 0 ? .max : a / b
        case .remu: return b == 0 ? a : a % b
        case .div:
            if b == 0 { return .max }
            return UInt32(bitPattern: signedA.dividedReportingOverflow(by: signedB).partialValue)
        default:
            if b == 0 { return a }
            return signedB == -1 ? 0 : UInt32(bitPattern: signedA % signedB)
        }
    }
}
