// Products and powers of 256-bit integers.

/// A 512-bit product, eight limbs, least significant first.
@frozen
public struct UInt512: Sendable {
    public var low: UInt256
    public var high: UInt256

    @inlinable @inline(__always)
    public init(low: UInt256, high: UInt256) {
        self.low = low
        self.high = high
    }
}

#if !hasFeature(Embedded)
    /// accumulator + a * b + carry, as (low, high); it cannot overflow 128 bits. The step of every multi-limb product.
    @inlinable @inline(__always)
    public func multiplyAccumulate(_ accumulator: UInt64, _ a: UInt64, _ b: UInt64, _ carry: UInt64) -> (low: UInt64, high: UInt64) {
        let sum = UInt128(a) &* UInt128(b) &+ UInt128(accumulator) &+ UInt128(carry)
        return (UInt64(truncatingIfNeeded: sum), UInt64(truncatingIfNeeded: sum &>> 64))
    }
#endif

extension UInt256 {
    /// The product modulo 2^256.
    @inlinable @inline(__always)
    public static func &* (a: UInt256, b: UInt256) -> UInt256 {
        #if hasFeature(Embedded)
            return GuestLimbs.product(a, b).low
        #else
            var carry: UInt64
            var r0: UInt64
            var r1: UInt64
            var r2: UInt64
            var r3: UInt64
            (r0, carry) = multiplyAccumulate(0, a.l0, b.l0, 0)
            (r1, carry) = multiplyAccumulate(0, a.l0, b.l1, carry)
            (r2, carry) = multiplyAccumulate(0, a.l0, b.l2, carry)
            r3 = a.l0 &* b.l3 &+ carry
            (r1, carry) = multiplyAccumulate(r1, a.l1, b.l0, 0)
            (r2, carry) = multiplyAccumulate(r2, a.l1, b.l1, carry)
            r3 = r3 &+ a.l1 &* b.l2 &+ carry
            (r2, carry) = multiplyAccumulate(r2, a.l2, b.l0, 0)
            r3 = r3 &+ a.l2 &* b.l1 &+ carry
            r3 = r3 &+ a.l3 &* b.l0
            return UInt256(l0: r0, l1: r1, l2: r2, l3: r3)
        #endif
    }

    /// The whole product.
    @inlinable
    public func multipliedFullWidth(by b: UInt256) -> UInt512 {
        #if hasFeature(Embedded)
            return GuestLimbs.product(self, b)
        #else
            var c: UInt64
            var r0: UInt64, r1: UInt64, r2: UInt64, r3: UInt64
            var r4: UInt64, r5: UInt64, r6: UInt64, r7: UInt64
            (r0, c) = multiplyAccumulate(0, l0, b.l0, 0)
            (r1, c) = multiplyAccumulate(0, l0, b.l1, c)
            (r2, c) = multiplyAccumulate(0, l0, b.l2, c)
            (r3, r4) = multiplyAccumulate(0, l0, b.l3, c)
            (r1, c) = multiplyAccumulate(r1, l1, b.l0, 0)
            (r2, c) = multiplyAccumulate(r2, l1, b.l1, c)
            (r3, c) = multiplyAccumulate(r3, l1, b.l2, c)
            (r4, r5) = multiplyAccumulate(r4, l1, b.l3, c)
            (r2, c) = multiplyAccumulate(r2, l2, b.l0, 0)
            (r3, c) = multiplyAccumulate(r3, l2, b.l1, c)
            (r4, c) = multiplyAccumulate(r4, l2, b.l2, c)
            (r5, r6) = multiplyAccumulate(r5, l2, b.l3, c)
            (r3, c) = multiplyAccumulate(r3, l3, b.l0, 0)
            (r4, c) = multiplyAccumulate(r4, l3, b.l1, c)
            (r5, c) = multiplyAccumulate(r5, l3, b.l2, c)
            (r6, r7) = multiplyAccumulate(r6, l3, b.l3, c)
            return UInt512(low: UInt256(l0: r0, l1: r1, l2: r2, l3: r3), high: UInt256(l0: r4, l1: r5, l2: r6, l3: r7))
        #endif
    }

    /// The whole square.
    public var squaredFullWidth: UInt512 {
        #if hasFeature(Embedded)
            return GuestLimbs.square(self)
        #else
            return multipliedFullWidth(by: self)
        #endif
    }

    /// The product, or `nil` when it does not fit.
    @inlinable
    public func multiplied(by b: UInt256) -> UInt256? {
        let product = multipliedFullWidth(by: b)
        return product.high.isZero ? product.low : nil
    }

    /// `self` to the power `exponent`, modulo 2^256 (EXP).
    public func power(_ exponent: UInt256) -> UInt256 {
        var result = UInt256.one
        var bit = exponent.bitWidthUsed
        while bit > 0 {
            bit -= 1
            result = result &* result
            if !((exponent &>> bit).l0 & 1 == 0) { result = result &* self }
        }
        return result
    }
}
