// Modular exponentiation in plain Swift, on 32-bit limbs (the guest's word), least significant first.
//
// The modulus is q 2^k with q odd. Modulo q: Montgomery multiplication (Koc, Acar, Kaliski 1996, CIOS). Modulo 2^k:
// truncated products. The two meet by the Chinese remainder theorem. No division anywhere.

/// The guest's form of `ModularExponentiation`, and the oracle of the native one.
public enum PortableModularExponentiation {
    /// As `ModularExponentiation.compute`.
    public static func compute(base: [UInt8], exponent: [UInt8], modulus: [UInt8]) -> [UInt8] {
        let m = trimmed(limbs(modulus))
        if m.isEmpty || m == [1] { return [UInt8](repeating: 0, count: modulus.count) }
        let k = trailingZeroBits(m)
        let q = trimmed(shiftedRight(m, k))
        let odd = q == [1] ? [0] : powerModuloOdd(base, exponent, q)
        if k == 0 { return bytes(odd, count: modulus.count) }

        // x = odd + q t with t = (even - odd) / q modulo 2^k.
        let width = (k + 31) / 32
        let even = powerModuloPowerOfTwo(base, exponent, width)
        let difference = subtractTruncated(even, resized(odd, width), width)
        let t = masked(multiplyTruncated(difference, inverseTruncated(resized(q, width), width), width), k)
        var x = multiplyTruncated(resized(q, m.count), resized(t, m.count), m.count)
        var carry: UInt64 = 0
        for i in 0..<m.count {
            carry += UInt64(x[i]) + UInt64(i < odd.count ? odd[i] : 0)
            x[i] = UInt32(truncatingIfNeeded: carry)
            carry >>= 32
        }
        return bytes(x, count: modulus.count)
    }

    // MARK: - Limbs

    private static func limbs(_ bytes: [UInt8]) -> [UInt32] {
        var result = [UInt32](repeating: 0, count: (bytes.count + 3) / 4)
        for (index, byte) in bytes.reversed().enumerated() {
            result[index >> 2] |= UInt32(byte) << UInt32(8 * (index & 3))
        }
        return result
    }

