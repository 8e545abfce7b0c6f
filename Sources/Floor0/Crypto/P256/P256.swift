// ECDSA verification over P-256 (secp256r1), for the precompile of EIP-7951. Plain Swift natively and in the guest.

public import Primitives

public enum P256 {
    /// Whether (r, s) is an ECDSA signature over `hash` by the public key (x, y) (FIPS 186-5, 6.4.2; EIP-7951).
    ///
    /// False also when r or s is not in 1..<n, a coordinate is not below the field's prime, or the key is not on the curve. Any s
    /// is taken, low or high.
    public static func verify(hash: Hash256, r: UInt256, s: UInt256, x: UInt256, y: UInt256) -> Bool {
        let n = P256Order.modulus
        guard !r.isZero, r < n, !s.isZero, s < n else { return false }
        guard let x = P256Field(x), let y = P256Field(y), let key = AffinePoint<P256Curve>(x: x, y: y) else { return false }
        let inverse = P256Scalar(reducing: s).inverse
        let u1 = (P256Scalar(reducing: UInt256(hash)) * inverse).value
        let u2 = (P256Scalar(reducing: r) * inverse).value
        let sum = WeierstrassPoint<P256Curve>.sumOfMultiples([P256Curve.generator, key], [u1, u2])
        guard !sum.isInfinity else { return false }

        // The sum's x modulo n is r: x, below p < 2 n, is r or r + n. Compared without dividing by z^2.
        let square = sum.z.squared
        if P256Field(reducing: r) * square == sum.x { return true }
        guard let other = r.adding(n), let candidate = P256Field(other) else { return false }
        return candidate * square == sum.x
    }
}
