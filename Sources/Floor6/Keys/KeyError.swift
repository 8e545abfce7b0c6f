// Floor 6, Keys: what can be wrong with a key file, each case with its remedy.

/// Why a key could not be read or written. No case carries a secret.
public enum KeyError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The system refused: the call, the path and the reason.
    case file(operation: String, path: String, reason: String)
    case alreadyExists(path: String)
    case tooLarge(path: String, limit: Int)
    /// A plain key that others may read.
    case permissionsTooOpen(path: String, mode: String)
    /// Neither Web3 Secret Storage JSON nor 64 hexadecimal digits.
    case malformed(String)
    case unsupported(String)
    /// Key derivation parameters beyond the bounds of `KeyDerivation`.
    case parametersOutOfBounds(String)
    case wrongPassword
    case passwordRequired
    case plainNotAllowed
    /// The secret is no valid key of its kind.
    case invalidSecret
    /// The file names another address than its secret has.
    case addressMismatch
    case cryptography(String)

    public var description: String {
        switch self {
        case .file(let operation, let path, let reason): return "\(path): cannot \(operation): \(reason)"
        case .alreadyExists(let path): return "\(path): exists already; choose another path or move it away"
        case .tooLarge(let path, let limit): return "\(path): larger than \(limit) bytes, so no key file"
        case .permissionsTooOpen(let path, let mode):
            return "\(path): a plain key with mode \(mode) can be read by others; run chmod 600 on it"
        case .malformed(let what): return "malformed key file: \(what)"
        case .unsupported(let what): return "key file not supported: \(what)"
        case .parametersOutOfBounds(let what): return "key derivation parameters out of bounds: \(what)"
        case .wrongPassword: return "wrong password (or the key file is damaged): the MAC does not match"
        case .passwordRequired:
            return "the key file is encrypted: give --password-file FILE or set HYPERSEQ_PASSWORD"
        case .plainNotAllowed:
            return "the key file is not encrypted; plain keys are for development: allow them with --plain or allow_plain = true"
        case .invalidSecret: return "the secret is not a valid key of this kind"
        case .addressMismatch: return "the key file names another address than its secret has; it is damaged or was altered"
        case .cryptography(let what): return "cryptographic library: \(what)"
        }
    }
}
