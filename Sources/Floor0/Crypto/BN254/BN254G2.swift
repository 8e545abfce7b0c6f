// The group G2 of BN254: the subgroup of order r of the twist y^2 = x^3 + 3 / (9 + u), and the lines of the Miller loop.

internal import Primitives

/// An affine point of the twist other than infinity.
struct BN254G2 {
    var x: BN254Field2
    var y: BN254Field2

    /// On the curve; says nothing about the subgroup.
    init?(x: BN254Field2, y: BN254Field2) {
        guard y.squared == x.squared * x + BN254Constants.twist else { return nil }
        self.x = x
        self.y = y
    }

    private init(uncheckedX x: BN254Field2, y: BN254Field2) {
        self.x = x
        self.y = y
    }

    var negated: BN254G2 { BN254G2(uncheckedX: x, y: -y) }

    /// The p-power map of the curve carried over to the twist.
    var frobenius: BN254G2 {
        BN254G2(uncheckedX: x.conjugate * BN254Constants.gamma2, y: y.conjugate * BN254Constants.gamma3)
    }

    /// Minus the map applied twice; there the factor of y is -1.
    var frobeniusTwiceNegated: BN254G2 { BN254G2(uncheckedX: x * BN254Constants.gamma2Squared, y: y) }

    /// Membership by the endomorphism psi = `frobenius` (El Housni, Guillevic, Piellard, eprint 2022/348, 3.1.2):
    /// [x + 1] Q + psi([x] Q) + psi^2([x] Q) = psi^3([2 x] Q), which costs a quarter of a multiplication by the order.
    var isInSubgroup: Bool {
        let start = BN254G2Point(x: x, y: y, z: .one)
        let multiple = start.multiplied(by: BN254Constants.x)
        let one = multiple.frobenius
        let two = one.frobenius
        let left = multiple + start + one + two
        let right = two.frobenius.doubled
        return (left + right.negated).isInfinity
    }
}

/// A point of the twist in Jacobian coordinates: (x / z^2, y / z^3); z = 0 is infinity.
struct BN254G2Point {
    var x: BN254Field2
    var y: BN254Field2
    var z: BN254Field2

    static var infinity: BN254G2Point { BN254G2Point(x: .one, y: .one, z: .zero) }

    var isInfinity: Bool { z.isZero }

    var negated: BN254G2Point { BN254G2Point(x: x, y: -y, z: z) }

    var frobenius: BN254G2Point {
        BN254G2Point(x: x.conjugate * BN254Constants.gamma2, y: y.conjugate * BN254Constants.gamma3, z: z.conjugate)
    }

    /// dbl-2009-l, as in G1.
    var doubled: BN254G2Point {
        let a = x.squared
        let b = y.squared
        let c = b.squared
        let d = ((x + b).squared - a - c).doubled
        let e = a.tripled
        let newX = e.squared - d.doubled
        let newY = e * (d - newX) - c.doubled.doubled.doubled
        return BN254G2Point(x: newX, y: newY, z: (y * z).doubled)
    }

    /// add-2007-bl, as in G1.
    static func + (p: BN254G2Point, q: BN254G2Point) -> BN254G2Point {
        if p.isInfinity { return q }
        if q.isInfinity { return p }
        let zz1 = p.z.squared
        let zz2 = q.z.squared
        let u1 = p.x * zz2
        let u2 = q.x * zz1
        let s1 = p.y * q.z * zz2
        let s2 = q.y * p.z * zz1
        let h = u2 - u1
        let difference = s2 - s1
        if h.isZero { return difference.isZero ? p.doubled : .infinity }
        let i = h.doubled.squared
        let j = h * i
        let r = difference.doubled
        let v = u1 * i
        let newX = r.squared - j - v.doubled
        let newY = r * (v - newX) - (s1 * j).doubled
        return BN254G2Point(x: newX, y: newY, z: ((p.z + q.z).squared - zz1 - zz2) * h)
    }

    func multiplied(by scalar: UInt64) -> BN254G2Point {
        var result = BN254G2Point.infinity
        var bit = 64 - scalar.leadingZeroBitCount
        while bit > 0 {
            bit -= 1
            if !result.isInfinity { result = result.doubled }
            if (scalar >> UInt64(bit)) & 1 == 1 { result = result + self }
        }
        return result
    }
}
