// Floor 6, Keys: a key file of either form. Encrypted: Web3 Secret Storage. Plain (development only): 64 hexadecimal digits.
internal import CSodium
internal import Crypto
public import Primitives

/// What a key is for.
public enum KeyKind: String, Sendable, CaseIterable {
    /// secp256k1: signs votes, and names the validator by its address.
    case validator
    /// ed25519: the identity of a node on the network.
    case node
}

/// The public side of a key.
public enum KeyIdentity: Equatable, Sendable {
    case validator(address: Address, publicKey: [UInt8])
    case node(nodeID: Hash256)
}

/// Reads and writes key files.
public enum KeyFile {
    /// How a file guards its secret.
    public enum Protection: Sendable {
        /// Nothing but the file's permissions; for development.
        case plain
        case password(SecretBuffer, scryptN: UInt64 = KeyDerivation.standardScryptN)
    }

    /// A new secret of this kind.
    public static func generate(_ kind: KeyKind) throws(KeyError) -> SecretBuffer {
        switch kind {
        case .node: return try SecretBuffer.random(count: Keystore.secretByteCount)
        case .validator:
            var bytes = SecretKey.random().bytes
            return SecretBuffer(consuming: &bytes)
        }
    }

    /// The public side of a secret; checks that it is a key of this kind.
    public static func identity(of secret: SecretBuffer, kind: KeyKind) throws(KeyError) -> KeyIdentity {
        var bytes = secret.bytes
        defer { SecretBuffer.zero(&bytes) }
        switch kind {
        case .validator:
            guard let key = SecretKey(bytes) else { throw .invalidSecret }
            return .validator(address: key.address, publicKey: key.publicKey.compressed)
        case .node:
            return .node(nodeID: try nodeID(seed: bytes))
        }
    }

    /// The ed25519 public key of a 32-byte seed (RFC 8032).
    public static func nodeID(seed: [UInt8]) throws(KeyError) -> Hash256 {
        guard seed.count == Keystore.secretByteCount else { throw .invalidSecret }
        var publicKey = [UInt8](repeating: 0, count: 32)
        var secretKey = [UInt8](repeating: 0, count: 64)
        defer { SecretBuffer.zero(&secretKey) }
        guard sodium_init() >= 0, unsafe crypto_sign_seed_keypair(&publicKey, &secretKey, seed) == 0,
            let nodeID = Hash256(publicKey)
        else { throw .cryptography("ed25519 key generation failed") }
        return nodeID
    }

    /// Writes a new file with mode 0600; an existing one is never overwritten.
    public static func write(_ secret: SecretBuffer, kind: KeyKind, to path: String, protection: Protection) throws(KeyError) {
        let identity = try identity(of: secret, kind: kind)
        var text: [UInt8]
        switch protection {
        case .plain:
            var bytes = secret.bytes
            text = Array(Hex.encode(bytes).utf8) + [10]
            SecretBuffer.zero(&bytes)
        case .password(let password, let scryptN):
            var address: Address?
            if case .validator(let own, _) = identity { address = own }
            text = Array(try Keystore.encrypt(secret, password: password, address: address, scryptN: scryptN).utf8)
        }
        defer { SecretBuffer.zero(&text) }
        try SecureFile.write(text, to: path, replacing: false)
    }

    /// Reads a file of either form.
    ///
    /// - Parameters:
    ///   - allowPlain: whether an unencrypted file may be used.
    ///   - password: asked only for an encrypted file.
    public static func read(
        _ path: String, kind: KeyKind, allowPlain: Bool, password: () throws(KeyError) -> SecretBuffer
    ) throws(KeyError) -> SecretBuffer {
        var (content, mode) = try SecureFile.read(path, limit: SecureFile.keyFileLimit)
        defer { SecretBuffer.zero(&content) }
        let secret: SecretBuffer
        if isEncrypted(content) {
            secret = try Keystore.decrypt(content, password: try password())
        } else {
            guard allowPlain else { throw .plainNotAllowed }
            guard mode & 0o077 == 0 else { throw .permissionsTooOpen(path: path, mode: "0" + String(mode, radix: 8)) }
            secret = try parsePlain(content)
        }
        _ = try identity(of: secret, kind: kind)
        return secret
    }

    /// Whether a file's content is JSON, so an encrypted key.
    public static func isEncrypted(_ content: [UInt8]) -> Bool {
        content.first { !isSpace($0) } == 0x7b
    }

    /// The secret of a plain file's content: 64 hexadecimal digits, with or without `0x`.
    public static func parsePlain(_ content: [UInt8]) throws(KeyError) -> SecretBuffer {
        var first = 0
        var end = content.count
        while first < end, isSpace(content[first]) { first += 1 }
        while end > first, isSpace(content[end - 1]) { end -= 1 }
        var digits = Array(content[first..<end])
        defer { SecretBuffer.zero(&digits) }
        guard var bytes = Hex.decode(ascii: digits), bytes.count == Keystore.secretByteCount else {
            throw .malformed("expected Web3 Secret Storage JSON or 64 hexadecimal digits")
        }
        return SecretBuffer(consuming: &bytes)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
}

/// A password kept in a file for unattended starts.
public enum PasswordFile {
    /// Longer is a mistake.
    private static let limit = 1_024

    /// The first line of the file.
    public static func read(_ path: String) throws(KeyError) -> SecretBuffer {
        var content = try SecureFile.read(path, limit: limit).bytes
        defer { SecretBuffer.zero(&content) }
        var line = Array(content.prefix { $0 != 10 && $0 != 13 })
        guard !line.isEmpty else { throw .malformed("\(path) has no password on its first line") }
        return SecretBuffer(consuming: &line)
    }
}
