// The canonical binary encoding of our own messages and records: fixed-width big-endian integers,
// fixed-size hashes, and byte strings behind a 32-bit length. It has no optional parts and no padding,
// so a value has exactly one encoding; `CanonicalReader.finish()` refuses what is left over.

/// Why bytes are not a canonical encoding.
public enum CanonicalError: Error, Equatable, Sendable {
    /// The input ended before the value did.
    case truncated
    /// Bytes are left behind the value.
    case trailingBytes
    /// A length or count is above the caller's limit.
    case tooLong
    /// A field has a value that the format does not allow.
    case invalidValue
}

/// Appends values to a byte array.
@frozen
public struct CanonicalWriter: Sendable {
    public var bytes: [UInt8]

    @inlinable
    public init(capacity: Int = 0) {
        bytes = []
        if capacity > 0 { bytes.reserveCapacity(capacity) }
    }

    @inlinable
    public mutating func write<T: FixedWidthInteger>(_ value: T) {
        var shift = T.bitWidth
        while shift > 0 {
            shift -= 8
            bytes.append(UInt8(truncatingIfNeeded: value >> T(truncatingIfNeeded: shift)))
        }
    }

    @inlinable
    public mutating func write(_ value: Bool) { bytes.append(value ? 1 : 0) }

    @inlinable
    public mutating func write(_ value: Hash256) {
        write(value.w0)
        write(value.w1)
        write(value.w2)
        write(value.w3)
    }

    @inlinable
    public mutating func write(_ value: Address) {
        write(value.w0)
        write(value.w1)
        write(value.w2)
    }

    @inlinable
    public mutating func write(_ value: UInt256) { write(Hash256(value)) }

    /// Bytes without a length, for fields of fixed size.
    @inlinable
    public mutating func writeRaw(_ value: [UInt8]) { bytes.append(contentsOf: value) }

    /// Bytes behind a 32-bit length.
    @inlinable
    public mutating func write(_ value: [UInt8]) {
        write(UInt32(value.count))
        bytes.append(contentsOf: value)
    }
}

/// Reads values from bytes that may be hostile: every read checks what is left.
@frozen
public struct CanonicalReader: Sendable {
    @usableFromInline let bytes: [UInt8]
    @usableFromInline var offset: Int

    @inlinable
    public init(_ bytes: [UInt8], offset: Int = 0) {
        self.bytes = bytes
        self.offset = offset
    }

    /// Number of bytes not yet read.
    @inlinable
    public var remaining: Int { bytes.count - offset }

    @inlinable
    public mutating func read<T: FixedWidthInteger>(_ type: T.Type = T.self) throws(CanonicalError) -> T {
        let size = T.bitWidth / 8
        guard remaining >= size else { throw .truncated }
        var value: T = 0
        for _ in 0..<size {
            if T.bitWidth > 8 { value = value &<< 8 }
            value |= T(truncatingIfNeeded: bytes[offset])
            offset += 1
        }
        return value
    }

    @inlinable
    public mutating func readBool() throws(CanonicalError) -> Bool {
        switch try read(UInt8.self) {
        case 0: return false
        case 1: return true
        default: throw .invalidValue
        }
    }

    @inlinable
    public mutating func readHash() throws(CanonicalError) -> Hash256 {
        guard remaining >= 32 else { throw .truncated }
        let start = offset
        offset += 32
        return unsafe bytes.withUnsafeBytes { unsafe Hash256(loading: $0.baseAddress! + start) }
    }

    @inlinable
    public mutating func readAddress() throws(CanonicalError) -> Address {
        guard remaining >= 20 else { throw .truncated }
        let start = offset
        offset += 20
        return unsafe bytes.withUnsafeBytes { unsafe Address(loading: $0.baseAddress! + start) }
    }

    @inlinable
    public mutating func readUInt256() throws(CanonicalError) -> UInt256 {
        UInt256(try readHash())
    }

    /// `count` bytes without a length.
    @inlinable
    public mutating func readRaw(_ count: Int) throws(CanonicalError) -> [UInt8] {
        guard count >= 0, remaining >= count else { throw .truncated }
        defer { offset += count }
        return Array(bytes[offset..<offset + count])
    }

    /// Bytes behind a 32-bit length of at most `limit`.
    @inlinable
    public mutating func readBytes(limit: Int) throws(CanonicalError) -> [UInt8] {
        let count = Int(truncatingIfNeeded: try read(UInt32.self))
        guard count >= 0, count <= limit else { throw .tooLong }
        return try readRaw(count)
    }

    /// A 32-bit element count of at most `limit`.
    @inlinable
    public mutating func readCount(limit: Int) throws(CanonicalError) -> Int {
        let count = Int(truncatingIfNeeded: try read(UInt32.self))
        guard count >= 0, count <= limit else { throw .tooLong }
        return count
    }

    /// Refuses bytes behind the value.
    @inlinable
    public func finish() throws(CanonicalError) {
        guard remaining == 0 else { throw .trailingBytes }
    }
}
