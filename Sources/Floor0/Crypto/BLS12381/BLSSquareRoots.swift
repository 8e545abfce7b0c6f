// Square roots and signs in the fields of BLS12-381.

extension BLSField: SquareRootField {
    var isOdd: Bool { number.l0 & 1 == 1 }
}

extension BLSField2: SquareRootField where Base == BLSField {
    /// Of the numbers a and b in a + b u, the last bit of the first that is not zero.
    var isOdd: Bool { a.isZero ? b.isOdd : a.isOdd }

    /// With s^2 = a^2 + b^2 and t = (a + s) / 2, a root is sqrt(t) + b / (2 sqrt(t)) u; when t is no residue, -t and
    /// (a - s) / 2 = -b^2 / (4 t) are.
    var squareRoot: BLSField2? {
        if b.isZero {
            // -1 is no residue, so of a and -a one is a residue.
            if let root = a.squareRoot { return BLSField2(a: root, b: .zero) }
            return (-a).squareRoot.map { BLSField2(a: .zero, b: $0) }
        }
        guard let s = (a.squared + b.squared).squareRoot else { return nil }
        // Not zero, for s is not plus or minus a.
        let t = (a + s) * .half
        let inverse = t.inverseRoot
        let root = t * inverse
        let other = b * BLSField.half * inverse
        // `inverse` is 1 / root for a residue; else root is a root of -t, and `inverse` is -1 / root.
        return root.squared == t ? BLSField2(a: root, b: other) : BLSField2(a: -other, b: root)
    }
}
