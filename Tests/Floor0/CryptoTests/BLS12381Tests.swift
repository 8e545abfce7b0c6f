// BLS12-381 against py_ecc, the laws of groups, maps and pairing, and inputs that the precompiles must refuse.

import Crypto
import Primitives
import Testing

@Suite struct BLS12381Tests {
    private static let size1 = BLS12381.point1ByteCount
    private static let size2 = BLS12381.point2ByteCount
    private static let infinity1 = [UInt8](repeating: 0, count: size1)
    private static let infinity2 = [UInt8](repeating: 0, count: size2)
    /// The prime, as 48 bytes.
    private static let prime: [UInt8] =
        Hex.decode("1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab") ?? []

    private func bytes(_ hex: String) throws -> [UInt8] { try #require(Hex.decode(hex)) }

    private func flag(_ value: Bool) -> [UInt8] { [UInt8](repeating: 0, count: 31) + [value ? 1 : 0] }

    private func element(_ random: inout SplitMix64) -> [UInt8] {
        // The top byte of p is 0x1a.
        [UInt8](repeating: 0, count: 16) + [UInt8(random.next() % 0x1a)] + random.bytes(47)
    }

    /// The point with the other y: each of the elements from `start` on subtracted from p.
    private func negated(_ point: [UInt8]) -> [UInt8] {
        var result = point
        for start in stride(from: point.count / 2, to: point.count, by: 64) where result[start..<start + 64].contains(where: { $0 != 0 }) {
            var borrow = 0
            for index in stride(from: 47, through: 0, by: -1) {
                let difference = Int(BLS12381Tests.prime[index]) - Int(result[start + 16 + index]) - borrow
                borrow = difference < 0 ? 1 : 0
                result[start + 16 + index] = UInt8(difference + borrow * 256)
            }
        }
        return result
    }

    /// The element at `start` plus p: the same residue, not canonical. All but 1 in 9 such numbers fit 48 bytes; `nil` for others.
    private func raised(_ input: [UInt8], _ start: Int) -> [UInt8]? {
        var result = input
        var carry = 0
        for index in stride(from: 47, through: 0, by: -1) {
            let sum = Int(BLS12381Tests.prime[index]) + Int(result[start + 16 + index]) + carry
            carry = sum >> 8
            result[start + 16 + index] = UInt8(sum & 255)
        }
        return carry == 0 ? result : nil
    }

    @Test func vectors() throws {
        for (input, expected) in BLS12381Vectors.sumsG1 {
            let input = try bytes(input)
            #expect(BLS12381.addG1(input) == (try bytes(expected)))
            #expect(BLS12381.addG1(Array(input[BLS12381Tests.size1...] + input[..<BLS12381Tests.size1])) == (try bytes(expected)))
        }
        for (input, expected) in BLS12381Vectors.sumsG2 {
            let input = try bytes(input)
            #expect(BLS12381.addG2(input) == (try bytes(expected)))
            #expect(BLS12381.addG2(Array(input[BLS12381Tests.size2...] + input[..<BLS12381Tests.size2])) == (try bytes(expected)))
        }
        for (input, expected) in BLS12381Vectors.multiplesG1 {
            #expect(BLS12381.sumOfMultiplesG1(try bytes(input)) == (try bytes(expected)))
        }
        for (input, expected) in BLS12381Vectors.multiplesG2 {
            #expect(BLS12381.sumOfMultiplesG2(try bytes(input)) == (try bytes(expected)))
        }
        for (input, expected) in BLS12381Vectors.mapsG1 {
            #expect(BLS12381.mapToG1(try bytes(input)) == (try bytes(expected)))
        }
        for (input, expected) in BLS12381Vectors.mapsG2 {
            #expect(BLS12381.mapToG2(try bytes(input)) == (try bytes(expected)))
        }
        for (input, expected) in BLS12381Vectors.pairings {
            #expect(BLS12381.pairingCheck(try bytes(input)) == flag(expected))
        }
    }

    /// What is mapped lies in the subgroup: its multiples are accepted, and r times it is infinity.
    @Test func mapsReachTheSubgroup() throws {
        var random = SplitMix64(seed: 1)
        for _ in 0..<40 {
            let p = try #require(BLS12381.mapToG1(element(&random)))
            #expect(BLS12381.sumOfMultiplesG1(p + BLS12381.order.bigEndianBytes) == BLS12381Tests.infinity1)
            #expect(BLS12381.sumOfMultiplesG1(p + UInt256.one.bigEndianBytes) == p)
            let q = try #require(BLS12381.mapToG2(element(&random) + element(&random)))
            #expect(BLS12381.sumOfMultiplesG2(q + BLS12381.order.bigEndianBytes) == BLS12381Tests.infinity2)
            #expect(BLS12381.sumOfMultiplesG2(q + UInt256.one.bigEndianBytes) == q)
        }
    }

    /// A multiple by bits, from additions alone.
    private func multiple(_ point: [UInt8], _ scalar: UInt256, _ add: ([UInt8]) -> [UInt8]?) throws -> [UInt8] {
        var sum = [UInt8](repeating: 0, count: point.count)
        for bit in stride(from: scalar.bitWidthUsed - 1, through: 0, by: -1) {
            sum = try #require(add(sum + sum))
            if (scalar &>> bit).l0 & 1 == 1 { sum = try #require(add(sum + point)) }
        }
        return sum
    }

    @Test func multiplesAreRepeatedSums() throws {
        var random = SplitMix64(seed: 2)
        var scalars = [UInt256.max, .zero, UInt256(15), UInt256(16), UInt256(31), UInt256.one &<< 255]
        for _ in 0..<8 { scalars.append(UInt256(random.hash())) }
        for scalar in scalars {
            let p = try #require(BLS12381.mapToG1(element(&random)))
            #expect(BLS12381.sumOfMultiplesG1(p + scalar.bigEndianBytes) == (try multiple(p, scalar, BLS12381.addG1)))
            let q = try #require(BLS12381.mapToG2(element(&random) + element(&random)))
            #expect(BLS12381.sumOfMultiplesG2(q + scalar.bigEndianBytes) == (try multiple(q, scalar, BLS12381.addG2)))
        }
    }

    /// Sums over several groups of terms, with infinity among them, against one term at a time.
    @Test(arguments: [2, 63, 64, 65, 130])
    func longSums(count: Int) throws {
        var random = SplitMix64(seed: UInt64(count))
        var input1: [UInt8] = [], input2: [UInt8] = []
        var sum1 = BLS12381Tests.infinity1, sum2 = BLS12381Tests.infinity2
        for index in 0..<count {
            let scalar = random.hash().bytes
            let p = index % 7 == 3 ? BLS12381Tests.infinity1 : try #require(BLS12381.mapToG1(element(&random)))
            let q = index % 7 == 5 ? BLS12381Tests.infinity2 : try #require(BLS12381.mapToG2(element(&random) + element(&random)))
            input1 += p + scalar
            input2 += q + scalar
            let term1 = try #require(BLS12381.sumOfMultiplesG1(p + scalar))
            let term2 = try #require(BLS12381.sumOfMultiplesG2(q + scalar))
            sum1 = try #require(BLS12381.addG1(sum1 + term1))
            sum2 = try #require(BLS12381.addG2(sum2 + term2))
        }
        #expect(BLS12381.sumOfMultiplesG1(input1) == sum1)
        #expect(BLS12381.sumOfMultiplesG2(input2) == sum2)
    }

    /// e(a P, b Q) = e(a b P, Q) = e(P, a b Q), and not when one factor is off by one.
    @Test(arguments: 0..<6 as Range<UInt64>)
    func bilinearity(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let p = try #require(BLS12381.mapToG1(element(&random)))
        let q = try #require(BLS12381.mapToG2(element(&random) + element(&random)))
        let a = UInt256(random.hash()), b = UInt256(random.hash())
        let product = a.multipliedModulo(b, BLS12381.order)
        let left = try #require(BLS12381.sumOfMultiplesG1(p + a.bigEndianBytes))
        let right = try #require(BLS12381.sumOfMultiplesG2(q + b.bigEndianBytes))
        let whole1 = negated(try #require(BLS12381.sumOfMultiplesG1(p + product.bigEndianBytes)))
        let whole2 = negated(try #require(BLS12381.sumOfMultiplesG2(q + product.bigEndianBytes)))
        #expect(BLS12381.pairingCheck(left + right + whole1 + q) == flag(true))
        #expect(BLS12381.pairingCheck(left + right + p + whole2) == flag(true))
        let off = try #require(BLS12381.addG1(whole1 + p))
        #expect(BLS12381.pairingCheck(left + right + off + q) == flag(false))
    }

    @Test func pointsOutsideTheSubgroupAreRefused() throws {
        let p = Array((try bytes(BLS12381Vectors.sumsG1[0].0))[..<BLS12381Tests.size1])
        let q = Array((try bytes(BLS12381Vectors.sumsG2[0].0))[..<BLS12381Tests.size2])
        let scalar = UInt256(5).bigEndianBytes
        for hex in BLS12381Vectors.strangersG1 {
            let stranger = try bytes(hex)
            #expect(BLS12381.addG1(stranger + p) != nil)
            #expect(BLS12381.sumOfMultiplesG1(stranger + scalar) == nil)
            #expect(BLS12381.sumOfMultiplesG1(stranger + UInt256.zero.bigEndianBytes) == nil)
            #expect(BLS12381.sumOfMultiplesG1(p + scalar + stranger + scalar) == nil)
            #expect(BLS12381.pairingCheck(stranger + q) == nil)
            #expect(BLS12381.pairingCheck(stranger + BLS12381Tests.infinity2) == nil)
        }
        for hex in BLS12381Vectors.strangersG2 {
            let stranger = try bytes(hex)
            #expect(BLS12381.addG2(stranger + q) != nil)
            #expect(BLS12381.sumOfMultiplesG2(stranger + scalar) == nil)
            #expect(BLS12381.sumOfMultiplesG2(q + scalar + stranger + scalar) == nil)
            #expect(BLS12381.pairingCheck(p + stranger) == nil)
            #expect(BLS12381.pairingCheck(BLS12381Tests.infinity1 + stranger) == nil)
        }
    }

    /// Every operation with a good input, for the tests that damage it.
    private func operations() throws -> [(name: String, input: [UInt8], elements: [Int], run: ([UInt8]) -> [UInt8]?)] {
        let pair = try bytes(BLS12381Vectors.pairings[0].0)
        return [
            ("addG1", try bytes(BLS12381Vectors.sumsG1[0].0), [0, 64, 128, 192], BLS12381.addG1),
            ("addG2", try bytes(BLS12381Vectors.sumsG2[0].0), [0, 64, 128, 192, 256, 320, 384, 448], BLS12381.addG2),
            ("multipleG1", try bytes(BLS12381Vectors.multiplesG1[5].0), [0, 64], BLS12381.sumOfMultiplesG1),
            ("multipleG2", try bytes(BLS12381Vectors.multiplesG2[0].0), [0, 64, 128, 192], BLS12381.sumOfMultiplesG2),
            ("pairing", pair, [0, 64, 128, 192, 256, 320], BLS12381.pairingCheck),
            ("mapToG1", try bytes(BLS12381Vectors.mapsG1[4].0), [0], BLS12381.mapToG1),
            ("mapToG2", try bytes(BLS12381Vectors.mapsG2[4].0), [0, 64], BLS12381.mapToG2),
        ]
    }

    @Test func badEncodingsAreRefused() throws {
        for (name, input, elements, run) in try operations() {
            #expect(run(input) != nil, "\(name)")
            #expect(run([]) == nil, "\(name)")
            #expect(run(input + [0]) == nil, "\(name)")
            #expect(run(Array(input.dropLast())) == nil, "\(name)")
            #expect(run([UInt8](repeating: 0xff, count: input.count)) == nil, "\(name)")
            var raisedCount = 0
            for start in elements {
                for place in start..<start + 16 {
                    var bad = input
                    bad[place] = 1
                    #expect(run(bad) == nil, "\(name) \(place)")
                }
                var prime = input
                prime.replaceSubrange(start + 16..<start + 64, with: BLS12381Tests.prime)
                #expect(run(prime) == nil, "\(name) \(start)")
                if let bad = raised(input, start) {
                    raisedCount += 1
                    #expect(run(bad) == nil, "\(name) \(start)")
                }
                // A point with one coordinate changed is off the curve.
                if !name.hasPrefix("map") {
                    var bad = input
                    bad[start + 63] ^= 1
                    #expect(run(bad) == nil, "\(name) \(start)")
                }
            }
            #expect(raisedCount > 0, "\(name)")
        }
    }

    /// Damaged inputs do not trap, and a result is always one that the curve takes back.
    @Test func mutations() throws {
        var random = SplitMix64(seed: 7)
        let operations = try operations()
        for round in 0..<mutationsPerDecoder {
            let (name, input, _, run) = operations[round % operations.count]
            // An element has most of its room in zeros that must stay; change bytes of the rest too.
            var copy = mutated(input, &random)
            if round % 3 == 0 {
                copy = input
                copy[Int(random.next() % UInt64(copy.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            guard let output = run(copy) else { continue }
            switch output.count {
            case 32: #expect(output[..<31].allSatisfy { $0 == 0 } && output[31] <= 1, "\(name)")
            case BLS12381Tests.size1: #expect(BLS12381.addG1(output + BLS12381Tests.infinity1) == output, "\(name)")
            default: #expect(BLS12381.addG2(output + BLS12381Tests.infinity2) == output, "\(name)")
            }
        }
    }
}
