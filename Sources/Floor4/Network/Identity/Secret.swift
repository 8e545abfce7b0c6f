// Memory for keys. Invariant: the bytes are overwritten with zeros before the memory is given back.

import CSodium

/// Start of libsodium; every use of it goes through a type whose initialiser touches this.
enum Sodium {
    static let isReady: Bool = sodium_init() >= 0
}

/// A fixed number of secret bytes.
@safe
final class Secret: @unchecked Sendable {
    let count: Int
    let pointer: UnsafeMutablePointer<UInt8>

    /// All zeros.
    init(count: Int) {
        precondition(Sodium.isReady, "libsodium does not start")
        self.count = count
        unsafe pointer = .allocate(capacity: count)
        unsafe pointer.initialize(repeating: 0, count: count)
    }

    static func random(count: Int) -> Secret {
        let secret = Secret(count: count)
        unsafe randombytes_buf(secret.pointer, count)
        return secret
    }

    convenience init(copying bytes: [UInt8]) {
        self.init(count: bytes.count)
        for index in 0..<bytes.count { unsafe pointer[index] = bytes[index] }
    }

    deinit {
        unsafe sodium_memzero(pointer, count)
        unsafe pointer.deallocate()
    }
}

/// BLAKE2b with 32-byte output.
enum Blake2b {
    static let byteCount = 32

    static func hash(_ bytes: [UInt8]) -> [UInt8] {
        precondition(Sodium.isReady, "libsodium does not start")
        var out = [UInt8](repeating: 0, count: byteCount)
        unsafe crypto_generichash_blake2b(&out, byteCount, bytes, UInt64(bytes.count), nil, 0)
        return out
    }

    /// The keyed form, as a key derivation: a secret from a secret and public bytes.
    static func derive(_ key: Secret, _ bytes: [UInt8]) -> Secret {
        let out = Secret(count: byteCount)
        unsafe crypto_generichash_blake2b(
            out.pointer, byteCount, bytes, UInt64(bytes.count), key.pointer, key.count)
        return out
    }
}
