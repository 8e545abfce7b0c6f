// The guest's reduction modulo the prime of secp256k1, in limbs of 32 bits. 2^256 is 2^32 + 977 modulo p.

#if hasFeature(Embedded)
    internal import Primitives

    extension Secp256k1Field {
        /// A product modulo p.
        static func reduced(_ product: UInt512) -> Secp256k1Field {
            let low = GuestLimbs(product.low)
            let high = GuestLimbs(product.high)
            var r = GuestLimbs(.zero)
            // low + 977 high + 2^32 high. A step stays below 2^43.
            var t = UInt64(high.w0) &* 977 &+ UInt64(low.w0)
            r.w0 = UInt32(truncatingIfNeeded: t)
            t = step(t, high.w1, high.w0, low.w1)
            r.w1 = UInt32(truncatingIfNeeded: t)
            t = step(t, high.w2, high.w1, low.w2)
            r.w2 = UInt32(truncatingIfNeeded: t)
            t = step(t, high.w3, high.w2, low.w3)
            r.w3 = UInt32(truncatingIfNeeded: t)
            t = step(t, high.w4, high.w3, low.w4)
            r.w4 = UInt32(truncatingIfNeeded: t)
            t = step(t, high.w5, high.w4, low.w5)
            r.w5 = UInt32(truncatingIfNeeded: t)
            t = step(t, high.w6, high.w5, low.w6)
            r.w6 = UInt32(truncatingIfNeeded: t)
            t = step(t, high.w7, high.w6, low.w7)
            r.w7 = UInt32(truncatingIfNeeded: t)
            // What is above 2^256, at most 2^32 + 2^11, once more.
            let above = (t &>> 32) &+ UInt64(high.w7)
            return folded(r, above)
        }

        @inline(__always)
        private static func step(_ t: UInt64, _ high: UInt32, _ below: UInt32, _ low: UInt32) -> UInt64 {
            UInt64(high) &* 977 &+ UInt64(below) &+ UInt64(low) &+ (t &>> 32)
        }

        @inline(__always)
        private static func folded(_ limbs: GuestLimbs, _ above: UInt64) -> Secp256k1Field {
            var r = limbs
            var t = UInt64(r.w0) &+ above &* 977
            r.w0 = UInt32(truncatingIfNeeded: t)
            t = (t &>> 32) &+ UInt64(r.w1) &+ (above & 0xffff_ffff)
            r.w1 = UInt32(truncatingIfNeeded: t)
            t = (t &>> 32) &+ UInt64(r.w2) &+ (above &>> 32)
            r.w2 = UInt32(truncatingIfNeeded: t)
            // Further carries are seldom.
            if t &>> 32 == 0 {
                guard r.w7 & r.w6 & r.w5 & r.w4 & r.w3 & r.w2 == .max else { return Secp256k1Field(reduced: r.value) }
                let value = r.value
                return Secp256k1Field(reduced: value >= prime ? value &- prime : value)
            }
            let (sum, overflow) = r.value.addingReportingOverflow(UInt256(l0: 0, l1: 1 &<< 32, l2: 0, l3: 0))
            var value = overflow ? sum &+ UInt256(fold) : sum
            if value >= prime { value = value &- prime }
            return Secp256k1Field(reduced: value)
        }
    }
#endif
