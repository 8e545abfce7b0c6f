// Division by a divisor of four limbs, written out: Knuth's algorithm D whose digits are estimated from three limbs of the dividend by
// two of the divisor (Moeller and Granlund, algorithms 5 and 6), which nearly always gives the digit itself and leaves only
// two limbs to multiply. This is the division of MULMOD with a cryptographic modulus.

/// The two top limbs of a normalised divisor, and their reciprocal floor((2^192 - 1) / (high, low)) - 2^64.
private struct InvariantPair {
    let high: UInt64
    let low: UInt64
    let reciprocal: UInt64

    @inline(__always)
    init(_ high: UInt64, _ low: UInt64) {
        self.high = high
        self.low = low
        var v = InvariantDivisor(high).reciprocal
        var p = high &* v &+ low
        if p < low {
            v &-= 1
            if p >= high {
                v &-= 1
                p = p &- high
            }
            p = p &- high
        }
        let (t1, t0) = v.multipliedFullWidth(by: low)
        p = p &+ t1
        if p < t1 {
            v &-= 1
            if p > high || (p == high && t0 >= low) { v &-= 1 }
        }
        reciprocal = v
    }

    /// Quotient and remainder of (u2, u1, u0), where (u2, u1) is below the pair.
    @inline(__always)
    func divide(_ u2: UInt64, _ u1: UInt64, _ u0: UInt64) -> (quotient: UInt64, remainder: UInt128) {
        let pair = UInt128(high) &<< 64 | UInt128(low)
        let product = UInt128(reciprocal) &* UInt128(u2) &+ (UInt128(u2) &<< 64 | UInt128(u1))
        var quotient = UInt64(truncatingIfNeeded: product &>> 64)
        let top = u1 &- quotient &* high
        var remainder = (UInt128(top) &<< 64 | UInt128(u0)) &- UInt128(low) &* UInt128(quotient) &- pair
        quotient &+= 1
        if UInt64(truncatingIfNeeded: remainder &>> 64) >= UInt64(truncatingIfNeeded: product) {
            quotient &-= 1
            remainder = remainder &+ pair
        }
        if remainder >= pair {
            quotient &+= 1
            remainder = remainder &- pair
        }
        return (quotient, remainder)
    }
}

extension UInt256 {
    /// Shifted left by fewer than 64 bits, with the top bits of the limb `below` moving in.
    @inline(__always)
    fileprivate func shiftedLeft(_ count: UInt64, _ below: UInt64) -> UInt256 {
        // Two shifts, because one by 64 would shift by nothing.
        let rest = 63 &- count
        return UInt256(
            l0: (l0 &<< count) | ((below &>> 1) &>> rest), l1: (l1 &<< count) | ((l0 &>> 1) &>> rest),
            l2: (l2 &<< count) | ((l1 &>> 1) &>> rest), l3: (l3 &<< count) | ((l2 &>> 1) &>> rest))
    }

    /// Shifted right by fewer than 64 bits.
    @inline(__always)
    fileprivate func shiftedRight(_ count: UInt64) -> UInt256 {
        let rest = 63 &- count
        return UInt256(
            l0: (l0 &>> count) | ((l1 &<< 1) &<< rest), l1: (l1 &>> count) | ((l2 &<< 1) &<< rest),
            l2: (l2 &>> count) | ((l3 &<< 1) &<< rest), l3: l3 &>> count)
    }
}

extension UInt512 {
    /// Quotient modulo 2^256 and remainder of a divisor whose top limb is not zero.
    func dividedByFourLimbs(_ divisor: UInt256) -> (quotient: UInt256, remainder: UInt256) {
        let shift = UInt64(truncatingIfNeeded: divisor.l3.leadingZeroBitCount)
        let d = divisor.shiftedLeft(shift, 0)
        let top = InvariantPair(d.l3, d.l2)
        // The shifted dividend has nine limbs; the ninth is below the divisor's top limb, because it has at most `shift` bits.
        let u = low.shiftedLeft(shift, 0)
        let v = high.shiftedLeft(shift, low.l3)
        let ninth = (high.l3 &>> 1) &>> (63 &- shift)

        if high.isZero {
            var rest = UInt256(l0: u.l1, l1: u.l2, l2: u.l3, l3: v.l0)
            let digit = UInt512.divideStep(&rest, u.l0, d, top)
            return (UInt256(digit), rest.shiftedRight(shift))
        }
        var rest: UInt256
        if ninth == 0 {
            // The fifth digit is zero or one.
            let (difference, borrow) = v.subtractingReportingOverflow(d)
            rest = borrow ? v : difference
        } else {
            rest = UInt256(l0: v.l1, l1: v.l2, l2: v.l3, l3: ninth)
            _ = UInt512.divideStep(&rest, v.l0, d, top)
        }
        let q3 = UInt512.divideStep(&rest, u.l3, d, top)
        let q2 = UInt512.divideStep(&rest, u.l2, d, top)
        let q1 = UInt512.divideStep(&rest, u.l1, d, top)
        let q0 = UInt512.divideStep(&rest, u.l0, d, top)
        return (UInt256(l0: q0, l1: q1, l2: q2, l3: q3), rest.shiftedRight(shift))
    }

    /// One digit: divides (rest, next), `rest` being below the divisor, and leaves the remainder in `rest`.
    @inline(__always)
    private static func divideStep(_ rest: inout UInt256, _ next: UInt64, _ d: UInt256, _ top: InvariantPair) -> UInt64 {
        if rest.l3 == top.high && rest.l2 == top.low {
            // The digit is 2^64 - 1: rest / d is less than one by less than 2^-127.
            let difference = rest &- d
            rest = UInt256(l0: next, l1: difference.l0, l2: difference.l1, l3: difference.l2) &+ d
            return .max
        }
        var (digit, high) = top.divide(rest.l3, rest.l2, rest.l1)
        var low = UInt128(rest.l0) &<< 64 | UInt128(next)
        let (p0, carry) = multiplyAccumulate(0, digit, d.l0, 0)
        let (p1, p2) = multiplyAccumulate(0, digit, d.l1, carry)
        let product = UInt128(p1) &<< 64 | UInt128(p0)
        let subtrahend = UInt128(p2) &+ (low < product ? 1 : 0)
        low = low &- product
        let isTooLarge = high < subtrahend
        high = high &- subtrahend
        rest = UInt256(
            l0: UInt64(truncatingIfNeeded: low), l1: UInt64(truncatingIfNeeded: low &>> 64), l2: UInt64(truncatingIfNeeded: high),
            l3: UInt64(truncatingIfNeeded: high &>> 64))
        if isTooLarge {
            digit &-= 1
            rest = rest &+ d
        }
        return digit
    }
}
