// Which queued messages a newer one makes worthless. The caller knows; the transport only counts.

/// The place of a message among those of its kind: when `depth` of a kind wait for one peer, the oldest of them gives way to the
/// newest; one that is partly out stays. So what waits for a peer is bounded by the kinds, whatever the peer does and however long.
public struct MessageSlot: Sendable, Equatable {
    public var kind: UInt8
    /// At least 1.
    public var depth: Int

    public init(kind: UInt8, depth: Int) {
        self.kind = kind
        self.depth = max(1, depth)
    }
}
