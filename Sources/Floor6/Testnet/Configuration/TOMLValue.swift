// Floor 6, Testnet: what TOML text says, with the line of every key. Tables are classes only while they are being parsed.

/// A value of TOML text.
enum TOMLValue {
    case string(String)
    case integer(Int)
    case float(Double)
    case boolean(Bool)
    case date
    case array([TOMLValue])
    case table(TOMLTable)

    var typeName: String {
        switch self {
        case .string: return "a string"
        case .integer: return "an integer"
        case .float: return "a floating-point number"
        case .boolean: return "a boolean"
        case .date: return "a date"
        case .array: return "an array"
        case .table: return "a table"
        }
    }
}

/// A table in the order of its text.
final class TOMLTable {
    /// How a table came to be, which decides what may still be added to it.
    enum Origin {
        /// On the way to a table that a header names; its own header may follow.
        case implicit
        /// By its header.
        case header
        /// By a dotted key.
        case dotted
        /// Between braces: complete.
        case inline
    }

    struct Entry {
        var key: String
        /// From 1.
        var line: Int
        var value: TOMLValue
        /// Whether `[[key]]` made the array, so that `[[key]]` may add to it.
        var isArrayOfTables: Bool
    }

    private(set) var entries: [Entry] = []
    private var index: [String: Int] = [:]
    var origin: Origin
    let line: Int

    init(origin: Origin, line: Int) {
        self.origin = origin
        self.line = line
    }

    func entry(_ key: String) -> Entry? { index[key].map { entries[$0] } }

    /// Adds a key that is not there yet.
    func add(_ key: String, line: Int, _ value: TOMLValue, isArrayOfTables: Bool = false) {
        index[key] = entries.count
        entries.append(Entry(key: key, line: line, value: value, isArrayOfTables: isArrayOfTables))
    }

    /// Adds a table to an array of tables that is there.
    func append(_ table: TOMLTable, to key: String) {
        guard let position = index[key], case .array(var elements) = entries[position].value else { return }
        // Taken out first, so that the array is not copied.
        entries[position].value = .date
        elements.append(.table(table))
        entries[position].value = .array(elements)
    }
}
