// Floor 6, Keys: from a password to a key, within bounds that a hostile file cannot lift.
internal import COpenSSL
internal import CSodium

/// The key derivation of a Web3 Secret Storage file.
public enum KeyDerivation: Equatable, Sendable {
    /// RFC 7914.
    case scrypt(n: UInt64, r: UInt32, p: UInt32, salt: [UInt8])
    /// RFC 8018 with HMAC-SHA-256.
    case pbkdf2(iterations: UInt32, salt: [UInt8])

    /// What other wallets write: 256 MiB and about a second.
    public static let standardScryptN: UInt64 = 1 << 18

    /// scrypt takes 128 · n · r bytes; 1 GiB is four times the standard.
    static let memoryLimit: UInt64 = 1 << 30
    /// n · r · p; eight times the standard, some ten seconds.
    static let workLimit: UInt64 = 1 << 24
    /// Forty times what old wallets wrote, some ten seconds.
    static let iterationLimit: UInt32 = 10_000_000
    static let saltLimit = 1_024
    static let derivedByteCount = 32

    private func check() throws(KeyError) {
        switch self {
        case .scrypt(let n, let r, let p, let salt):
            guard n >= 2, n.nonzeroBitCount == 1 else { throw .parametersOutOfBounds("scrypt n = \(n) is not a power of two above 1") }
            guard r >= 1, p >= 1 else { throw .parametersOutOfBounds("scrypt r and p must be at least 1") }
            let (blocks, overflow) = n.multipliedReportingOverflow(by: UInt64(r))
            guard !overflow, blocks <= KeyDerivation.memoryLimit / 128 else {
                throw .parametersOutOfBounds("scrypt n = \(n), r = \(r) needs more than 1 GiB")
            }
            let (work, tooMuch) = blocks.multipliedReportingOverflow(by: UInt64(p))
            guard !tooMuch, work <= KeyDerivation.workLimit else {
                throw .parametersOutOfBounds("scrypt n = \(n), r = \(r), p = \(p) is too much work")
            }
            guard salt.count <= KeyDerivation.saltLimit else { throw .parametersOutOfBounds("the salt is longer than 1024 bytes") }
        case .pbkdf2(let iterations, let salt):
            guard iterations >= 1, iterations <= KeyDerivation.iterationLimit else {
                throw .parametersOutOfBounds("pbkdf2 c = \(iterations) is not in 1...10000000")
            }
            guard salt.count <= KeyDerivation.saltLimit else { throw .parametersOutOfBounds("the salt is longer than 1024 bytes") }
        }
    }

    /// 32 bytes for this password.
    func derive(password: SecretBuffer) throws(KeyError) -> SecretBuffer {
        try check()
        var secret = password.bytes
        var output = [UInt8](repeating: 0, count: KeyDerivation.derivedByteCount)
        defer { SecretBuffer.zero(&secret) }
        let done: Bool
        switch self {
        case .scrypt(let n, let r, let p, let salt):
            done =
                unsafe crypto_pwhash_scryptsalsa208sha256_ll(
                    secret, secret.count, salt, salt.count, n, r, p, &output, output.count) == 0
        case .pbkdf2(let iterations, let salt):
            guard let length = Int32(exactly: secret.count) else { throw .parametersOutOfBounds("the password is too long") }
            done = unsafe secret.withUnsafeBytes { buffer in
                let text = unsafe buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
                return unsafe PKCS5_PBKDF2_HMAC(
                    text, length, salt, Int32(salt.count), Int32(iterations), EVP_sha256(), Int32(output.count), &output) == 1
            }
        }
        guard done else { throw .cryptography("the key derivation failed (is there enough memory?)") }
        return SecretBuffer(consuming: &output)
    }
}

/// AES-128 in counter mode, whose encryption is its decryption.
enum AES128CTR {
    static func apply(key: [UInt8], iv: [UInt8], to input: [UInt8]) throws(KeyError) -> [UInt8] {
        guard key.count == 16, iv.count == 16, let count = Int32(exactly: input.count) else {
            throw .malformed("AES-128-CTR needs a key and a counter of 16 bytes")
        }
        guard let context = unsafe EVP_CIPHER_CTX_new() else { throw .cryptography("no memory for the cipher") }
        defer { unsafe EVP_CIPHER_CTX_free(context) }
        var output = [UInt8](repeating: 0, count: input.count + 16)
        var written: Int32 = 0
        guard unsafe EVP_EncryptInit_ex(context, EVP_aes_128_ctr(), nil, key, iv) == 1,
            unsafe EVP_EncryptUpdate(context, &output, &written, input, count) == 1, written == count
        else { throw .cryptography("AES-128-CTR failed") }
        let result = Array(output[..<input.count])
        SecretBuffer.zero(&output)
        return result
    }
}
