// Floor 6, Testnet: a reader of TOML 1.0 (toml.io/en/v1.0.0) that knows the line of every key and never traps. Dates are
// recognised but not read. The parser behind TOMLKit 0.6 aborts on failed assertions when text is damaged, and gives no
// lines for keys, so this module has its own.

/// Reads one text. Errors carry their line.
struct TOMLParser {
    let file: String
    private let bytes: [UInt8]
    private var position = 0
    private var line = 1

    /// Parts of a dotted key, and brackets within brackets: no honest file comes near.
    private static let depthLimit = 32

    /// The top table of `text`, which must be UTF-8.
    static func parse(_ text: [UInt8], file: String) throws(ConfigError) -> TOMLTable {
        var parser = TOMLParser(file: file, bytes: text)
        return try parser.document()
    }

    private init(file: String, bytes: [UInt8]) {
        self.file = file
        self.bytes = bytes
    }

    private func failure(_ message: String) -> ConfigError {
        ConfigError(file: file, line: line, message: "not TOML: " + message)
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func peek(at offset: Int) -> UInt8? {
        position + offset < bytes.count ? bytes[position + offset] : nil
    }

    private mutating func advance() {
        if bytes[position] == 0x0a { line += 1 }
        position += 1
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        advance()
        return true
    }

    private mutating func skipBlank() {
        while let byte = peek, byte == 0x20 || byte == 0x09 { advance() }
    }

    private mutating func skipComment() throws(ConfigError) {
        guard peek == 0x23 else { return }
        while let byte = peek, byte != 0x0a {
            guard TOMLParser.isText(byte) || byte == 0x0d && peek(at: 1) == 0x0a else { throw failure("a control character in a comment") }
            advance()
        }
    }

    private static func isText(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7f || byte == 0x09 }

    /// The end of a line, after which only a comment may stand.
    private mutating func endLine() throws(ConfigError) {
        skipBlank()
        try skipComment()
        if peek == nil || take(0x0a) { return }
        if peek == 0x0d, peek(at: 1) == 0x0a {
            advance()
            advance()
            return
        }
        throw failure("something is left at the end of the line")
    }

    // MARK: Tables

    private mutating func document() throws(ConfigError) -> TOMLTable {
        let root = TOMLTable(origin: .header, line: 1)
        var table = root
        while true {
            skipBlank()
            guard let byte = peek else { return root }
            switch byte {
            case 0x0a, 0x0d, 0x23: try endLine()
            case 0x5b:
                table = try header(root)
                try endLine()
            default:
                try keyValue(into: table)
                try endLine()
            }
        }
    }

    private mutating func header(_ root: TOMLTable) throws(ConfigError) -> TOMLTable {
        let start = line
        advance()
        let isArray = take(0x5b)
        var path = try dottedKey()
        guard take(0x5d), !isArray || take(0x5d) else { throw failure("a table header needs \(isArray ? "']]'" : "']'")") }
        let last = path.removeLast()
        var table = root
        for key in path { table = try step(into: table, key, start) }
        let made = TOMLTable(origin: .header, line: start)
        guard let entry = table.entry(last) else {
            table.add(last, line: start, isArray ? .array([.table(made)]) : .table(made), isArrayOfTables: isArray)
            return made
        }
        if isArray, entry.isArrayOfTables {
            table.append(made, to: last)
            return made
        }
        if !isArray, case .table(let existing) = entry.value, existing.origin == .implicit {
            existing.origin = .header
            return existing
        }
        throw failure("\(last) is there already")
    }

    /// The table under `key`, for a header that goes through it; the newest of an array of tables.
    private func step(into table: TOMLTable, _ key: String, _ start: Int) throws(ConfigError) -> TOMLTable {
        guard let entry = table.entry(key) else {
            let made = TOMLTable(origin: .implicit, line: start)
            table.add(key, line: start, .table(made))
            return made
        }
        if case .table(let existing) = entry.value, existing.origin != .inline { return existing }
        if entry.isArrayOfTables, case .array(let elements) = entry.value, case .table(let newest)? = elements.last { return newest }
        throw failure("\(key) is no table that could be extended")
    }

    private mutating func keyValue(into table: TOMLTable, depth: Int = 0) throws(ConfigError) {
        let start = line
        var path = try dottedKey()
        guard take(0x3d) else { throw failure("a key needs '=' and a value") }
        let last = path.removeLast()
        var target = table
        for key in path {
            if let entry = target.entry(key) {
                guard case .table(let existing) = entry.value, existing.origin == .dotted else {
                    throw failure("\(key) is no table that could be extended")
                }
                target = existing
            } else {
                let made = TOMLTable(origin: .dotted, line: start)
                target.add(key, line: start, .table(made))
                target = made
            }
        }
        guard target.entry(last) == nil else { throw failure("\(last) is there already") }
        skipBlank()
        target.add(last, line: start, try value(depth: depth))
    }

    // MARK: Keys

    private mutating func dottedKey() throws(ConfigError) -> [String] {
        var parts: [String] = []
        repeat {
            skipBlank()
            parts.append(try simpleKey())
            guard parts.count <= TOMLParser.depthLimit else { throw failure("a key has more than \(TOMLParser.depthLimit) parts") }
            skipBlank()
        } while take(0x2e)
        return parts
    }

    private mutating func simpleKey() throws(ConfigError) -> String {
        if peek == 0x22 || peek == 0x27 {
            guard let quote = peek, !(peek(at: 1) == quote && peek(at: 2) == quote) else { throw failure("a key of several lines") }
            return try shortString()
        }
        let start = position
        while let byte = peek, TOMLParser.isBare(byte) { advance() }
        guard position > start else { throw failure(peek == 0x3d ? "a key is missing" : "a key or a table header is expected") }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    static func isBare(_ byte: UInt8) -> Bool {
        (0x61...0x7a).contains(byte) || (0x41...0x5a).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2d || byte == 0x5f
    }

    // MARK: Values

    private mutating func value(depth: Int) throws(ConfigError) -> TOMLValue {
        guard depth < TOMLParser.depthLimit else { throw failure("nested deeper than \(TOMLParser.depthLimit)") }
        guard let byte = peek else { throw failure("a value is missing") }
        switch byte {
        case 0x22, 0x27:
            let isLong = peek(at: 1) == byte && peek(at: 2) == byte
            return .string(isLong ? try longString() : try shortString())
        case 0x5b: return try array(depth: depth)
        case 0x7b: return try inlineTable(depth: depth)
        default: return try scalar()
        }
    }

    private mutating func skipBlankLines() throws(ConfigError) {
        while let byte = peek {
            switch byte {
            case 0x20, 0x09, 0x0a: advance()
            case 0x0d where peek(at: 1) == 0x0a: advance()
            case 0x23: try skipComment()
            default: return
            }
        }
    }

    private mutating func array(depth: Int) throws(ConfigError) -> TOMLValue {
        advance()
        var elements: [TOMLValue] = []
        while true {
            try skipBlankLines()
            if take(0x5d) { return .array(elements) }
            elements.append(try value(depth: depth + 1))
            try skipBlankLines()
            if take(0x2c) { continue }
            guard take(0x5d) else { throw failure("an array needs ',' or ']'") }
            return .array(elements)
        }
    }

    private mutating func inlineTable(depth: Int) throws(ConfigError) -> TOMLValue {
        let table = TOMLTable(origin: .inline, line: line)
        advance()
        skipBlank()
        if take(0x7d) { return .table(table) }
        while true {
            skipBlank()
            try keyValue(into: table, depth: depth + 1)
            skipBlank()
            if take(0x2c) { continue }
            guard take(0x7d) else { throw failure("an inline table needs ',' or '}'") }
            return .table(table)
        }
    }

    private mutating func scalar() throws(ConfigError) -> TOMLValue {
        let start = position
        while let byte = peek, TOMLParser.isBare(byte) || byte == 0x2b || byte == 0x2e || byte == 0x3a { advance() }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if text == "true" { return .boolean(true) }
        if text == "false" { return .boolean(false) }
        if let value = TOMLNumber.parse(text) { return value }
        throw failure(text.isEmpty ? "a value is missing" : "'\(text)' is no value (text needs quotes)")
    }
}

// MARK: - Strings

extension TOMLParser {
    /// A string in one pair of quotes, on one line.
    private mutating func shortString() throws(ConfigError) -> String {
        guard let quote = peek else { throw failure("a string is missing") }
        advance()
        var content: [UInt8] = []
        while let byte = peek {
            if byte == quote {
                advance()
                return String(decoding: content, as: UTF8.self)
            }
            guard TOMLParser.isText(byte) else { break }
            advance()
            if byte == 0x5c, quote == 0x22 { try escape(into: &content) } else { content.append(byte) }
        }
        throw failure("a string has no end on its line")
    }

    /// A string in three pairs of quotes.
    private mutating func longString() throws(ConfigError) -> String {
        let start = line
        guard let quote = peek else { throw failure("a string is missing") }
        for _ in 0..<3 { advance() }
        if peek == 0x0d, peek(at: 1) == 0x0a { advance() }
        _ = take(0x0a)
        var content: [UInt8] = []
        while let byte = peek {
            if byte == quote, peek(at: 1) == quote, peek(at: 2) == quote {
                for _ in 0..<3 { advance() }
                // Up to two quotes may stand right before the closing three.
                for _ in 0..<2 where peek == quote {
                    content.append(quote)
                    advance()
                }
                return String(decoding: content, as: UTF8.self)
            }
            guard TOMLParser.isText(byte) || byte == 0x0a || byte == 0x0d && peek(at: 1) == 0x0a else {
                throw failure("a control character in a string")
            }
            advance()
            guard byte == 0x5c, quote == 0x22 else {
                content.append(byte)
                continue
            }
            if !(try skipLineEnding()) { try escape(into: &content) }
        }
        line = start
        throw failure("a string has no end")
    }

    /// A backslash at the end of a line removes the break and the blank that follows.
    private mutating func skipLineEnding() throws(ConfigError) -> Bool {
        var offset = 0
        while let byte = peek(at: offset), byte == 0x20 || byte == 0x09 || byte == 0x0d { offset += 1 }
        guard peek(at: offset) == 0x0a else { return false }
        while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d { advance() }
        return true
    }

    /// What follows a backslash.
    private mutating func escape(into content: inout [UInt8]) throws(ConfigError) {
        guard let byte = peek else { throw failure("a string has no end") }
        let simple: [UInt8: UInt8] = [0x62: 8, 0x74: 9, 0x6e: 10, 0x66: 12, 0x72: 13, 0x22: 0x22, 0x5c: 0x5c]
        if let plain = simple[byte] {
            advance()
            content.append(plain)
            return
        }
        guard byte == 0x75 || byte == 0x55 else { throw failure("an unknown escape in a string") }
        let count = byte == 0x75 ? 4 : 8
        guard position + count < bytes.count,
            let code = UInt32(String(decoding: bytes[(position + 1)...(position + count)], as: UTF8.self), radix: 16),
            bytes[position + 1] != 0x2b, bytes[position + 1] != 0x2d, let scalar = Unicode.Scalar(code)
        else { throw failure("a wrong Unicode escape in a string") }
        for _ in 0...count { advance() }
        content += Array(String(Character(scalar)).utf8)
    }
}
