// Poseidon2 against the published vectors, and against a plain implementation here that makes its constants with the
// Grain LFSR and multiplies by the matrices as they are written in the paper.

import Primitives
import Testing

/// The permutation as the paper writes it, on canonical values.
struct PlainPoseidon2 {
    static let p: UInt64 = 0x7f00_0001
    let width: Int
    let partialRounds: Int
    var constants: [[UInt64]] = []
    var diagonal: [UInt64]

    static func inversePowerOfTwo(_ exponent: Int) -> UInt64 {
        // (p + 1) / 2 is the inverse of 2.
        (0..<exponent).reduce(UInt64(1)) { value, _ in value * ((p + 1) / 2) % p }
    }

    init(width: Int, partialRounds: Int) {
        self.width = width
        self.partialRounds = partialRounds
        let p = PlainPoseidon2.p
        func h(_ e: Int) -> UInt64 { PlainPoseidon2.inversePowerOfTwo(e) }
        let start = [p - 2, 1, 2, h(1), 3, 4, p - h(1), p - 3, p - 4, h(8)]
        diagonal =
            width == 16
            ? start + [h(3), h(24), p - h(8), p - h(3), p - h(4), p - h(24)]
            : start + [
                h(2), h(3), h(4), h(5), h(6), h(24), p - h(8), p - h(3), p - h(4), p - h(5), p - h(6), p - h(7), p - h(9),
                p - h(24),
            ]
        var grain = Grain(width: width, partialRounds: partialRounds)
        for round in 0..<8 + partialRounds {
            let isFull = round < 4 || round >= 4 + partialRounds
            constants.append((0..<(isFull ? width : 1)).map { _ in grain.element() })
        }
    }

    struct Grain {
        var bits: [Int] = []

        init(width: Int, partialRounds: Int) {
            let fields = [(1, 2), (0, 4), (31, 12), (width, 12), (8, 10), (partialRounds, 10), ((1 << 30) - 1, 30)]
            for (value, size) in fields {
                for i in 0..<size { bits.append((value >> (size - 1 - i)) & 1) }
            }
            for _ in 0..<160 { _ = step() }
        }

        mutating func step() -> Int {
            let bit = bits[62] ^ bits[51] ^ bits[38] ^ bits[23] ^ bits[13] ^ bits[0]
            bits.removeFirst()
            bits.append(bit)
            return bit
        }

        mutating func element() -> UInt64 {
            while true {
                var value: UInt64 = 0
                for _ in 0..<31 {
                    while step() == 0 { _ = step() }
                    value = value << 1 | UInt64(step())
                }
                if value < PlainPoseidon2.p { return value }
            }
        }
    }

    private func external(_ s: [UInt64]) -> [UInt64] {
        let m: [[UInt64]] = [[2, 3, 1, 1], [1, 2, 3, 1], [1, 1, 2, 3], [3, 1, 1, 2]]
        return (0..<width).map { row in
            (0..<width).reduce(UInt64(0)) { sum, column in
                let factor = m[row % 4][column % 4] * (row / 4 == column / 4 ? 2 : 1)
                return (sum + factor * s[column]) % PlainPoseidon2.p
            }
        }
    }

    func permute(_ input: [UInt64]) -> [UInt64] {
        let p = PlainPoseidon2.p
        func cube(_ x: UInt64) -> UInt64 { x * x % p * x % p }
        var s = external(input)
        for (round, c) in constants.enumerated() {
            if round < 4 || round >= 4 + partialRounds {
                s = external(zip(s, c).map { cube(($0 + $1) % p) })
            } else {
                s[0] = cube((s[0] + c[0]) % p)
                let sum = s.reduce(0, +) % p
                s = zip(s, diagonal).map { (sum + $0 * $1) % p }
            }
        }
        return s
    }
}

@Suite struct Poseidon2Tests {
    static let plain16 = PlainPoseidon2(width: 16, partialRounds: 20)
    static let plain24 = PlainPoseidon2(width: 24, partialRounds: 23)

