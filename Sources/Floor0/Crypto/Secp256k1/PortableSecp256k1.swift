// ECDSA checks over secp256k1 in plain Swift: the guest's form, and the oracle of the native one.
// Only public data passes through here (recovery and verification), so nothing needs constant time.

public import Primitives

/// The plain Swift form of recovery and verification.
public enum PortableSecp256k1 {
    /// Whether both coordinates are reduced and satisfy y^2 = x^3 + 7.
    public static func isOnCurve(x: UInt256, y: UInt256) -> Bool {
        guard let x = Secp256k1Field(x), let y = Secp256k1Field(y) else { return false }
        return AffinePoint<Secp256k1Curve>(x: x, y: y) != nil
    }

    /// The y of the wanted parity at `x`, or `nil` when there is none.
    public static func y(x: UInt256, odd: Bool) -> UInt256? {
        guard let x = Secp256k1Field(x) else { return nil }
        guard let root = AffinePoint<Secp256k1Curve>.ySquared(x).squareRoot else { return nil }
        return root.isOdd == odd ? root.value : (Secp256k1Field.zero - root).value
    }

    /// As `Secp256k1.recover`: Q = (s R - h G) / r (SEC 1, 4.1.6).
    public static func recover(hash: Hash256, r: UInt256, s: UInt256, yParity: UInt8) -> PublicKey? {
        let n = Secp256k1.order
        guard Secp256k1.isScalar(r), Secp256k1.isScalar(s), yParity <= 1 else { return nil }
        guard let y = y(x: r, odd: yParity == 1) else { return nil }
        let point = AffinePoint<Secp256k1Curve>(uncheckedX: Secp256k1Field(reduced: r), y: Secp256k1Field(reduced: y))
        let inverse = r.inverse(moduloOdd: n)
        let message = UInt256(hash) % n
        let u1 = (message.isZero ? .zero : n &- message).multipliedModulo(inverse, n)
        let u2 = s.multipliedModulo(inverse, n)
        guard let sum = Secp256k1Chip.combination(u1, u2, point).affine else { return nil }
        return PublicKey(uncheckedX: sum.x.value, y: sum.y.value)
    }

    /// Whether a canonical `signature` over `hash` is by `key` and carries R's parity (SEC 1, 4.1.4).
    public static func verify(hash: Hash256, signature: RecoverableSignature, key: PublicKey) -> Bool {
        let n = Secp256k1.order
        guard signature.isCanonical else { return false }
        let inverse = signature.s.inverse(moduloOdd: n)
        let u1 = (UInt256(hash) % n).multipliedModulo(inverse, n)
        let u2 = signature.r.multipliedModulo(inverse, n)
        let point = AffinePoint<Secp256k1Curve>(uncheckedX: Secp256k1Field(reduced: key.x), y: Secp256k1Field(reduced: key.y))
        guard let sum = Secp256k1Chip.combination(u1, u2, point).affine else { return false }
        return sum.x.value == signature.r && sum.y.isOdd == (signature.yParity == 1)
    }
}
