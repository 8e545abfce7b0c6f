// What the curves and the extension fields ask of a field. Everything generic over it is specialised by the compiler, so the
// protocol costs nothing at run time. Only public data passes through these fields: nothing needs constant time.

/// A finite field's element. Operations give the one reduced form of a result, so `==` compares numbers.
protocol FiniteField: Equatable, Sendable {
    static var zero: Self { get }
    static var one: Self { get }

    var isZero: Bool { get }
    var squared: Self { get }
    /// The inverse; zero for zero.
    var inverse: Self { get }

    static func + (a: Self, b: Self) -> Self
    static func - (a: Self, b: Self) -> Self
    static func * (a: Self, b: Self) -> Self
}

extension FiniteField {
    @inline(__always)
    static prefix func - (a: Self) -> Self { zero - a }

    @inline(__always)
    var doubled: Self { self + self }

    @inline(__always)
    var tripled: Self { self + self + self }
}

/// A prime field that the extensions of degree 2, 6 and 12 stand on: -1 is no square in it, and a number called xi is neither a
/// square nor a cube in the extension by its root.
protocol TowerField: FiniteField {
    static var half: Self { get }

    /// `x` times xi.
    static func timesXi(_ x: Extension2<Self>) -> Extension2<Self>

    // xi^(i (p - 1) / 6) for i = 1 to 5: the factors of the p-power map on the coefficients of w^i.
    static var gamma1: Extension2<Self> { get }
    static var gamma2: Extension2<Self> { get }
    static var gamma3: Extension2<Self> { get }
    static var gamma4: Extension2<Self> { get }
    static var gamma5: Extension2<Self> { get }
}
