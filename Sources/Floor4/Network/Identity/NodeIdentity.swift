// A node's long-term ed25519 key pair. Invariant: the secret half lives in zeroed-on-release memory only.

import CSodium
import Primitives

/// The key pair a node proves its `NodeID` with; nothing else is ever signed with it.
public final class NodeIdentity: Sendable {
    private let secretKey: Secret

    /// The public key.
    public let id: NodeID

    /// A key pair from the system's random source.
    public static func random() -> NodeIdentity {
        NodeIdentity(secretSeed: Secret.random(count: seedByteCount))
    }

    public static let seedByteCount = 32
    static let signatureByteCount = 64

    /// The key pair of a 32-byte seed (RFC 8032); `nil` for any other count.
    public convenience init?(seed: [UInt8]) {
        guard seed.count == Self.seedByteCount else { return nil }
        self.init(secretSeed: Secret(copying: seed))
    }

    private init(secretSeed: Secret) {
        secretKey = Secret(count: Int(crypto_sign_ed25519_SECRETKEYBYTES))
        var publicKey = [UInt8](repeating: 0, count: NodeID.byteCount)
        unsafe crypto_sign_ed25519_seed_keypair(&publicKey, secretKey.pointer, secretSeed.pointer)
        guard let id = NodeID(bytes: publicKey) else { preconditionFailure("a public key has 32 bytes") }
        self.id = id
    }

    /// The 32-byte seed, for a key file. The caller has to protect the copy.
    public var seed: [UInt8] {
        var seed = [UInt8](repeating: 0, count: Self.seedByteCount)
        unsafe crypto_sign_ed25519_sk_to_seed(&seed, secretKey.pointer)
        return seed
    }

    package func sign(_ message: [UInt8]) -> [UInt8] {
        var signature = [UInt8](repeating: 0, count: Self.signatureByteCount)
        unsafe crypto_sign_ed25519_detached(&signature, nil, message, UInt64(message.count), secretKey.pointer)
        return signature
    }
}

extension NodeID {
    /// Whether `signature` is this node's over `message`; small-order and non-canonical keys are refused.
    package func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        guard Sodium.isReady, signature.count == NodeIdentity.signatureByteCount else { return false }
        return unsafe crypto_sign_ed25519_verify_detached(signature, message, UInt64(message.count), bytes) == 0
    }
}
