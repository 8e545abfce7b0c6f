// Points of the curve P-256: y^2 = x^3 - 3 x + b (SEC 2, 2.4.2; FIPS 186-5).

internal import Primitives

/// The prime of the field, 2^256 - 2^224 + 2^192 + 2^96 - 1.
enum P256Prime: MontgomeryModulus {
    static var modulus: UInt256 { UInt256(l0: .max, l1: 0x0000_0000_ffff_ffff, l2: 0, l3: 0xffff_ffff_0000_0001) }
    static var factor: UInt64 { 1 }
    static var one: UInt256 { UInt256(l0: 1, l1: 0xffff_ffff_0000_0000, l2: .max, l3: 0x0000_0000_ffff_fffe) }
    static var square: UInt256 {
        UInt256(l0: 3, l1: 0xffff_fffb_ffff_ffff, l2: 0xffff_ffff_ffff_fffe, l3: 0x0000_0004_ffff_fffd)
    }
}

/// The order of the group.
enum P256Order: MontgomeryModulus {
    static var modulus: UInt256 {
        UInt256(l0: 0xf3b9_cac2_fc63_2551, l1: 0xbce6_faad_a717_9e84, l2: .max, l3: 0xffff_ffff_0000_0000)
    }
    static var factor: UInt64 { 0xccd1_c8aa_ee00_bc4f }
    static var one: UInt256 {
        UInt256(l0: 0x0c46_353d_039c_daaf, l1: 0x4319_0552_58e8_617b, l2: 0x0000_0000_0000_0000, l3: 0x0000_0000_ffff_ffff)
    }
    static var square: UInt256 {
        UInt256(l0: 0x8324_4c95_be79_eea2, l1: 0x4699_799c_49bd_6fa6, l2: 0x2845_b239_2b6b_ec59, l3: 0x66e1_2d94_f3d9_5620)
    }
}

typealias P256Field = MontgomeryElement<P256Prime>
typealias P256Scalar = MontgomeryElement<P256Order>

/// A point in Jacobian coordinates: (x / z^2, y / z^3); z = 0 is infinity.
struct P256Point {
    var x: P256Field
    var y: P256Field
    var z: P256Field

    static var infinity: P256Point { P256Point(x: .one, y: .one, z: .zero) }

    static var generator: P256Point {
        P256Point(
            x: P256Field(
                reducing: UInt256(
                    l0: 0xf4a1_3945_d898_c296, l1: 0x7703_7d81_2deb_33a0, l2: 0xf8bc_e6e5_63a4_40f2, l3: 0x6b17_d1f2_e12c_4247)),
            y: P256Field(
                reducing: UInt256(
                    l0: 0xcbb6_4068_37bf_51f5, l1: 0x2bce_3357_6b31_5ece, l2: 0x8ee7_eb4a_7c0f_9e16, l3: 0x4fe3_42e2_fe1a_7f9b)),
            z: .one)
    }

    /// b of the curve's equation.
    private static var b: P256Field {
        P256Field(
            reducing: UInt256(
                l0: 0x3bce_3c3e_27d2_604b, l1: 0x651d_06b0_cc53_b0f6, l2: 0xb3eb_bd55_7698_86bc, l3: 0x5ac6_35d8_aa3a_93e7))
    }

    @inline(__always)
    init(x: P256Field, y: P256Field, z: P256Field) {
        self.x = x
        self.y = y
        self.z = z
    }

    /// The point with these coordinates; `nil` when one is not below the prime or they do not satisfy the equation.
    init?(x: UInt256, y: UInt256) {
        guard let x = P256Field(x), let y = P256Field(y) else { return nil }
        let three = P256Field.one.doubled + .one
        guard y.squared == (x.squared - three) * x + P256Point.b else { return nil }
        self.init(x: x, y: y, z: .one)
    }

    @inline(__always)
    var isInfinity: Bool { z.isZero }

    /// dbl-2001-b of the explicit-formulas database (a = -3).
    var doubled: P256Point {
        let delta = z.squared
        let gamma = y.squared
        let beta = x * gamma
        let product = (x - delta) * (x + delta)
        let alpha = product.doubled + product
        let beta4 = beta.doubled.doubled
        let newX = alpha.squared - beta4.doubled
        let newZ = (y + z).squared - gamma - delta
        let newY = alpha * (beta4 - newX) - gamma.squared.doubled.doubled.doubled
        return P256Point(x: newX, y: newY, z: newZ)
    }

    /// add-2007-bl of the explicit-formulas database, with the cases it leaves out.
    static func + (p: P256Point, q: P256Point) -> P256Point {
        if p.isInfinity { return q }
        if q.isInfinity { return p }
        let zz1 = p.z.squared
        let zz2 = q.z.squared
        let u1 = p.x * zz2
        let u2 = q.x * zz1
        let s1 = p.y * q.z * zz2
        let s2 = q.y * p.z * zz1
        let h = u2 - u1
        let difference = s2 - s1
        if h.isZero { return difference.isZero ? p.doubled : .infinity }
        let i = h.doubled.squared
        let j = h * i
        let r = difference.doubled
        let v = u1 * i
        let newX = r.squared - j - v.doubled
        let newY = r * (v - newX) - (s1 * j).doubled
        let newZ = ((p.z + q.z).squared - zz1 - zz2) * h
        return P256Point(x: newX, y: newY, z: newZ)
    }

    /// a G + b P by Shamir's trick: both numbers are read two bits at a time and share their doublings.
    static func combine(_ a: UInt256, _ b: UInt256, _ point: P256Point) -> P256Point {
        // table[4 i + j] = i G + j P.
        var table = [P256Point.infinity, point, point.doubled, point.doubled + point]
        table.reserveCapacity(16)
        for _ in 1...3 {
            let base = table[table.count - 4] + .generator
            table.append(base)
            for j in 1...3 { table.append(base + table[j]) }
        }
        var sum = P256Point.infinity
        var shift = 256
        while shift > 0 {
            shift -= 2
            if !sum.isInfinity { sum = sum.doubled.doubled }
            let index = Int((a &>> shift).l0 & 3) * 4 + Int((b &>> shift).l0 & 3)
            if index != 0 { sum = sum + table[index] }
        }
        return sum
    }
}
