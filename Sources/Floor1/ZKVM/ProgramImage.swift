// Floor 1, ZKVM: a guest program read from a static 32-bit RISC-V ELF file (System V ABI, chapter 4). Takes hostile bytes.

/// A piece of memory that a program begins with.
public struct ProgramSegment: Equatable, Sendable {
    public var address: UInt32
    public var bytes: [UInt8]
    /// Bytes of the segment in memory: those behind `bytes` are zero.
    public var byteCount: UInt32
    public var isExecutable: Bool
}

/// A named function, for profiles.
public struct ProgramSymbol: Equatable, Sendable {
    public var address: UInt32
    public var byteCount: UInt32
    public var name: String
}

public enum ProgramError: Error, Equatable, Sendable {
    case truncated
    /// Not a static little-endian 32-bit RISC-V program.
    case notAProgram
    /// Segments overlap, lie outside the machine's memory, or code is not aligned.
    case badSegments
}

/// Invariants: segments ascend by address without overlaps and lie below `GuestMemory.byteLimit`; there is one executable
/// segment, it is the first, is not empty and begins and ends at multiples of four.
public struct ProgramImage: Equatable, Sendable {
    public private(set) var entry: UInt32 = 0
    public private(set) var segments: [ProgramSegment] = []
    /// Ascending by address; empty for a stripped program.
    public private(set) var symbols: [ProgramSymbol] = []

    private static let symbolCountLimit = 1 << 20

    public init(elf bytes: [UInt8]) throws(ProgramError) {
        let file = ELFReader(bytes)
        guard bytes.count >= 52 else { throw .truncated }
        let magic = try file.word(0)
        let classAndOrder = try file.half(4)
        let typeAndMachine = try file.word(16)
        guard magic == 0x464c_457f, classAndOrder == 0x0101, typeAndMachine == 243 << 16 | 2 else { throw .notAProgram }
        entry = try file.word(24)
        let headerOffset = Int(try file.word(28))
        let headerSize = Int(try file.half(42))
        guard headerSize >= 32 else { throw .notAProgram }
        for index in 0..<Int(try file.half(44)) {
            let header = headerOffset + index * headerSize
            guard try file.word(header) == 1, try file.word(header + 20) > 0 else { continue }
            let fileCount = try file.word(header + 16)
            let memoryCount = try file.word(header + 20)
            guard fileCount <= memoryCount else { throw .badSegments }
            segments.append(
                ProgramSegment(
                    address: try file.word(header + 8), bytes: try file.slice(Int(try file.word(header + 4)), Int(fileCount)),
                    byteCount: memoryCount, isExecutable: try file.word(header + 24) & 1 != 0))
        }
        try checkSegments()
        try readSymbols(file)
    }

    private mutating func checkSegments() throws(ProgramError) {
        segments.sort { $0.address < $1.address }
        var end: UInt64 = 0
        for segment in segments {
            guard UInt64(segment.address) >= end else { throw .badSegments }
            end = UInt64(segment.address) + UInt64(segment.byteCount)
            guard end <= UInt64(GuestMemory.byteLimit) else { throw .badSegments }
        }
        guard let code = segments.first, code.isExecutable, !segments.dropFirst().contains(where: { $0.isExecutable }),
            code.address % 4 == 0, code.byteCount % 4 == 0, Int(code.byteCount) == code.bytes.count
        else { throw .badSegments }
    }

    private mutating func readSymbols(_ file: ELFReader) throws(ProgramError) {
        let tableOffset = Int(try file.word(32))
        let entrySize = Int(try file.half(46))
        guard tableOffset > 0, entrySize >= 40 else { return }
        for index in 0..<Int(try file.half(48)) {
            let section = tableOffset + index * entrySize
            guard try file.word(section + 4) == 2 else { continue }
            let offset = Int(try file.word(section + 16))
            let count = Int(try file.word(section + 20)) / 16
            guard count <= ProgramImage.symbolCountLimit else { throw .badSegments }
            let names = Int(try file.word(tableOffset + Int(try file.word(section + 24)) * entrySize + 16))
            for number in 0..<count {
                let symbol = offset + number * 16
                // Functions, and labels of assembly.
                guard try file.byte(symbol + 12) & 15 == 2, try file.word(symbol + 8) > 0 else { continue }
                symbols.append(
                    ProgramSymbol(
                        address: try file.word(symbol + 4), byteCount: try file.word(symbol + 8),
                        name: try file.string(names + Int(try file.word(symbol)))))
            }
        }
        symbols.sort { ($0.address, $0.name) < ($1.address, $1.name) }
    }

    /// The code's words.
    var code: DecodedCode {
        guard let segment = segments.first else { return DecodedCode(words: [], base: 0) }
        var words: [UInt32] = []
        words.reserveCapacity(segment.bytes.count / 4)
        var offset = 0
        while offset + 4 <= segment.bytes.count {
            words.append(ELFReader(segment.bytes).wordUnchecked(offset))
            offset += 4
        }
        return DecodedCode(words: words, base: segment.address)
    }
}

/// Little-endian reads with bounds.
private struct ELFReader {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func wordUnchecked(_ offset: Int) -> UInt32 {
        UInt32(bytes[offset]) | UInt32(bytes[offset + 1]) << 8 | UInt32(bytes[offset + 2]) << 16 | UInt32(bytes[offset + 3]) << 24
    }

    func word(_ offset: Int) throws(ProgramError) -> UInt32 {
        guard offset >= 0, offset <= bytes.count - 4 else { throw .truncated }
        return wordUnchecked(offset)
    }

    func half(_ offset: Int) throws(ProgramError) -> UInt16 {
        guard offset >= 0, offset <= bytes.count - 2 else { throw .truncated }
        return UInt16(bytes[offset]) | UInt16(bytes[offset + 1]) << 8
    }

    func byte(_ offset: Int) throws(ProgramError) -> UInt8 {
        guard offset >= 0, offset < bytes.count else { throw .truncated }
        return bytes[offset]
    }

    func slice(_ offset: Int, _ count: Int) throws(ProgramError) -> [UInt8] {
        guard offset >= 0, count >= 0, offset <= bytes.count, count <= bytes.count - offset else { throw .truncated }
        return Array(bytes[offset..<offset + count])
    }

    func string(_ offset: Int) throws(ProgramError) -> String {
        var end = offset
        while try byte(end) != 0 { end += 1 }
        return String(decoding: bytes[offset..<end], as: UTF8.self)
    }
}
