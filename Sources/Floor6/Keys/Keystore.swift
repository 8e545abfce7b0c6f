// Floor 6, Keys: Web3 Secret Storage, version 3 (ethereum.org, "Web3 secret storage definition").
internal import CSodium
internal import Crypto
internal import Foundation
public import Primitives

/// Encrypted key files. The content is hostile until its MAC has been checked.
public enum Keystore {
    /// Bytes of the secret: a secp256k1 scalar or an ed25519 seed.
    public static let secretByteCount = 32

    private struct Document: Decodable {
        struct Crypto: Decodable {
            var cipher: String
            var cipherparams: CipherParameters
            var ciphertext: String
            var kdf: String
            var kdfparams: DerivationParameters
            var mac: String
        }
        struct CipherParameters: Decodable { var iv: String }
        struct DerivationParameters: Decodable {
            var dklen: UInt32
            var salt: String
            var n: UInt64?
            var r: UInt32?
            var p: UInt32?
            var c: UInt32?
            var prf: String?
        }
        var version: Int
        var address: String?
        var crypto: Crypto?
        /// Some old writers used a capital.
        var Crypto: Crypto?
    }

    /// Encrypts 32 bytes; the result is the JSON text of the file.
    ///
    /// - Parameters:
    ///   - address: written beside the secret for accounts.
    ///   - scryptN: a power of two; the work and 1 KiB of memory per step.
    public static func encrypt(
        _ secret: SecretBuffer, password: SecretBuffer, address: Address?, scryptN: UInt64 = KeyDerivation.standardScryptN
    ) throws(KeyError) -> String {
        guard secret.count == secretByteCount else { throw .invalidSecret }
        let salt = try SecretBuffer.randomBytes(count: 32)
        let iv = try SecretBuffer.randomBytes(count: 16)
        let derived = try KeyDerivation.scrypt(n: scryptN, r: 8, p: 1, salt: salt).derive(password: password)
        var key = derived.bytes
        var plain = secret.bytes
        defer {
            SecretBuffer.zero(&key)
            SecretBuffer.zero(&plain)
        }
        let ciphertext = try AES128CTR.apply(key: Array(key[0..<16]), iv: iv, to: plain)
        let mac = Keccak256.hash(Array(key[16..<32]) + ciphertext)
        let addressField = address.map { "\n  \"address\": \"\(digits($0.bytes))\"," } ?? ""
        return """
            {\(addressField)
              "crypto": {
                "cipher": "aes-128-ctr",
                "cipherparams": { "iv": "\(digits(iv))" },
                "ciphertext": "\(digits(ciphertext))",
                "kdf": "scrypt",
                "kdfparams": { "dklen": 32, "n": \(scryptN), "p": 1, "r": 8, "salt": "\(digits(salt))" },
                "mac": "\(digits(mac.bytes))"
              },
              "id": "\(try identifier())",
              "version": 3
            }

            """
    }

    /// Decrypts the text of a file. The address in it, if any, must be that of the secret.
    public static func decrypt(_ json: [UInt8], password: SecretBuffer) throws(KeyError) -> SecretBuffer {
        let document = try parse(json)
        guard document.version == 3 else { throw .unsupported("version \(document.version); only version 3 is") }
        guard let crypto = document.crypto ?? document.Crypto else { throw .malformed("no \"crypto\" object") }
        guard crypto.cipher == "aes-128-ctr" else { throw .unsupported("cipher; only aes-128-ctr is") }
        let iv = try bytes(crypto.cipherparams.iv, count: 16, named: "iv")
        let ciphertext = try bytes(crypto.ciphertext, count: secretByteCount, named: "ciphertext")
        let mac = try bytes(crypto.mac, count: 32, named: "mac")
        let derived = try derivation(crypto).derive(password: password)
        var key = derived.bytes
        defer { SecretBuffer.zero(&key) }
        let expected = Keccak256.hash(Array(key[16..<32]) + ciphertext).bytes
        guard unsafe sodium_memcmp(expected, mac, 32) == 0 else { throw .wrongPassword }
        var secret = try AES128CTR.apply(key: Array(key[0..<16]), iv: iv, to: ciphertext)
        let buffer = SecretBuffer(consuming: &secret)
        if let text = document.address, !text.isEmpty {
            guard let named = Address(hex: text) else { throw .malformed("\"address\" is not 40 hexadecimal digits") }
            var copy = buffer.bytes
            defer { SecretBuffer.zero(&copy) }
            guard SecretKey(copy)?.address == named else { throw .addressMismatch }
        }
        return buffer
    }

