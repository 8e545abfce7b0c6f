// UInt256 against a table of Python's integers, and against identities on random numbers.

import Primitives
import Testing

@Suite struct UInt256Tests {
    private func parse(_ text: Substring) -> UInt256? { UInt256(quantityHex: "0x" + text) }

    @Test func table() throws {
        #expect(uint256Rows.count == 256)
        for row in uint256Rows {
            let v = row.split(separator: " ").compactMap { parse($0) }
            try #require(v.count == 19)
            let (a, b, m) = (v[0], v[1], v[2])
            #expect(a &+ b == v[3], "\(row)")
            #expect(a &- b == v[4], "\(row)")
            #expect(a &* b == v[5], "\(row)")
            #expect(a.multipliedFullWidth(by: b).low == v[5], "\(row)")
            #expect(a.multipliedFullWidth(by: b).high == v[6], "\(row)")
            #expect(a / b == v[7], "\(row)")
            #expect(a % b == v[8], "\(row)")
            #expect(a.signedDivided(by: b) == v[9], "\(row)")
            #expect(a.signedRemainder(dividingBy: b) == v[10], "\(row)")
            #expect(a.addingModulo(b, m) == v[11], "\(row)")
            #expect(a.multipliedModulo(b, m) == v[12], "\(row)")
            #expect(a.power(b) == v[13], "\(row)")
            let n = Int((b % 300).l0)
            #expect(a &<< n == v[14], "\(row)")
            #expect(a &>> n == v[15], "\(row)")
            #expect(a.arithmeticShiftedRight(n) == v[16], "\(row)")
            #expect((a < b) == (v[17] == .one), "\(row)")
            #expect(UInt256.signedLess(a, b) == (v[18] == .one), "\(row)")
            #expect(a.adding(b) == (v[3] < a ? nil : v[3]), "\(row)")
            #expect(a.subtracting(b) == (a < b ? nil : v[4]), "\(row)")
            #expect(a.multiplied(by: b) == (v[6].isZero ? v[5] : nil), "\(row)")
        }
    }

    /// Random numbers with runs of ones and zeros, which find the rare corrections of the division.
    private func number(_ random: inout SplitMix64) -> UInt256 {
        func limb() -> UInt64 {
            switch random.next() % 6 {
            case 0: return 0
            case 1: return .max
            case 2: return 1 << 63
            case 3: return .max - random.next() % 4
            default: return random.next()
            }
        }
        let value = UInt256(l0: limb(), l1: limb(), l2: limb(), l3: limb())
        return value &>> Int(random.next() % 256)
    }

    @Test(arguments: 0..<32 as Range<UInt64>)
    func identities(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<500 {
            let a = number(&random)
            let b = number(&random)
            let c = number(&random)
            #expect((a &+ b) &- b == a)
            #expect(a &+ a.negated == .zero)
            #expect((a &+ b) &* c == (a &* c) &+ (b &* c))
            #expect((a ^ b) ^ b == a && ~(~a) == a && (a & b) | (a & ~b) == a)
            if !b.isZero {
                let (quotient, remainder) = a.dividedOrZero(by: b)
                #expect(remainder < b && quotient &* b &+ remainder == a && quotient.multiplied(by: b) != nil)

                // 512 bits: (a b + r) / b = a, r.
                let product = a.multipliedFullWidth(by: b)
                let r = c % b
                let (low, overflow) = product.low.addingReportingOverflow(r)
                let dividend = UInt512(low: low, high: product.high &+ (overflow ? .one : .zero))
                let (q, rest) = dividend.divided(by: b)
                #expect(q == a && rest == r)
                #expect(dividend.remainder(dividingBy: b) == r)
                #expect((a % b).addingModulo(b, b) == a % b)
            }
            let shift = Int(random.next() % 256)
            #expect((a &>> shift) &<< shift == a & ~((UInt256.one &<< shift) &- 1))
            #expect(UInt256(bigEndianBytes: a.bigEndianBytes) == a)
            #expect(UInt256(bigEndianBytes: a.minimalBytes) == a && a.minimalBytes.count == a.byteWidthUsed)
            #expect(UInt256(quantityHex: a.quantityHex) == a)
            #expect(UInt256(decimal: a.decimal) == a)
            #expect(UInt256(Hash256(a)) == a)
            #expect((a < b) == (Hash256(a) < Hash256(b)))
            let address = Address(truncating: a)
            #expect(address.word == a & ((UInt256.one &<< 160) &- 1))
            #expect(Address(address.bytes) == address && Address(hex: address.hex) == address)
        }
    }

