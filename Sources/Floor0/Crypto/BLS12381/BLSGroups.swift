// The groups G1 and G2 of BLS12-381: subgroups of order r of two curves with cofactors, told by endomorphisms.

internal import Primitives

/// y^2 = x^3 + 4 over the prime field.
enum BLSG1: WeierstrassCurve {
    typealias Field = BLSField

    static var b: BLSField { BLSConstants.four }
}

/// The sextic twist by multiplication: y^2 = x^3 + 4 (1 + u) over the quadratic extension.
enum BLSG2: WeierstrassCurve {
    typealias Field = BLSField2

    static var b: BLSField2 { BLSField2(a: BLSConstants.four, b: BLSConstants.four) }
}

typealias BLSPoint1 = WeierstrassPoint<BLSG1>
typealias BLSPoint2 = WeierstrassPoint<BLSG2>

extension AffinePoint<BLSG1> {
    /// Whether the order divides r, by phi(x, y) = (beta x, y). phi^2 + phi + 1 = 0 on the whole curve, so phi(P) = -x^2 P implies
    /// (x^4 - x^2 + 1) P = r P = 0; and on the subgroup phi is that multiple.
    var isInSubgroup: Bool {
        let multiple = BLSPoint1(self).multiplied(by: BLSConstants.x).multiplied(by: BLSConstants.x)
        return multiple == BLSPoint1(x: x * BLSConstants.beta, y: -y, z: .one)
    }
}

extension AffinePoint<BLSG2> {
    /// Whether the order divides r, by `BLSPoint2.psi`. psi^2 - (x + 1) psi + p = 0 on the whole twist, so psi(Q) = x Q implies
    /// (p - x) Q = (x - 1)^2 / 3 r Q = 0. The twist has h r points, and h has no factor in common with (x - 1)^2 / 3: the order of Q
    /// divides r. On the subgroup psi is p, which is x modulo r.
    var isInSubgroup: Bool {
        let point = BLSPoint2(self)
        return point.timesX == point.psi
    }
}

extension BLSPoint1 {
    /// The point times 1 - x, which lies in the subgroup (RFC 9380, 8.8.1).
    var clearedOfCofactor: BLSPoint1 { multiplied(by: BLSConstants.x) + self }
}

extension BLSPoint2 {
    /// The p-power map of the curve carried over to the twist.
    var psi: BLSPoint2 {
        BLSPoint2(x: x.conjugate * BLSConstants.psiX, y: y.conjugate * BLSConstants.psiY, z: z.conjugate)
    }

    /// (x^2 - x - 1) P + (x - 1) psi(P) + psi^2(2 P), which lies in the subgroup (Budroni, Pintore, eprint 2017/419; RFC 9380, 8.8.2).
    var clearedOfCofactor: BLSPoint2 {
        let multiple = timesX
        let image = psi
        return (multiple + image).timesX - multiple - self - image + doubled.psi.psi
    }

    /// x is negative.
    fileprivate var timesX: BLSPoint2 { -multiplied(by: BLSConstants.x) }
}
