// The sum a G + b P on secp256k1 in plain Swift: all that recovering and checking a signature does with points.
//
// The curve has a cheap endomorphism, lambda (x, y) = (beta x, y) (Gallant, Lambert, Vanstone 2001). Each scalar becomes
// k1 + k2 lambda with halves of 128 bits, so that the four multiplications share 128 doublings.

internal import Primitives

extension WeierstrassPoint where Curve == Secp256k1Curve {
    /// Windows of P: odd multiples to 15.
    private static var pointWindowBits: Int { 5 }
    /// Windows of G: odd multiples to 63, from the table.
    private static var generatorWindowBits: Int { 7 }

    /// a G + b P, for a and b below the order.
    static func combination(_ a: UInt256, _ b: UInt256, _ point: AffinePoint<Secp256k1Curve>) -> Self {
        let (a1, a2) = SplitScalar.halves(of: a)
        let (b1, b2) = SplitScalar.halves(of: b)
        let digits = [
            a1.digits(windowBits: generatorWindowBits), a2.digits(windowBits: generatorWindowBits),
            b1.digits(windowBits: pointWindowBits), b2.digits(windowBits: pointWindowBits),
        ]
        let multiples = affine(oddMultiples(Self(point)))
        var sum = infinity
        var place = SplitScalar.digitCount
        while place > 0 {
            place -= 1
            if !sum.isInfinity { sum = sum.doubled }
            for part in 0..<2 {
                let digit = Int(digits[part][place])
                guard digit != 0 else { continue }
                var entry = GeneratorMultiples.point(abs(digit) >> 1)
                if part == 1 { entry.x = entry.x * SplitScalar.beta }
                sum = sum + (digit < 0 ? -entry : entry)
            }
            for part in 2..<4 {
                let digit = Int(digits[part][place])
                guard digit != 0 else { continue }
                var entry = multiples[abs(digit) >> 1]
                if part == 3 { entry.x = entry.x * SplitScalar.beta }
                sum = sum + (digit < 0 ? -entry : entry)
            }
        }
        return sum
    }

    /// P, 3 P, ..., 15 P.
    private static func oddMultiples(_ point: Self) -> [Self] {
        let double = point.doubled
        var table = [point]
        table.reserveCapacity(1 << (pointWindowBits - 2))
        while table.count < 1 << (pointWindowBits - 2) { table.append(table[table.count - 1] + double) }
        return table
    }
}

/// A half of a scalar: at most 128 bits and a sign.
private struct SplitScalar {
    var magnitude: UInt256
    var isNegative: Bool

    /// A half's digits: one more than its bits.
    static let digitCount = 130

    /// A cube root of one modulo p.
    static var beta: Secp256k1Field {
        Secp256k1Field(
            reduced: UInt256(l0: 0xc139_6c28_7195_01ee, l1: 0x9cf0_4975_12f5_8995, l2: 0x6e64_479e_ac34_34e9, l3: 0x7ae9_6a2b_657c_0710))
    }

    /// Short vectors (a1, -b1) and (a2, a1) of the lattice of pairs with x + y lambda = 0 modulo n.
    private static var a1: UInt256 { UInt256(l0: 0xe86c_90e4_9284_eb15, l1: 0x3086_d221_a7d4_6bcd, l2: 0, l3: 0) }
    private static var b1: UInt256 { UInt256(l0: 0x6f54_7fa9_0abf_e4c3, l1: 0xe443_7ed6_010e_8828, l2: 0, l3: 0) }
    private static var a2: UInt256 { UInt256(l0: 0x57c1_108d_9d44_cfd8, l1: 0x14ca_50f7_a8e2_f3f6, l2: 1, l3: 0) }
    /// a1 and b1 times 2^384, divided by n and rounded.
    private static var g1: UInt256 {
        UInt256(l0: 0xe893_209a_45db_b031, l1: 0x3daa_8a14_71e8_ca7f, l2: 0xe86c_90e4_9284_eb15, l3: 0x3086_d221_a7d4_6bcd)
    }
    private static var g2: UInt256 {
        UInt256(l0: 0x1571_b4ae_8ac4_7f71, l1: 0x2212_08ac_9df5_06c6, l2: 0x6f54_7fa9_0abf_e4c4, l3: 0xe443_7ed6_010e_8828)
    }

    private init(_ value: UInt256) {
        isNegative = value.isNegative
        magnitude = value.isNegative ? value.negated : value
    }

    /// k = k1 + k2 lambda modulo n. What is left after taking away the nearest lattice point is short, so arithmetic modulo 2^256
    /// gives it with its sign.
    static func halves(of scalar: UInt256) -> (SplitScalar, SplitScalar) {
        let c1 = nearest(scalar, g1)
        let c2 = nearest(scalar, g2)
        return (SplitScalar(scalar &- c1 &* a1 &- c2 &* a2), SplitScalar(c1 &* b1 &- c2 &* a1))
    }

    /// scalar * factor / 2^384, rounded.
    private static func nearest(_ scalar: UInt256, _ factor: UInt256) -> UInt256 {
        let high = scalar.multipliedFullWidth(by: factor).high
        return UInt256(l0: high.l2, l1: high.l3, l2: 0, l3: 0) &+ UInt256(high.l1 &>> 63)
    }

    /// The windowed non-adjacent form: odd digits below 2^(w - 1) in size, between them w - 1 zeros or more.
    func digits(windowBits: Int) -> [Int8] {
        var digits = [Int8](repeating: 0, count: SplitScalar.digitCount)
        var rest = magnitude
        var place = 0
        let window = 1 << windowBits
        while !rest.isZero {
            let zeros = rest.l0 == 0 ? 63 : rest.l0.trailingZeroBitCount
            rest = rest &>> zeros
            place += zeros
            guard rest.l0 & 1 == 1, place < SplitScalar.digitCount else { continue }
            var digit = Int(truncatingIfNeeded: rest.l0) & (window - 1)
            if digit >= window / 2 { digit -= window }
            rest = digit < 0 ? rest &+ UInt256(UInt64(-digit)) : rest &- UInt256(UInt64(digit))
            digits[place] = Int8(truncatingIfNeeded: isNegative ? -digit : digit)
        }
        return digits
    }
}
