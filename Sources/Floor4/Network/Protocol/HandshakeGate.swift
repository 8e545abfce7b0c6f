// Admission of inbound connections: how many at once, and how often from one address.

/// Bounded book-keeping: the oldest address is forgotten when a new one does not fit.
package struct HandshakeGate: Sendable {
    /// Addresses remembered at a time.
    package static let addresses = 1024

    private let concurrent: Int
    private let rate: Int
    private let burst: Int
    private var buckets: [String: TokenBucket] = [:]
    private var order: [String] = []
    private var oldest = 0
    package private(set) var inProgress = 0

    package init(concurrent: Int, perSecond: Int, burst: Int) {
        self.concurrent = concurrent
        rate = perSecond
        self.burst = burst
    }

    /// Whether a connection from `address` may begin a handshake; if so it counts as in progress.
    package mutating func admit(_ address: String, nowMicroseconds now: UInt64) -> Bool {
        guard inProgress < concurrent else { return false }
        if buckets[address] == nil {
            if order.count == Self.addresses {
                buckets[order[oldest]] = nil
                order[oldest] = address
                oldest = (oldest + 1) % Self.addresses
            } else {
                order.append(address)
            }
            buckets[address] = TokenBucket(ratePerSecond: rate, capacity: burst, nowMicroseconds: now)
        }
        guard buckets[address]?.take(1, nowMicroseconds: now) == true else { return false }
        inProgress += 1
        return true
    }

    /// A handshake ended, well or not.
    package mutating func finished() {
        precondition(inProgress > 0, "more handshakes ended than began")
        inProgress -= 1
    }
}
