// A seeded generator, so that a failing run can be repeated from its seed (SplitMix64).
struct Random {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 0x1234_5678_9abc_def1 }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// A number in 0..<bound; 0 when the bound is 0.
    mutating func below(_ bound: UInt64) -> UInt64 { bound == 0 ? 0 : next() % bound }
    mutating func index(_ count: Int) -> Int { Int(below(UInt64(max(0, count)))) }
    mutating func within(_ range: ClosedRange<UInt64>) -> UInt64 { range.lowerBound + below(range.upperBound - range.lowerBound + 1) }
    mutating func chance(_ percent: UInt64) -> Bool { below(100) < percent }
}
