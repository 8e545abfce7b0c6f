// How much a peer has offended of late, and until when it is refused for it. A pure value on a caller's clock, of fixed size: one
// per known peer, kept over its connections.
//
// Invariants: the points halve with time, so that an old offence is forgiven; a refusal grows with the points and never passes the
// maximum, so that no fault shuts a validator out for good.

/// What a peer did that no honest one does.
package enum Offence: Equatable, Sendable {
    /// Frames, records or messages that break the protocol.
    case protocolViolation
    /// More than its rates allow. An honest node in trouble may come near it, so it counts half.
    case rateExceeded

    var points: UInt64 {
        switch self {
        case .protocolViolation: 1_000
        case .rateExceeded: 500
        }
    }
}

package struct PeerScore: Equatable, Sendable {
    /// Points above this would only lengthen the memory of offences, not the refusal.
    package static let maximumPoints: UInt64 = 16_000
    /// Points for each doubling of the refusal.
    package static let pointsPerDoubling: UInt64 = 1_000
    /// Points halve in so long.
    package static let halfLifeMicroseconds: UInt64 = 300_000_000

    /// A year and more: what a configuration may ask for at most, so that nothing overflows.
    private static let maximumRefusalMilliseconds: UInt64 = 1 << 36

    private var points: UInt64 = 0
    private var updatedMicroseconds: UInt64 = 0
    package private(set) var refusedUntilMicroseconds: UInt64 = 0

    package init() {}

    /// 0 for a peer without offences in memory.
    package mutating func current(nowMicroseconds now: UInt64) -> UInt64 {
        guard now > updatedMicroseconds else { return points }
        let gap = now - updatedMicroseconds
        let halvings = gap / Self.halfLifeMicroseconds
        guard halvings < 16 else {
            points = 0
            updatedMicroseconds = now
            return 0
        }
        // Whole half-lives only; the rest of the gap counts when the next one is full.
        points >>= halvings
        updatedMicroseconds += halvings * Self.halfLifeMicroseconds
        return points
    }

    /// Counts an offence. Refusals last `penalty`, doubled for each thousand points of earlier offences, at most `maximum`.
    package mutating func count(
        _ offence: Offence, penaltyMilliseconds penalty: UInt64, maximumMilliseconds maximum: UInt64, nowMicroseconds now: UInt64
    ) {
        let earlier = current(nowMicroseconds: now)
        if earlier == 0 { updatedMicroseconds = now }
        let doublings = earlier / Self.pointsPerDoubling
        let base = min(penalty, Self.maximumRefusalMilliseconds)
        let refusal = min(max(base, min(maximum, Self.maximumRefusalMilliseconds)), base << doublings)
        points = min(Self.maximumPoints, earlier + offence.points)
        let (until, overflow) = now.addingReportingOverflow(refusal * 1_000)
        refusedUntilMicroseconds = max(refusedUntilMicroseconds, overflow ? .max : until)
    }

    package func isRefused(nowMicroseconds now: UInt64) -> Bool { now < refusedUntilMicroseconds }
}
