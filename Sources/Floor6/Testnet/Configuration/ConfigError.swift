// Floor 6, Testnet: an error in a manifest or configuration, with its place.

/// What is wrong in a file, where, and under which key. The text is `FILE:LINE: key: message`.
public struct ConfigError: Error, Equatable, Sendable, CustomStringConvertible {
    public var file: String
    /// From 1; `nil` when the error belongs to no line.
    public var line: Int?
    /// The dotted path of the key.
    public var key: String?
    public var message: String

    public init(file: String, line: Int? = nil, key: String? = nil, message: String) {
        self.file = file
        self.line = line
        self.key = key
        self.message = message
    }

    public var description: String {
        var text = file
        if let line { text += ":\(line)" }
        if let key { text += ": \(key)" }
        return text + ": " + message
    }
}
