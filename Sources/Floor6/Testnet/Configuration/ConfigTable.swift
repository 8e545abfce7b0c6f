// Floor 6, Testnet: typed reading of one table. Every key that was not asked for is an error when the reader calls `finish`.
internal import Primitives

/// A table with the keys that its reader has asked for so far.
struct ConfigTable {
    let document: ConfigDocument
    let path: [String]
    private let entries: [(key: String, value: ConfigValue)]
    private var asked: [String] = []

    init(document: ConfigDocument, path: [String], entries: [(key: String, value: ConfigValue)]) {
        self.document = document
        self.path = path
        self.entries = entries
    }

    /// An error about this key, with its line.
    func error(_ key: String?, _ message: String) -> ConfigError {
        let full = path + (key.map { [$0] } ?? [])
        let text = full.map { ConfigTable.isBare($0) ? $0 : "\"\($0)\"" }.joined(separator: ".")
        return ConfigError(file: document.file, line: document.keyLines.line(of: full), key: text.isEmpty ? nil : text, message: message)
    }

    private static func isBare(_ key: String) -> Bool {
        !key.isEmpty && key.utf8.allSatisfy { ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7a || $0 >= 0x30 && $0 <= 0x39 || $0 == 0x2d || $0 == 0x5f }
    }

    private mutating func value(_ key: String) -> ConfigValue? {
        if !asked.contains(key) { asked.append(key) }
        return entries.first { $0.key == key }?.value
    }

    private func mismatch(_ key: String, wanted: String, found: ConfigValue) -> ConfigError {
        error(key, "must be \(wanted), not \(found.typeName)")
    }

    func has(_ key: String) -> Bool { entries.contains { $0.key == key } }

    mutating func optionalString(_ key: String) throws(ConfigError) -> String? {
        guard let value = value(key) else { return nil }
        guard case .string(let string) = value else { throw mismatch(key, wanted: "a string", found: value) }
        return string
    }

    mutating func string(_ key: String, default fallback: String? = nil) throws(ConfigError) -> String {
        if let string = try optionalString(key) { return string }
        guard let fallback else { throw error(key, "is missing") }
        return fallback
    }

    mutating func boolean(_ key: String, default fallback: Bool) throws(ConfigError) -> Bool {
        guard let value = value(key) else { return fallback }
        guard case .boolean(let boolean) = value else { throw mismatch(key, wanted: "true or false", found: value) }
        return boolean
    }

    mutating func optionalInteger(_ key: String, in range: ClosedRange<UInt64>) throws(ConfigError) -> UInt64? {
        guard let value = value(key) else { return nil }
        guard case .integer(let integer) = value else { throw mismatch(key, wanted: "an integer", found: value) }
        guard let number = UInt64(exactly: integer), range.contains(number) else {
            throw error(key, "must be from \(range.lowerBound) to \(range.upperBound), not \(integer)")
        }
        return number
    }

    mutating func integer(_ key: String, default fallback: UInt64? = nil, in range: ClosedRange<UInt64>) throws(ConfigError) -> UInt64 {
        if let number = try optionalInteger(key, in: range) { return number }
        guard let fallback else { throw error(key, "is missing") }
        return fallback
    }

    /// An amount of wei: a whole number, or text as `Amount` reads it.
    mutating func amount(_ key: String, default fallback: UInt256? = nil) throws(ConfigError) -> UInt256 {
        guard let value = value(key) else {
            guard let fallback else { throw error(key, "is missing") }
            return fallback
        }
        switch value {
        case .integer(let integer):
            guard let number = UInt64(exactly: integer) else { throw error(key, "must not be negative") }
            return UInt256(number)
        case .string(let text):
            guard let amount = Amount.parse(text) else {
                throw error(key, "must be an amount such as 1000, \"1 gwei\" or \"2.5 ether\", not \"\(text)\"")
            }
            return amount
        default: throw mismatch(key, wanted: "an amount (an integer of wei, or text such as \"1 gwei\")", found: value)
        }
    }

    /// A section; empty when it is absent.
    mutating func table(_ key: String) throws(ConfigError) -> ConfigTable {
        guard let value = value(key) else { return ConfigTable(document: document, path: path + [key], entries: []) }
        guard case .table(let entries) = value else { throw mismatch(key, wanted: "a table", found: value) }
        return ConfigTable(document: document, path: path + [key], entries: entries)
    }

    /// The elements of an array of tables.
    mutating func tables(_ key: String) throws(ConfigError) -> [ConfigTable] {
        guard let value = value(key) else { return [] }
        guard case .array(let elements) = value else { throw mismatch(key, wanted: "an array of tables", found: value) }
        var result: [ConfigTable] = []
        for (index, element) in elements.enumerated() {
            guard case .table(let entries) = element else { throw mismatch(key, wanted: "an array of tables", found: element) }
            result.append(ConfigTable(document: document, path: path + [key, String(index)], entries: entries))
        }
        return result
    }

    /// All keys, for tables whose keys are names that the user chose.
    var keys: [String] { entries.map { $0.key } }

    /// Fails on the first key (in the order of the file) that nobody asked for.
    func finish() throws(ConfigError) {
        let unknown = entries.map { $0.key }.filter { !asked.contains($0) }
        if unknown.isEmpty { return }
        let lines = document.keyLines
        let ordered = unknown.sorted { (lines.line(of: path + [$0]) ?? 0, $0) < (lines.line(of: path + [$1]) ?? 0, $1) }
        guard let first = ordered.first else { return }
        let known = asked.isEmpty ? "no keys are known here" : "known here: \(asked.joined(separator: ", "))"
        throw error(first, "unknown key; \(known)")
    }
}

/// Amounts of ether as people write them.
enum Amount {
    private static let units: [(name: String, digits: Int)] = [("wei", 0), ("gwei", 9), ("ether", 18), ("eth", 18)]

    /// `1000`, `0x3e8`, `1 gwei`, `2.5 ether`; `nil` for anything else or more than 2^256 - 1.
    static func parse(_ text: String) -> UInt256? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
        guard let number = parts.first, parts.count <= 2, number.utf8.count <= 100 else { return nil }
        if number.hasPrefix("0x") { return parts.count == 1 ? UInt256(quantityHex: number) : nil }
        let unit = parts.count == 2 ? parts[1].lowercased() : "wei"
        guard let digits = units.first(where: { $0.name == unit })?.digits else { return nil }
        let pieces = number.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard pieces.count <= 2, !pieces[0].isEmpty else { return nil }
        let fraction = pieces.count == 2 ? pieces[1] : ""
        guard pieces.count == 1 || !fraction.isEmpty, fraction.utf8.count <= digits else { return nil }
        return UInt256(decimal: pieces[0] + fraction + String(repeating: "0", count: digits - fraction.utf8.count))
    }

    /// Whole ether where it is whole, else wei.
    static func text(_ amount: UInt256) -> String {
        let unit = UInt256(1_000_000_000_000_000_000)
        let (quotient, remainder) = amount.dividedOrZero(by: unit)
        return remainder.isZero ? "\(quotient.decimal) ETH" : "\(amount.decimal) wei"
    }
}
