// Division of 256- and 512-bit integers: Knuth's algorithm D (The Art of Computer Programming, vol. 2, 4.3.1) on 64-bit limbs.
// The divisor's top limb is divided by only once; after that each digit takes two products (Moeller and Granlund,
// "Improved division by invariant integers", 2011).

/// A limb with its top bit set, and its reciprocal floor((2^128 - 1) / limb) - 2^64.
struct InvariantDivisor {
    let limb: UInt64
    let reciprocal: UInt64

    @inline(__always)
    init(_ limb: UInt64) {
        self.limb = limb
        reciprocal = limb.dividingFullWidth((~limb, .max)).quotient
    }

    /// Quotient and remainder of (high, low), high being below the limb (algorithm 4 of the paper).
    @inline(__always)
    func divide(_ high: UInt64, _ low: UInt64) -> (quotient: UInt64, remainder: UInt64) {
        let product = UInt128(reciprocal) &* UInt128(high) &+ (UInt128(high) &<< 64 | UInt128(low))
        let fraction = UInt64(truncatingIfNeeded: product)
        var quotient = UInt64(truncatingIfNeeded: product &>> 64) &+ 1
        var remainder = low &- quotient &* limb
        if remainder > fraction {
            quotient &-= 1
            remainder = remainder &+ limb
        }
        if remainder >= limb {
            quotient &+= 1
            remainder = remainder &- limb
        }
        return (quotient, remainder)
    }
}

extension UInt256 {
    /// Quotient and remainder; both zero for a zero divisor, as the EVM defines DIV and MOD.
    public func dividedOrZero(by divisor: UInt256) -> (quotient: UInt256, remainder: UInt256) {
        if (divisor.l1 | divisor.l2 | divisor.l3) == 0 {
            guard divisor.l0 != 0 else { return (.zero, .zero) }
            if (l1 | l2 | l3) == 0 {
                return (UInt256(l0 / divisor.l0), UInt256(l0 % divisor.l0))
            }
            return dividedBySingleLimb(divisor.l0)
        }
        if self < divisor { return (.zero, self) }
        let (quotient, remainder) = UInt512(low: self, high: .zero).divided(by: divisor)
        return (quotient, remainder)
    }

    private func dividedBySingleLimb(_ divisor: UInt64) -> (quotient: UInt256, remainder: UInt256) {
        let shift = divisor.leadingZeroBitCount
        let d = InvariantDivisor(divisor &<< UInt64(shift))
        let u = self &<< shift
        // Two shifts, because one by 64 would shift by nothing.
        let top = (l3 &>> 1) &>> UInt64(63 &- shift)
        let (q3, r3) = d.divide(top, u.l3)
        let (q2, r2) = d.divide(r3, u.l2)
        let (q1, r1) = d.divide(r2, u.l1)
        let (q0, r0) = d.divide(r1, u.l0)
        return (UInt256(l0: q0, l1: q1, l2: q2, l3: q3), UInt256(r0 &>> UInt64(shift)))
    }

    @inlinable
    public static func / (a: UInt256, b: UInt256) -> UInt256 { a.dividedOrZero(by: b).quotient }

    @inlinable
    public static func % (a: UInt256, b: UInt256) -> UInt256 { a.dividedOrZero(by: b).remainder }

    /// Two's complement division towards zero (SDIV); zero for a zero divisor; -2^255 / -1 is -2^255.
    public func signedDivided(by divisor: UInt256) -> UInt256 {
        let quotient = (isNegative ? negated : self) / (divisor.isNegative ? divisor.negated : divisor)
        return isNegative != divisor.isNegative ? quotient.negated : quotient
    }

    /// Two's complement remainder with the sign of the dividend (SMOD); zero for a zero divisor.
    public func signedRemainder(dividingBy divisor: UInt256) -> UInt256 {
        let remainder = (isNegative ? negated : self) % (divisor.isNegative ? divisor.negated : divisor)
        return isNegative ? remainder.negated : remainder
    }

    /// (self + b) mod m without overflow; zero when m is zero.
    public func addingModulo(_ b: UInt256, _ m: UInt256) -> UInt256 {
        if m.l3 != 0, l3 <= m.l3, b.l3 <= m.l3 {
            // Both are below 2 m, and their remainders' sum is too.
            return reducedOnce(m).addingReduced(b.reducedOnce(m), m)
        }
        guard !m.isZero else { return .zero }
        let (sum, overflow) = addingReportingOverflow(b)
        if !overflow { return sum % m }
        return UInt512(low: sum, high: .one).remainder(dividingBy: m)
    }

    /// The remainder of a number below 2 m.
    @inline(__always)
    private func reducedOnce(_ m: UInt256) -> UInt256 {
        let (difference, borrow) = subtractingReportingOverflow(m)
        return borrow ? self : difference
    }

    /// (self + b) mod m, both being below m.
    @inline(__always)
    private func addingReduced(_ b: UInt256, _ m: UInt256) -> UInt256 {
        let (sum, carry) = addingReportingOverflow(b)
        let (difference, borrow) = sum.subtractingReportingOverflow(m)
        return borrow && !carry ? sum : difference
    }

    /// (self * b) mod m without overflow; zero when m is zero.
    public func multipliedModulo(_ b: UInt256, _ m: UInt256) -> UInt256 {
        #if hasFeature(Embedded)
            return GuestChips.multiplyModulo(self, b, m)
        #else
            guard !m.isZero else { return .zero }
            let product = multipliedFullWidth(by: b)
            if product.high.isZero { return product.low % m }
            return product.remainder(dividingBy: m)
        #endif
    }
}

