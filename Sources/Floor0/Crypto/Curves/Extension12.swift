// The extension of degree 12 of a prime field, and the maps that a pairing needs of it.

/// c0 + c1 w with w^2 = v.
struct Extension12<Base: TowerField>: Equatable {
    var c0: Extension6<Base>
    var c1: Extension6<Base>

    static var one: Self { Self(c0: .one, c1: .zero) }

    static func * (x: Self, y: Self) -> Self {
        let a = x.c0 * y.c0
        let b = x.c1 * y.c1
        return Self(c0: a + b.timesV, c1: (x.c0 + x.c1) * (y.c0 + y.c1) - a - b)
    }

    var squared: Self {
        let product = c0 * c1
        return Self(c0: (c0 + c1) * (c0 + c1.timesV) - product - product.timesV, c1: product + product)
    }

    /// Times w0 + w1 w + w3 w^3, the shape of a line on a twist by division (b / xi).
    func timesSparse(w0: Extension2<Base>, w1: Extension2<Base>, w3: Extension2<Base>) -> Self {
        let a = c0 * w0
        let b = c1.timesSparse(w1, w3)
        let sum = (c0 + c1).timesSparse(w0 + w1, w3)
        return Self(c0: a + b.timesV, c1: sum - a - b)
    }

    /// Times w0 + w2 w^2 + w3 w^3, the shape of a line on a twist by multiplication (b xi).
    func timesSparse(w0: Extension2<Base>, w2: Extension2<Base>, w3: Extension2<Base>) -> Self {
        let a = c0.timesSparse(w0, w2)
        let b = (c1 * w3).timesV
        let sum = (c0 + c1).timesSparse(w0, w2 + w3)
        return Self(c0: a + b.timesV, c1: sum - a - b)
    }

    /// The power p^6; the inverse in the cyclotomic subgroup.
    var conjugate: Self { Self(c0: c0, c1: -c1) }

    var inverse: Self {
        let norm = (c0 * c0 - (c1 * c1).timesV).inverse
        return Self(c0: c0 * norm, c1: -(c1 * norm))
    }

    /// The power p: the coefficient of w^i is conjugated and multiplied by xi^(i (p - 1) / 6).
    var frobenius: Self {
        Self(
            c0: Extension6(
                c0: c0.c0.conjugate, c1: c0.c1.conjugate * Base.gamma2, c2: c0.c2.conjugate * Base.gamma4),
            c1: Extension6(
                c0: c1.c0.conjugate * Base.gamma1, c1: c1.c1.conjugate * Base.gamma3,
                c2: c1.c2.conjugate * Base.gamma5))
    }

    /// The square of an element of the cyclotomic subgroup (Granger, Scott, eprint 2009/565, 3.2): three squarings in the
    /// extension of degree 4 with y^2 = xi.
    var cyclotomicSquared: Self {
        let (t0, t1) = Self.squareInDegree4(c0.c0, c1.c1)
        let (t2, t3) = Self.squareInDegree4(c1.c0, c0.c2)
        let (t4, t5) = Self.squareInDegree4(c0.c1, c1.c2)
        return Self(
            c0: Extension6(
                c0: t0.tripled - c0.c0.doubled, c1: t2.tripled - c0.c1.doubled, c2: t4.tripled - c0.c2.doubled),
            c1: Extension6(
                c0: t5.timesXi.tripled + c1.c0.doubled, c1: t1.tripled + c1.c1.doubled, c2: t3.tripled + c1.c2.doubled))
    }

    private static func squareInDegree4(_ a: Extension2<Base>, _ b: Extension2<Base>) -> (Extension2<Base>, Extension2<Base>) {
        let product = a * b
        return ((a + b) * (a + b.timesXi) - product - product.timesXi, product.doubled)
    }

    /// A power of an element of the cyclotomic subgroup; the exponent is not zero.
    func cyclotomicPower(_ exponent: UInt64) -> Self {
        var result = self
        var bit = 63 - exponent.leadingZeroBitCount
        while bit > 0 {
            bit -= 1
            result = result.cyclotomicSquared
            if (exponent >> UInt64(bit)) & 1 == 1 { result = result * self }
        }
        return result
    }
}
