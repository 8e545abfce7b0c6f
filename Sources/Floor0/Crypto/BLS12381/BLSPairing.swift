// The optimal ate pairing of BLS12-381, several pairs at once.

enum BLSPairing: PairingCurve {
    typealias G1 = BLSG1
    typealias G2 = BLSG2

    static func multiply(_ f: inout Extension12<BLSField>, byLineOf y: BLSField2, _ x: BLSField2, _ constant: BLSField2) {
        f = f.timesSparse(w0: constant, w2: x, w3: y)
    }

    /// Whether the product of the pairings is one. All points are in the subgroups.
    static func productIsOne(_ points: [(p: AffinePoint<BLSG1>, q: AffinePoint<BLSG2>)]) -> Bool {
        var pairs: [MillerPair<BLSPairing>] = []
        pairs.reserveCapacity(points.count)
        for point in points { pairs.append(MillerPair(p: point.p, q: point.q)) }
        return finalPower(millerLoop(&pairs)) == .one
    }

    private static func millerLoop(_ pairs: inout [MillerPair<BLSPairing>]) -> Extension12<BLSField> {
        var f = Extension12<BLSField>.one
        var bit: UInt64 = 63
        while bit > 0 {
            bit -= 1
            f = f.squared
            for index in 0..<pairs.count {
                pairs[index].double(&f)
                if (BLSConstants.x >> bit) & 1 == 1 { pairs[index].add(pairs[index].q, &f) }
            }
        }
        // x is negative.
        return f.conjugate
    }

    /// The power 3 (p^12 - 1) / r: the easy part (p^6 - 1)(p^2 + 1), then three times the hard part, which is
    /// (x - 1)^2 (x + p)(x^2 + p^2 - 1) + 3 (Hayashida, Hayasaka, Teruya, eprint 2020/875). As 3 does not divide r, the power is one
    /// exactly when a third of it is.
    private static func finalPower(_ value: Extension12<BLSField>) -> Extension12<BLSField> {
        var f = value.conjugate * value.inverse
        f = f.frobenius.frobenius * f
        let first = powerX(f) * f.conjugate
        let second = powerX(first) * first.conjugate
        let third = powerX(second) * second.frobenius
        let fourth = powerX(powerX(third)) * third.frobenius.frobenius * third.conjugate
        return fourth * f.cyclotomicSquared * f
    }

    /// The power x. In the cyclotomic subgroup the conjugate is the inverse.
    private static func powerX(_ f: Extension12<BLSField>) -> Extension12<BLSField> {
        f.cyclotomicPower(BLSConstants.x).conjugate
    }
}
