// Floor 1, Engine: reads canonical RLP straight from its bytes, without building a tree of items.
//
// Invariant: 0 <= offset <= end <= bytes.count. Every length is checked against `end` before it is used,
// so hostile input ends in an `RLPError` and never in a trap.
import Primitives

/// A window of an RLP byte string and a position in it.
struct RLPCursor {
    let bytes: [UInt8]
    private(set) var offset: Int
    let end: Int

    init(_ bytes: [UInt8], from offset: Int) {
        self.bytes = bytes
        self.offset = min(max(offset, 0), bytes.count)
        self.end = bytes.count
    }

    private init(_ bytes: [UInt8], from offset: Int, to end: Int) {
        self.bytes = bytes
        self.offset = offset
        self.end = end
    }

    var isAtEnd: Bool { offset == end }

    // MARK: - Items

    /// Moves behind a byte string and returns where its payload is.
    mutating func string() throws(RLPError) -> Range<Int> {
        guard offset < end else { throw .truncated }
        let prefix = bytes[offset]
        if prefix < 0x80 {
            offset += 1
            return offset - 1..<offset
        }
        guard prefix < 0xc0 else { throw .unexpectedKind }
        offset += 1
        let count = prefix < 0xb8 ? Int(prefix - 0x80) : try longLength(size: Int(prefix - 0xb7))
        guard count <= end - offset else { throw .truncated }
        if count == 1, bytes[offset] < 0x80 { throw .nonCanonical }
        offset += count
        return offset - count..<offset
    }

    /// Moves behind a list and returns a cursor over its items.
    mutating func list() throws(RLPError) -> RLPCursor {
        guard offset < end else { throw .truncated }
        let prefix = bytes[offset]
        guard prefix >= 0xc0 else { throw .unexpectedKind }
        offset += 1
        let count = prefix < 0xf8 ? Int(prefix - 0xc0) : try longLength(size: Int(prefix - 0xf7))
        guard count <= end - offset else { throw .truncated }
        offset += count
        return RLPCursor(bytes, from: offset - count, to: offset)
    }

    /// A length of 56 and more, big-endian in `size` bytes. More than four bytes exceed any input we take.
    private mutating func longLength(size: Int) throws(RLPError) -> Int {
        guard size <= 4, size <= end - offset else { throw .truncated }
        var value: UInt64 = 0
        for index in offset..<offset + size { value = value << 8 | UInt64(bytes[index]) }
        guard bytes[offset] != 0, value >= 56 else { throw .nonCanonical }
        offset += size
        guard value <= UInt64(end - offset) else { throw .truncated }
        return Int(truncatingIfNeeded: value)
    }

    // MARK: - Typed values

    mutating func uint64() throws(RLPError) -> UInt64 {
        let range = try string()
        guard range.count <= 8, range.isEmpty || bytes[range.lowerBound] != 0 else { throw .invalidInteger }
        return word(range)
    }

    mutating func uint8() throws(RLPError) -> UInt8 {
        guard let value = UInt8(exactly: try uint64()) else { throw .invalidInteger }
        return value
    }

    mutating func uint256() throws(RLPError) -> UInt256 {
        let range = try string()
        guard range.count <= 32, range.isEmpty || bytes[range.lowerBound] != 0 else { throw .invalidInteger }
        return integer(range)
    }

    /// A storage key or hash: exactly 32 bytes, leading zeros kept.
    mutating func word256() throws(RLPError) -> UInt256 {
        let range = try string()
        guard range.count == 32 else { throw .invalidLength }
        return integer(range)
    }

    mutating func address() throws(RLPError) -> Address {
        let range = try string()
        guard range.count == 20 else { throw .invalidLength }
        return address(range)
    }

    /// An address or, for the empty string, `nil`.
    mutating func optionalAddress() throws(RLPError) -> Address? {
        let range = try string()
        if range.isEmpty { return nil }
        guard range.count == 20 else { throw .invalidLength }
        return address(range)
    }

    mutating func byteString() throws(RLPError) -> [UInt8] {
        let range = try string()
        return range.isEmpty ? [] : Array(bytes[range])
    }

    /// The big-endian value of at most 8 bytes.
    private func word(_ range: Range<Int>) -> UInt64 {
        var value: UInt64 = 0
        for index in range { value = value << 8 | UInt64(bytes[index]) }
        return value
    }

    /// The big-endian value of at most 32 bytes.
    private func integer(_ range: Range<Int>) -> UInt256 {
        let low = range.lowerBound
        let high = range.upperBound
        func limb(_ number: Int) -> UInt64 {
            let last = max(low, high - 8 * number)
            return word(max(low, last - 8)..<last)
        }
        return UInt256(l0: limb(0), l1: limb(1), l2: limb(2), l3: limb(3))
    }

    private func address(_ range: Range<Int>) -> Address {
        let start = range.lowerBound
        return Address(
            w0: word(start..<start + 8), w1: word(start + 8..<start + 16),
            w2: UInt32(truncatingIfNeeded: word(start + 16..<start + 20)))
    }
}
