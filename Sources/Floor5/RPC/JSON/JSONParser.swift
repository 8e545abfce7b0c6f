// Floor 5, RPC: strict JSON text to `JSONValue`. The bytes come from anyone: depth and number of values are bounded, UTF-8,
// escapes and the number grammar are checked, and nothing traps.

/// Why text is not JSON that the server takes.
package struct JSONError: Error, Equatable, Sendable {
    package var message: String
    /// Byte position in the text.
    package var offset: Int
}

/// Bounds of one parse.
package struct JSONLimits: Sendable {
    /// Nesting of arrays and objects; Ethereum's requests need fewer than ten levels.
    package var depth = 64
    /// Values in one text: bounds memory, since `[],[],…` takes many times its own size once parsed.
    package var valueCount = 200_000
    /// Digits of one number; ids are echoed, so this also bounds what is echoed.
    package var numberByteCount = 128

    package init() {}
}

/// Reads one JSON text.
package struct JSONParser {
    private let bytes: [UInt8]
    private let limits: JSONLimits
    private var offset = 0
    private var valueCount = 0

    private init(_ bytes: [UInt8], _ limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    /// Parses a text that holds exactly one value and white space.
    package static func parse(_ bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) -> JSONValue {
        var parser = JSONParser(bytes, limits)
        let value = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.offset == bytes.count else { throw parser.error("unexpected text after the value") }
        return value
    }

    private func error(_ message: String) -> JSONError { JSONError(message: message, offset: offset) }

    private mutating func skipSpace() {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x0a, 0x0d, 0x09: offset += 1
            default: return
            }
        }
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        skipSpace()
        guard offset < bytes.count else { throw error("unexpected end of text") }
        valueCount += 1
        guard valueCount <= limits.valueCount else { throw error("more than \(limits.valueCount) values") }
        switch bytes[offset] {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""):
            offset += 1
            return .string(try string())
        case UInt8(ascii: "t"):
            try literal("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try literal("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try literal("null")
            return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        default: throw error("unexpected character")
        }
    }

    private mutating func literal(_ word: String) throws(JSONError) {
        for byte in word.utf8 {
            guard offset < bytes.count, bytes[offset] == byte else { throw error("unexpected character") }
            offset += 1
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
        guard depth < limits.depth else { throw error("nested deeper than \(limits.depth) levels") }
        offset += 1
        var members: [JSONValue.Member] = []
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object(members) }
        while true {
            skipSpace()
            guard take(UInt8(ascii: "\"")) else { throw error("a member's name is expected") }
            let name = try string()
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw error("':' is expected") }
            members.append(JSONValue.Member(name: name, value: try value(depth: depth + 1)))
            skipSpace()
            if take(UInt8(ascii: ",")) { continue }
            guard take(UInt8(ascii: "}")) else { throw error("',' or '}' is expected") }
            return .object(members)
        }
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
        guard depth < limits.depth else { throw error("nested deeper than \(limits.depth) levels") }
        offset += 1
        var elements: [JSONValue] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return .array(elements) }
        while true {
            elements.append(try value(depth: depth + 1))
            skipSpace()
            if take(UInt8(ascii: ",")) { continue }
            guard take(UInt8(ascii: "]")) else { throw error("',' or ']' is expected") }
            return .array(elements)
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard offset < bytes.count, bytes[offset] == byte else { return false }
        offset += 1
        return true
    }

    // MARK: - Numbers

    private mutating func digits() -> Int {
        let start = offset
        while offset < bytes.count, (0x30...0x39).contains(bytes[offset]) { offset += 1 }
        return offset - start
    }

    private mutating func number() throws(JSONError) -> [UInt8] {
        let start = offset
        _ = take(UInt8(ascii: "-"))
        if take(UInt8(ascii: "0")) {
            if offset < bytes.count, (0x30...0x39).contains(bytes[offset]) { throw error("a number has a leading zero") }
        } else if digits() == 0 {
            throw error("a digit is expected")
        }
        if take(UInt8(ascii: ".")), digits() == 0 { throw error("a digit is expected") }
        if offset < bytes.count, bytes[offset] | 0x20 == UInt8(ascii: "e") {
            offset += 1
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            if digits() == 0 { throw error("a digit is expected") }
        }
        guard offset - start <= limits.numberByteCount else { throw error("a number has more than \(limits.numberByteCount) characters") }
        return Array(bytes[start..<offset])
    }

    // MARK: - Strings

    /// The rest of a string whose opening quote has been taken.
    private mutating func string() throws(JSONError) -> [UInt8] {
        var run = offset
        var result: [UInt8] = []
        while offset < bytes.count {
            let byte = bytes[offset]
            if byte == UInt8(ascii: "\"") {
                if result.isEmpty {
                    result = Array(bytes[run..<offset])
                } else {
                    result.append(contentsOf: bytes[run..<offset])
                }
                offset += 1
                return result
            }
            if byte == UInt8(ascii: "\\") {
                result.append(contentsOf: bytes[run..<offset])
                offset += 1
                try escape(&result)
                run = offset
            } else if byte < 0x20 {
                throw error("a control character in a string")
            } else if byte < 0x80 {
                offset += 1
            } else {
                try multibyte()
            }
        }
        throw error("unexpected end of text in a string")
    }

    /// Checks one multi-byte UTF-8 sequence (Unicode 15, table 3-7) and moves behind it.
    private mutating func multibyte() throws(JSONError) {
        let lead = bytes[offset]
        let (count, second): (Int, ClosedRange<UInt8>)
        switch lead {
        case 0xc2...0xdf: (count, second) = (2, 0x80...0xbf)
        case 0xe0: (count, second) = (3, 0xa0...0xbf)
        case 0xed: (count, second) = (3, 0x80...0x9f)
        case 0xe1...0xef: (count, second) = (3, 0x80...0xbf)
        case 0xf0: (count, second) = (4, 0x90...0xbf)
        case 0xf1...0xf3: (count, second) = (4, 0x80...0xbf)
        case 0xf4: (count, second) = (4, 0x80...0x8f)
        default: throw error("invalid UTF-8")
        }
        guard bytes.count - offset >= count, second.contains(bytes[offset + 1]) else { throw error("invalid UTF-8") }
        for index in 2..<max(count, 2) where bytes[offset + index] & 0xc0 != 0x80 { throw error("invalid UTF-8") }
        offset += count
    }

    private mutating func escape(_ result: inout [UInt8]) throws(JSONError) {
        guard offset < bytes.count else { throw error("unexpected end of text in a string") }
        let byte = bytes[offset]
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(byte)
        case UInt8(ascii: "b"): result.append(0x08)
        case UInt8(ascii: "f"): result.append(0x0c)
        case UInt8(ascii: "n"): result.append(0x0a)
        case UInt8(ascii: "r"): result.append(0x0d)
        case UInt8(ascii: "t"): result.append(0x09)
        case UInt8(ascii: "u"): try unicodeEscape(&result)
        default: throw error("unknown escape in a string")
        }
    }

    private mutating func unicodeEscape(_ result: inout [UInt8]) throws(JSONError) {
        var code = try hexUnit()
        if (0xd800...0xdbff).contains(code) {
            guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw error("half a surrogate pair") }
            let low = try hexUnit()
            guard (0xdc00...0xdfff).contains(low) else { throw error("half a surrogate pair") }
            code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw error("half a surrogate pair") }
        result.append(contentsOf: Character(scalar).utf8)
    }

    private mutating func hexUnit() throws(JSONError) -> UInt32 {
        guard bytes.count - offset >= 4 else { throw error("unexpected end of text in a string") }
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = HexText.value(bytes[offset]) else { throw error("a hexadecimal digit is expected") }
            unit = unit << 4 | UInt32(digit)
            offset += 1
        }
        return unit
    }
}
