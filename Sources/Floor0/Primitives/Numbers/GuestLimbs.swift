// 256-bit products and sums in limbs of 32 bits: the guest's form of `UInt256`'s inner steps. Its processor multiplies 32 bits by
// 32 in two instructions and has no carry flag, so that chains of 64-bit or 128-bit steps cost up to twice as much.
// The native form stands in UInt256.swift and UInt256+Multiplication.swift; `UInt256` is the same four words for both.
#if hasFeature(Embedded)

    /// a + b + carry, the carry being 0 or 1.
    @inlinable @inline(__always)
    public func addWithCarry(_ a: UInt64, _ b: UInt64, _ carry: UInt64) -> (sum: UInt64, carry: UInt64) {
        let low = (a & 0xffff_ffff) &+ (b & 0xffff_ffff) &+ carry
        let high = (a &>> 32) &+ (b &>> 32) &+ (low &>> 32)
        return ((low & 0xffff_ffff) | (high &<< 32), high &>> 32)
    }

    /// accumulator + a * b + carry, as (low, high); it cannot overflow 64 bits.
    @inlinable @inline(__always)
    func multiplyAccumulate(_ accumulator: UInt32, _ a: UInt32, _ b: UInt32, _ carry: UInt32) -> (low: UInt32, high: UInt32) {
        let sum = UInt64(a) &* UInt64(b) &+ UInt64(accumulator) &+ UInt64(carry)
        return (UInt32(truncatingIfNeeded: sum), UInt32(truncatingIfNeeded: sum &>> 32))
    }

    /// accumulator + a * b + carry, as (low, high); it cannot overflow 128 bits. The step of every multi-limb product.
    @inlinable @inline(__always)
    public func multiplyAccumulate(_ accumulator: UInt64, _ a: UInt64, _ b: UInt64, _ carry: UInt64) -> (low: UInt64, high: UInt64) {
        let (a0, a1) = (UInt32(truncatingIfNeeded: a), UInt32(truncatingIfNeeded: a &>> 32))
        let (b0, b1) = (UInt32(truncatingIfNeeded: b), UInt32(truncatingIfNeeded: b &>> 32))
        var c: UInt32
        var r0: UInt32, r1: UInt32, r2: UInt32, r3: UInt32
        (r0, c) = multiplyAccumulate(UInt32(truncatingIfNeeded: accumulator), a0, b0, UInt32(truncatingIfNeeded: carry))
        (r1, r2) = multiplyAccumulate(UInt32(truncatingIfNeeded: accumulator &>> 32), a0, b1, c)
        (r1, c) = multiplyAccumulate(r1, a1, b0, UInt32(truncatingIfNeeded: carry &>> 32))
        (r2, r3) = multiplyAccumulate(r2, a1, b1, c)
        return (UInt64(r0) | UInt64(r1) &<< 32, UInt64(r2) | UInt64(r3) &<< 32)
    }

    /// A 256-bit integer in limbs of 32 bits, least significant first.
    @frozen
    public struct GuestLimbs {
        public var w0: UInt32, w1: UInt32, w2: UInt32, w3: UInt32, w4: UInt32, w5: UInt32, w6: UInt32, w7: UInt32

        @inlinable @inline(__always)
        public init(_ value: UInt256) {
            w0 = UInt32(truncatingIfNeeded: value.l0)
            w1 = UInt32(truncatingIfNeeded: value.l0 &>> 32)
            w2 = UInt32(truncatingIfNeeded: value.l1)
            w3 = UInt32(truncatingIfNeeded: value.l1 &>> 32)
            w4 = UInt32(truncatingIfNeeded: value.l2)
            w5 = UInt32(truncatingIfNeeded: value.l2 &>> 32)
            w6 = UInt32(truncatingIfNeeded: value.l3)
            w7 = UInt32(truncatingIfNeeded: value.l3 &>> 32)
        }

        @inlinable @inline(__always)
        public var value: UInt256 {
            UInt256(
                l0: UInt64(w0) | UInt64(w1) &<< 32, l1: UInt64(w2) | UInt64(w3) &<< 32, l2: UInt64(w4) | UInt64(w5) &<< 32,
                l3: UInt64(w6) | UInt64(w7) &<< 32)
        }

        /// One row of the product: adds a * b, gives the lowest limb away and moves the rest down.
        @inlinable @inline(__always)
        mutating func addRow(_ a: UInt32, _ b: GuestLimbs) -> UInt32 {
            var c: UInt32
            let lowest: UInt32
            (lowest, c) = multiplyAccumulate(w0, a, b.w0, 0)
            (w0, c) = multiplyAccumulate(w1, a, b.w1, c)
            (w1, c) = multiplyAccumulate(w2, a, b.w2, c)
            (w2, c) = multiplyAccumulate(w3, a, b.w3, c)
            (w3, c) = multiplyAccumulate(w4, a, b.w4, c)
            (w4, c) = multiplyAccumulate(w5, a, b.w5, c)
            (w5, c) = multiplyAccumulate(w6, a, b.w6, c)
            (w6, c) = multiplyAccumulate(w7, a, b.w7, c)
            w7 = c
            return lowest
        }

        /// The whole product. Where only the low half is used, the compiler drops what makes the high one.
        @inlinable @inline(__always)
        static func product(_ first: UInt256, _ second: UInt256) -> UInt512 {
            let a = GuestLimbs(first)
            let b = GuestLimbs(second)
            var low = GuestLimbs(.zero)
            var window = GuestLimbs(.zero)
            low.w0 = window.addRow(a.w0, b)
            low.w1 = window.addRow(a.w1, b)
            low.w2 = window.addRow(a.w2, b)
            low.w3 = window.addRow(a.w3, b)
            low.w4 = window.addRow(a.w4, b)
            low.w5 = window.addRow(a.w5, b)
            low.w6 = window.addRow(a.w6, b)
            low.w7 = window.addRow(a.w7, b)
            return UInt512(low: low.value, high: window.value)
        }

        /// The square: the products of distinct limbs count twice.
        static func square(_ value: UInt256) -> UInt512 {
            let a = GuestLimbs(value)
            var c: UInt32
            // The products of distinct limbs, each once.
            var r1: UInt32, r2: UInt32, r3: UInt32, r4: UInt32, r5: UInt32, r6: UInt32, r7: UInt32
            var r8: UInt32, r9: UInt32, r10: UInt32, r11: UInt32, r12: UInt32, r13: UInt32, r14: UInt32
            (r1, c) = multiplyAccumulate(0, a.w0, a.w1, 0)
            (r2, c) = multiplyAccumulate(0, a.w0, a.w2, c)
            (r3, c) = multiplyAccumulate(0, a.w0, a.w3, c)
            (r4, c) = multiplyAccumulate(0, a.w0, a.w4, c)
            (r5, c) = multiplyAccumulate(0, a.w0, a.w5, c)
            (r6, c) = multiplyAccumulate(0, a.w0, a.w6, c)
            (r7, c) = multiplyAccumulate(0, a.w0, a.w7, c)
            r8 = c
            (r3, c) = multiplyAccumulate(r3, a.w1, a.w2, 0)
            (r4, c) = multiplyAccumulate(r4, a.w1, a.w3, c)
            (r5, c) = multiplyAccumulate(r5, a.w1, a.w4, c)
            (r6, c) = multiplyAccumulate(r6, a.w1, a.w5, c)
            (r7, c) = multiplyAccumulate(r7, a.w1, a.w6, c)
            (r8, c) = multiplyAccumulate(r8, a.w1, a.w7, c)
            r9 = c
            (r5, c) = multiplyAccumulate(r5, a.w2, a.w3, 0)
            (r6, c) = multiplyAccumulate(r6, a.w2, a.w4, c)
            (r7, c) = multiplyAccumulate(r7, a.w2, a.w5, c)
            (r8, c) = multiplyAccumulate(r8, a.w2, a.w6, c)
            (r9, c) = multiplyAccumulate(r9, a.w2, a.w7, c)
            r10 = c
            (r7, c) = multiplyAccumulate(r7, a.w3, a.w4, 0)
            (r8, c) = multiplyAccumulate(r8, a.w3, a.w5, c)
            (r9, c) = multiplyAccumulate(r9, a.w3, a.w6, c)
            (r10, c) = multiplyAccumulate(r10, a.w3, a.w7, c)
            r11 = c
            (r9, c) = multiplyAccumulate(r9, a.w4, a.w5, 0)
            (r10, c) = multiplyAccumulate(r10, a.w4, a.w6, c)
            (r11, c) = multiplyAccumulate(r11, a.w4, a.w7, c)
            r12 = c
            (r11, c) = multiplyAccumulate(r11, a.w5, a.w6, 0)
            (r12, c) = multiplyAccumulate(r12, a.w5, a.w7, c)
            r13 = c
            (r13, c) = multiplyAccumulate(r13, a.w6, a.w7, 0)
            r14 = c
            // Twice these, and the squares of the limbs.
            var low = GuestLimbs(.zero)
            var high = GuestLimbs(.zero)
            var t: UInt64 = 0
            var square = UInt64(a.w0) &* UInt64(a.w0)
            t = square & 0xffff_ffff
            low.w0 = UInt32(truncatingIfNeeded: t)
            t = (t &>> 32) &+ (square &>> 32) &+ UInt64(r1 &<< 1)
            low.w1 = UInt32(truncatingIfNeeded: t)
            square = UInt64(a.w1) &* UInt64(a.w1)
            t = (t &>> 32) &+ (square & 0xffff_ffff) &+ UInt64(r2 &<< 1 | r1 &>> 31)
            low.w2 = UInt32(truncatingIfNeeded: t)
            t = (t &>> 32) &+ (square &>> 32) &+ UInt64(r3 &<< 1 | r2 &>> 31)
            low.w3 = UInt32(truncatingIfNeeded: t)
            square = UInt64(a.w2) &* UInt64(a.w2)
            t = (t &>> 32) &+ (square & 0xffff_ffff) &+ UInt64(r4 &<< 1 | r3 &>> 31)
            low.w4 = UInt32(truncatingIfNeeded: t)
            t = (t &>> 32) &+ (square &>> 32) &+ UInt64(r5 &<< 1 | r4 &>> 31)
            low.w5 = UInt32(truncatingIfNeeded: t)
            square = UInt64(a.w3) &* UInt64(a.w3)
            t = (t &>> 32) &+ (square & 0xffff_ffff) &+ UInt64(r6 &<< 1 | r5 &>> 31)
            low.w6 = UInt32(truncatingIfNeeded: t)
            t = (t &>> 32) &+ (square &>> 32) &+ UInt64(r7 &<< 1 | r6 &>> 31)
            low.w7 = UInt32(truncatingIfNeeded: t)
            square = UInt64(a.w4) &* UInt64(a.w4)
            t = (t &>> 32) &+ (square & 0xffff_ffff) &+ UInt64(r8 &<< 1 | r7 &>> 31)
            high.w0 = UInt32(truncatingIfNeeded: t)
            t = (t &>> 32) &+ (square &>> 32) &+ UInt64(r9 &<< 1 | r8 &>> 31)
            high.w1 = UInt32(truncatingIfNeeded: t)
            square = UInt64(a.w5) &* UInt64(a.w5)
            t = (t &>> 32) &+ (square & 0xffff_ffff) &+ UInt64(r10 &<< 1 | r9 &>> 31)
            high.w2 = UInt32(truncatingIfNeeded: t)
            t = (t &>> 32) &+ (square &>> 32) &+ UInt64(r11 &<< 1 | r10 &>> 31)
            high.w3 = UInt32(truncatingIfNeeded: t)
            square = UInt64(a.w6) &* UInt64(a.w6)
            t = (t &>> 32) &+ (square & 0xffff_ffff) &+ UInt64(r12 &<< 1 | r11 &>> 31)
            high.w4 = UInt32(truncatingIfNeeded: t)
            t = (t &>> 32) &+ (square &>> 32) &+ UInt64(r13 &<< 1 | r12 &>> 31)
            high.w5 = UInt32(truncatingIfNeeded: t)
            square = UInt64(a.w7) &* UInt64(a.w7)
            t = (t &>> 32) &+ (square & 0xffff_ffff) &+ UInt64(r14 &<< 1 | r13 &>> 31)
            high.w6 = UInt32(truncatingIfNeeded: t)
            t = (t &>> 32) &+ (square &>> 32) &+ UInt64(r14 &>> 31)
            high.w7 = UInt32(truncatingIfNeeded: t)
            return UInt512(low: low.value, high: high.value)
        }
    }
#endif
