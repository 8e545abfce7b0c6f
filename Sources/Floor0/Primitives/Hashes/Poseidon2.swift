// Poseidon2 (Grassi, Khovratovich, Schofnegger, eprint 2023/323) over KoalaBear with the S-box x^3, in widths 16
// (8 full and 20 partial rounds) and 24 (8 and 23): 128 bits of security, the parameters that Plonky3 publishes.
//
// The state lies in four vectors: element 4 c + j is lane c of vector j. Then the 4x4 matrix of the external layer
// combines whole vectors, and only the sums over the chunks cross lanes.

/// The hash of state trees and proof commitments.
public enum Poseidon2 {
    /// Elements that one permutation of the sponge absorbs.
    public static let rate = 16

    /// The node above two digests: the first half of the width-16 permutation of both.
    public static func compress(_ left: PoseidonDigest, _ right: PoseidonDigest) -> PoseidonDigest {
        let a = left.words
        let b = right.words
        let toMontgomery = KoalaBear4(repeating: KoalaBear.montgomerySquare)
        var state = State16(
            x0: KoalaBear4(SIMD4(a[0], a[4], b[0], b[4])) * toMontgomery,
            x1: KoalaBear4(SIMD4(a[1], a[5], b[1], b[5])) * toMontgomery,
            x2: KoalaBear4(SIMD4(a[2], a[6], b[2], b[6])) * toMontgomery,
            x3: KoalaBear4(SIMD4(a[3], a[7], b[3], b[7])) * toMontgomery)
        permute(&state)
        let fromMontgomery = KoalaBear4(repeating: 1)
        let y0 = (state.x0 * fromMontgomery).lanes
        let y1 = (state.x1 * fromMontgomery).lanes
        let y2 = (state.x2 * fromMontgomery).lanes
        let y3 = (state.x3 * fromMontgomery).lanes
        return PoseidonDigest(uncheckedWords: SIMD8(y0[0], y1[0], y2[0], y3[0], y0[1], y1[1], y2[1], y3[1]))
    }

    /// The digest of a list of elements: a width-24 sponge that overwrites 16 elements per permutation.
    ///
    /// The capacity starts as (count, domain, 0, ...), so lists of different lengths and uses never meet; the last block is
    /// filled with zeros. The empty list takes one permutation.
    ///
    /// - Parameters:
    ///   - elements: fewer than p elements.
    ///   - domain: tag of the use, below p.
    public static func hash(_ elements: [KoalaBear], domain: UInt32) -> PoseidonDigest {
        precondition(domain < KoalaBear.prime && elements.count < Int(KoalaBear.prime), "outside the field")
        var state = State24(x0: KoalaBear8(repeating: 0), x1: KoalaBear8(repeating: 0), x2: KoalaBear8(repeating: 0), x3: KoalaBear8(repeating: 0))
        state.x0[4] = KoalaBear(UInt32(elements.count)).word
        state.x1[4] = KoalaBear(domain).word
        var offset = 0
        repeat {
            // Only lanes 0 to 3, the rate, change; lanes 4 and 5 are the capacity.
            state.x0.low = block(elements, offset)
            state.x1.low = block(elements, offset &+ 1)
            state.x2.low = block(elements, offset &+ 2)
            state.x3.low = block(elements, offset &+ 3)
            permute(&state)
            offset &+= rate
        } while offset < elements.count
        let fromMontgomery = KoalaBear4(repeating: 1)
        let y0 = (state.x0.low * fromMontgomery).lanes
        let y1 = (state.x1.low * fromMontgomery).lanes
        let y2 = (state.x2.low * fromMontgomery).lanes
        let y3 = (state.x3.low * fromMontgomery).lanes
        return PoseidonDigest(uncheckedWords: SIMD8(y0[0], y1[0], y2[0], y3[0], y0[1], y1[1], y2[1], y3[1]))
    }

    /// The same for canonical values, each of which must be below p.
    public static func hash(_ values: [UInt32], domain: UInt32) -> PoseidonDigest {
        hash(
            values.map { value in
                precondition(value < KoalaBear.prime, "outside the field")
                return KoalaBear(value)
            }, domain: domain)
    }

    /// Elements `start`, `start` + 4, `start` + 8 and `start` + 12, zero behind the end.
    @inline(__always)
    private static func block(_ elements: [KoalaBear], _ start: Int) -> KoalaBear4 {
        KoalaBear4 { lane in
            let index = start &+ 4 &* lane
            return index < elements.count ? elements[index].word : 0
        }
    }