    private static func bytes(_ limbs: [UInt32], count: Int) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: count)
        for index in 0..<min(count, 4 * limbs.count) {
            result[count - 1 - index] = UInt8(truncatingIfNeeded: limbs[index >> 2] >> UInt32(8 * (index & 3)))
        }
        return result
    }

    private static func trimmed(_ limbs: [UInt32]) -> [UInt32] {
        var result = limbs
        while result.last == 0 { result.removeLast() }
        return result
    }

    private static func resized(_ limbs: [UInt32], _ count: Int) -> [UInt32] {
        var result = [UInt32](repeating: 0, count: count)
        for index in 0..<min(count, limbs.count) { result[index] = limbs[index] }
        return result
    }

    private static func trailingZeroBits(_ limbs: [UInt32]) -> Int {
        var count = 0
        for limb in limbs {
            if limb != 0 { return count + limb.trailingZeroBitCount }
            count += 32
        }
        return count
    }

    private static func shiftedRight(_ limbs: [UInt32], _ count: Int) -> [UInt32] {
        let skip = count / 32
        let bits = UInt64(count % 32)
        var result: [UInt32] = []
        for index in skip..<limbs.count {
            let high = index + 1 < limbs.count ? UInt64(limbs[index + 1]) : 0
            result.append(UInt32(truncatingIfNeeded: (high << 32 | UInt64(limbs[index])) >> bits))
        }
        return result
    }

    /// The value modulo 2^bits.
    private static func masked(_ limbs: [UInt32], _ bits: Int) -> [UInt32] {
        var result = limbs
        if bits % 32 != 0 { result[bits / 32] &= (1 << UInt32(bits % 32)) - 1 }
        return result
    }

    /// Calls `body` with every bit of a big-endian number, highest first, from its first set bit on.
    private static func forEachBit(_ bytes: [UInt8], _ body: (Bool) -> Void) {
        var started = false
        for byte in bytes {
            for shift in stride(from: UInt8(7), through: 0, by: -1) where started || byte >> shift != 0 {
                started = true
                body((byte >> shift) & 1 == 1)
            }
        }
    }

    // MARK: - Modulo an odd number

    private static func powerModuloOdd(_ base: [UInt8], _ exponent: [UInt8], _ q: [UInt32]) -> [UInt32] {
        let count = q.count
        // -1 / q modulo 2^32 by Newton's iteration; q is its own inverse modulo 8.
        var inverse = q[0]
        for _ in 0..<4 { inverse = inverse &* (2 &- q[0] &* inverse) }
        let factor = 0 &- inverse

        // 2^(64 count) modulo q takes a number to Montgomery form.
        var square = resized([1], count)
        for _ in 0..<64 * count { doubleAndAdd(&square, false, q) }
        var b = [UInt32](repeating: 0, count: count)
        forEachBit(base) { doubleAndAdd(&b, $0, q) }
        b = montgomery(b, square, q, factor)
        let one = resized([1], count)
        var result = montgomery(one, square, q, factor)
        forEachBit(exponent) { bit in
            result = montgomery(result, result, q, factor)
            if bit { result = montgomery(result, b, q, factor) }
        }
        return montgomery(result, one, q, factor)
    }

    /// 2 x + bit modulo q, for x below q.
    private static func doubleAndAdd(_ x: inout [UInt32], _ bit: Bool, _ q: [UInt32]) {
        var carry: UInt32 = bit ? 1 : 0
        for i in 0..<x.count {
            let next = x[i] >> 31
            x[i] = x[i] << 1 | carry
            carry = next
        }
        subtractIfNotBelow(&x, carry, q)
    }

    /// x less q when x with `top` above it is q or more.
    private static func subtractIfNotBelow(_ x: inout [UInt32], _ top: UInt32, _ q: [UInt32]) {
        if top == 0 {
            var i = x.count - 1
            while i >= 0 && x[i] == q[i] { i -= 1 }
            if i >= 0 && x[i] < q[i] { return }
        }
        var borrow: UInt32 = 0
        for i in 0..<x.count {
            let (d, b0) = x[i].subtractingReportingOverflow(q[i])
            let (e, b1) = d.subtractingReportingOverflow(borrow)
            x[i] = e
            borrow = b0 || b1 ? 1 : 0
        }
    }

    /// a b / 2^(32 count) modulo q.
    private static func montgomery(_ a: [UInt32], _ b: [UInt32], _ q: [UInt32], _ factor: UInt32) -> [UInt32] {
        let count = q.count
        var t = [UInt32](repeating: 0, count: count)
        var top: UInt32 = 0
        for i in 0..<count {
            let x = UInt64(a[i])
            var carry: UInt64 = 0
            for j in 0..<count {
                carry = x &* UInt64(b[j]) &+ UInt64(t[j]) &+ carry
                t[j] = UInt32(truncatingIfNeeded: carry)
                carry &>>= 32
            }
            carry &+= UInt64(top)
            let high = carry
            let multiple = UInt64(t[0] &* factor)
            carry = (multiple &* UInt64(q[0]) &+ UInt64(t[0])) &>> 32
            for j in 1..<max(count, 1) {
                carry = multiple &* UInt64(q[j]) &+ UInt64(t[j]) &+ carry
                t[j - 1] = UInt32(truncatingIfNeeded: carry)
                carry &>>= 32
            }
            carry &+= high
            t[count - 1] = UInt32(truncatingIfNeeded: carry)
            top = UInt32(truncatingIfNeeded: carry &>> 32)
        }
        subtractIfNotBelow(&t, top, q)
        return t
    }

    // MARK: - Modulo a power of two

    private static func powerModuloPowerOfTwo(_ base: [UInt8], _ exponent: [UInt8], _ width: Int) -> [UInt32] {
        let b = resized(limbs(base), width)
        var result = resized([1], width)
        forEachBit(exponent) { bit in
            result = multiplyTruncated(result, result, width)
            if bit { result = multiplyTruncated(result, b, width) }
        }
        return result
    }

    private static func multiplyTruncated(_ a: [UInt32], _ b: [UInt32], _ width: Int) -> [UInt32] {
        var result = [UInt32](repeating: 0, count: width)
        for i in 0..<width where a[i] != 0 {
            var carry: UInt64 = 0
            for j in 0..<width - i {
                carry = UInt64(a[i]) &* UInt64(b[j]) &+ UInt64(result[i + j]) &+ carry
                result[i + j] = UInt32(truncatingIfNeeded: carry)
                carry &>>= 32
            }
        }
        return result
    }

    private static func subtractTruncated(_ a: [UInt32], _ b: [UInt32], _ width: Int) -> [UInt32] {
        var result = [UInt32](repeating: 0, count: width)
        var borrow: UInt32 = 0
        for i in 0..<width {
            let (d, b0) = a[i].subtractingReportingOverflow(b[i])
            let (e, b1) = d.subtractingReportingOverflow(borrow)
            result[i] = e
            borrow = b0 || b1 ? 1 : 0
        }
        return result
    }

    /// The inverse of an odd number modulo 2^(32 width), by Newton's iteration: each step doubles the right bits.
    private static func inverseTruncated(_ q: [UInt32], _ width: Int) -> [UInt32] {
        var inverse = resized([q[0]], width)
        let two = resized([2], width)
        var bits = 3
        while bits < 32 * width {
            let error = subtractTruncated(two, multiplyTruncated(q, inverse, width), width)
            inverse = multiplyTruncated(inverse, error, width)
            bits *= 2
        }
        return inverse
    }
}
