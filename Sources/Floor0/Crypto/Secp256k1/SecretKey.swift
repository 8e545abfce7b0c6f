// secp256k1 secret keys. Native only: the guest never signs.

#if !hasFeature(Embedded)
    internal import CSodium
    public import Primitives

    /// 32 secret bytes in memory of their own, zeroed when the last copy of the key goes. Never changed after `init`.
    @safe final class SecretBytes: @unchecked Sendable {
        let pointer: UnsafeMutablePointer<UInt8>
        static let count = 32

        init(_ bytes: [UInt8]) {
            unsafe pointer = UnsafeMutablePointer<UInt8>.allocate(capacity: SecretBytes.count)
            for index in 0..<SecretBytes.count { unsafe pointer[index] = bytes[index] }
        }

        deinit {
            unsafe sodium_memzero(pointer, SecretBytes.count)
            unsafe pointer.deallocate()
        }

        private static let isReady: Bool = sodium_init() >= 0

        /// 32 bytes from the system's generator.
        static func randomBytes() -> [UInt8] {
            precondition(isReady, "libsodium could not start its random generator")
            var bytes = [UInt8](repeating: 0, count: count)
            unsafe randombytes_buf(&bytes, count)
            return bytes
        }
    }

    /// A secret key: a scalar in 1..<n. Its text forms show no secret.
    public struct SecretKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
        private let secret: SecretBytes
        public let publicKey: PublicKey

        /// The key of 32 big-endian bytes; `nil` for another count or a value outside 1..<n.
        public init?(_ bytes: [UInt8]) {
            guard bytes.count == SecretBytes.count else { return nil }
            let secret = SecretBytes(bytes)
            guard let publicKey = unsafe NativeSecp256k1.publicKey(of: secret.pointer) else { return nil }
            self.secret = secret
            self.publicKey = publicKey
        }

        /// A new key from libsodium's random generator.
        public static func random() -> SecretKey {
            while true {
                var bytes = SecretBytes.randomBytes()
                let key = SecretKey(bytes)
                unsafe sodium_memzero(&bytes, bytes.count)
                if let key { return key }
            }
        }

        /// A copy of the secret bytes; the caller answers for it.
        public var bytes: [UInt8] {
            unsafe Array(UnsafeBufferPointer(start: secret.pointer, count: SecretBytes.count))
        }

        public var address: Address { publicKey.address }

        /// A low-s signature of `hash` with the nonce of RFC 6979.
        public func sign(_ hash: Hash256) -> RecoverableSignature {
            unsafe NativeSecp256k1.sign(hash, secret: secret.pointer)
        }

        public var description: String { "SecretKey(\(address.hex))" }
        public var debugDescription: String { description }
        public var customMirror: Mirror { Mirror(self, children: []) }
    }
#endif
