// The optimal ate pairing of BN254, several pairs at once.

enum BN254Pairing: PairingCurve {
    typealias G1 = BN254G1
    typealias G2 = BN254G2

    static func multiply(_ f: inout Extension12<BN254Field>, byLineOf y: BN254Field2, _ x: BN254Field2, _ constant: BN254Field2) {
        f = f.timesSparse(w0: y, w1: x, w3: constant)
    }

    /// Whether the product of the pairings is one. The G2 points are in the subgroup.
    static func productIsOne(_ points: [(p: AffinePoint<BN254G1>, q: AffinePoint<BN254G2>)]) -> Bool {
        var pairs: [MillerPair<BN254Pairing>] = []
        pairs.reserveCapacity(points.count)
        for point in points { pairs.append(MillerPair(p: point.p, q: point.q)) }
        return finalPower(millerLoop(&pairs)) == .one
    }

    private static func millerLoop(_ pairs: inout [MillerPair<BN254Pairing>]) -> Extension12<BN254Field> {
        var f = Extension12<BN254Field>.one
        for digit in 1..<66 {
            f = f.squared
            for index in 0..<pairs.count {
                pairs[index].double(&f)
                switch BN254Constants.loop[digit] {
                case 1: pairs[index].add(pairs[index].q, &f)
                case -1: pairs[index].add(-pairs[index].q, &f)
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
    private static func finalPower(_ value: Extension12<BN254Field>) -> Extension12<BN254Field> {
        var f = value.conjugate * value.inverse
        f = f.frobenius.frobenius * f

        let fx = f.cyclotomicPower(BN254Constants.x)
        let fx2 = fx.cyclotomicPower(BN254Constants.x)
        let fx3 = fx2.cyclotomicPower(BN254Constants.x)
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
