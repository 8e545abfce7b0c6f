// The optimal ate pairing of BN254 (Vercauteren, eprint 2008/096), several pairs at once.

/// One pair on its way through the Miller loop.
private struct BN254Pair {
    let px: BN254Field
    let py: BN254Field
    let q: BN254G2
    let negatedQ: BN254G2
    /// The running multiple of q in homogeneous coordinates (x / z, y / z).
    var x: BN254Field2
    var y: BN254Field2
    var z: BN254Field2

    init(px: BN254Field, py: BN254Field, q: BN254G2) {
        self.px = px
        self.py = py
        self.q = q
        negatedQ = q.negated
        x = q.x
        y = q.y
        z = .one
    }

    /// Doubles the running point and multiplies `f` by the tangent at P (Costello, Lange, Naehrig, eprint 2009/615, 5).
    mutating func double(_ f: inout BN254Field12) {
        let a = (x * y) * BN254Field.half
        let b = y.squared
        let c = z.squared
        let e = BN254Constants.twist * c.tripled
        let e3 = e.tripled
        let g = (b + e3) * BN254Field.half
        let h = (y + z).squared - b - c
        let slope = x.squared.tripled
        f = f.timesLine(-(h * py), slope * px, e - b)
        x = a * (b - e3)
        y = g.squared - e.squared.tripled
        z = b * h
    }

    /// Adds `point` to the running point and multiplies `f` by the chord at P.
    mutating func add(_ point: BN254G2, _ f: inout BN254Field12) {
        let theta = y - point.y * z
        let lambda = x - point.x * z
        let c = theta.squared
        let d = lambda.squared
        let e = lambda * d
        let g = x * d
        let h = e + z * c - g.doubled
        f = f.timesLine(lambda * py, -(theta * px), theta * point.x - lambda * point.y)
        y = theta * (g - h) - e * y
        x = lambda * h
        z = z * e
    }
}

enum BN254Pairing {
    /// Whether the product of the pairings is one. No point is infinity, and the G2 points are in the subgroup.
    static func productIsOne(_ points: [(p: BN254G1, q: BN254G2)]) -> Bool {
        var pairs: [BN254Pair] = []
        for point in points {
            let (px, py) = point.p.affine
            pairs.append(BN254Pair(px: px, py: py, q: point.q))
        }
        return finalPower(millerLoop(&pairs)) == .one
    }

    private static func millerLoop(_ pairs: inout [BN254Pair]) -> BN254Field12 {
        var f = BN254Field12.one
        for digit in 1..<66 {
            f = f.squared
            for index in 0..<pairs.count {
                pairs[index].double(&f)
                switch BN254Constants.loop[digit] {
                case 1: pairs[index].add(pairs[index].q, &f)
                case -1: pairs[index].add(pairs[index].negatedQ, &f)
                default: break
                }
            }
        }
        for index in 0..<pairs.count {
            pairs[index].add(pairs[index].q.frobenius, &f)
            pairs[index].add(pairs[index].q.frobeniusTwiceNegated, &f)
        }
        return f
    }

    /// The power (p^12 - 1) / r: the easy part (p^6 - 1)(p^2 + 1), then the hard part by the addition chain of
    /// Scott, Benger, Charlemagne, Dominguez Perez, Kachisa (eprint 2008/490, 5).
    private static func finalPower(_ value: BN254Field12) -> BN254Field12 {
        var f = value.conjugate * value.inverse
        f = f.frobenius.frobenius * f

        let fx = f.cyclotomicPowerX
        let fx2 = fx.cyclotomicPowerX
        let fx3 = fx2.cyclotomicPowerX
        let p1 = f.frobenius
        let p2 = p1.frobenius
        let y0 = p1 * p2 * p2.frobenius
        let y1 = f.conjugate
        let y2 = fx2.frobenius.frobenius
        let y3 = fx.frobenius.conjugate
        let y4 = (fx * fx2.frobenius).conjugate
        let y5 = fx2.conjugate
        let y6 = (fx3 * fx3.frobenius).conjugate

        var t0 = y6.cyclotomicSquared * y4 * y5
        var t1 = y3 * y5 * t0
        t0 = t0 * y2
        t1 = (t1.cyclotomicSquared * t0).cyclotomicSquared
        t0 = t1 * y1
        t1 = t1 * y0
        return t0.cyclotomicSquared * t1
    }
}