    /// The permutation of width 16.
    public static func permute16(_ elements: inout InlineArray<16, KoalaBear>) {
        var state = State16(
            x0: KoalaBear4(SIMD4(elements[0].word, elements[4].word, elements[8].word, elements[12].word)),
            x1: KoalaBear4(SIMD4(elements[1].word, elements[5].word, elements[9].word, elements[13].word)),
            x2: KoalaBear4(SIMD4(elements[2].word, elements[6].word, elements[10].word, elements[14].word)),
            x3: KoalaBear4(SIMD4(elements[3].word, elements[7].word, elements[11].word, elements[15].word)))
        permute(&state)
        for chunk in 0..<4 {
            elements[4 * chunk] = KoalaBear(word: state.x0[chunk])
            elements[4 * chunk + 1] = KoalaBear(word: state.x1[chunk])
            elements[4 * chunk + 2] = KoalaBear(word: state.x2[chunk])
            elements[4 * chunk + 3] = KoalaBear(word: state.x3[chunk])
        }
    }

    /// The permutation of width 24.
    public static func permute24(_ elements: inout InlineArray<24, KoalaBear>) {
        var state = State24(x0: KoalaBear8(repeating: 0), x1: KoalaBear8(repeating: 0), x2: KoalaBear8(repeating: 0), x3: KoalaBear8(repeating: 0))
        for chunk in 0..<6 {
            state.x0[chunk] = elements[4 * chunk].word
            state.x1[chunk] = elements[4 * chunk + 1].word
            state.x2[chunk] = elements[4 * chunk + 2].word
            state.x3[chunk] = elements[4 * chunk + 3].word
        }
        permute(&state)
        for chunk in 0..<6 {
            elements[4 * chunk] = KoalaBear(word: state.x0[chunk])
            elements[4 * chunk + 1] = KoalaBear(word: state.x1[chunk])
            elements[4 * chunk + 2] = KoalaBear(word: state.x2[chunk])
            elements[4 * chunk + 3] = KoalaBear(word: state.x3[chunk])
        }
    }

    private typealias State16 = Poseidon2State<KoalaBear4>
    private typealias State24 = Poseidon2State<KoalaBear8>

    #if hasFeature(Embedded)
        private static func permute(_ state: inout State16) {
            var words = InlineArray<16, UInt32> { index in
                state[index & 3][index &>> 2]
            }
            unsafe withUnsafeMutablePointer(to: &words) {
                unsafe GuestChips.poseidon2Permute16(UnsafeMutableRawPointer($0).assumingMemoryBound(to: UInt32.self))
            }
            state = State16 { unsafe words[unchecked: ($0 & 3) &* 4 &+ $0 &>> 2] }
        }

        private static func permute(_ state: inout State24) {
            var words = InlineArray<24, UInt32> { index in
                state[index & 3][index &>> 2]
            }
            unsafe withUnsafeMutablePointer(to: &words) {
                unsafe GuestChips.poseidon2Permute24(UnsafeMutableRawPointer($0).assumingMemoryBound(to: UInt32.self))
            }
            // Lanes 6 and 7 stay zero.
            state = State24 { $0 & 7 < 6 ? unsafe words[unchecked: ($0 & 7) &* 4 &+ $0 &>> 3] : 0 }
        }
    #else
        @inline(never)
        private static func permute(_ state: inout State16) {
            let all = KoalaBear4(repeating: .max)
            let diagonal = State16 { unsafe Poseidon2Constants.diagonal16[unchecked: $0] }
            state.externalLayer(used: all)
            for round in 0..<4 {
                state.fullRound(used: all) { unsafe Poseidon2Constants.full16[unchecked: 16 &* round &+ $0] }
            }
            state.partialRounds(count: 20, diagonal: diagonal, used: all) { unsafe Poseidon2Constants.partial16[unchecked: $0] }
            for round in 4..<8 {
                state.fullRound(used: all) { unsafe Poseidon2Constants.full16[unchecked: 16 &* round &+ $0] }
            }
        }

        @inline(never)
        private static func permute(_ state: inout State24) {
            // Six chunks: lanes 6 and 7 stay zero.
            let used = KoalaBear8(low: KoalaBear4(repeating: .max), high: KoalaBear4(SIMD4(.max, .max, 0, 0)))
            let diagonal = State24 { unsafe Poseidon2Constants.diagonal24[unchecked: $0] }
            state.externalLayer(used: used)
            for round in 0..<4 {
                state.fullRound(used: used) { unsafe Poseidon2Constants.full24[unchecked: 32 &* round &+ $0] }
            }
            state.partialRounds(count: 23, diagonal: diagonal, used: used) { unsafe Poseidon2Constants.partial24[unchecked: $0] }
            for round in 4..<8 {
                state.fullRound(used: used) { unsafe Poseidon2Constants.full24[unchecked: 32 &* round &+ $0] }
            }
        }
    #endif
}
