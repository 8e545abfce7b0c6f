// The inbound rates of one peer, per channel. A class: all connections of a peer share one.

package final class InboundLimiter {
    /// A peer may save up this many seconds' worth.
    package static let burstSeconds = 2
    /// Each record is charged this much on top of its bytes, so that tiny fragments are not free.
    private static let recordOverheadBytes = 32
    /// Pings come every few seconds; this stops a flood of them.
    private static let controlPerSecond = 50

    private var messages: [TokenBucket]
    private var bytes: [TokenBucket]
    private var control: TokenBucket

    package init(limits: NetworkLimits, nowMicroseconds now: UInt64) {
        messages = Channel.allCases.map {
            let rate = limits[$0].inboundMessagesPerSecond
            return TokenBucket(ratePerSecond: rate, capacity: rate * Self.burstSeconds, nowMicroseconds: now)
        }
        bytes = Channel.allCases.map {
            let rate = limits[$0].inboundBytesPerSecond
            return TokenBucket(ratePerSecond: rate, capacity: rate * Self.burstSeconds, nowMicroseconds: now)
        }
        control = TokenBucket(
            ratePerSecond: Self.controlPerSecond, capacity: Self.controlPerSecond * Self.burstSeconds,
            nowMicroseconds: now)
    }

    /// Charges one record of `recordByteCount` bytes.
    /// - Returns: what was exceeded, or `nil`.
    package func charge(
        _ record: InboundRecord, recordByteCount: Int, nowMicroseconds now: UInt64
    ) -> String? {
        let channel: Channel
        switch record {
        case .control:
            return control.take(1, nowMicroseconds: now) ? nil : "control records per second"
        case .message(let of, _):
            channel = of
            guard messages[of.index].take(1, nowMicroseconds: now) else { return "\(of) messages per second" }
        case .fragment(let of): channel = of
        }
        let cost = recordByteCount + Self.recordOverheadBytes
        return bytes[channel.index].take(cost, nowMicroseconds: now) ? nil : "\(channel) bytes per second"
    }
}
