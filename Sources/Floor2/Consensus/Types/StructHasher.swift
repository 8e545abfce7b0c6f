// Keccak-256 over whole 64-bit lanes without an array: EIP-712 struct hashes are made of 32-byte words, and every vote needs one.
import Primitives

struct StructHasher {
    private var state: InlineArray<25, UInt64> = .init(repeating: 0)
    private var lane = 0

    /// Lanes absorbed per permutation.
    private static let rate = 17

    @inline(__always)
    mutating func absorb(lane value: UInt64) {
        state[lane] ^= value
        lane += 1
        if lane == StructHasher.rate {
            Keccak256.permute(&state)
            lane = 0
        }
    }

    @inline(__always)
    mutating func absorb(_ word: Hash256) {
        absorb(lane: word.w0.byteSwapped)
        absorb(lane: word.w1.byteSwapped)
        absorb(lane: word.w2.byteSwapped)
        absorb(lane: word.w3.byteSwapped)
    }

    /// A number as a 32-byte word, as EIP-712 encodes integers.
    @inline(__always)
    mutating func absorb(_ number: UInt64) {
        absorb(lane: 0)
        absorb(lane: 0)
        absorb(lane: 0)
        absorb(lane: number.byteSwapped)
    }

    /// The hash of what was absorbed.
    @inline(__always)
    consuming func finish() -> Hash256 {
        state[lane] ^= 1
        state[StructHasher.rate - 1] ^= 1 << 63
        Keccak256.permute(&state)
        return Hash256(w0: state[0].byteSwapped, w1: state[1].byteSwapped, w2: state[2].byteSwapped, w3: state[3].byteSwapped)
    }

    /// EIP-712's digest: Keccak-256(0x19 0x01 ‖ separator ‖ structHash), 66 bytes that lie two bytes across the lanes.
    static func digest(separator: Hash256, structHash: Hash256) -> Hash256 {
        var state: InlineArray<25, UInt64> = .init(repeating: 0)
        var carry: UInt64 = 0x1901
        let words: InlineArray<8, UInt64> = [
            separator.w0, separator.w1, separator.w2, separator.w3, structHash.w0, structHash.w1, structHash.w2, structHash.w3,
        ]
        for lane in 0..<8 {
            state[lane] = (carry << 48 | words[lane] >> 16).byteSwapped
            carry = words[lane] & 0xffff
        }
        state[8] = (carry << 48 | 0x01 << 40).byteSwapped
        state[16] = 1 << 63
        Keccak256.permute(&state)
        return Hash256(w0: state[0].byteSwapped, w1: state[1].byteSwapped, w2: state[2].byteSwapped, w3: state[3].byteSwapped)
    }
}
