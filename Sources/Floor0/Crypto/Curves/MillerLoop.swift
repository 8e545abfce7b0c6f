// The steps of the optimal ate pairing (Vercauteren, eprint 2008/096) that curves with a sextic twist share.

/// A curve whose pairing is taken with G2 on a sextic twist.
protocol PairingCurve {
    associatedtype G1: WeierstrassCurve where G1.Field: TowerField
    associatedtype G2: WeierstrassCurve where G2.Field == Extension2<G1.Field>

    /// Multiplies `f` by the line y `y` + x `x` + `constant`, its coefficients taken at the point of G1.
    static func multiply(
        _ f: inout Extension12<G1.Field>, byLineOf y: Extension2<G1.Field>, _ x: Extension2<G1.Field>, _ constant: Extension2<G1.Field>)
}

/// One pair on its way through the Miller loop.
struct MillerPair<Curve: PairingCurve> {
    typealias Base = Curve.G1.Field

    let p: AffinePoint<Curve.G1>
    let q: AffinePoint<Curve.G2>
    /// The running multiple of q in homogeneous coordinates (x / z, y / z).
    private(set) var x: Extension2<Base>
    private(set) var y: Extension2<Base>
    private(set) var z: Extension2<Base>

    init(p: AffinePoint<Curve.G1>, q: AffinePoint<Curve.G2>) {
        self.p = p
        self.q = q
        x = q.x
        y = q.y
        z = .one
    }

    /// Doubles the running point and multiplies `f` by the tangent at P (Costello, Lange, Naehrig, eprint 2009/615, 5).
    mutating func double(_ f: inout Extension12<Base>) {
        let a = (x * y) * Base.half
        let b = y.squared
        let c = z.squared
        let e = Curve.G2.b * c.tripled
        let e3 = e.tripled
        let g = (b + e3) * Base.half
        let h = (y + z).squared - b - c
        let slope = x.squared.tripled
        Curve.multiply(&f, byLineOf: -(h * p.y), slope * p.x, e - b)
        x = a * (b - e3)
        y = g.squared - e.squared.tripled
        z = b * h
    }

    /// Adds `point` to the running point and multiplies `f` by the chord at P.
    mutating func add(_ point: AffinePoint<Curve.G2>, _ f: inout Extension12<Base>) {
        let theta = y - point.y * z
        let lambda = x - point.x * z
        let c = theta.squared
        let d = lambda.squared
        let e = lambda * d
        let g = x * d
        let h = e + z * c - g.doubled
        Curve.multiply(&f, byLineOf: lambda * p.y, -(theta * p.x), theta * point.x - lambda * point.y)
        y = theta * (g - h) - e * y
        x = lambda * h
        z = z * e
    }
}
