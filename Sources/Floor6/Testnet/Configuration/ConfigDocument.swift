// Floor 6, Testnet: a TOML file as typed tables. The text is hostile: size and UTF-8 are checked before it is parsed.
internal import Keys

/// A parsed file.
struct ConfigDocument {
    let file: String
    private let table: TOMLTable

    /// A manifest or node file; one of a megabyte is a mistake.
    static let sizeLimit = 1 << 20

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
        guard String(validating: text, as: UTF8.self) != nil else { throw ConfigError(file: file, message: "not UTF-8 text") }
        table = try TOMLParser.parse(text, file: file)
    }

    /// The top table.
    var root: ConfigTable { ConfigTable(file: file, path: [], table: table, line: nil) }

    private static func readMessage(_ error: KeyError) -> String {
        switch error {
        case .file(let operation, _, let reason): return "cannot \(operation): \(reason)"
        case .tooLarge(_, let limit): return "larger than \(limit) bytes"
        default: return error.description
        }
    }
}
