// Floor 5, RPC: JSON straight into bytes. The caller keeps the structure right; commas follow from the last byte written.
package import Primitives

/// Appends JSON text to a byte buffer.
package struct JSONWriter: Sendable {
    package private(set) var bytes: [UInt8]

    package init(capacity: Int = 256) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    package var count: Int { bytes.count }

    /// Drops everything behind a position noted before: undoes a result that turned into an error.
    package mutating func truncate(to count: Int) {
        guard count < bytes.count else { return }
        bytes.removeLast(bytes.count - max(count, 0))
    }

    package mutating func raw(_ text: StaticString) {
        text.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
    }

    package mutating func raw(_ text: [UInt8]) { bytes.append(contentsOf: text) }

    // MARK: - Structure

    package mutating func beginObject() { bytes.append(UInt8(ascii: "{")) }
    package mutating func endObject() { bytes.append(UInt8(ascii: "}")) }
    package mutating func beginArray() { bytes.append(UInt8(ascii: "[")) }
    package mutating func endArray() { bytes.append(UInt8(ascii: "]")) }

    /// Call before every element of an array.
    package mutating func element() {
        if bytes.last != UInt8(ascii: "[") { bytes.append(UInt8(ascii: ",")) }
    }

    /// The name of the next member of an object.
    package mutating func key(_ name: StaticString) {
        if bytes.last == UInt8(ascii: "{") { raw("\"") } else { raw(",\"") }
        raw(name)
        raw("\":")
    }

    // MARK: - Values

    package mutating func null() { raw("null") }

    package mutating func bool(_ value: Bool) {
        if value { raw("true") } else { raw("false") }
    }

    package mutating func integer(_ value: Int) { bytes.append(contentsOf: String(value).utf8) }

    /// A literal that needs no escapes.
    package mutating func text(_ value: StaticString) {
        raw("\"")
        raw(value)
        raw("\"")
    }

    package mutating func string(_ value: String) { string(utf8: Array(value.utf8)) }

    /// Valid UTF-8 with whatever must be escaped.
    package mutating func string(utf8: [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x0a: raw("\\n")
            case 0x0d: raw("\\r")
            case 0x09: raw("\\t")
            case 0..<0x20:
                raw("\\u00")
                bytes.append(JSONWriter.digit(byte >> 4))
                bytes.append(JSONWriter.digit(byte & 15))
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func digit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 48 + nibble : 87 + nibble }

    /// `QUANTITY`: minimal digits behind `0x`.
    package mutating func quantity(_ value: UInt64) {
        raw("\"0x")
        nibbles(value, count: max(1, (67 - value.leadingZeroBitCount) / 4))
        bytes.append(UInt8(ascii: "\""))
    }

    package mutating func quantity(_ value: UInt256) {
        if let small = value.asUInt64 { return quantity(small) }
        raw("\"0x")
        var limbs = [value.l3, value.l2, value.l1, value.l0][...]
        while limbs.first == 0 { limbs.removeFirst() }
        for (index, limb) in limbs.enumerated() {
            nibbles(limb, count: index == 0 ? (67 - limb.leadingZeroBitCount) / 4 : 16)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func nibbles(_ value: UInt64, count: Int) {
        var shift = UInt64(count) * 4
        while shift > 0 {
            shift -= 4
            bytes.append(JSONWriter.digit(UInt8(truncatingIfNeeded: value >> shift) & 15))
        }
    }

    /// 32 bytes as `DATA`.
    package mutating func hash(_ value: Hash256) {
        raw("\"0x")
        nibbles(value.w0, count: 16)
        nibbles(value.w1, count: 16)
        nibbles(value.w2, count: 16)
        nibbles(value.w3, count: 16)
        bytes.append(UInt8(ascii: "\""))
    }

    /// 20 bytes as `DATA`.
    package mutating func address(_ value: Address) {
        raw("\"0x")
        nibbles(value.w0, count: 16)
        nibbles(value.w1, count: 16)
        nibbles(UInt64(value.w2), count: 8)
        bytes.append(UInt8(ascii: "\""))
    }

    /// A text of two digits per byte without a prefix.
    package mutating func bareHex(_ value: some Sequence<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        for byte in value {
            bytes.append(JSONWriter.digit(byte >> 4))
            bytes.append(JSONWriter.digit(byte & 15))
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// The name of the next member of an object, where it is not a literal; it needs no escapes.
    package mutating func key(_ name: [UInt8]) {
        if bytes.last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
        bytes.append(UInt8(ascii: "\""))
        raw(name)
        raw("\":")
    }

    /// `DATA`: two digits per byte.
    package mutating func data(_ value: [UInt8]) {
        raw("\"0x")
        for byte in value {
            bytes.append(JSONWriter.digit(byte >> 4))
            bytes.append(JSONWriter.digit(byte & 15))
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

// MARK: - Members

extension JSONWriter {
    package mutating func field(_ name: StaticString, _ value: UInt64) {
        key(name)
        quantity(value)
    }

    package mutating func field(_ name: StaticString, _ value: UInt256) {
        key(name)
        quantity(value)
    }

    package mutating func field(_ name: StaticString, _ value: Hash256) {
        key(name)
        hash(value)
    }

    package mutating func field(_ name: StaticString, _ value: Address) {
        key(name)
        address(value)
    }

    /// `null` when there is none.
    package mutating func field(_ name: StaticString, _ value: Address?) {
        key(name)
        if let value { address(value) } else { null() }
    }

    package mutating func field(_ name: StaticString, data value: [UInt8]) {
        key(name)
        data(value)
    }

    package mutating func field(_ name: StaticString, text value: StaticString) {
        key(name)
        text(value)
    }

    package mutating func field(_ name: StaticString, _ value: String) {
        key(name)
        string(value)
    }

    package mutating func field(_ name: StaticString, _ value: Bool) {
        key(name)
        bool(value)
    }
}
