// Floor 6, Keys: secret bytes that are zeroed when the last reference goes and that no text form shows.
internal import CSodium

/// Bytes of a secret (a key, a password, a derived key). Never changed after `init`.
@safe public final class SecretBuffer: @unchecked Sendable, CustomStringConvertible, CustomReflectable {
    private let memory: UnsafeMutableBufferPointer<UInt8>

    /// Takes a copy and zeroes the source.
    public init(consuming bytes: inout [UInt8]) {
        unsafe memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        for index in bytes.indices { unsafe memory[index] = bytes[index] }
        SecretBuffer.zero(&bytes)
    }

    deinit {
        if let base = unsafe memory.baseAddress { unsafe sodium_memzero(base, memory.count) }
        unsafe memory.deallocate()
    }

    public var count: Int { unsafe memory.count }

    /// A copy for a caller who answers for it (see `zero`).
    public var bytes: [UInt8] { unsafe Array(memory) }

    /// Overwrites the array's bytes where they are, if the array is not shared.
    public static func zero(_ bytes: inout [UInt8]) {
        unsafe bytes.withUnsafeMutableBytes { buffer in
            if let base = buffer.baseAddress { unsafe sodium_memzero(base, buffer.count) }
        }
    }

    /// Fresh bytes from libsodium's generator.
    public static func random(count: Int) throws(KeyError) -> SecretBuffer {
        var bytes = try randomBytes(count: count)
        return SecretBuffer(consuming: &bytes)
    }

    /// Fresh public bytes, such as a salt.
    static func randomBytes(count: Int) throws(KeyError) -> [UInt8] {
        guard sodium_init() >= 0 else { throw .cryptography("libsodium could not start its random generator") }
        var bytes = [UInt8](repeating: 0, count: count)
        unsafe randombytes_buf(&bytes, count)
        return bytes
    }

    public var description: String { "SecretBuffer(\(count) bytes)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
