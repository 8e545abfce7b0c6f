// The delay between dials: doubling, saturating, jittered.

package struct Backoff: Sendable {
    private let minimum: UInt64
    private let maximum: UInt64
    private var current: UInt64

    package init(minimumMilliseconds: UInt64, maximumMilliseconds: UInt64) {
        minimum = max(1, minimumMilliseconds)
        maximum = max(minimum, min(maximumMilliseconds, 1 << 40))
        current = minimum
    }

    /// The next delay: between half the current step and the whole, by `random`; the step then doubles.
    package mutating func next(random: UInt64) -> UInt64 {
        let step = current
        current = min(maximum, current * 2)
        let half = step / 2
        return step - random % (half + 1)
    }

    package mutating func reset() { current = minimum }
}
