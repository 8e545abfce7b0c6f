// The extension of degree 6 of a prime field: cubic over the quadratic one.

/// c0 + c1 v + c2 v^2 with v^3 = xi.
struct Extension6<Base: TowerField>: Equatable {
    var c0: Extension2<Base>
    var c1: Extension2<Base>
    var c2: Extension2<Base>

    static var zero: Self { Self(c0: .zero, c1: .zero, c2: .zero) }
    static var one: Self { Self(c0: .one, c1: .zero, c2: .zero) }

    static func + (x: Self, y: Self) -> Self {
        Self(c0: x.c0 + y.c0, c1: x.c1 + y.c1, c2: x.c2 + y.c2)
    }

    static func - (x: Self, y: Self) -> Self {
        Self(c0: x.c0 - y.c0, c1: x.c1 - y.c1, c2: x.c2 - y.c2)
    }

    static prefix func - (x: Self) -> Self { Self(c0: -x.c0, c1: -x.c1, c2: -x.c2) }

    static func * (x: Self, y: Self) -> Self {
        let a = x.c0 * y.c0
        let b = x.c1 * y.c1
        let c = x.c2 * y.c2
        return Self(
            c0: ((x.c1 + x.c2) * (y.c1 + y.c2) - b - c).timesXi + a,
            c1: (x.c0 + x.c1) * (y.c0 + y.c1) - a - b + c.timesXi,
            c2: (x.c0 + x.c2) * (y.c0 + y.c2) - a - c + b)
    }

    static func * (x: Self, k: Extension2<Base>) -> Self { Self(c0: x.c0 * k, c1: x.c1 * k, c2: x.c2 * k) }

    /// Times s0 + s1 v.
    func timesSparse(_ s0: Extension2<Base>, _ s1: Extension2<Base>) -> Self {
        let a = c0 * s0
        let b = c1 * s1
        return Self(
            c0: (c2 * s1).timesXi + a,
            c1: (c0 + c1) * (s0 + s1) - a - b,
            c2: c2 * s0 + b)
    }

    var timesV: Self { Self(c0: c2.timesXi, c1: c0, c2: c1) }

    var inverse: Self {
        let a = c0.squared - (c1 * c2).timesXi
        let b = c2.squared.timesXi - c0 * c1
        let c = c1.squared - c0 * c2
        let norm = (c0 * a + ((c2 * b) + (c1 * c)).timesXi).inverse
        return Self(c0: a * norm, c1: b * norm, c2: c * norm)
    }
}
