// Floor 6, Testnet: typed reading of one table. Every key that was not asked for is an error when the reader calls `finish`.
internal import Primitives

/// A table with the keys that its reader has asked for so far.
struct ConfigTable {
    private let file: String
    private let path: [String]
    /// `nil` for a section that is absent.
    private let table: TOMLTable?
    /// Where the table begins; `nil` for the top and for absent ones.
    private let line: Int?
    private var asked: [String] = []
    private var askedSet: Set<String> = []

    init(file: String, path: [String], table: TOMLTable?, line: Int?) {
        self.file = file
        self.path = path
        self.table = table
        self.line = line
    }

    /// An error about this key, with its line, or about the table.
    func error(_ key: String?, _ message: String) -> ConfigError {
        let full = path + (key.map { [$0] } ?? [])
        let text = full.map { $0.utf8.allSatisfy(TOMLParser.isBare) && !$0.isEmpty ? $0 : ConfigSections.quote($0) }
        return ConfigError(
            file: file, line: key.flatMap { table?.entry($0)?.line } ?? line, key: text.isEmpty ? nil : text.joined(separator: "."),
            message: message)
    }

    mutating func value(_ key: String) -> TOMLValue? {
        if askedSet.insert(key).inserted { asked.append(key) }
        return table?.entry(key)?.value
    }

    func mismatch(_ key: String, wanted: String, found: TOMLValue) -> ConfigError {
        error(key, "must be \(wanted), not \(found.typeName)")
    }

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
        guard let value = value(key) else { return ConfigTable(file: file, path: path + [key], table: nil, line: line) }
        guard case .table(let found) = value else { throw mismatch(key, wanted: "a table", found: value) }
        return ConfigTable(file: file, path: path + [key], table: found, line: found.line)
    }

    /// The elements of an array of tables.
    mutating func tables(_ key: String) throws(ConfigError) -> [ConfigTable] {
        guard let value = value(key) else { return [] }
        guard case .array(let elements) = value else { throw mismatch(key, wanted: "an array of tables", found: value) }
        var result: [ConfigTable] = []
        for (index, element) in elements.enumerated() {
            guard case .table(let found) = element else { throw mismatch(key, wanted: "an array of tables", found: element) }
            result.append(ConfigTable(file: file, path: path + [key, String(index)], table: found, line: found.line))
        }
        return result
    }

    /// All keys, for tables whose keys are names that the user chose.
    var keys: [String] { table?.entries.map { $0.key } ?? [] }

    /// Fails on the first key that nobody asked for.
    func finish() throws(ConfigError) {
        guard let unknown = keys.first(where: { !askedSet.contains($0) }) else { return }
        let known = asked.isEmpty ? "no keys are known here" : "known here: \(asked.joined(separator: ", "))"
        throw error(unknown, "unknown key; \(known)")
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
