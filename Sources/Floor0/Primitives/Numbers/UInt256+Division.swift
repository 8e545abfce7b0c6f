// Division of 256- and 512-bit integers: Knuth's algorithm D (The Art of Computer Programming, vol. 2, 4.3.1) on 64-bit limbs.

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
        let (q3, r3) = l3.quotientAndRemainder(dividingBy: divisor)
        let (q2, r2) = divisor.dividingFullWidth((r3, l2))
        let (q1, r1) = divisor.dividingFullWidth((r2, l1))
        let (q0, r0) = divisor.dividingFullWidth((r1, l0))
        return (UInt256(l0: q0, l1: q1, l2: q2, l3: q3), UInt256(r0))
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
        guard !m.isZero else { return .zero }
        let (sum, overflow) = addingReportingOverflow(b)
        if !overflow { return sum % m }
        return UInt512(low: sum, high: .one).remainder(dividingBy: m)
    }

    /// (self * b) mod m without overflow; zero when m is zero.
    public func multipliedModulo(_ b: UInt256, _ m: UInt256) -> UInt256 {
        guard !m.isZero else { return .zero }
        let product = multipliedFullWidth(by: b)
        if product.high.isZero { return product.low % m }
        return product.remainder(dividingBy: m)
    }
}

extension UInt512 {
    /// The remainder of a non-zero divisor.
    public func remainder(dividingBy divisor: UInt256) -> UInt256 {
        divided(by: divisor).remainder
    }

    /// Quotient modulo 2^256 and remainder of a non-zero divisor.
    public func divided(by divisor: UInt256) -> (quotient: UInt256, remainder: UInt256) {
        if (divisor.l1 | divisor.l2 | divisor.l3) == 0 {
            return dividedBySingleLimb(divisor.l0)
        }
        let limbs = divisor.l3 != 0 ? 4 : (divisor.l2 != 0 ? 3 : 2)
        let shift = divisor.leadingZeroBitCount & 63
        let d = divisor &<< shift

        // The dividend shifted by the same count, with one more limb on top.
        let shiftedLow = low &<< shift
        let carried = shift == 0 ? UInt256.zero : low &>> (256 - shift)
        let shiftedHigh = (high &<< shift) | carried
        let top: UInt64 = shift == 0 ? 0 : high.l3 &>> UInt64(64 - shift)
        var u: InlineArray<9, UInt64> = [
            shiftedLow.l0, shiftedLow.l1, shiftedLow.l2, shiftedLow.l3,
            shiftedHigh.l0, shiftedHigh.l1, shiftedHigh.l2, shiftedHigh.l3, top,
        ]
        let v: InlineArray<4, UInt64> = [d.l0, d.l1, d.l2, d.l3]
        var q: InlineArray<8, UInt64> = .init(repeating: 0)
        let first = v[limbs - 1]
        let second = v[limbs - 2]

        var j = 8 - limbs
        while j >= 0 {
            var digit = UInt512.estimate(u[j + limbs], u[j + limbs - 1], u[j + limbs - 2], first, second)
            var borrow: UInt64 = 0
            var carry: UInt64 = 0
            for i in 0..<limbs {
                let (low, high) = multiplyAccumulate(0, digit, v[i], carry)
                carry = high
                let (s, b0) = u[i + j].subtractingReportingOverflow(low)
                let (t, b1) = s.subtractingReportingOverflow(borrow)
                u[i + j] = t
                borrow = (b0 ? 1 : 0) &+ (b1 ? 1 : 0)
            }
            let (s, b0) = u[j + limbs].subtractingReportingOverflow(carry)
            let (t, b1) = s.subtractingReportingOverflow(borrow)
            u[j + limbs] = t
            if b0 || b1 {
                digit &-= 1
                var addCarry: UInt64 = 0
                for i in 0..<limbs {
                    let (s, c0) = u[i + j].addingReportingOverflow(v[i])
                    let (t, c1) = s.addingReportingOverflow(addCarry)
                    u[i + j] = t
                    addCarry = (c0 ? 1 : 0) &+ (c1 ? 1 : 0)
                }
                u[j + limbs] = u[j + limbs] &+ addCarry
            }
            q[j] = digit
            j -= 1
        }

        var remainder = UInt256(l0: u[0], l1: u[1], l2: limbs > 2 ? u[2] : 0, l3: limbs > 3 ? u[3] : 0)
        if shift != 0 {
            remainder = remainder &>> shift
        }
        return (UInt256(l0: q[0], l1: q[1], l2: q[2], l3: q[3]), remainder)
    }

    /// Knuth's estimate of one quotient digit, at most one too large.
    @inline(__always)
    private static func estimate(_ u2: UInt64, _ u1: UInt64, _ u0: UInt64, _ v1: UInt64, _ v0: UInt64) -> UInt64 {
        var digit: UInt64
        var rest: UInt64
        var overflow = false
        if u2 >= v1 {
            digit = .max
            (rest, overflow) = u1.addingReportingOverflow(v1)
        } else {
            (digit, rest) = v1.dividingFullWidth((u2, u1))
        }
        while !overflow {
            let (high, low) = digit.multipliedFullWidth(by: v0)
            if high < rest || (high == rest && low <= u0) { break }
            digit &-= 1
            (rest, overflow) = rest.addingReportingOverflow(v1)
        }
        return digit
    }

    private func dividedBySingleLimb(_ divisor: UInt64) -> (quotient: UInt256, remainder: UInt256) {
        var rest: UInt64 = 0
        let dividend: InlineArray<8, UInt64> = [low.l0, low.l1, low.l2, low.l3, high.l0, high.l1, high.l2, high.l3]
        var quotient: InlineArray<8, UInt64> = .init(repeating: 0)
        var index = 7
        while index >= 0 {
            (quotient[index], rest) = divisor.dividingFullWidth((rest, dividend[index]))
            index -= 1
        }
        return (UInt256(l0: quotient[0], l1: quotient[1], l2: quotient[2], l3: quotient[3]), UInt256(rest))
    }
}
