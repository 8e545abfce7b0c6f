// The extensions of degree 6 and 12 of BN254's field, and the maps the pairing needs of them.

/// c0 + c1 v + c2 v^2 with v^3 = 9 + u.
struct BN254Field6: Equatable {
    var c0: BN254Field2
    var c1: BN254Field2
    var c2: BN254Field2

    static var zero: BN254Field6 { BN254Field6(c0: .zero, c1: .zero, c2: .zero) }
    static var one: BN254Field6 { BN254Field6(c0: .one, c1: .zero, c2: .zero) }

    static func + (x: BN254Field6, y: BN254Field6) -> BN254Field6 {
        BN254Field6(c0: x.c0 + y.c0, c1: x.c1 + y.c1, c2: x.c2 + y.c2)
    }

    static func - (x: BN254Field6, y: BN254Field6) -> BN254Field6 {
        BN254Field6(c0: x.c0 - y.c0, c1: x.c1 - y.c1, c2: x.c2 - y.c2)
    }

    static prefix func - (x: BN254Field6) -> BN254Field6 { BN254Field6(c0: -x.c0, c1: -x.c1, c2: -x.c2) }

    static func * (x: BN254Field6, y: BN254Field6) -> BN254Field6 {
        let a = x.c0 * y.c0
        let b = x.c1 * y.c1
        let c = x.c2 * y.c2
        return BN254Field6(
            c0: ((x.c1 + x.c2) * (y.c1 + y.c2) - b - c).timesXi + a,
            c1: (x.c0 + x.c1) * (y.c0 + y.c1) - a - b + c.timesXi,
            c2: (x.c0 + x.c2) * (y.c0 + y.c2) - a - c + b)
    }

    static func * (x: BN254Field6, k: BN254Field2) -> BN254Field6 { BN254Field6(c0: x.c0 * k, c1: x.c1 * k, c2: x.c2 * k) }

    /// Times s0 + s1 v.
    func timesSparse(_ s0: BN254Field2, _ s1: BN254Field2) -> BN254Field6 {
        let a = c0 * s0
        let b = c1 * s1
        return BN254Field6(
            c0: (c2 * s1).timesXi + a,
            c1: (c0 + c1) * (s0 + s1) - a - b,
            c2: c2 * s0 + b)
    }

    var timesV: BN254Field6 { BN254Field6(c0: c2.timesXi, c1: c0, c2: c1) }

    var inverse: BN254Field6 {
        let a = c0.squared - (c1 * c2).timesXi
        let b = c2.squared.timesXi - c0 * c1
        let c = c1.squared - c0 * c2
        let norm = (c0 * a + ((c2 * b) + (c1 * c)).timesXi).inverse
        return BN254Field6(c0: a * norm, c1: b * norm, c2: c * norm)
    }
}

/// c0 + c1 w with w^2 = v.
struct BN254Field12: Equatable {
    var c0: BN254Field6
    var c1: BN254Field6

    static var one: BN254Field12 { BN254Field12(c0: .one, c1: .zero) }

    static func * (x: BN254Field12, y: BN254Field12) -> BN254Field12 {
        let a = x.c0 * y.c0
        let b = x.c1 * y.c1
        return BN254Field12(c0: a + b.timesV, c1: (x.c0 + x.c1) * (y.c0 + y.c1) - a - b)
    }

    var squared: BN254Field12 {
        let product = c0 * c1
        return BN254Field12(c0: (c0 + c1) * (c0 + c1.timesV) - product - product.timesV, c1: product + product)
    }

    /// Times s0 + (s3 + s4 v) w, the shape of a line.
    func timesLine(_ s0: BN254Field2, _ s3: BN254Field2, _ s4: BN254Field2) -> BN254Field12 {
        let a = c0 * s0
        let b = c1.timesSparse(s3, s4)
        let sum = (c0 + c1).timesSparse(s0 + s3, s4)
        return BN254Field12(c0: a + b.timesV, c1: sum - a - b)
    }

    /// The power p^6; the inverse in the cyclotomic subgroup.
    var conjugate: BN254Field12 { BN254Field12(c0: c0, c1: -c1) }

    var inverse: BN254Field12 {
        let norm = (c0 * c0 - (c1 * c1).timesV).inverse
        return BN254Field12(c0: c0 * norm, c1: -(c1 * norm))
    }

    /// The power p: the coefficient of w^i is conjugated and multiplied by (9 + u)^(i (p - 1) / 6).
    var frobenius: BN254Field12 {
        BN254Field12(
            c0: BN254Field6(
                c0: c0.c0.conjugate, c1: c0.c1.conjugate * BN254Constants.gamma2, c2: c0.c2.conjugate * BN254Constants.gamma4),
            c1: BN254Field6(
                c0: c1.c0.conjugate * BN254Constants.gamma1, c1: c1.c1.conjugate * BN254Constants.gamma3,
                c2: c1.c2.conjugate * BN254Constants.gamma5))
    }

    /// The square of an element of the cyclotomic subgroup (Granger, Scott, eprint 2009/565, 3.2): three squarings in the
    /// extension of degree 4 with y^2 = 9 + u.
    var cyclotomicSquared: BN254Field12 {
        let (t0, t1) = BN254Field12.squareInDegree4(c0.c0, c1.c1)
        let (t2, t3) = BN254Field12.squareInDegree4(c1.c0, c0.c2)
        let (t4, t5) = BN254Field12.squareInDegree4(c0.c1, c1.c2)
        return BN254Field12(
            c0: BN254Field6(
                c0: t0.tripled - c0.c0.doubled, c1: t2.tripled - c0.c1.doubled, c2: t4.tripled - c0.c2.doubled),
            c1: BN254Field6(
                c0: t5.timesXi.tripled + c1.c0.doubled, c1: t1.tripled + c1.c1.doubled, c2: t3.tripled + c1.c2.doubled))
    }

    private static func squareInDegree4(_ a: BN254Field2, _ b: BN254Field2) -> (BN254Field2, BN254Field2) {
        let product = a * b
        return ((a + b) * (a + b.timesXi) - product - product.timesXi, product.doubled)
    }

    /// The power x, the curve's parameter, of an element of the cyclotomic subgroup.
    var cyclotomicPowerX: BN254Field12 {
        var result = self
        var bit = 62
        while bit > 0 {
            bit -= 1
            result = result.cyclotomicSquared
            if (BN254Constants.x >> UInt64(bit)) & 1 == 1 { result = result * self }
        }
        return result
    }
}
