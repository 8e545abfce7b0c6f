// Floor 1, ZKVM: runs a guest program: RV32IM without compressed instructions, user level, little-endian.
//
// What a proof could not show stops the machine: misaligned accesses, stores into the code, jumps out of it. Division by zero and
// overflow give what the specification says.

/// One execution of a program.
public final class GuestMachine {
    public private(set) var state: MachineState
    public private(set) var tapes: GuestTapes
    private let code: DecodedCode
    private let memory = GuestMemory()
    private let writableFrom: UInt32
    private let symbols: [ProgramSymbol]
    /// Executions of each instruction, when a profile is kept.
    private var counts: [UInt64] = []

    /// - Parameter keepsProfile: counts executions by instruction, which costs time.
    public init(program: ProgramImage, input: [UInt8], keepsProfile: Bool = false) {
        code = program.code
        symbols = program.symbols
        state = MachineState(programCounter: program.entry)
        tapes = GuestTapes(input: input)
        for segment in program.segments { memory.write(segment.bytes[...], at: segment.address) }
        writableFrom = code.base &+ UInt32(truncatingIfNeeded: code.count * 4)
        if keepsProfile { counts = [UInt64](repeating: 0, count: code.instructions.count) }
    }

    /// Runs until the program stops or about `cycleLimit` instructions are done; the limit is looked at after jumps.
    public func run(cycleLimit: UInt64) -> StopReason {
        guard state.programCounter % 4 == 0, state.programCounter >= code.base,
            Int(state.programCounter - code.base) / 4 < code.count
        else { return .badJump }
        var registers = state.registers
        var counts = counts
        let stop = unsafe registers.withUnsafeMutableBufferPointer { registers in
            unsafe counts.withUnsafeMutableBufferPointer { counts in
                unsafe code.instructions.withUnsafeBufferPointer { instructions in
                    unsafe run(instructions.baseAddress, registers.baseAddress, counts.isEmpty ? nil : counts.baseAddress, cycleLimit)
                }
            }
        }
        state.registers = registers
        self.counts = counts
        return stop
    }

    private func run(
        _ instructions: UnsafePointer<Instruction>?, _ registers: UnsafeMutablePointer<UInt32>?, _ counts: UnsafeMutablePointer<UInt64>?,
        _ cycleLimit: UInt64
    ) -> StopReason {
        guard let instructions = unsafe instructions, let registers = unsafe registers else { return .badJump }
        var core = unsafe InterpreterCore(
            code: instructions, codeCount: code.count, codeBase: code.base, memory: memory.base, writableFrom: writableFrom,
            registers: registers, next: instructions + Int(state.programCounter - code.base) / 4, cycleCount: state.cycleCount)
        var stop: StopReason?
        while stop == nil {
            if let counts = unsafe counts {
                stop = unsafe core.runCounting(cycleLimit: cycleLimit, counts)
            } else {
                stop = core.run(cycleLimit: cycleLimit)
            }
            if stop == nil { stop = unsafe tapes.perform(registers, memory, writableFrom: writableFrom) }
        }
        state.programCounter = core.programCounter
        state.cycleCount = core.cycleCount
        return stop ?? .badJump
    }

    /// Instructions by function, most first; empty when no profile was kept or the program has no symbols.
    public var profile: [FunctionProfile] {
        guard !counts.isEmpty else { return [] }
        return FunctionProfile.collect(counts: counts, base: code.base, symbols: symbols)
    }
}
