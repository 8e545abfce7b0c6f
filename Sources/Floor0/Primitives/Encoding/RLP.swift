// Recursive Length Prefix (Ethereum yellow paper, appendix B), canonical forms only.

/// Why bytes are not canonical RLP of the expected shape.
public enum RLPError: Error, Equatable, Sendable {
    case truncated
    case trailingBytes
    /// A length or a single byte is not in its shortest form.
    case nonCanonical
    /// A string was expected and a list found, or the other way round.
    case unexpectedKind
    /// An integer has leading zeros or is too wide for its type.
    case invalidInteger
    /// A byte string does not have the length the field demands.
    case invalidLength
    /// Lists are nested deeper than `RLPItem.depthLimit`.
    case tooDeep
}

/// Builds RLP. A list's items are written in place, then its header is put before them.
@frozen
public struct RLPWriter: Sendable {
    public var bytes: [UInt8]

    @inlinable
    public init(capacity: Int = 0) {
        bytes = []
        if capacity > 0 { bytes.reserveCapacity(capacity) }
    }

    private mutating func appendHeader(base: UInt8, count: Int) {
        if count < 56 {
            bytes.append(base + UInt8(count))
            return
        }
        // The length follows, most significant byte first, without leading zeros.
        let size = (Int.bitWidth - count.leadingZeroBitCount + 7) / 8
        bytes.append(base + 55 + UInt8(size))
        for index in (0..<size).reversed() { bytes.append(UInt8(truncatingIfNeeded: count >> (8 * index))) }
    }

    private mutating func append(_ word: UInt64) {
        unsafe withUnsafeBytes(of: word.bigEndian) { unsafe bytes.append(contentsOf: $0) }
    }

    /// A byte string.
    public mutating func write(_ value: [UInt8]) {
        if value.count == 1, value[0] < 0x80 {
            bytes.append(value[0])
        } else {
            appendHeader(base: 0x80, count: value.count)
            bytes.append(contentsOf: value)
        }
    }

    public mutating func write(_ value: Hash256) {
        bytes.append(0xa0)
        append(value.w0)
        append(value.w1)
        append(value.w2)
        append(value.w3)
    }

    public mutating func write(_ value: Address) {
        bytes.append(0x94)
        append(value.w0)
        append(value.w1)
        unsafe withUnsafeBytes(of: value.w2.bigEndian) { unsafe bytes.append(contentsOf: $0) }
    }

    /// `nil` is the empty string, as in a contract creation's `to`.
    public mutating func write(_ value: Address?) {
        if let value { write(value) } else { bytes.append(0x80) }
    }

    public mutating func write(_ value: UInt64) {
        if value == 0 {
            bytes.append(0x80)
        } else if value < 0x80 {
            bytes.append(UInt8(value))
        } else {
            let count = 8 - value.leadingZeroBitCount / 8
            bytes.append(0x80 + UInt8(count))
            var shift = UInt64(count * 8)
            while shift > 0 {
                shift -= 8
                bytes.append(UInt8(truncatingIfNeeded: value >> shift))
            }
        }
    }

    public mutating func write(_ value: UInt256) {
        let count = (value.bitWidthUsed + 7) / 8
        guard count > 8 else { return write(value.l0) }
        bytes.append(0x80 + UInt8(count))
        // The highest limb in use without its leading zeros, then the others whole.
        let high = (count - 1) / 8
        let top = high == 3 ? value.l3 : high == 2 ? value.l2 : value.l1
        var shift = UInt64((count - 8 * high) * 8)
        while shift > 0 {
            shift -= 8
            bytes.append(UInt8(truncatingIfNeeded: top >> shift))
        }
        if high > 2 { append(value.l2) }
        if high > 1 { append(value.l1) }
        append(value.l0)
    }

    /// Already encoded items, as they are.
    public mutating func writeRaw(_ encoded: [UInt8]) { bytes.append(contentsOf: encoded) }

    /// A list whose items are what `body` writes.
    public mutating func writeList(_ body: (inout RLPWriter) -> Void) {
        let start = bytes.count
        body(&self)
        let count = bytes.count - start
        if count < 56 {
            bytes.insert(0xc0 + UInt8(count), at: start)
        } else {
            var header = RLPWriter(capacity: 9)
            header.appendHeader(base: 0xc0, count: count)
            bytes.insert(contentsOf: header.bytes, at: start)
        }
    }
}

