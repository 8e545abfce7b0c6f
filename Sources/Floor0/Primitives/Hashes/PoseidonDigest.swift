/// A Poseidon2 digest: eight canonical KoalaBear values, 248 bits.
///
/// Comparing two digests compares their 32-byte forms.
@frozen
public struct PoseidonDigest: Hashable, Comparable, Sendable {
    /// The values, each below the field's prime.
    public let words: SIMD8<UInt32>

    public static var zero: PoseidonDigest { PoseidonDigest(uncheckedWords: .zero) }

    @inlinable @inline(__always)
    init(uncheckedWords words: SIMD8<UInt32>) { self.words = words }

    /// The digest of eight words; `nil` when one is not below the field's prime.
    @inlinable
    public init?(words: SIMD8<UInt32>) {
        for index in 0..<8 where words[index] >= KoalaBear.prime { return nil }
        self.init(uncheckedWords: words)
    }

    /// The digest whose words are the big-endian 32-bit words of `hash`; `nil` when one is not below the field's prime.
    @inlinable
    public init?(_ hash: Hash256) {
        self.init(
            words: SIMD8(
                UInt32(truncatingIfNeeded: hash.w0 &>> 32), UInt32(truncatingIfNeeded: hash.w0),
                UInt32(truncatingIfNeeded: hash.w1 &>> 32), UInt32(truncatingIfNeeded: hash.w1),
                UInt32(truncatingIfNeeded: hash.w2 &>> 32), UInt32(truncatingIfNeeded: hash.w2),
                UInt32(truncatingIfNeeded: hash.w3 &>> 32), UInt32(truncatingIfNeeded: hash.w3)))
    }

    /// The eight words, big-endian.
    @inlinable
    public var hash256: Hash256 {
        Hash256(
            w0: UInt64(words[0]) &<< 32 | UInt64(words[1]), w1: UInt64(words[2]) &<< 32 | UInt64(words[3]),
            w2: UInt64(words[4]) &<< 32 | UInt64(words[5]), w3: UInt64(words[6]) &<< 32 | UInt64(words[7]))
    }

    @inlinable
    public static func < (a: PoseidonDigest, b: PoseidonDigest) -> Bool { a.hash256 < b.hash256 }

    @inlinable @inline(__always)
    public static func == (a: PoseidonDigest, b: PoseidonDigest) -> Bool { a.hash256 == b.hash256 }

    @inlinable
    public func hash(into hasher: inout Hasher) { hasher.combine(hash256) }
}