extension UInt512 {
    /// The remainder of a non-zero divisor.
    public func remainder(dividingBy divisor: UInt256) -> UInt256 {
        divisor.l3 != 0 ? dividedByFourLimbs(divisor).remainder : divided(by: divisor).remainder
    }

    /// Quotient modulo 2^256 and remainder of a non-zero divisor.
    public func divided(by divisor: UInt256) -> (quotient: UInt256, remainder: UInt256) {
        if (divisor.l1 | divisor.l2 | divisor.l3) == 0 {
            return dividedBySingleLimb(divisor.l0)
        }
        if divisor.l3 != 0 { return dividedByFourLimbs(divisor) }
        let limbs = divisor.l2 != 0 ? 3 : 2
        let shift = divisor.leadingZeroBitCount & 63
        let d = divisor &<< shift

        // The dividend shifted by the same count, with one more limb on top.
        let shiftedLow = low &<< shift
        let carried = shift == 0 ? UInt256.zero : low &>> (256 - shift)
        let shiftedHigh = (high &<< shift) | carried
        let top: UInt64 = shift == 0 ? 0 : high.l3 &>> UInt64(64 - shift)
        var dividend: InlineArray<9, UInt64> = [
            shiftedLow.l0, shiftedLow.l1, shiftedLow.l2, shiftedLow.l3,
            shiftedHigh.l0, shiftedHigh.l1, shiftedHigh.l2, shiftedHigh.l3, top,
        ]
        let divisorLimbs: InlineArray<3, UInt64> = [d.l0, d.l1, d.l2]
        // A dividend of 256 bits reaches, shifted, no further than limb 4.
        let quotient = UInt512.divide(dividend.mutableSpan, by: divisorLimbs.span, limbs, from: (high.isZero ? 4 : 8) - limbs)
        let remainder = UInt256(
            l0: dividend[0], l1: dividend[1], l2: limbs > 2 ? dividend[2] : 0, l3: 0)
        return (quotient, shift == 0 ? remainder : remainder &>> shift)
    }

    /// Leaves the remainder in the low limbs of `u`. On spans: a computed index into an `InlineArray` value copies it.
    private static func divide(_ dividend: consuming MutableSpan<UInt64>, by v: Span<UInt64>, _ limbs: Int, from start: Int) -> UInt256 {
        var u = dividend
        var quotient = UInt256.zero
        let first = InvariantDivisor(v[limbs - 1])
        let second = v[limbs - 2]
        var j = start
        while j >= 0 {
            var digit = estimate(u[j + limbs], u[j + limbs - 1], u[j + limbs - 2], first, second)
            // u - digit v, as u + ~(digit v) + 1 limb by limb: no carry out means that it went below zero.
            var high: UInt64 = 0
            var carry: UInt64 = 1
            for i in 0..<limbs {
                let low: UInt64
                (low, high) = multiplyAccumulate(0, digit, v[i], high)
                (u[i + j], carry) = addWithCarry(u[i + j], ~low, carry)
            }
            (u[j + limbs], carry) = addWithCarry(u[j + limbs], ~high, carry)
            if carry == 0 {
                digit &-= 1
                for i in 0..<limbs { (u[i + j], carry) = addWithCarry(u[i + j], v[i], carry) }
                u[j + limbs] = u[j + limbs] &+ carry
            }
            // Digits above the fourth belong to the part of the quotient that is left out.
            quotient = UInt256(l0: digit, l1: quotient.l0, l2: quotient.l1, l3: quotient.l2)
            j -= 1
        }
        return quotient
    }

    /// Knuth's estimate of one quotient digit, at most one too large.
    @inline(__always)
    private static func estimate(_ u2: UInt64, _ u1: UInt64, _ u0: UInt64, _ v1: InvariantDivisor, _ v0: UInt64) -> UInt64 {
        var digit: UInt64
        var rest: UInt64
        var overflow = false
        if u2 >= v1.limb {
            digit = .max
            (rest, overflow) = u1.addingReportingOverflow(v1.limb)
        } else {
            (digit, rest) = v1.divide(u2, u1)
        }
        while !overflow {
            let (high, low) = digit.multipliedFullWidth(by: v0)
            if high < rest || (high == rest && low <= u0) { break }
            digit &-= 1
            (rest, overflow) = rest.addingReportingOverflow(v1.limb)
        }
        return digit
    }

    private func dividedBySingleLimb(_ divisor: UInt64) -> (quotient: UInt256, remainder: UInt256) {
        let shift = divisor.leadingZeroBitCount
        let d = InvariantDivisor(divisor &<< UInt64(shift))
        // Only the remainder of the high half counts for the quotient modulo 2^256; it is below the divisor.
        let highRemainder = high.dividedOrZero(by: UInt256(divisor)).remainder.l0
        let u = low &<< shift
        let top = (highRemainder &<< UInt64(shift)) | ((low.l3 &>> 1) &>> UInt64(63 &- shift))
        let (q3, r3) = d.divide(top, u.l3)
        let (q2, r2) = d.divide(r3, u.l2)
        let (q1, r1) = d.divide(r2, u.l1)
        let (q0, r0) = d.divide(r1, u.l0)
        return (UInt256(l0: q0, l1: q1, l2: q2, l3: q3), UInt256(r0 &>> UInt64(shift)))
    }
}
