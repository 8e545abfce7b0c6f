// What a network keeps about one known node, connected or not. Only `PeerNetwork` changes it.

/// A known node and our connection with it.
@LoopActor
final class Peer {
    let endpoint: PeerEndpoint
    var link: PeerLink?
    var dialing: PeerLink?
    var backoff: Backoff
    var timer: LoopTimer?
    /// Outlives connections: a new one gives no new allowance.
    let limiter: InboundLimiter
    /// Its offences; outlives connections too.
    var score = PeerScore()
    /// Whether a failure to dial has been logged since the last connection.
    var failureLogged = false
    /// Faults put on the link; `nil` without.
    var outbound: ShapedDirection?
    var inbound: ShapedDirection?
    /// Neither dialled nor let in.
    var isSevered = false

    init(_ endpoint: PeerEndpoint, _ limits: NetworkLimits) {
        self.endpoint = endpoint
        backoff = Backoff(
            minimumMilliseconds: limits.minimumBackoffMilliseconds,
            maximumMilliseconds: limits.maximumBackoffMilliseconds)
        limiter = InboundLimiter(limits: limits, nowMicroseconds: monotonicMicroseconds())
    }
}
