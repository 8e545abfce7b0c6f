// Floor 1, ZKVM: what the RV32IM machine is between two instructions, its memory apart, and how an execution ends.

public struct MachineState: Equatable, Sendable {
    public var programCounter: UInt32
    /// Instructions executed so far.
    public var cycleCount: UInt64 = 0
    /// x0 to x31, then the place where writes to x0 go.
    var registers: [UInt32]

    init(programCounter: UInt32) {
        self.programCounter = programCounter
        registers = [UInt32](repeating: 0, count: 33)
    }

    /// Register x0 to x31.
    public func register(_ number: Int) -> UInt32 { number == 0 ? 0 : registers[number] }

    public static func == (a: MachineState, b: MachineState) -> Bool {
        a.programCounter == b.programCounter && a.cycleCount == b.cycleCount && a.registers[1..<32] == b.registers[1..<32]
    }
}

/// Why the machine stopped. `programCounter` is then that of the instruction that could not be executed.
public enum StopReason: Equatable, Sendable {
    /// The guest ended itself. Only code 0 can be proven.
    case halted(code: UInt32)
    case illegalInstruction
    /// A load or store whose address is not a multiple of its size.
    case misaligned(address: UInt32)
    /// A load or store outside memory, or a store into the code.
    case outOfBounds(address: UInt32)
    /// A jump to what is not the code.
    case badJump
    case breakpoint
    /// A host call that does not exist or has impossible arguments.
    case badHostCall(number: UInt32)
    case cycleLimit
}
