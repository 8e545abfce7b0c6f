// The name under which the guest's recovery gets its point arithmetic: software here, until precompile chips for the addition
// and doubling of points replace the body.

internal import Primitives

enum Secp256k1Chip {
    /// a G + b P, for a and b below the order.
    @inline(__always)
    static func combination(_ a: UInt256, _ b: UInt256, _ point: AffinePoint<Secp256k1Curve>) -> WeierstrassPoint<Secp256k1Curve> {
        .combination(a, b, point)
    }
}
