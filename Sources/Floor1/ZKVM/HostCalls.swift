// Floor 1, ZKVM: what ECALL offers the guest: a private input tape, a public output, an end. Specs/guest.md has the table.
//
// The guest chooses where input goes and how much: a host can give wrong bytes, but not put them anywhere else.

/// Numbers in register a7.
enum HostCall: UInt32 {
    /// a0: exit code.
    case halt = 0
    /// a0: address, a1: number of bytes; gives in a0 how many were there.
    case readInput = 1
    /// Gives in a0 the number of bytes not yet read.
    case inputRemaining = 2
    /// a0: address, a1: number of bytes.
    case writeOutput = 3
}

/// The two tapes.
public struct GuestTapes: Sendable {
    /// Private: nobody but the prover sees it.
    public let input: [UInt8]
    public private(set) var inputOffset = 0
    public private(set) var output: [UInt8] = []

    /// Most bytes of public output.
    public static let outputByteLimit = 1 << 20

    public init(input: [UInt8]) { self.input = input }

    /// Does what the guest asks for.
    /// - Returns: why the machine has to stop, or `nil`.
    mutating func perform(_ registers: UnsafeMutablePointer<UInt32>, _ memory: GuestMemory, writableFrom: UInt32) -> StopReason? {
        let number = unsafe registers[17]
        let (a0, a1) = unsafe (registers[10], registers[11])
        switch HostCall(rawValue: number) {
        case .halt: return .halted(code: a0)
        case .readInput:
            let count = min(Int(a1), input.count - inputOffset)
            guard a0 >= writableFrom, GuestMemory.contains(a0, a1) else { return .badHostCall(number: number) }
            memory.write(input[inputOffset..<inputOffset + count], at: a0)
            inputOffset += count
            unsafe registers[10] = UInt32(truncatingIfNeeded: count)
        case .inputRemaining:
            unsafe registers[10] = UInt32(truncatingIfNeeded: input.count - inputOffset)
        case .writeOutput:
            guard GuestMemory.contains(a0, a1), output.count + Int(a1) <= GuestTapes.outputByteLimit else {
                return .badHostCall(number: number)
            }
            output += memory.read(a0, a1)
        case nil: return .badHostCall(number: number)
        }
        return nil
    }
}
