// How a link may be made worse on purpose. Specs/network.md, "Shaping", says what a test may expect of it.

/// One direction of the link with a peer, seen from this node.
public enum LinkDirection: Sendable, Equatable, CaseIterable {
    case outbound
    case inbound
}

/// Faults of one direction of a link, applied to whole messages; the connection and its keep-alive stay as they are.
public struct LinkShape: Sendable, Equatable {
    public var delayMilliseconds: UInt64
    /// Each message takes up to this much longer, drawn evenly. Jitter alone keeps the order of a channel.
    public var jitterMilliseconds: UInt64
    /// Of a thousand messages, so many are lost.
    public var lossPerMille: UInt64
    /// Of a thousand messages, so many arrive twice.
    public var duplicatePerMille: UInt64
    /// Of a thousand messages, so many are held back until later ones have overtaken them.
    public var reorderPerMille: UInt64
    /// 0 is without limit. Consensus messages do not wait for bulk data, but bulk data for them.
    public var bandwidthBytesPerSecond: UInt64
    /// Nothing arrives.
    public var isBlocked: Bool

    public init(
        delayMilliseconds: UInt64 = 0, jitterMilliseconds: UInt64 = 0, lossPerMille: UInt64 = 0,
        duplicatePerMille: UInt64 = 0, reorderPerMille: UInt64 = 0, bandwidthBytesPerSecond: UInt64 = 0,
        isBlocked: Bool = false
    ) {
        self.delayMilliseconds = delayMilliseconds
        self.jitterMilliseconds = jitterMilliseconds
        self.lossPerMille = lossPerMille
        self.duplicatePerMille = duplicatePerMille
        self.reorderPerMille = reorderPerMille
        self.bandwidthBytesPerSecond = bandwidthBytesPerSecond
        self.isBlocked = isBlocked
    }

    /// Nothing gets through.
    public static let blocked = LinkShape(isBlocked: true)
}
