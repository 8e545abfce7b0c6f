// What a run showed.

public struct SimulationResult: Sendable, Encodable {
    public var seed: UInt64
    public var violations: [Violation]
    /// The auditor's digest over all events: the same seed gives the same.
    public var auditor: String
    /// The highest view that an honest node reached.
    public var views: UInt64
    public var finalHeight: UInt64
    public var events: UInt64
    public var messages: UInt64
    /// Virtual time.
    public var milliseconds: UInt64
    /// From the end of the faults until every live honest node had its new blocks; 0 when it never had.
    public var recoveryMilliseconds: UInt64
    /// The faults drawn for this run.
    public var faults: [String]
    /// Certified blocks that gave way to others.
    public var revertedBlocks: Int
    /// Validators that replicas named as misbehaving.
    public var named: [Int]
    /// Transactions that clients saw accepted; all of them are final in a good run.
    public var transactions: Int

    public var isGood: Bool { violations.isEmpty }
}
