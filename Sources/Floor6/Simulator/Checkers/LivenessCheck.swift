// Progress: once the faults end, every live honest node gets new final blocks, all of them the same height, in bounded time.

public struct LivenessCheck: Checker {
    public private(set) var problems: [String] = []

    public init() {}

    /// At the end of a run: the lowest final height among live honest nodes, and what it had to be.
    public mutating func ended(lowest: UInt64, goal: UInt64, afterMilliseconds: UInt64, detail: @autoclosure () -> String) {
        if lowest < goal { problems.note("height \(lowest) instead of \(goal), \(afterMilliseconds) ms after the faults ended; \(detail())") }
    }
}