/// One decoded item: a byte string or a list.
public indirect enum RLPItem: Equatable, Sendable {
    case string([UInt8])
    case list([RLPItem])

    /// Nesting allowed in hostile input; Ethereum objects need fewer than ten levels.
    public static let depthLimit = 64

    /// Decodes exactly one item that fills `bytes`.
    public static func decode(_ bytes: [UInt8]) throws(RLPError) -> RLPItem {
        var offset = 0
        let item = try decode(bytes, &offset, end: bytes.count, depth: 0)
        guard offset == bytes.count else { throw .trailingBytes }
        return item
    }

    /// Decodes one item at `offset` and moves `offset` behind it.
    public static func decode(_ bytes: [UInt8], _ offset: inout Int, end: Int, depth: Int) throws(RLPError) -> RLPItem {
        guard offset < end else { throw .truncated }
        guard depth < depthLimit else { throw .tooDeep }
        let prefix = bytes[offset]
        offset += 1
        switch prefix {
        case 0..<0x80:
            return .string([prefix])
        case 0x80...0xb7:
            let count = Int(prefix - 0x80)
            let value = try take(bytes, &offset, end: end, count: count)
            if count == 1, value[0] < 0x80 { throw .nonCanonical }
            return .string(value)
        case 0xb8...0xbf:
            let count = try longLength(bytes, &offset, end: end, size: Int(prefix - 0xb7))
            return .string(try take(bytes, &offset, end: end, count: count))
        case 0xc0...0xf7:
            return try list(bytes, &offset, end: end, count: Int(prefix - 0xc0), depth: depth)
        default:
            let count = try longLength(bytes, &offset, end: end, size: Int(prefix - 0xf7))
            return try list(bytes, &offset, end: end, count: count, depth: depth)
        }
    }

    private static func take(_ bytes: [UInt8], _ offset: inout Int, end: Int, count: Int) throws(RLPError) -> [UInt8] {
        guard count <= end - offset else { throw .truncated }
        defer { offset += count }
        return Array(bytes[offset..<offset + count])
    }

    private static func longLength(_ bytes: [UInt8], _ offset: inout Int, end: Int, size: Int) throws(RLPError) -> Int {
        guard size <= end - offset else { throw .truncated }
        guard size <= 4 else { throw .truncated }
        var value: UInt64 = 0
        for index in 0..<size { value = value << 8 | UInt64(bytes[offset + index]) }
        guard bytes[offset] != 0, value >= 56 else { throw .nonCanonical }
        offset += size
        guard value <= UInt64(end - offset) else { throw .truncated }
        return Int(value)
    }

    private static func list(_ bytes: [UInt8], _ offset: inout Int, end: Int, count: Int, depth: Int) throws(RLPError) -> RLPItem {
        guard count <= end - offset else { throw .truncated }
        let listEnd = offset + count
        var items: [RLPItem] = []
        while offset < listEnd {
            items.append(try decode(bytes, &offset, end: listEnd, depth: depth + 1))
        }
        return .list(items)
    }

    // MARK: - Typed access

    public func bytes() throws(RLPError) -> [UInt8] {
        guard case .string(let value) = self else { throw .unexpectedKind }
        return value
    }

    public func items() throws(RLPError) -> [RLPItem] {
        guard case .list(let value) = self else { throw .unexpectedKind }
        return value
    }

    public func uint64() throws(RLPError) -> UInt64 {
        let value = try bytes()
        guard value.count <= 8, value.first != 0 else { throw .invalidInteger }
        var result: UInt64 = 0
        for byte in value { result = result << 8 | UInt64(byte) }
        return result
    }

    public func uint256() throws(RLPError) -> UInt256 {
        let value = try bytes()
        guard value.count <= 32, value.first != 0 else { throw .invalidInteger }
        return UInt256(bigEndianBytes: value)
    }

    public func hash() throws(RLPError) -> Hash256 {
        guard let value = Hash256(try bytes()) else { throw .invalidLength }
        return value
    }

    public func address() throws(RLPError) -> Address {
        guard let value = Address(try bytes()) else { throw .invalidLength }
        return value
    }

    /// An address or, for the empty string, `nil`.
    public func optionalAddress() throws(RLPError) -> Address? {
        let value = try bytes()
        if value.isEmpty { return nil }
        guard let address = Address(value) else { throw .invalidLength }
        return address
    }
}
