// A seeded generator, so that a failing run can be repeated from its seed (SplitMix64: Steele, Lea, Flood 2014).
// Each concern of a run has a generator of its own, so that a draw more in one does not shift the draws of another.

/// The only source of chance in a simulation.
public struct SeededRandom: Sendable {
    private var state: UInt64

    /// `stream` tells apart the generators of one seed.
    public init(seed: UInt64, stream: UInt64 = 0) {
        state = SeededRandom.mix(seed &+ 0x9e37_79b9_7f4a_7c15) ^ SeededRandom.mix(stream &* 0xd134_2543_de82_ef95 &+ 1)
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        return SeededRandom.mix(state)
    }

    static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// A number in 0..<bound; 0 when the bound is 0.
    public mutating func below(_ bound: UInt64) -> UInt64 { bound == 0 ? 0 : next().multipliedFullWidth(by: bound).high }

    /// An index into a collection of `count` elements; 0 when it has none.
    public mutating func index(_ count: Int) -> Int { Int(below(UInt64(max(0, count)))) }

    /// A number of the range, both ends included.
    public mutating func within(_ range: ClosedRange<UInt64>) -> UInt64 {
        range.lowerBound + below(range.upperBound - range.lowerBound + 1)
    }

    /// True in `percent` of a hundred cases.
    public mutating func chance(_ percent: UInt64) -> Bool { percent > 0 && below(100) < percent }

    /// True in `perMille` of a thousand cases.
    public mutating func chance(perMille: UInt64) -> Bool { perMille > 0 && below(1_000) < perMille }

    /// One of the elements; `nil` when there are none.
    public mutating func pick<T>(_ elements: [T]) -> T? { elements.isEmpty ? nil : elements[index(elements.count)] }
}
