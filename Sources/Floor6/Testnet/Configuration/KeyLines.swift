// Floor 6, Testnet: the line of every key of a TOML text. The parser accepts or refuses the text; this only finds places,
// so on a text that the parser refuses its result means nothing, and it never fails.

/// Lines (from 1) by dotted path; the elements of an array of tables are numbered from 0.
struct KeyLines {
    private(set) var lines: [[String]: Int] = [:]
    private var table: [String] = []
    private var arrayCounts: [[String]: Int] = [:]

    init(_ text: [UInt8]) {
        var scanner = Scanner(bytes: text)
        while !scanner.isAtEnd {
            scanner.skipBlank()
            guard let byte = scanner.peek else { break }
            if byte == 0x5b {
                readHeader(&scanner)
            } else if byte != 0x0a, byte != 0x23 {
                let line = scanner.line
                let key = scanner.keyPath(until: 0x3d)
                note(table + key, line)
                scanner.skipValue()
            }
            scanner.skipLine()
        }
    }

    /// The line of this key, or that of its nearest ancestor with a line of its own.
    func line(of path: [String]) -> Int? {
        var path = path
        while !path.isEmpty {
            if let line = lines[path] { return line }
            path.removeLast()
        }
        return nil
    }

    private mutating func note(_ path: [String], _ line: Int) {
        if lines[path] == nil { lines[path] = line }
    }

    private mutating func readHeader(_ scanner: inout Scanner) {
        let line = scanner.line
        scanner.advance()
        let isArray = scanner.peek == 0x5b
        if isArray { scanner.advance() }
        var path = resolve(scanner.keyPath(until: 0x5d))
        if isArray {
            note(path, line)
            let count = arrayCounts[path, default: 0]
            arrayCounts[path] = count + 1
            path.append(String(count))
        }
        note(path, line)
        table = path
    }

    /// Puts the number of the newest element behind every array of tables that the path goes through.
    private func resolve(_ path: [String]) -> [String] {
        var result: [String] = []
        for (index, part) in path.enumerated() {
            result.append(part)
            if index + 1 < path.count, let count = arrayCounts[result], count > 0 { result.append(String(count - 1)) }
        }
        return result
    }
}

/// Steps through TOML text without judging it.
private struct Scanner {
    let bytes: [UInt8]
    private(set) var position = 0
    private(set) var line = 1

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position >= bytes.count }
    var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func advance() {
        guard position < bytes.count else { return }
        if bytes[position] == 0x0a { line += 1 }
        position += 1
    }

    mutating func skipBlank() {
        while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0d { advance() }
    }

    /// To behind the end of this line.
    mutating func skipLine() {
        while let byte = peek, byte != 0x0a { advance() }
        advance()
    }

    /// The parts of a dotted key, up to `end` or the end of the line.
    mutating func keyPath(until end: UInt8) -> [String] {
        var parts: [String] = []
        var part: [UInt8] = []
        while let byte = peek, byte != 0x0a {
            if byte == end { break }
            if byte == 0x22 || byte == 0x27 {
                part += quoted(byte)
            } else {
                if byte == 0x2e {
                    parts.append(String(decoding: part, as: UTF8.self))
                    part = []
                } else if byte != 0x20, byte != 0x09 {
                    part.append(byte)
                }
                advance()
            }
        }
        parts.append(String(decoding: part, as: UTF8.self))
        return parts
    }

    private mutating func quoted(_ quote: UInt8) -> [UInt8] {
        advance()
        var content: [UInt8] = []
        while let byte = peek, byte != quote, byte != 0x0a {
            if byte == 0x5c, quote == 0x22 {
                content.append(byte)
                advance()
                guard let next = peek, next != 0x0a else { break }
                content.append(next)
            } else {
                content.append(byte)
            }
            advance()
        }
        if peek == quote { advance() }
        return content
    }

    /// Behind a value: strings and arrays may go over several lines.
    mutating func skipValue() {
        var depth = 0
        while let byte = peek {
            switch byte {
            case 0x22, 0x27: skipString(byte)
            case 0x5b, 0x7b:
                depth += 1
                advance()
            case 0x5d, 0x7d:
                depth -= 1
                advance()
            case 0x23: while let next = peek, next != 0x0a { _ = next; advance() }
            case 0x0a:
                if depth <= 0 { return }
                advance()
            default: advance()
            }
        }
    }

    private mutating func skipString(_ quote: UInt8) {
        let isLong = position + 2 < bytes.count && bytes[position + 1] == quote && bytes[position + 2] == quote
        guard isLong else {
            _ = quoted(quote)
            return
        }
        for _ in 0..<3 { advance() }
        var run = 0
        while let byte = peek {
            if byte == 0x5c, quote == 0x22 {
                run = 0
                advance()
                advance()
                continue
            }
            advance()
            run = byte == quote ? run + 1 : 0
            if run == 3 {
                // Up to two quotes may stand right before the closing three.
                while peek == quote { advance() }
                return
            }
        }
    }
}