    /// The address that the file names, without a password; it is not authenticated.
    public static func claimedAddress(_ json: [UInt8]) throws(KeyError) -> Address? {
        guard let text = try parse(json).address, !text.isEmpty else { return nil }
        guard let named = Address(hex: text) else { throw .malformed("\"address\" is not 40 hexadecimal digits") }
        return named
    }

    private static func parse(_ json: [UInt8]) throws(KeyError) -> Document {
        do { return try JSONDecoder().decode(Document.self, from: Data(json)) } catch let error as DecodingError {
            throw .malformed(explain(error))
        } catch { throw .malformed("no JSON") }
    }

    private static func explain(_ error: DecodingError) -> String {
        func place(_ path: [any CodingKey]) -> String { path.map { $0.stringValue }.joined(separator: ".") }
        switch error {
        case .keyNotFound(let key, let context): return "no \"\(place(context.codingPath + [key]))\""
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            return "\"\(place(context.codingPath))\" has the wrong type"
        case .dataCorrupted(let context):
            return context.codingPath.isEmpty ? "no valid JSON" : "\"\(place(context.codingPath))\" is out of range"
        @unknown default: return "no valid JSON"
        }
    }

    private static func derivation(_ crypto: Document.Crypto) throws(KeyError) -> KeyDerivation {
        let parameters = crypto.kdfparams
        guard parameters.dklen == KeyDerivation.derivedByteCount else { throw .unsupported("dklen \(parameters.dklen); only 32 is") }
        let salt = try bytes(parameters.salt, count: nil, named: "salt")
        switch crypto.kdf {
        case "scrypt":
            guard let n = parameters.n, let r = parameters.r, let p = parameters.p else {
                throw .malformed("scrypt needs n, r and p")
            }
            return .scrypt(n: n, r: r, p: p, salt: salt)
        case "pbkdf2":
            guard let iterations = parameters.c else { throw .malformed("pbkdf2 needs c") }
            guard parameters.prf == "hmac-sha256" else { throw .unsupported("pbkdf2 prf; only hmac-sha256 is") }
            return .pbkdf2(iterations: iterations, salt: salt)
        default: throw .unsupported("kdf; only scrypt and pbkdf2 are")
        }
    }

    private static func bytes(_ text: String, count: Int?, named name: String) throws(KeyError) -> [UInt8] {
        guard let value = Hex.decode(text) else { throw .malformed("\"\(name)\" is not hexadecimal") }
        if let count, value.count != count { throw .malformed("\"\(name)\" has \(value.count) bytes, not \(count)") }
        return value
    }

    private static func digits(_ bytes: [UInt8]) -> String { String(Hex.encode(bytes).dropFirst(2)) }

    /// A random UUID (RFC 9562, version 4).
    private static func identifier() throws(KeyError) -> String {
        var bytes = try SecretBuffer.randomBytes(count: 16)
        bytes[6] = bytes[6] & 0x0f | 0x40
        bytes[8] = bytes[8] & 0x3f | 0x80
        let parts = [bytes[0..<4], bytes[4..<6], bytes[6..<8], bytes[8..<10], bytes[10..<16]]
        return parts.map { digits(Array($0)) }.joined(separator: "-")
    }
}
