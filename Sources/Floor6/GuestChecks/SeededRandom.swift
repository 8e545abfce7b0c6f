// Floor 6, GuestChecks: numbers from a seed, the same on every machine.
import Primitives

/// SplitMix64 (Steele, Lea, Flood 2014).
struct SeededRandom {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// Below `bound`, which is positive.
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    /// True once in `count` times.
    mutating func oneIn(_ count: Int) -> Bool { below(count) == 0 }

    mutating func pick<T>(_ values: [T]) -> T { values[below(values.count)] }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }

    /// Numbers as contracts meet them: small ones, powers of two and their neighbours, and any.
    mutating func word() -> UInt256 {
        switch below(5) {
        case 0: return UInt256(next() % 70)
        case 1: return (UInt256.one &<< below(256)) &- UInt256(next() % 3)
        case 2: return UInt256(next())
        case 3: return UInt256.zero &- UInt256(next() % 20)
        default: return UInt256(l0: next(), l1: next(), l2: next(), l3: next())
        }
    }
}
