// Floor 6, Testnet: a TOML file as a tree with places. The text is hostile: size and UTF-8 are checked before the parser sees it.
internal import Keys
internal import TOMLKit

/// A value of a configuration file.
indirect enum ConfigValue {
    case string(String)
    case integer(Int)
    case float(Double)
    case boolean(Bool)
    case date
    case array([ConfigValue])
    case table([(key: String, value: ConfigValue)])

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

/// A parsed file.
struct ConfigDocument {
    let file: String
    private let text: [UInt8]
    private let entries: [(key: String, value: ConfigValue)]

    /// A manifest or node file; one of a megabyte is a mistake.
    static let sizeLimit = 1 << 20
    /// The parser's own bound is looser; nothing of ours nests deeper than four.
    private static let depthLimit = 16

    /// Reads a file of at most `limit` bytes.
    init(path: String, limit: Int = sizeLimit) throws(ConfigError) {
        let bytes: [UInt8]
        do { bytes = try SecureFile.read(path, limit: limit).bytes } catch {
            throw ConfigError(file: path, message: ConfigDocument.readMessage(error))
        }
        try self.init(text: bytes, file: path, limit: limit)
    }

    init(text: [UInt8], file: String, limit: Int = sizeLimit) throws(ConfigError) {
        self.file = file
        guard text.count <= limit else { throw ConfigError(file: file, message: "larger than \(limit) bytes") }
        guard let string = String(validating: text, as: UTF8.self) else { throw ConfigError(file: file, message: "not UTF-8 text") }
        if let zero = text.firstIndex(of: 0) {
            let line = text[..<zero].count { $0 == 0x0a } + 1
            throw ConfigError(file: file, line: line, message: "contains a zero byte")
        }
        if let line = ConfigDocument.tooDeep(text) {
            throw ConfigError(file: file, line: line, message: "a key has more than \(ConfigDocument.keyPartLimit) parts")
        }
        let table: TOMLTable
        do { table = try TOMLTable(string: string) } catch let error as TOMLParseError {
            throw ConfigError(file: file, line: error.source.begin.line, message: "not TOML: \(error.description)")
        } catch { throw ConfigError(file: file, message: "not TOML") }
        self.text = text
        guard let entries = ConfigDocument.entries(of: table, depth: 0) else {
            throw ConfigError(file: file, message: "nested deeper than \(ConfigDocument.depthLimit) tables")
        }
        self.entries = entries
    }

    /// The top table.
    var root: ConfigTable { ConfigTable(document: self, path: [], entries: entries) }

    /// The places of all keys; found when an error asks for them.
    var keyLines: KeyLines { KeyLines(text) }

    private static func readMessage(_ error: KeyError) -> String {
        switch error {
        case .file(let operation, _, let reason): return "cannot \(operation): \(reason)"
        case .tooLarge(_, let limit): return "larger than \(limit) bytes"
        default: return error.description
        }
    }

    /// Parts of one dotted key. The parser bounds nested brackets itself, but not dotted keys, whose tables it frees recursively.
    private static let keyPartLimit = 1_000

    /// The line of a dotted key with more parts than any honest file has.
    private static func tooDeep(_ text: [UInt8]) -> Int? {
        var parts = 0
        var line = 1
        for byte in text {
            switch byte {
            case 0x2e:
                parts += 1
                if parts > keyPartLimit { return line }
            case 0x0a:
                line += 1
                parts = 0
            case 0x2c, 0x3d, 0x5b, 0x7b: parts = 0
            default: break
            }
        }
        return nil
    }

    private static func entries(of table: TOMLTable, depth: Int) -> [(key: String, value: ConfigValue)]? {
        guard depth < depthLimit else { return nil }
        var result: [(key: String, value: ConfigValue)] = []
        for (key, item) in zip(table.keys, table.values) {
            guard let value = value(of: item, depth: depth) else { return nil }
            result.append((key, value))
        }
        return result
    }

    private static func value(of item: TOMLValue, depth: Int) -> ConfigValue? {
        guard depth < depthLimit else { return nil }
        if let string = item.string { return .string(string) }
        if let integer = item.int { return .integer(integer) }
        if let boolean = item.bool { return .boolean(boolean) }
        if let float = item.double { return .float(float) }
        if let table = item.table { return entries(of: table, depth: depth + 1).map { .table($0) } }
        if let array = item.array {
            var values: [ConfigValue] = []
            for index in 0..<array.count {
                guard let value = value(of: array[index].tomlValue, depth: depth + 1) else { return nil }
                values.append(value)
            }
            return .array(values)
        }
        return .date
    }
}
