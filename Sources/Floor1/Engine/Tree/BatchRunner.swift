// Floor 1, Engine: where the parts of a batch run. The engine has no threads; whoever calls it may bring some.
//
// A class and not a protocol for the same reason as `StateDatabase`.

/// Runs the parts of a batch one after the other. Subclasses run them side by side; results must not depend on it.
open class BatchRunner {
    public init() {}

    /// How many parts can run at one time.
    open var width: Int { 1 }

    /// Calls `body` once for each of `0..<parts` and returns when all calls have returned. The calls may come from several
    /// threads at once, in any order, so each must touch only what belongs to its part.
    open func run(parts: Int, _ body: (Int) -> Void) {
        for part in 0..<parts { body(part) }
    }

    /// Splits `0..<count` into ranges for `width` threads, none with fewer than `least` elements unless it is the only one.
    final func ranges(_ count: Int, least: Int) -> [Range<Int>] {
        // Twice as many parts as threads: a thread that was interrupted does not hold up the others for half the batch.
        let parts = width == 1 ? 1 : max(1, min(2 * width, count / least))
        return (0..<parts).map { $0 * count / parts..<($0 + 1) * count / parts }
    }

    /// The results of `body` for `0..<count`, in their order; no part has fewer than `least` elements unless it is the only one.
    public final func map<Element>(_ count: Int, least: Int = 1, _ body: (Int) -> Element) -> [Element] {
        let ranges = ranges(count, least: least)
        return unsafe [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
            if let elements = buffer.baseAddress {
                run(parts: ranges.count) { part in
                    for index in ranges[part] { unsafe (elements + index).initialize(to: body(index)) }
                }
            }
            initialized = count
        }
    }
}
