// The group G1 of BN254: y^2 = x^3 + 3 over the prime field. Its order is the whole curve's, so no subgroup check is needed.

internal import Primitives

/// A point in Jacobian coordinates: (x / z^2, y / z^3); z = 0 is infinity.
struct BN254G1 {
    var x: BN254Field
    var y: BN254Field
    var z: BN254Field

    static var infinity: BN254G1 { BN254G1(x: .one, y: .one, z: .zero) }

    var isInfinity: Bool { z.isZero }

    /// The point of affine coordinates, (0, 0) being infinity (EIP-196); `nil` off the curve or out of the field.
    init?(x: UInt256, y: UInt256) {
        guard let x = BN254Field(x), let y = BN254Field(y) else { return nil }
        if x.isZero && y.isZero {
            self = .infinity
            return
        }
        guard y.squared == x.squared * x + .three else { return nil }
        self.init(x: x, y: y, z: .one)
    }

    init(x: BN254Field, y: BN254Field, z: BN254Field) {
        self.x = x
        self.y = y
        self.z = z
    }

    /// The affine coordinates, (0, 0) for infinity.
    var affine: (x: BN254Field, y: BN254Field) {
        if isInfinity { return (.zero, .zero) }
        let inverse = z.inverse
        let square = inverse.squared
        return (x * square, y * square * inverse)
    }

    /// dbl-2009-l of the explicit-formulas database (a = 0).
    var doubled: BN254G1 {
        let a = x.squared
        let b = y.squared
        let c = b.squared
        let d = ((x + b).squared - a - c).doubled
        let e = a.doubled + a
        let newX = e.squared - d.doubled
        let newY = e * (d - newX) - c.doubled.doubled.doubled
        return BN254G1(x: newX, y: newY, z: (y * z).doubled)
    }

    /// add-2007-bl of the explicit-formulas database, with the cases it leaves out.
    static func + (p: BN254G1, q: BN254G1) -> BN254G1 {
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
        return BN254G1(x: newX, y: newY, z: ((p.z + q.z).squared - zz1 - zz2) * h)
    }

    /// The multiple by any 256-bit number, in 4-bit windows.
    func multiplied(by scalar: UInt256) -> BN254G1 {
        var table = [BN254G1.infinity, self]
        table.reserveCapacity(16)
        while table.count < 16 { table.append(table[table.count - 1] + self) }
        var result = BN254G1.infinity
        var shift = (scalar.bitWidthUsed + 3) / 4 * 4
        while shift > 0 {
            shift -= 4
            if !result.isInfinity { result = result.doubled.doubled.doubled.doubled }
            result = result + table[Int((scalar &>> shift).l0 & 15)]
        }
        return result
    }
}
