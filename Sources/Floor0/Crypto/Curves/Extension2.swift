// The quadratic extension of a prime field by the root of -1.

/// a + b u with u^2 = -1.
struct Extension2<Base: TowerField>: FiniteField {
    var a: Base
    var b: Base

    @inline(__always)
    init(a: Base, b: Base) {
        self.a = a
        self.b = b
    }

    static var zero: Self { Self(a: .zero, b: .zero) }
    static var one: Self { Self(a: .one, b: .zero) }

    @inline(__always)
    var isZero: Bool { a.isZero && b.isZero }

    @inline(__always)
    static func + (x: Self, y: Self) -> Self { Self(a: x.a + y.a, b: x.b + y.b) }

    @inline(__always)
    static func - (x: Self, y: Self) -> Self { Self(a: x.a - y.a, b: x.b - y.b) }

    static func * (x: Self, y: Self) -> Self {
        let aa = x.a * y.a
        let bb = x.b * y.b
        return Self(a: aa - bb, b: (x.a + x.b) * (y.a + y.b) - aa - bb)
    }

    static func * (x: Self, k: Base) -> Self { Self(a: x.a * k, b: x.b * k) }

    var squared: Self { Self(a: (a + b) * (a - b), b: (a * b).doubled) }

    /// The power p.
    @inline(__always)
    var conjugate: Self { Self(a: a, b: -b) }

    @inline(__always)
    var timesXi: Self { Base.timesXi(self) }

    var inverse: Self {
        let norm = (a.squared + b.squared).inverse
        return Self(a: a * norm, b: -(b * norm))
    }
}
