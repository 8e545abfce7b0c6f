// A rate limit: integer arithmetic on a caller's clock.

/// Holds up to `capacity` tokens and gains `ratePerSecond`.
package struct TokenBucket: Sendable {
    private static let scale: UInt64 = 1_000_000
    /// Gaps count for at most this long, so that nothing overflows: 10^7 times any rate below 2^40 fits.
    private static let maximumGapMicroseconds: UInt64 = 10_000_000

    private let rate: UInt64
    private let capacity: UInt64
    private var level: UInt64
    private var last: UInt64

    /// Starts full. Rate and capacity are clamped to 1 ..< 2^40.
    package init(ratePerSecond: Int, capacity: Int, nowMicroseconds: UInt64) {
        func clamp(_ value: Int) -> UInt64 { UInt64(min(max(value, 1), 1 << 40 - 1)) }
        rate = clamp(ratePerSecond)
        self.capacity = clamp(capacity) * Self.scale
        level = self.capacity
        last = nowMicroseconds
    }

    /// Takes `count` tokens, or none and `false` when there are not so many.
    package mutating func take(_ count: Int, nowMicroseconds now: UInt64) -> Bool {
        if now > last {
            let gap = min(now - last, Self.maximumGapMicroseconds)
            level = min(capacity, level + gap * rate)
            last = now
        }
        guard count >= 0, count < 1 << 40 else { return false }
        let wanted = UInt64(count) * Self.scale
        guard wanted <= level else { return false }
        level -= wanted
        return true
    }
}
