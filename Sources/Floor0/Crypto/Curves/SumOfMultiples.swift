// Sums of multiples of points, which share their doublings (Straus): the multi-exponentiation of every curve here.
//
// Each number is written in signed digits, odd or zero, of which every five have at most one that is not zero; so a number costs
// about 43 additions from a table of 8 odd multiples, made affine so that the additions are cheap.

internal import Primitives

extension WeierstrassPoint {
    /// How many terms share their doublings: bounds the tables' memory, and 256 doublings are little among so many additions.
    private static var termsTogether: Int { 64 }
    /// 1 P, 3 P, ..., 15 P.
    private static var tableSize: Int { 8 }

    /// The sum of scalar times point. Every point's order is above 15 and no point is infinity: so no table holds infinity.
    static func sumOfMultiples(_ points: [AffinePoint<Curve>], _ scalars: [UInt256]) -> Self {
        var sum = Self.infinity
        var start = 0
        while start < points.count {
            let end = min(start + termsTogether, points.count)
            sum = sum + sumTogether(points, scalars, start..<end)
            start = end
        }
        return sum
    }

    /// The multiple of a point whose order is above 15.
    static func multiple(_ point: AffinePoint<Curve>, _ scalar: UInt256) -> Self {
        sumTogether([point], [scalar], 0..<1)
    }

    private static func sumTogether(_ points: [AffinePoint<Curve>], _ scalars: [UInt256], _ range: Range<Int>) -> Self {
        var multiples: [Self] = []
        multiples.reserveCapacity(range.count * tableSize)
        var digits: [SignedDigits] = []
        digits.reserveCapacity(range.count)
        var length = 0
        for index in range {
            let double = Self(points[index]).doubled
            var multiple = Self(points[index])
            multiples.append(multiple)
            for _ in 1..<tableSize {
                multiple = multiple + double
                multiples.append(multiple)
            }
            digits.append(SignedDigits(scalars[index]))
            length = max(length, digits[digits.count - 1].count)
        }
        let table = affine(multiples)

        var sum = Self.infinity
        while length > 0 {
            length -= 1
            if !sum.isInfinity { sum = sum.doubled }
            for term in 0..<digits.count {
                let digit = digits[term].digits[length]
                if digit > 0 {
                    sum = sum + table[term * tableSize + Int(digit >> 1)]
                } else if digit < 0 {
                    sum = sum + -table[term * tableSize + Int((0 - digit) >> 1)]
                }
            }
        }
        return sum
    }
}

/// A number as the sum of digits times powers of two. A digit is zero or odd and between -15 and 15.
struct SignedDigits {
    /// Lowest first. A carry can leave the highest of the 256 bits, hence 257.
    private(set) var digits: InlineArray<257, Int8>
    /// The place above the highest digit that is not zero.
    private(set) var count: Int

    init(_ scalar: UInt256) {
        digits = InlineArray(repeating: 0)
        count = 0
        var rest = scalar
        var place = 0
        var carry: UInt64 = 0
        while place < 257 {
            // A bit that equals the carry makes an even digit: nothing, and the carry stays.
            guard rest.l0 & 1 != carry else {
                rest = rest &>> 1
                place += 1
                continue
            }
            let window = Int((rest.l0 & 31) + carry)
            carry = window > 15 ? 1 : 0
            digits[place] = Int8(window > 15 ? window - 32 : window)
            count = place + 1
            rest = rest &>> 5
            place += 5
        }
    }
}
