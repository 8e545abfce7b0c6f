// Inverses modulo odd numbers, by the binary extended Euclidean algorithm (Handbook of Applied Cryptography, 14.61). Not in
// constant time: for public values only.

extension UInt256 {
    /// The inverse of a value below the odd `modulus`, with which it has no common factor; zero for zero.
    public func inverse(moduloOdd modulus: UInt256) -> UInt256 {
        guard !isZero else { return .zero }
        // a x = u and a y = v modulo the modulus.
        var u = self
        var v = modulus
        var x = UInt256.one
        var y = UInt256.zero
        while !u.isZero {
            while u.l0 & 1 == 0 {
                u = u.halved(carry: 0)
                x = x.halved(modulo: modulus)
            }
            while v.l0 & 1 == 0 {
                v = v.halved(carry: 0)
                y = y.halved(modulo: modulus)
            }
            let (difference, isSmaller) = u.subtractingReportingOverflow(v)
            if isSmaller {
                v = difference.negated
                y = y.subtracting(x, modulo: modulus)
            } else {
                u = difference
                x = x.subtracting(y, modulo: modulus)
            }
        }
        return y
    }

    /// One bit down; `carry` comes in at the top.
    @inline(__always)
    private func halved(carry: UInt64) -> UInt256 {
        UInt256(
            l0: l0 &>> 1 | l1 &<< 63, l1: l1 &>> 1 | l2 &<< 63, l2: l2 &>> 1 | l3 &<< 63, l3: l3 &>> 1 | carry &<< 63)
    }

    @inline(__always)
    private func halved(modulo modulus: UInt256) -> UInt256 {
        if l0 & 1 == 0 { return halved(carry: 0) }
        let (sum, overflow) = addingReportingOverflow(modulus)
        return sum.halved(carry: overflow ? 1 : 0)
    }

    @inline(__always)
    private func subtracting(_ other: UInt256, modulo modulus: UInt256) -> UInt256 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? difference &+ modulus : difference
    }
}
