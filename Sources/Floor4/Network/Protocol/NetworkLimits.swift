// What a node grants its peers, and what it spends on them.

/// Bounds of one channel of one peer.
public struct ChannelLimits: Sendable, Equatable {
    /// Bounds of the outbound queue.
    public var queuedMessages: Int
    public var queuedBytes: Int
    /// Inbound rates; a peer above them (after a burst of two seconds' worth) is disconnected.
    public var inboundMessagesPerSecond: Int
    public var inboundBytesPerSecond: Int

    public init(queuedMessages: Int, queuedBytes: Int, inboundMessagesPerSecond: Int, inboundBytesPerSecond: Int) {
        self.queuedMessages = queuedMessages
        self.queuedBytes = queuedBytes
        self.inboundMessagesPerSecond = inboundMessagesPerSecond
        self.inboundBytesPerSecond = inboundBytesPerSecond
    }
}

/// Limits of the transport. The defaults are generous for a validator: they stop abuse, not load.
public struct NetworkLimits: Sendable, Equatable {
    /// A round of a few hundred validators is a few hundred messages; older ones lose their worth within a view.
    public var consensus = ChannelLimits(
        queuedMessages: 4096, queuedBytes: 8 << 20, inboundMessagesPerSecond: 50_000, inboundBytesPerSecond: 64 << 20)
    /// Holds two of the longest messages.
    public var sync = ChannelLimits(
        queuedMessages: 1024, queuedBytes: 16 << 20, inboundMessagesPerSecond: 10_000, inboundBytesPerSecond: 256 << 20)
    /// Holds four of the longest messages.
    public var blocks = ChannelLimits(
        queuedMessages: 1024, queuedBytes: 32 << 20, inboundMessagesPerSecond: 10_000, inboundBytesPerSecond: 256 << 20)
    public var transactions = ChannelLimits(
        queuedMessages: 32_768, queuedBytes: 16 << 20, inboundMessagesPerSecond: 200_000,
        inboundBytesPerSecond: 128 << 20)

    /// From the connect or accept to the first accepted frame.
    public var handshakeDeadlineMilliseconds: UInt64 = 5_000
    /// Inbound connections that have not proven an identity yet; each costs two X25519 and a signature.
    public var inboundHandshakes = 64
    /// New inbound connections per IP address (IPv6: per /64), and how many may come at once. A whole test network
    /// on one machine shares one address.
    public var inboundConnectionsPerSecondPerAddress = 64
    public var inboundConnectionBurstPerAddress = 256

    /// A ping goes out this often; its answer measures the round trip.
    public var pingIntervalMilliseconds: UInt64 = 2_000
    /// A peer silent for so long is dead.
    public var deadPeerMilliseconds: UInt64 = 7_000

    /// Bounds of the delay between two dials of one peer.
    public var minimumBackoffMilliseconds: UInt64 = 100
    public var maximumBackoffMilliseconds: UInt64 = 5_000
    /// A connection that lived for so long resets the delay.
    public var stableConnectionMilliseconds: UInt64 = 1_000
    /// The higher NodeID dials too when the lower one has not come after this long (it may be unable to).
    public var fallbackDialMilliseconds: UInt64 = 3_000
    /// A peer that broke the protocol or its rates for the first time is refused for so long; the time doubles with each further
    /// offence, to the maximum, and offences are forgotten by half every five minutes.
    public var penaltyMilliseconds: UInt64 = 5_000
    public var maximumPenaltyMilliseconds: UInt64 = 600_000

    public init() {}

    public subscript(channel: Channel) -> ChannelLimits {
        get {
            switch channel {
            case .consensus: consensus
            case .sync: sync
            case .blocks: blocks
            case .transactions: transactions
            }
        }
        set {
            switch channel {
            case .consensus: consensus = newValue
            case .sync: sync = newValue
            case .blocks: blocks = newValue
            case .transactions: transactions = newValue
            }
        }
    }
}
