// Maps from a field to a curve (RFC 9380, 6.6.2 and 6.6.3): the simplified map of Shallue, van de Woestijne and Ulas to a curve with
// a b != 0, followed by an isogeny to the curve that is wanted.

/// What the map needs of a field besides its arithmetic.
protocol SquareRootField: FiniteField {
    /// A square root, or `nil` for a non-residue.
    var squareRoot: Self? { get }
    /// The sign of RFC 9380, 4.1.
    var isOdd: Bool { get }
}

/// A curve y^2 = x^3 + a x + b that the map reaches, and the isogeny from it to `Image`.
protocol SimplifiedSWUCurve {
    associatedtype Image: WeierstrassCurve where Image.Field: SquareRootField

    static var a: Image.Field { get }
    static var b: Image.Field { get }
    /// The non-residue Z of the map.
    static var z: Image.Field { get }

    /// The isogeny, as xNumerator / xDenominator and y yNumerator / yDenominator, at `x`.
    static func isogeny(at x: Image.Field) -> IsogenyValues<Image.Field>
}

struct IsogenyValues<Field: FiniteField> {
    let xNumerator: Field
    let xDenominator: Field
    let yNumerator: Field
    let yDenominator: Field
}

extension SimplifiedSWUCurve {
    /// The image of `u`, a point of the whole curve `Image`.
    static func map(_ u: Image.Field) -> WeierstrassPoint<Image> {
        let (x, y) = point(u)
        let values = isogeny(at: x)
        // x = X / Z^2 and y = Y / Z^3 with Z the product of the denominators; zero there is infinity, as it has to be.
        let square = values.yDenominator.squared
        return WeierstrassPoint(
            x: values.xNumerator * values.xDenominator * square,
            y: y * values.yNumerator * values.xDenominator.squared * values.xDenominator * square,
            z: values.xDenominator * values.yDenominator)
    }

    /// The image of `u` on the curve before the isogeny.
    static func point(_ u: Image.Field) -> (x: Image.Field, y: Image.Field) {
        let zu = z * u.squared
        let denominator = zu.squared + zu
        let x1 = denominator.isZero ? b * (z * a).inverse : -b * (denominator + .one) * (a * denominator).inverse
        let square1 = (x1.squared + a) * x1 + b
        if let y = square1.squareRoot { return (x1, u.isOdd == y.isOdd ? y : -y) }
        // The other value is z^3 u^6 times the first, a residue as both factors are none.
        let x2 = zu * x1
        guard let y = (zu.squared * zu * square1).squareRoot else {
            preconditionFailure("of two numbers whose quotient is a non-residue one is a residue")
        }
        return (x2, u.isOdd == y.isOdd ? y : -y)
    }
}

/// The value of a polynomial whose coefficients stand from the constant one up.
func evaluate<let count: Int, Field: FiniteField>(_ coefficients: InlineArray<count, Field>, at x: Field) -> Field {
    var value = coefficients[count - 1]
    var index = count - 1
    while index > 0 {
        index -= 1
        value = value * x + coefficients[index]
    }
    return value
}
