// Floor 6, Testnet: why a command on a test network failed.
public import Keys

/// Why a command on a test network failed; the text is one line that names the remedy.
public enum TestnetError: Error, Sendable, CustomStringConvertible {
    case config(ConfigError)
    case key(KeyError)
    case failed(String)
    /// A stop was asked for before the command was done.
    case interrupted

    public var description: String {
        switch self {
        case .config(let error): return error.description
        case .key(let error): return error.description
        case .failed(let message): return message
        case .interrupted: return "interrupted; everything was stopped"
        }
    }
}
