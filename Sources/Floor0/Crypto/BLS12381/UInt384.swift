// The numbers under the base field of BLS12-381.

internal import Primitives

/// An unsigned 384-bit integer: six 64-bit limbs, least significant first.
struct UInt384: Equatable {
    var l0: UInt64
    var l1: UInt64
    var l2: UInt64
    var l3: UInt64
    var l4: UInt64
    var l5: UInt64

    @inline(__always)
    init(_ l0: UInt64, _ l1: UInt64, _ l2: UInt64, _ l3: UInt64, _ l4: UInt64, _ l5: UInt64) {
        self.l0 = l0
        self.l1 = l1
        self.l2 = l2
        self.l3 = l3
        self.l4 = l4
        self.l5 = l5
    }

    @inline(__always)
    static var zero: UInt384 { UInt384(0, 0, 0, 0, 0, 0) }

    /// The value of 48 big-endian bytes from `start` on. The caller has checked that they are there.
    init(bigEndian bytes: [UInt8], from start: Int) {
        var limbs = InlineArray<6, UInt64>(repeating: 0)
        for index in 0..<48 { limbs[5 - index / 8] = limbs[5 - index / 8] << 8 | UInt64(bytes[start + index]) }
        self.init(limbs[0], limbs[1], limbs[2], limbs[3], limbs[4], limbs[5])
    }

    /// Appends the 48 big-endian bytes.
    func appendBigEndian(to bytes: inout [UInt8]) {
        let limbs: InlineArray<6, UInt64> = [l5, l4, l3, l2, l1, l0]
        for index in 0..<48 { bytes.append(UInt8(truncatingIfNeeded: limbs[index / 8] >> UInt64(56 - index % 8 * 8))) }
    }

    @inline(__always)
    var isZero: Bool { l0 | l1 | l2 | l3 | l4 | l5 == 0 }

    @inline(__always)
    static func == (a: UInt384, b: UInt384) -> Bool {
        (a.l0 ^ b.l0) | (a.l1 ^ b.l1) | (a.l2 ^ b.l2) | (a.l3 ^ b.l3) | (a.l4 ^ b.l4) | (a.l5 ^ b.l5) == 0
    }

    @inline(__always)
    static func < (a: UInt384, b: UInt384) -> Bool { a.subtracting(b).borrow == 1 }

    /// The difference modulo 2^384, and 1 when it would be negative.
    @inline(__always)
    func subtracting(_ b: UInt384) -> (difference: UInt384, borrow: UInt64) {
        var r = UInt384.zero
        var c: UInt64
        (r.l0, c) = addWithCarry(l0, ~b.l0, 1)
        (r.l1, c) = addWithCarry(l1, ~b.l1, c)
        (r.l2, c) = addWithCarry(l2, ~b.l2, c)
        (r.l3, c) = addWithCarry(l3, ~b.l3, c)
        (r.l4, c) = addWithCarry(l4, ~b.l4, c)
        (r.l5, c) = addWithCarry(l5, ~b.l5, c)
        return (r, 1 &- c)
    }

    /// The sum modulo 2^384.
    @inline(__always)
    static func &+ (a: UInt384, b: UInt384) -> UInt384 {
        var r = UInt384.zero
        var c: UInt64
        (r.l0, c) = addWithCarry(a.l0, b.l0, 0)
        (r.l1, c) = addWithCarry(a.l1, b.l1, c)
        (r.l2, c) = addWithCarry(a.l2, b.l2, c)
        (r.l3, c) = addWithCarry(a.l3, b.l3, c)
        (r.l4, c) = addWithCarry(a.l4, b.l4, c)
        r.l5 = a.l5 &+ b.l5 &+ c
        return r
    }

    /// Every limb and-ed with `mask`.
    @inline(__always)
    func masked(_ mask: UInt64) -> UInt384 {
        UInt384(l0 & mask, l1 & mask, l2 & mask, l3 & mask, l4 & mask, l5 & mask)
    }

    /// Half, rounded down.
    var halved: UInt384 {
        UInt384(l0 >> 1 | l1 << 63, l1 >> 1 | l2 << 63, l2 >> 1 | l3 << 63, l3 >> 1 | l4 << 63, l4 >> 1 | l5 << 63, l5 >> 1)
    }

    /// Bits 4 `index` to 4 `index` + 3.
    func digit(_ index: Int) -> Int {
        let limbs: InlineArray<6, UInt64> = [l0, l1, l2, l3, l4, l5]
        return Int((limbs[index >> 4] >> UInt64((index & 15) * 4)) & 15)
    }
}
