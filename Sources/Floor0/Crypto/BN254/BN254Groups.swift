// The groups G1 and G2 of BN254. G1 is the whole curve; G2 is a subgroup of the twist, told by an endomorphism.

internal import Primitives

/// y^2 = x^3 + 3 over the prime field.
enum BN254G1: WeierstrassCurve {
    typealias Field = BN254Field

    static var b: BN254Field { .three }
}

/// The sextic twist by division: y^2 = x^3 + 3 / (9 + u) over the quadratic extension.
enum BN254G2: WeierstrassCurve {
    typealias Field = BN254Field2

    static var b: BN254Field2 { BN254Constants.twist }
}

typealias BN254Point1 = WeierstrassPoint<BN254G1>
typealias BN254Point2 = WeierstrassPoint<BN254G2>

extension AffinePoint<BN254G2> {
    /// The p-power map of the curve carried over to the twist.
    var frobenius: Self {
        AffinePoint(uncheckedX: x.conjugate * BN254Field.gamma2, y: y.conjugate * BN254Field.gamma3)
    }

    /// Minus the map applied twice; there the factor of y is -1.
    var frobeniusTwiceNegated: Self { AffinePoint(uncheckedX: x * BN254Constants.gamma2Squared, y: y) }

    /// Membership by the endomorphism psi = `frobenius` (El Housni, Guillevic, Piellard, eprint 2022/348, 3.1.2):
    /// [x + 1] Q + psi([x] Q) + psi^2([x] Q) = psi^3([2 x] Q), which costs a quarter of a multiplication by the order.
    var isInSubgroup: Bool {
        let multiple = BN254Point2(self).multiplied(by: BN254Constants.x)
        let one = multiple.frobenius
        let two = one.frobenius
        return multiple + self + one + two == two.frobenius.doubled
    }
}

extension BN254Point2 {
    var frobenius: BN254Point2 {
        BN254Point2(x: x.conjugate * BN254Field.gamma2, y: y.conjugate * BN254Field.gamma3, z: z.conjugate)
    }
}
