/// An unsigned 256-bit integer: the EVM's word. Arithmetic named `&+`, `&-`, `&*` wraps modulo 2^256.
///
/// Four 64-bit limbs, least significant first. A trivial type: no reference counting, passed in registers or on the stack.
@frozen
public struct UInt256: Hashable, Comparable, Sendable, ExpressibleByIntegerLiteral {
    public var l0: UInt64
    public var l1: UInt64
    public var l2: UInt64
    public var l3: UInt64

    public static var zero: UInt256 { UInt256(l0: 0, l1: 0, l2: 0, l3: 0) }
    public static var one: UInt256 { UInt256(l0: 1, l1: 0, l2: 0, l3: 0) }
    public static var max: UInt256 { UInt256(l0: .max, l1: .max, l2: .max, l3: .max) }

    @inlinable @inline(__always)
    public init(l0: UInt64, l1: UInt64, l2: UInt64, l3: UInt64) {
        self.l0 = l0
        self.l1 = l1
        self.l2 = l2
        self.l3 = l3
    }

    @inlinable @inline(__always)
    public init(_ value: UInt64) { self.init(l0: value, l1: 0, l2: 0, l3: 0) }

    @inlinable @inline(__always)
    public init(integerLiteral value: UInt64) { self.init(value) }

    @inlinable @inline(__always)
    public init(_ hash: Hash256) { self.init(l0: hash.w3, l1: hash.w2, l2: hash.w1, l3: hash.w0) }

    /// Reads 32 big-endian bytes at `pointer`, which needs no alignment.
    @inlinable @inline(__always)
    public init(loadingBigEndian pointer: UnsafeRawPointer) {
        unsafe self.init(Hash256(loading: pointer))
    }

    /// Writes 32 big-endian bytes at `pointer`, which needs no alignment.
    @inlinable @inline(__always)
    public func storeBigEndian(to pointer: UnsafeMutableRawPointer) {
        unsafe Hash256(self).store(to: pointer)
    }

    /// The value of at most 32 big-endian bytes; longer input keeps its last 32 bytes.
    public init(bigEndianBytes bytes: [UInt8]) {
        var value = UInt256.zero
        for byte in bytes { value = (value &<< 8) | UInt256(UInt64(byte)) }
        self = value
    }

    /// The value when it fits 64 bits.
    @inlinable @inline(__always)
    public var asUInt64: UInt64? { (l1 | l2 | l3) == 0 ? l0 : nil }

    /// The value when it fits a non-negative `Int`.
    @inlinable @inline(__always)
    public var asInt: Int? { (l1 | l2 | l3) == 0 ? Int(exactly: l0) : nil }

    /// The value, or `UInt64.max` when it does not fit.
    @inlinable @inline(__always)
    public var saturatedUInt64: UInt64 { (l1 | l2 | l3) == 0 ? l0 : .max }

    @inlinable @inline(__always)
    public var isZero: Bool { (l0 | l1 | l2 | l3) == 0 }

    @inlinable
    public var bigEndianBytes: [UInt8] { Hash256(self).bytes }

    /// The big-endian bytes without leading zeros; empty for zero.
    public var minimalBytes: [UInt8] { Array(bigEndianBytes.drop { $0 == 0 }) }

    @inlinable
    public var leadingZeroBitCount: Int {
        if l3 != 0 { return l3.leadingZeroBitCount }
        if l2 != 0 { return 64 + l2.leadingZeroBitCount }
        if l1 != 0 { return 128 + l1.leadingZeroBitCount }
        return 192 + l0.leadingZeroBitCount
    }

    /// Position of the highest set bit plus one; 0 for zero.
    @inlinable
    public var bitWidthUsed: Int { 256 - leadingZeroBitCount }

    /// Number of bytes without leading zeros; 0 for zero.
    @inlinable
    public var byteWidthUsed: Int { (bitWidthUsed + 7) / 8 }

    // MARK: - Comparison

    @inlinable @inline(__always)
    public static func == (a: UInt256, b: UInt256) -> Bool {
        ((a.l0 ^ b.l0) | (a.l1 ^ b.l1) | (a.l2 ^ b.l2) | (a.l3 ^ b.l3)) == 0
    }

    @inlinable @inline(__always)
    public static func < (a: UInt256, b: UInt256) -> Bool {
        a.subtractingReportingOverflow(b).overflow
    }

    /// Two's complement comparison (SLT).
    @inlinable @inline(__always)
    public static func signedLess(_ a: UInt256, _ b: UInt256) -> Bool {
        let negativeA = Int64(bitPattern: a.l3) < 0
        let negativeB = Int64(bitPattern: b.l3) < 0
        return negativeA == negativeB ? a < b : negativeA
    }

    @inlinable @inline(__always)
    public var isNegative: Bool { Int64(bitPattern: l3) < 0 }

    // MARK: - Addition and subtraction

    @inlinable @inline(__always)
    public func addingReportingOverflow(_ b: UInt256) -> (partialValue: UInt256, overflow: Bool) {
        var sum = UInt256.zero
        var carry: UInt64
        (sum.l0, carry) = addWithCarry(l0, b.l0, 0)
        (sum.l1, carry) = addWithCarry(l1, b.l1, carry)
        (sum.l2, carry) = addWithCarry(l2, b.l2, carry)
        (sum.l3, carry) = addWithCarry(l3, b.l3, carry)
        return (sum, carry != 0)
    }