    /// (high, low) mod m, bit by bit.
    private func slowRemainder(_ dividend: UInt512, _ m: UInt256) -> UInt256 {
        var rest = UInt256.zero
        for half in [dividend.high, dividend.low] {
            for bit in (0..<256).reversed() {
                let carry = rest.isNegative
                rest = (rest &<< 1) | ((half &>> bit) & 1)
                if carry || rest >= m { rest = rest &- m }
            }
        }
        return rest
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func modularArithmetic(seed: UInt64) {
        var random = SplitMix64(seed: 1000 + seed)
        for round in 0..<100 {
            var m = number(&random)
            if m.isZero { m = 1 }
            // Operands near the modulus are where one subtraction too few or too many shows.
            let near = { (value: UInt256) in round % 3 == 0 ? m &+ (value & 3) &- 2 : value }
            let (a, b) = (near(number(&random)), near(number(&random)))
            let (sum, overflow) = a.addingReportingOverflow(b)
            #expect(a.addingModulo(b, m) == slowRemainder(UInt512(low: sum, high: overflow ? 1 : 0), m), "\(a) + \(b) mod \(m)")
            #expect(a.multipliedModulo(b, m) == slowRemainder(a.multipliedFullWidth(by: b), m), "\(a) * \(b) mod \(m)")
            let any = UInt512(low: a, high: b)
            #expect(any.remainder(dividingBy: m) == slowRemainder(any, m), "\(b), \(a) mod \(m)")
            #expect(any.divided(by: m).remainder == slowRemainder(any, m), "\(b), \(a) mod \(m)")
        }
    }

    @Test func text() {
        #expect(UInt256.zero.quantityHex == "0x0" && UInt256.zero.decimal == "0")
        #expect(UInt256.max.decimal == "115792089237316195423570985008687907853269984665640564039457584007913129639935")
        #expect(UInt256(decimal: "115792089237316195423570985008687907853269984665640564039457584007913129639936") == nil)
        #expect(UInt256(decimal: "115792089237316195423570985008687907853269984665640564039457584007913129639935") == .max)
        for bad in ["", "-1", "+1", " 1", "1 ", "0x1", "1e3", "\u{0661}"] { #expect(UInt256(decimal: bad) == nil) }
        for bad in ["", "0", "0x", "1f", "0xg", "0X1", "0x" + String(repeating: "0", count: 65), "0x-1"] {
            #expect(UInt256(quantityHex: bad) == nil)
        }
        #expect(UInt256(quantityHex: "0x" + String(repeating: "f", count: 64)) == .max)
        #expect(UInt256(quantityHex: "0x00Ff") == 255)
    }

    @Test func narrowing() {
        let big = UInt256(l0: 5, l1: 0, l2: 0, l3: 1)
        #expect(big.asUInt64 == nil && big.asInt == nil && big.saturatedUInt64 == .max)
        let wide = UInt256(UInt64.max)
        #expect(wide.asUInt64 == .max && wide.asInt == nil && wide.saturatedUInt64 == .max)
        #expect(UInt256(7).asInt == 7)
        #expect(UInt256.zero.bitWidthUsed == 0 && UInt256.max.bitWidthUsed == 256 && UInt256(256).byteWidthUsed == 2)
        #expect(UInt256(bigEndianBytes: [UInt8](repeating: 1, count: 33)) == UInt256(bigEndianBytes: [UInt8](repeating: 1, count: 32)))
        for count in [256, 257, 1000, Int.max] {
            #expect(UInt256.max &<< count == .zero && UInt256.max &>> count == .zero)
            #expect(UInt256.max.arithmeticShiftedRight(count) == .max && UInt256.one.arithmeticShiftedRight(count) == .zero)
        }
    }
}
