// Floor 6, Testnet: the numbers and dates of TOML.

enum TOMLNumber {
    /// An integer, a float or a date; `nil` for anything else.
    static func parse(_ text: String) -> TOMLValue? {
        let bytes = Array(text.utf8)
        guard let first = bytes.first else { return nil }
        if bytes.count > 2, first == 0x30, let radix = [0x78: 16, 0x6f: 8, 0x62: 2][Int(bytes[1])] {
            guard let digits = plain(bytes[2...], isDigit: { $0 != 0x2b && $0 != 0x2d }) else { return nil }
            return Int(digits, radix: radix).map { .integer($0) }
        }
        if isDate(bytes) { return .date }
        var body = bytes[...]
        var sign = ""
        if first == 0x2b || first == 0x2d {
            sign = first == 0x2d ? "-" : ""
            body = body.dropFirst()
        }
        let word = String(decoding: body, as: UTF8.self)
        if word == "inf" { return .float(sign.isEmpty ? .infinity : -.infinity) }
        if word == "nan" { return .float(.nan) }
        let isDecimal = { (byte: UInt8) in (0x30...0x39).contains(byte) }
        if let digits = plain(body, isDigit: isDecimal) {
            guard digits.utf8.count == 1 || !digits.hasPrefix("0") else { return nil }
            return Int(sign + digits).map { .integer($0) }
        }
        return float(body, sign: sign, isDecimal)
    }

    /// The digits without underscores, each of which must stand between two digits.
    private static func plain(_ bytes: ArraySlice<UInt8>, isDigit: (UInt8) -> Bool) -> String? {
        var digits: [UInt8] = []
        var previous: UInt8 = 0x5f
        for byte in bytes {
            if byte == 0x5f {
                if previous == 0x5f { return nil }
            } else {
                guard isDigit(byte) else { return nil }
                digits.append(byte)
            }
            previous = byte
        }
        return previous == 0x5f ? nil : String(decoding: digits, as: UTF8.self)
    }

    private static func float(_ body: ArraySlice<UInt8>, sign: String, _ isDecimal: (UInt8) -> Bool) -> TOMLValue? {
        let parts = body.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == 0x65 || $0 == 0x45 }
        let pieces = parts[0].split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == 0x2e }
        guard pieces.count == 2 || parts.count == 2, let whole = plain(pieces[0], isDigit: isDecimal) else { return nil }
        guard whole.utf8.count == 1 || !whole.hasPrefix("0") else { return nil }
        var text = sign + whole
        if pieces.count == 2 {
            guard let fraction = plain(pieces[1], isDigit: isDecimal) else { return nil }
            text += "." + fraction
        }
        if parts.count == 2 {
            var exponent = parts[1]
            var exponentSign = ""
            if let first = exponent.first, first == 0x2b || first == 0x2d {
                exponentSign = first == 0x2d ? "-" : ""
                exponent = exponent.dropFirst()
            }
            guard let digits = plain(exponent, isDigit: isDecimal) else { return nil }
            text += "e" + exponentSign + digits
        }
        return Double(text).map { .float($0) }
    }

    /// Whether the text has the form of a date or a time (RFC 3339); no key of ours takes one.
    private static func isDate(_ bytes: [UInt8]) -> Bool {
        func matches(_ pattern: String, at start: Int) -> Bool {
            let form = Array(pattern.utf8)
            guard bytes.count >= start + form.count else { return false }
            return form.indices.allSatisfy { form[$0] == 0x30 ? (0x30...0x39).contains(bytes[start + $0]) : form[$0] == bytes[start + $0] }
        }
        return matches("0000-00-00", at: 0) || matches("00:00:00", at: 0)
    }
}
