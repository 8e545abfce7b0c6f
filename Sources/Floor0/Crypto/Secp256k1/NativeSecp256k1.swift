// The native form of secp256k1, on libsecp256k1. One context serves the process: after its creation it is only
// read, which the library allows from any thread.

#if !hasFeature(Embedded)
    internal import CSecp256k1
    internal import CSodium
    internal import Primitives

    enum NativeSecp256k1 {
        /// The library's parsed key, which is no wire format.
        struct ParsedKey: Sendable {
            var words: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0, 0, 0)
        }

        /// Blinded with fresh randomness against side channels of signing.
        private nonisolated(unsafe) static let context: OpaquePointer = {
            guard let context = unsafe secp256k1_context_create(UInt32(SECP256K1_CONTEXT_NONE)) else {
                preconditionFailure("libsecp256k1 gave no context")
            }
            var seed = SecretBytes.randomBytes()
            guard unsafe secp256k1_context_randomize(context, seed) == 1 else {
                preconditionFailure("libsecp256k1 refused to blind its context")
            }
            unsafe sodium_memzero(&seed, seed.count)
            return unsafe context
        }()

        private static func signatureBytes(_ r: UInt256, _ s: UInt256) -> [UInt8] { r.bigEndianBytes + s.bigEndianBytes }

        private static func export(_ key: inout secp256k1_pubkey) -> PublicKey? {
            var bytes = [UInt8](repeating: 0, count: 65)
            var count = 65
            let done = unsafe secp256k1_ec_pubkey_serialize(context, &bytes, &count, &key, UInt32(SECP256K1_EC_UNCOMPRESSED))
            guard done == 1, count == 65, let x = Hash256(bytes[1..<33]), let y = Hash256(bytes[33..<65]) else { return nil }
            return PublicKey(uncheckedX: UInt256(x), y: UInt256(y))
        }

        private static func recoverParsed(hash: Hash256, _ r: UInt256, _ s: UInt256, _ yParity: UInt8) -> secp256k1_pubkey? {
            var signature = secp256k1_ecdsa_recoverable_signature()
            let parsed = unsafe secp256k1_ecdsa_recoverable_signature_parse_compact(
                context, &signature, signatureBytes(r, s), Int32(yParity))
            guard parsed == 1 else { return nil }
            var key = secp256k1_pubkey()
            guard unsafe secp256k1_ecdsa_recover(context, &key, &signature, hash.bytes) == 1 else { return nil }
            return key
        }

        static func recover(hash: Hash256, r: UInt256, s: UInt256, yParity: UInt8) -> PublicKey? {
            guard var key = recoverParsed(hash: hash, r, s, yParity) else { return nil }
            return export(&key)
        }

        static func parse(_ key: PublicKey) -> ParsedKey? {
            var parsed = secp256k1_pubkey()
            let bytes = [4] + key.uncompressed
            guard unsafe secp256k1_ec_pubkey_parse(context, &parsed, bytes, bytes.count) == 1 else { return nil }
            return ParsedKey(words: unsafe unsafeBitCast(parsed, to: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64).self))
        }

        /// By recovery and comparison: plain verification is a sixth faster but leaves R's parity unchecked, and then a
        /// signature could pass here that `ecrecover` in a contract gives to another address.
        static func verify(hash: Hash256, signature: RecoverableSignature, key: ParsedKey) -> Bool {
            guard signature.isCanonical else { return false }
            guard var recovered = recoverParsed(hash: hash, signature.r, signature.s, signature.yParity) else { return false }
            var expected = unsafe unsafeBitCast(key.words, to: secp256k1_pubkey.self)
            return unsafe secp256k1_ec_pubkey_cmp(context, &recovered, &expected) == 0
        }

        /// The public key of 32 secret bytes; `nil` when they are no scalar in 1..<n.
        static func publicKey(of secret: UnsafePointer<UInt8>) -> PublicKey? {
            var key = secp256k1_pubkey()
            guard unsafe secp256k1_ec_pubkey_create(context, &key, secret) == 1 else { return nil }
            return export(&key)
        }

        /// A low-s signature with the nonce of RFC 6979.
        static func sign(_ hash: Hash256, secret: UnsafePointer<UInt8>) -> RecoverableSignature {
            var signature = secp256k1_ecdsa_recoverable_signature()
            let signed = unsafe secp256k1_ecdsa_sign_recoverable(context, &signature, hash.bytes, secret, nil, nil)
            precondition(signed == 1, "a checked secret key signs every hash")
            var bytes = [UInt8](repeating: 0, count: 64)
            var recovery: Int32 = 0
            unsafe secp256k1_ecdsa_recoverable_signature_serialize_compact(context, &bytes, &recovery, &signature)
            return unsafe bytes.withUnsafeBytes { raw in
                RecoverableSignature(
                    r: unsafe UInt256(loadingBigEndian: raw.baseAddress!),
                    s: unsafe UInt256(loadingBigEndian: raw.baseAddress! + 32),
                    yParity: UInt8(truncatingIfNeeded: recovery & 1))
            }
        }
    }
#endif
