// Floor 6, StateTests: a small JSON reader for test files, several times faster than Foundation's dynamic one.
//
// Covers what fixtures hold: objects, arrays, strings, true, false, null and numbers (kept as text).

enum JSONError: Error, Equatable {
    case malformed(offset: Int)
    case tooDeep
}

indirect enum JSONValue {
    case object([(key: String, value: JSONValue)])
    case array([JSONValue])
    case string(String)
    /// A number, as it is written.
    case number(String)
    case bool(Bool)
    case null

    subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        for member in members where member.key == key { return member.value }
        return nil
    }

    var members: [(key: String, value: JSONValue)]? {
        if case .object(let members) = self { return members }
        return nil
    }

    var elements: [JSONValue]? {
        if case .array(let elements) = self { return elements }
        return nil
    }

    /// The first member's value or the first element.
    var firstInside: JSONValue? {
        switch self {
        case .object(let members): members.first?.value
        case .array(let elements): elements.first
        default: nil
        }
    }

    /// Number of members or elements.
    var count: Int {
        switch self {
        case .object(let members): members.count
        case .array(let elements): elements.count
        default: 0
        }
    }

    var string: String? {
        if case .string(let text) = self { return text }
        return nil
    }
}

struct JSONReader {
    private static let depthLimit = 64
    private let bytes: [UInt8]
    private var offset = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
        var reader = JSONReader(bytes)
        let value = try reader.value(depth: 0)
        guard reader.skipSpace() == nil else { throw .malformed(offset: reader.offset) }
        return value
    }

    /// The next byte that is not white space.
    private mutating func skipSpace() -> UInt8? {
        while offset < bytes.count {
            let byte = bytes[offset]
            guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return byte }
            offset += 1
        }
        return nil
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        guard depth < JSONReader.depthLimit else { throw .tooDeep }
        guard let byte = skipSpace() else { throw .malformed(offset: offset) }
        switch byte {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func word(_ text: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
        for expected in text.utf8 {
            guard offset < bytes.count, bytes[offset] == expected else { throw .malformed(offset: offset) }
            offset += 1
        }
        return value
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = offset
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x30...0x39, UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): offset += 1
            default:
                guard offset > start else { throw .malformed(offset: offset) }
                return .number(String(decoding: bytes[start..<offset], as: UTF8.self))
            }
        }
        guard offset > start else { throw .malformed(offset: offset) }
        return .number(String(decoding: bytes[start..<offset], as: UTF8.self))
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
        offset += 1
        var members: [(key: String, value: JSONValue)] = []
        if skipSpace() == UInt8(ascii: "}") {
            offset += 1
            return .object(members)
        }
        while true {
            guard skipSpace() == UInt8(ascii: "\"") else { throw .malformed(offset: offset) }
            let key = try string()
            guard skipSpace() == UInt8(ascii: ":") else { throw .malformed(offset: offset) }
            offset += 1
            members.append((key, try value(depth: depth + 1)))
            let next = skipSpace()
            offset += 1
            if next == UInt8(ascii: "}") { return .object(members) }
            guard next == UInt8(ascii: ",") else { throw .malformed(offset: offset) }
        }
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
        offset += 1
        var elements: [JSONValue] = []
        if skipSpace() == UInt8(ascii: "]") {
            offset += 1
            return .array(elements)
        }
        while true {
            elements.append(try value(depth: depth + 1))
            let next = skipSpace()
            offset += 1
            if next == UInt8(ascii: "]") { return .array(elements) }
            guard next == UInt8(ascii: ",") else { throw .malformed(offset: offset) }
        }
    }

    private mutating func string() throws(JSONError) -> String {
        offset += 1
        let start = offset
        while offset < bytes.count {
            let byte = bytes[offset]
            if byte == UInt8(ascii: "\"") {
                let text = String(decoding: bytes[start..<offset], as: UTF8.self)
                offset += 1
                return text
            }
            if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
            offset += 1
        }
        throw .malformed(offset: offset)
    }

    /// The rest of a string that has an escape at `offset`.
    private mutating func escapedString(from start: Int) throws(JSONError) -> String {
        var text = Array(bytes[start..<offset])
        while offset < bytes.count {
            let byte = bytes[offset]
            offset += 1
            if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                continue
            }
            guard offset < bytes.count else { break }
            let escape = bytes[offset]
            offset += 1
            switch escape {
            case UInt8(ascii: "n"): text.append(0x0a)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "r"): text.append(0x0d)
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0c)
            case UInt8(ascii: "u"): text.append(contentsOf: String(try scalar()).utf8)
            default: text.append(escape)
            }
        }
        throw .malformed(offset: offset)
    }

    /// Four hexadecimal digits; halves of surrogate pairs become the replacement character (only comments have them).
    private mutating func scalar() throws(JSONError) -> Character {
        guard offset + 4 <= bytes.count, let code = UInt32(String(decoding: bytes[offset..<offset + 4], as: UTF8.self), radix: 16) else {
            throw .malformed(offset: offset)
        }
        offset += 4
        return Character(Unicode.Scalar(code) ?? "\u{fffd}")
    }
}
