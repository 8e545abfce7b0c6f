// Faults as values: a timeline of single ones, and the ranges a swarm draws from.

/// When a fault begins.
public enum FaultTrigger: Equatable, Sendable {
    case time(milliseconds: UInt64)
    /// When this height is first final at any honest node.
    case height(UInt64)
    /// When any honest node first enters this view.
    case view(UInt64)
}

/// What breaks.
public enum FaultKind: Equatable, Sendable {
    /// The process dies at once, mid-turn or not. Restarts at the end.
    case crash(nodes: [Int])
    /// The process stands still; what is sent to it waits.
    case pause(nodes: [Int])
    /// Only nodes of one group hear each other; nodes in no group are alone.
    case partition(groups: [[Int]])
    /// Messages in this direction are lost.
    case oneWay(from: [Int], to: [Int])
    /// Whoever leads is cut off, view after view.
    case isolateLeader
    /// All links are of another quality.
    case links(LinkQuality)
    /// The wall clock is off by so many milliseconds.
    case clockSkew(nodes: [Int], milliseconds: Int64)
    /// Every durable write takes so long.
    case slowDisk(nodes: [Int], milliseconds: UInt64)
    /// The node crashes and loses all its writes since this long ago; it comes back as a node without a vote, as the operator's
    /// guide demands for a restored backup.
    case oldDisk(nodes: [Int], milliseconds: UInt64)
    /// The same, but it votes on: it may contradict itself, so its weight counts as Byzantine.
    case amnesia(nodes: [Int], milliseconds: UInt64)
    /// The node crashes and its record is torn; it must refuse to start as a validator, and comes back without a vote.
    case tornRecord(nodes: [Int])
}

/// A fault of the timeline.
public struct TimedFault: Equatable, Sendable {
    public var trigger: FaultTrigger
    /// `nil`: until the faults end.
    public var forMilliseconds: UInt64?
    public var kind: FaultKind

    public init(at trigger: FaultTrigger, forMilliseconds: UInt64? = nil, _ kind: FaultKind) {
        self.trigger = trigger
        self.forMilliseconds = forMilliseconds
        self.kind = kind
    }
}

/// From what each run draws its own mix of faults: each kind is on or off by a chance, and with a strength of its own.
public struct SwarmRanges: Equatable, Sendable {
    /// The chance in percent that a kind of fault takes part in a run.
    public var participationPercent: UInt64 = 40
    public var maximumDelayMicroseconds: ClosedRange<UInt64> = 3_000...60_000
    public var maximumLossPercent: UInt64 = 30
    public var maximumDuplicatePercent: UInt64 = 20
    public var maximumClogMilliseconds: UInt64 = 5_000
    public var maximumCrashPerMille: UInt64 = 12
    public var maximumPauseMilliseconds: UInt64 = 1_500
    public var clockStepMilliseconds: UInt64 = 3_600_000
    public var maximumDiskMilliseconds: UInt64 = 40
    /// How far back a lost disk goes.
    public var maximumLostMilliseconds: UInt64 = 1_500
    /// Whether one validator of at most F weight may be an adversary of a drawn kind.
    public var hasAdversaries = true

    public init() {}
}
