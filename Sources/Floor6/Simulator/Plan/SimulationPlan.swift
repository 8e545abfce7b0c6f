// What a simulation is: nodes, links, faults, work and what must hold. With a seed it determines a run completely.
public import Consensus

/// A validator that does not follow the protocol.
public struct AdversaryPlan: Equatable, Sendable {
    /// Its index in the validator set.
    public var validator: Int
    public var kind: AdversaryKind

    public init(validator: Int, kind: AdversaryKind) {
        self.validator = validator
        self.kind = kind
    }
}

/// Signed transfers that clients send. Only with machines.
public struct LoadPlan: Equatable, Sendable {
    public var accounts: Int
    public var transfersPerSecond: UInt64

    public init(accounts: Int, transfersPerSecond: UInt64) {
        self.accounts = accounts
        self.transfersPerSecond = transfersPerSecond
    }
}

/// What a run must show beyond what always holds (agreement, nothing slashable, nothing sent before it is durable).
public struct SimulationExpectations: Equatable, Sendable {
    /// A block that was certified anywhere is never replaced. Promised only with the tip rule and without equivocating leaders.
    public var certifiedStays = false
    /// New final blocks that every live honest node must have after the faults end.
    public var blocksAfterHeal: UInt64 = 3
    /// Whether more than F of the weight misbehaves, so that a fork must be found: the run fails when there is none.
    public var findsFork = false

    public init() {}
}

/// A network and what happens to it.
public struct SimulationPlan: Sendable {
    /// How much of a node is simulated.
    public enum Depth: String, Equatable, Sendable {
        /// The replica and its disk; payloads are a few arbitrary bytes.
        case consensus
        /// Also the transaction pool and the executor; payloads are signed transfers.
        case machines
    }

    public var name: String = "simulation"
    /// Node i is validator i of the set and has weight i.
    public var weights: [UInt64]
    /// Nodes without a vote, behind the validators.
    public var followers = 0
    /// Validators that run on a second node as well, which come behind the followers. Their weight counts as Byzantine.
    public var twins: [Int] = []
    public var adversaries: [AdversaryPlan] = []
    public var timing = ConsensusTiming(
        baseTimeoutMilliseconds: 200, maximumTimeoutMilliseconds: 3_200, minimumBlockIntervalMilliseconds: 0,
        idleBlockIntervalMilliseconds: 400)
    public var depth = Depth.consensus
    /// Real secp256k1 signatures instead of simulated ones, at a fiftieth of the speed.
    public var usesRealKeys = false
    /// The tip rule (`Specs/consensus.md` section 10).
    public var tipRule = false
    /// Who leads the first views; then leaders are drawn. Only with simulated keys.
    public var leaders: [UInt16] = []
    /// In how many of a hundred runs messages are encoded and decoded on their way.
    public var wirePercent: UInt64 = 20
    /// Bytes of a block's payload at the depth of consensus.
    public var payloadBytes = 8
    /// Building and checking a payload takes from zero to this.
    public var handlingMicroseconds: UInt64 = 1_000
    public var links = LinkPlan()
    public var faults: [TimedFault] = []
    /// `nil`: no faults but those of the timeline.
    public var swarm: SwarmRanges?
    public var load: LoadPlan?
    /// How long faults last.
    public var safetyMilliseconds: UInt64 = 2_500
    /// How long the network has after it is healed.
    public var livenessMilliseconds: UInt64 = 60_000
    public var expectations = SimulationExpectations()

    #if MUTANTS
        /// The rule that every honest replica breaks.
        public var mutant: Mutant?
    #endif

    public init(weights: [UInt64]) { self.weights = weights }

    public var nodeCount: Int { weights.count + followers + twins.count }
    public static let maximumPayloadBytes = 1 << 20
    public static let chainID: UInt64 = 270
    /// The Unix time at which runs begin.
    public static let wallClockStartMilliseconds: UInt64 = 1_700_000_000_000
}
