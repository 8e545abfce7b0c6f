// Floor 1, Engine: which instructions an observer wants to see.

/// A set of opcodes.
public struct OpcodeSet: Equatable, Sendable {
    private var words: InlineArray<4, UInt64>

    /// No opcode.
    public init() { words = [0, 0, 0, 0] }

    /// These opcodes.
    public init(_ opcodes: [UInt8]) {
        self.init()
        for opcode in opcodes { words[Int(opcode >> 6)] |= 1 << UInt64(opcode & 63) }
    }

    /// Every opcode, defined or not.
    public static var all: OpcodeSet {
        var set = OpcodeSet()
        for index in 0..<4 { set.words[index] = .max }
        return set
    }

    public mutating func formUnion(_ other: OpcodeSet) {
        for index in 0..<4 { words[index] |= other.words[index] }
    }

    @inline(__always)
    public func contains(_ opcode: UInt8) -> Bool {
        words[Int(truncatingIfNeeded: opcode >> 6)] & (1 &<< UInt64(truncatingIfNeeded: opcode & 63)) != 0
    }

    public static func == (a: OpcodeSet, b: OpcodeSet) -> Bool {
        for index in 0..<4 where a.words[index] != b.words[index] { return false }
        return true
    }
}