    /// a - b is a + ~b + 1, and it borrows when that does not carry.
    @inlinable @inline(__always)
    public func subtractingReportingOverflow(_ b: UInt256) -> (partialValue: UInt256, overflow: Bool) {
        var difference = UInt256.zero
        var carry: UInt64
        (difference.l0, carry) = addWithCarry(l0, ~b.l0, 1)
        (difference.l1, carry) = addWithCarry(l1, ~b.l1, carry)
        (difference.l2, carry) = addWithCarry(l2, ~b.l2, carry)
        (difference.l3, carry) = addWithCarry(l3, ~b.l3, carry)
        return (difference, carry == 0)
    }

    @inlinable @inline(__always)
    public static func &+ (a: UInt256, b: UInt256) -> UInt256 { a.addingReportingOverflow(b).partialValue }

    @inlinable @inline(__always)
    public static func &- (a: UInt256, b: UInt256) -> UInt256 { a.subtractingReportingOverflow(b).partialValue }

    /// Two's complement negation.
    @inlinable @inline(__always)
    public var negated: UInt256 { UInt256.zero &- self }

    /// The sum, or `nil` when it does not fit.
    @inlinable
    public func adding(_ b: UInt256) -> UInt256? {
        let (sum, overflow) = addingReportingOverflow(b)
        return overflow ? nil : sum
    }

    /// The difference, or `nil` when it would be negative.
    @inlinable
    public func subtracting(_ b: UInt256) -> UInt256? {
        let (difference, overflow) = subtractingReportingOverflow(b)
        return overflow ? nil : difference
    }

    // MARK: - Bits

    @inlinable @inline(__always)
    public static func & (a: UInt256, b: UInt256) -> UInt256 {
        UInt256(l0: a.l0 & b.l0, l1: a.l1 & b.l1, l2: a.l2 & b.l2, l3: a.l3 & b.l3)
    }

    @inlinable @inline(__always)
    public static func | (a: UInt256, b: UInt256) -> UInt256 {
        UInt256(l0: a.l0 | b.l0, l1: a.l1 | b.l1, l2: a.l2 | b.l2, l3: a.l3 | b.l3)
    }

    @inlinable @inline(__always)
    public static func ^ (a: UInt256, b: UInt256) -> UInt256 {
        UInt256(l0: a.l0 ^ b.l0, l1: a.l1 ^ b.l1, l2: a.l2 ^ b.l2, l3: a.l3 ^ b.l3)
    }

    @inlinable @inline(__always)
    public static prefix func ~ (a: UInt256) -> UInt256 {
        UInt256(l0: ~a.l0, l1: ~a.l1, l2: ~a.l2, l3: ~a.l3)
    }

    /// Shift left by 0 to 255 bits; any other count gives zero.
    @inlinable
    public static func &<< (a: UInt256, count: Int) -> UInt256 {
        guard count > 0 else { return count == 0 ? a : .zero }
        guard count < 256 else { return .zero }
        let bits = UInt64(count & 63)
        var v = a
        switch count >> 6 {
        case 1: v = UInt256(l0: 0, l1: a.l0, l2: a.l1, l3: a.l2)
        case 2: v = UInt256(l0: 0, l1: 0, l2: a.l0, l3: a.l1)
        case 3: v = UInt256(l0: 0, l1: 0, l2: 0, l3: a.l0)
        default: break
        }
        guard bits != 0 else { return v }
        let rest = 64 &- bits
        return UInt256(
            l0: v.l0 &<< bits, l1: (v.l1 &<< bits) | (v.l0 &>> rest),
            l2: (v.l2 &<< bits) | (v.l1 &>> rest), l3: (v.l3 &<< bits) | (v.l2 &>> rest))
    }

    /// Logical shift right by 0 to 255 bits; any other count gives zero.
    @inlinable
    public static func &>> (a: UInt256, count: Int) -> UInt256 {
        guard count > 0 else { return count == 0 ? a : .zero }
        guard count < 256 else { return .zero }
        let bits = UInt64(count & 63)
        var v = a
        switch count >> 6 {
        case 1: v = UInt256(l0: a.l1, l1: a.l2, l2: a.l3, l3: 0)
        case 2: v = UInt256(l0: a.l2, l1: a.l3, l2: 0, l3: 0)
        case 3: v = UInt256(l0: a.l3, l1: 0, l2: 0, l3: 0)
        default: break
        }
        guard bits != 0 else { return v }
        let rest = 64 &- bits
        return UInt256(
            l0: (v.l0 &>> bits) | (v.l1 &<< rest), l1: (v.l1 &>> bits) | (v.l2 &<< rest),
            l2: (v.l2 &>> bits) | (v.l3 &<< rest), l3: v.l3 &>> bits)
    }

    /// Arithmetic shift right; counts of 256 and more give 0 or -1.
    @inlinable
    public func arithmeticShiftedRight(_ count: Int) -> UInt256 {
        let fill = isNegative
        guard count < 256 else { return fill ? .max : .zero }
        let shifted = self &>> count
        return fill && count > 0 ? shifted | ~(UInt256.max &>> count) : shifted
    }
}

extension Hash256 {
    /// The big-endian bytes of a 256-bit integer.
    @inlinable @inline(__always)
    public init(_ value: UInt256) { self.init(w0: value.l3, w1: value.l2, w2: value.l1, w3: value.l0) }
}

#if !hasFeature(Embedded)
    /// a + b + carry, the carry being 0 or 1. In 128 bits, because a chain of overflow flags compiles to branches, and the
    /// processor cannot foresee the carries of random numbers.
    @inlinable @inline(__always)
    public func addWithCarry(_ a: UInt64, _ b: UInt64, _ carry: UInt64) -> (sum: UInt64, carry: UInt64) {
        let sum = UInt128(a) &+ UInt128(b) &+ UInt128(carry)
        return (UInt64(truncatingIfNeeded: sum), UInt64(truncatingIfNeeded: sum &>> 64))
    }
#endif
