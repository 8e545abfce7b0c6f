// The key a validator signs with, and the key its signatures are checked with: one type for each side, several schemes behind them.
public import Crypto
public import Primitives

/// What a validator signs with.
public enum SigningKey: Sendable {
    case secp256k1(SecretKey)
    /// Worthless, for simulations only.
    case simulated(SimulatedKey)

    public var address: Address {
        switch self {
        case .secp256k1(let key): key.address
        case .simulated(let key): key.address
        }
    }

    /// The signature over a statement's digest; the same bytes for the same digest.
    public func sign(_ digest: Hash256) -> RecoverableSignature {
        switch self {
        case .secp256k1(let key): key.sign(digest)
        case .simulated(let key): key.sign(digest)
        }
    }
}

/// What a validator's signatures are checked with.
public enum VerifyingKey: Sendable {
    case secp256k1(PreparedPublicKey)
    case simulated(SimulatedKey)

    /// Whether `signature` over `digest` is canonical and of this key.
    public func verify(_ digest: Hash256, _ signature: RecoverableSignature) -> Bool {
        switch self {
        case .secp256k1(let key): key.verify(digest, signature)
        case .simulated(let key): key.sign(digest) == signature
        }
    }
}
