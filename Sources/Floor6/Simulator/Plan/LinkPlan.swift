// What the links between nodes are like. Times in microseconds, because wide-area delays are compared to a tenth of a millisecond.

/// How one direction of a link treats messages.
public struct LinkQuality: Equatable, Sendable {
    /// Least time on the way.
    public var delayMicroseconds: UInt64
    /// Added to it, evenly drawn from zero to this.
    public var jitterMicroseconds: UInt64
    public var lossPercent: UInt64
    public var duplicatePercent: UInt64
    /// Chance, in 1/1000, that a message is held up for `clogMicroseconds`.
    public var clogPerMille: UInt64
    public var clogMicroseconds: UInt64
    /// Whether a message may overtake another one on the same link; without, a link keeps the order as TCP does.
    public var isReordering: Bool

    public init(
        delayMicroseconds: UInt64 = 1_000, jitterMicroseconds: UInt64 = 0, lossPercent: UInt64 = 0, duplicatePercent: UInt64 = 0,
        clogPerMille: UInt64 = 0, clogMicroseconds: UInt64 = 0, isReordering: Bool = false
    ) {
        self.delayMicroseconds = delayMicroseconds
        self.jitterMicroseconds = jitterMicroseconds
        self.lossPercent = lossPercent
        self.duplicatePercent = duplicatePercent
        self.clogPerMille = clogPerMille
        self.clogMicroseconds = clogMicroseconds
        self.isReordering = isReordering
    }
}

/// The links of a whole network.
public struct LinkPlan: Equatable, Sendable {
    /// What holds for every link that nothing else is said of.
    public var quality: LinkQuality
    /// One-way delays from node to node, which replace `quality`'s; empty for none.
    public var delayMicroseconds: [[UInt64]]
    /// Links of their own kind.
    public var overrides: [Override]

    public struct Override: Equatable, Sendable {
        public var from: Int
        public var to: Int
        public var quality: LinkQuality

        public init(from: Int, to: Int, quality: LinkQuality) {
            self.from = from
            self.to = to
            self.quality = quality
        }
    }

    public init(quality: LinkQuality = LinkQuality(), delayMicroseconds: [[UInt64]] = [], overrides: [Override] = []) {
        self.quality = quality
        self.delayMicroseconds = delayMicroseconds
        self.overrides = overrides
    }
}