    private func permute16(_ input: [UInt64]) -> [UInt64] {
        var state: InlineArray<16, KoalaBear> = .init { KoalaBear(UInt32(input[$0])) }
        Poseidon2.permute16(&state)
        return (0..<16).map { UInt64(state[$0].value) }
    }

    private func permute24(_ input: [UInt64]) -> [UInt64] {
        var state: InlineArray<24, KoalaBear> = .init { KoalaBear(UInt32(input[$0])) }
        Poseidon2.permute24(&state)
        return (0..<24).map { UInt64(state[$0].value) }
    }

    /// The vectors that Plonky3 tests its default permutations with.
    @Test func publishedVectors() {
        let input16: [UInt64] = [
            894_848_333, 1_437_655_012, 1_200_606_629, 1_690_012_884, 71_131_202, 1_749_206_695, 1_717_947_831, 120_589_055,
            19_776_022, 42_382_981, 1_831_865_506, 724_844_064, 171_220_207, 1_299_207_443, 227_047_920, 1_783_754_913,
        ]
        let output16: [UInt64] = [
            1_934_285_469, 604_889_435, 133_449_501, 1_026_180_808, 1_830_659_359, 176_667_110, 1_391_183_747, 351_743_874,
            1_238_264_085, 1_292_768_839, 2_023_573_270, 1_201_586_780, 1_360_691_759, 1_230_682_461, 748_270_449, 651_545_025,
        ]
        #expect(permute16(input16) == output16)
        let input24: [UInt64] = [
            886_409_618, 1_327_899_896, 1_902_407_911, 591_953_491, 648_428_576, 1_844_789_031, 1_198_336_108, 355_597_330,
            1_799_586_834, 59_617_783, 790_334_801, 1_968_791_836, 559_272_107, 31_054_313, 1_042_221_543, 474_748_436,
            135_686_258, 263_665_994, 1_962_340_735, 1_741_539_604, 2_026_927_696, 449_439_011, 1_131_357_108, 50_869_465,
        ]
        let output24: [UInt64] = [
            382_801_106, 82_839_311, 1_503_190_615, 1_987_418_517, 854_076_995, 1_862_291_425, 262_755_189, 1_050_814_217,
            722_724_562, 741_265_943, 1_026_879_332, 754_316_749, 1_966_025_564, 1_518_878_196, 502_200_188, 1_368_172_258,
            845_459_257, 1_711_434_837, 724_453_836, 171_032_289, 655_223_446, 1_098_636_135, 407_832_555, 1_707_498_914,
        ]
        #expect(permute24(input24) == output24)
        #expect(permute16([UInt64](repeating: 0, count: 16)).prefix(4) == [1_467_453_764, 68_262_570, 2_085_334_433, 1_711_169_726])
        #expect(permute24([UInt64](repeating: 0, count: 24)).prefix(4) == [1_918_697_942, 2_025_897_067, 904_050_874, 1_093_610_768])
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func agreesWithThePlainForm(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let p = PlainPoseidon2.p
        // Seeds 0 and 1: the edges of the field.
        let input = (0..<24).map { i -> UInt64 in
            switch seed {
            case 0: return p - 1
            case 1: return i % 2 == 0 ? p - 1 : 0
            default: return random.next() % p
            }
        }
        #expect(permute24(input) == Poseidon2Tests.plain24.permute(input))
        let half = Array(input.prefix(16))
        #expect(permute16(half) == Poseidon2Tests.plain16.permute(half))
    }

    private func digest(_ values: [UInt64]) throws -> PoseidonDigest {
        var words = SIMD8<UInt32>()
        for i in 0..<8 { words[i] = UInt32(values[i]) }
        return try #require(PoseidonDigest(words: words))
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func compressIsTheTruncatedPermutation(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let input = (0..<16).map { _ in random.next() % PlainPoseidon2.p }
        let left = try digest(Array(input[0..<8]))
        let right = try digest(Array(input[8..<16]))
        #expect(Poseidon2.compress(left, right) == (try digest(Poseidon2Tests.plain16.permute(input))))
        #expect(Poseidon2.compress(left, right) != Poseidon2.compress(right, left))
    }

    @Test(arguments: [0, 1, 5, 15, 16, 17, 31, 32, 33, 100])
    func spongeAgreesWithThePlainForm(count: Int) throws {
        var random = SplitMix64(seed: UInt64(count))
        let input = (0..<count).map { _ in random.next() % PlainPoseidon2.p }
        var state = [UInt64](repeating: 0, count: 24)
        state[16] = UInt64(count)
        state[17] = 77
        for start in stride(from: 0, to: max(count, 1), by: 16) {
            for i in 0..<16 { state[i] = start + i < count ? input[start + i] : 0 }
            state = Poseidon2Tests.plain24.permute(state)
        }
        let values = input.map { UInt32($0) }
        #expect(Poseidon2.hash(values, domain: 77) == (try digest(state)))
        #expect(Poseidon2.hash(values.map { KoalaBear($0) }, domain: 77) == (try digest(state)))
        #expect(Poseidon2.hash(values, domain: 78) != Poseidon2.hash(values, domain: 77))
        #expect(Poseidon2.hash(values + [0], domain: 77) != Poseidon2.hash(values, domain: 77))
    }

    @Test func digestsRefuseWordsOutsideTheField() throws {
        let p = KoalaBear.prime
        let largest = try #require(PoseidonDigest(words: SIMD8(repeating: p - 1)))
        #expect(PoseidonDigest(largest.hash256) == largest)
        #expect(PoseidonDigest(words: SIMD8(0, 0, 0, 0, 0, 0, 0, p)) == nil)
        for index in 0..<8 {
            var bytes = [UInt8](repeating: 0, count: 32)
            bytes.replaceSubrange(4 * index..<4 * index + 4, with: [0x7f, 0, 0, 1])
            let hash = try #require(Hash256(bytes))
            #expect(PoseidonDigest(hash) == nil)
            bytes[4 * index + 3] = 0
            let good = try #require(Hash256(bytes))
            let digest = try #require(PoseidonDigest(good))
            #expect(digest.hash256 == good && digest.words[index] == p - 1 && PoseidonDigest.zero < digest)
        }
    }
}

@Suite struct KoalaBearTests {
    private static let edges: [UInt64] = [
        0, 1, 2, 3, 0x00ff_ffff, 0x0100_0000, 0x3f80_0000, 0x3f80_0001, 0x7eff_ffff, 0x7f00_0000, 0x7f00_0001, 0x7fff_ffff, 0xffff_ffff,
    ]

    @Test func arithmetic() {
        let p = UInt64(KoalaBear.prime)
        var random = SplitMix64(seed: 5)
        let values = KoalaBearTests.edges + (0..<50).map { _ in random.next() & 0xffff_ffff }
        for a in values {
            let x = KoalaBear(UInt32(a))
            #expect(UInt64(x.value) == a % p)
            #expect((x + -x) == .zero)
            if x != .zero { #expect(x * x.inverse == .one) }
            for b in values {
                let y = KoalaBear(UInt32(b))
                #expect(UInt64((x + y).value) == (a % p + b % p) % p)
                #expect(UInt64((x - y).value) == (a % p + p - b % p) % p)
                #expect(UInt64((x * y).value) == a % p * (b % p) % p)
            }
        }
        #expect(KoalaBear(canonical: KoalaBear.prime) == nil)
        #expect(KoalaBear(canonical: KoalaBear.prime - 1) == -KoalaBear.one)
        #expect(KoalaBear.zero.inverse == .zero)
        // 3 generates the multiplicative group: p - 1 = 127 * 2^24.
        #expect(KoalaBear(3).power((p - 1) / 2) == -KoalaBear.one)
        #expect(KoalaBear(3).power((p - 1) / 127) != .one)
    }
}
