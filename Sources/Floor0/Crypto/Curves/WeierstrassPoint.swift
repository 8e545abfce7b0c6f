// Points of curves in short Weierstrass form, y^2 = x^3 + a x + b with a = 0 or a = -3: one set of formulas for every curve here.
// They hold for every point of the curve, whatever its order.

internal import Primitives

/// A curve, named by its equation.
protocol WeierstrassCurve {
    associatedtype Field: FiniteField

    static var b: Field { get }
    /// Whether a is -3; else it is 0.
    static var aIsMinusThree: Bool { get }
}

extension WeierstrassCurve {
    static var aIsMinusThree: Bool { false }
}

/// A point other than infinity.
struct AffinePoint<Curve: WeierstrassCurve>: Equatable {
    var x: Curve.Field
    var y: Curve.Field

    @inline(__always)
    init(uncheckedX x: Curve.Field, y: Curve.Field) {
        self.x = x
        self.y = y
    }

    /// `nil` off the curve. Says nothing about a subgroup.
    init?(x: Curve.Field, y: Curve.Field) {
        guard y.squared == Self.ySquared(x) else { return nil }
        self.init(uncheckedX: x, y: y)
    }

    /// The right side of the equation.
    static func ySquared(_ x: Curve.Field) -> Curve.Field {
        let square = Curve.aIsMinusThree ? x.squared - Curve.Field.one.tripled : x.squared
        return square * x + Curve.b
    }

    static prefix func - (p: Self) -> Self { Self(uncheckedX: p.x, y: -p.y) }
}

/// A point as an encoding gives it.
enum DecodedPoint<Curve: WeierstrassCurve> {
    case infinity
    case finite(AffinePoint<Curve>)
}

/// A point in Jacobian coordinates: (x / z^2, y / z^3); z = 0 is infinity.
struct WeierstrassPoint<Curve: WeierstrassCurve> {
    typealias Field = Curve.Field

    var x: Field
    var y: Field
    var z: Field

    @inline(__always)
    init(x: Field, y: Field, z: Field) {
        self.x = x
        self.y = y
        self.z = z
    }

    @inline(__always)
    init(_ point: AffinePoint<Curve>) { self.init(x: point.x, y: point.y, z: .one) }

    init(_ point: DecodedPoint<Curve>) {
        switch point {
        case .infinity: self = .infinity
        case .finite(let affine): self.init(affine)
        }
    }

    static var infinity: Self { Self(x: .one, y: .one, z: .zero) }

    @inline(__always)
    var isInfinity: Bool { z.isZero }

    /// `nil` for infinity.
    var affine: AffinePoint<Curve>? {
        if isInfinity { return nil }
        return affine(inverseOfZ: z.inverse)
    }

    @inline(__always)
    private func affine(inverseOfZ inverse: Field) -> AffinePoint<Curve> {
        let square = inverse.squared
        return AffinePoint(uncheckedX: x * square, y: y * square * inverse)
    }

    static prefix func - (p: Self) -> Self { Self(x: p.x, y: -p.y, z: p.z) }

    /// The same point, whatever the coordinates.
    static func == (p: Self, q: Self) -> Bool {
        if p.isInfinity || q.isInfinity { return p.isInfinity && q.isInfinity }
        let zz1 = p.z.squared
        let zz2 = q.z.squared
        return p.x * zz2 == q.x * zz1 && p.y * q.z * zz2 == q.y * p.z * zz1
    }

    /// dbl-2009-l (a = 0) and dbl-2001-b (a = -3) of the explicit-formulas database.
    var doubled: Self {
        if Curve.aIsMinusThree {
            let delta = z.squared
            let gamma = y.squared
            let beta = x * gamma
            let alpha = ((x - delta) * (x + delta)).tripled
            let beta4 = beta.doubled.doubled
            let newX = alpha.squared - beta4.doubled
            let newZ = (y + z).squared - gamma - delta
            let newY = alpha * (beta4 - newX) - gamma.squared.doubled.doubled.doubled
            return Self(x: newX, y: newY, z: newZ)
        }
        let a = x.squared
        let b = y.squared
        let c = b.squared
        let d = ((x + b).squared - a - c).doubled
        let e = a.tripled
        let newX = e.squared - d.doubled
        let newY = e * (d - newX) - c.doubled.doubled.doubled
        return Self(x: newX, y: newY, z: (y * z).doubled)
    }

    /// add-2007-bl of the explicit-formulas database, with the cases it leaves out.
    static func + (p: Self, q: Self) -> Self {
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
        return Self(x: newX, y: newY, z: ((p.z + q.z).squared - zz1 - zz2) * h)
    }

    static func - (p: Self, q: Self) -> Self { p + -q }

    /// madd-2007-bl of the explicit-formulas database, with the cases it leaves out.
    static func + (p: Self, q: AffinePoint<Curve>) -> Self {
        if p.isInfinity { return Self(q) }
        let zz = p.z.squared
        let h = q.x * zz - p.x
        let difference = q.y * p.z * zz - p.y
        if h.isZero { return difference.isZero ? p.doubled : .infinity }
        let hh = h.squared
        let i = hh.doubled.doubled
        let j = h * i
        let r = difference.doubled
        let v = p.x * i
        let newX = r.squared - j - v.doubled
        let newY = r * (v - newX) - (p.y * j).doubled
        return Self(x: newX, y: newY, z: (p.z + h).squared - zz - hh)
    }

    /// The multiple of a point of any order by a short number, bit by bit.
    func multiplied(by scalar: UInt64) -> Self {
        var result = Self.infinity
        var bit = 64 - scalar.leadingZeroBitCount
        while bit > 0 {
            bit -= 1
            if !result.isInfinity { result = result.doubled }
            if (scalar >> UInt64(bit)) & 1 == 1 { result = result + self }
        }
        return result
    }

    /// The affine form of points none of which is infinity, for the price of one inversion.
    static func affine(_ points: [Self]) -> [AffinePoint<Curve>] {
        // prefixes[i] is the product of the z before i.
        var prefixes: [Field] = []
        prefixes.reserveCapacity(points.count)
        var product = Field.one
        for point in points {
            prefixes.append(product)
            product = product * point.z
        }
        var inverse = product.inverse
        var result: [AffinePoint<Curve>] = []
        result.reserveCapacity(points.count)
        var index = points.count
        while index > 0 {
            index -= 1
            result.append(points[index].affine(inverseOfZ: inverse * prefixes[index]))
            inverse = inverse * points[index].z
        }
        result.reverse()
        return result
    }
}
