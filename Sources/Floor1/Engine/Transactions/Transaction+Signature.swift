// Floor 1, Engine: who signed a transaction or an authorization, and (natively) signing one.
//
// Invariant: only low-s signatures recover (EIP-2), so no third party can give a transaction a second hash. Frontier is the exception.
public import Primitives

#if hasFeature(Embedded)
    internal import Crypto
#else
    public import Crypto
#endif

extension Transaction {
    /// The sender, or `nil` when the signature is not a valid low-s one.
    public func recoverSender() -> Address? {
        recoverLowS(hash: signingHash, r: r, s: s, yParity: yParity)
    }

    /// The sender by the rules of a fork: Frontier takes any s.
    public func recoverSender(fork: Fork) -> Address? {
        fork >= .homestead ? recoverSender() : Secp256k1.recoverAddress(hash: signingHash, r: r, s: s, yParity: yParity)
    }
}

extension Authorization {
    /// The account that signed this tuple, or `nil` when its signature is not a valid low-s one (EIP-7702).
    public func recoverAuthority() -> Address? {
        recoverLowS(hash: signingHash, r: r, s: s, yParity: yParity)
    }
}

private func recoverLowS(hash: Hash256, r: UInt256, s: UInt256, yParity: UInt8) -> Address? {
    guard yParity <= 1, s <= Secp256k1.halfOrder else { return nil }
    return Secp256k1.recoverAddress(hash: hash, r: r, s: s, yParity: yParity)
}

#if !hasFeature(Embedded)
    extension Transaction {
        /// The same transaction with this key's signature.
        public func signed(with key: SecretKey) -> Transaction {
            let signature = key.sign(signingHash)
            var copy = self
            copy.yParity = signature.yParity
            copy.r = signature.r
            copy.s = signature.s
            return copy
        }
    }

    extension Authorization {
        /// The same tuple with this key's signature.
        public func signed(with key: SecretKey) -> Authorization {
            let signature = key.sign(signingHash)
            var copy = self
            copy.yParity = signature.yParity
            copy.r = signature.r
            copy.s = signature.s
            return copy
        }
    }
#endif
