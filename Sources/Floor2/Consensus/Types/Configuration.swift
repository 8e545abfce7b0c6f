// What a replica is told once, at its start.
public import Primitives

/// The clock settings of a chain, in milliseconds. They affect liveness and pace, never safety.
public struct ConsensusTiming: Equatable, Sendable {
    /// How long a view may take before it is given up, without failures before it.
    public var baseTimeoutMilliseconds: UInt64
    /// The timeout doubles with every failed view up to this.
    public var maximumTimeoutMilliseconds: UInt64
    /// Least time between the timestamps of a block and its parent, as kept by honest leaders.
    public var minimumBlockIntervalMilliseconds: UInt64
    /// How long a leader without transactions waits before it proposes an empty block.
    public var idleBlockIntervalMilliseconds: UInt64

    public init(
        baseTimeoutMilliseconds: UInt64, maximumTimeoutMilliseconds: UInt64, minimumBlockIntervalMilliseconds: UInt64,
        idleBlockIntervalMilliseconds: UInt64
    ) {
        self.baseTimeoutMilliseconds = max(1, baseTimeoutMilliseconds)
        self.maximumTimeoutMilliseconds = max(self.baseTimeoutMilliseconds, maximumTimeoutMilliseconds)
        self.minimumBlockIntervalMilliseconds = minimumBlockIntervalMilliseconds
        self.idleBlockIntervalMilliseconds = idleBlockIntervalMilliseconds
    }
}

/// Everything a replica must know.
public struct ConsensusConfiguration: Sendable {
    public var validators: ValidatorSet
    public var epoch: UInt32
    public var genesisHeader: BlockHeader
    /// The hash of `genesisHeader`.
    public let genesisHash: Hash256
    public var domain: SigningDomain
    public var timing: ConsensusTiming
    public var maximumPayloadBytes: Int
    /// The validator's key; `nil` for a node that only follows.
    public var key: SigningKey?

    /// Whether a block that may be certified is proposed again after a view change (`Specs/consensus.md` section 10). All validators of a
    /// chain must agree on it.
    public var tipRule = false
    var breakage = Breakage()

    /// A block's timestamp may be this far ahead of a voter's wall clock.
    public static let maximumClockDriftMilliseconds: UInt64 = 15_000

    public init(
        validators: ValidatorSet, epoch: UInt32, genesisHeader: BlockHeader, chainId: UInt64, timing: ConsensusTiming,
        maximumPayloadBytes: Int, key: SigningKey?
    ) {
        self.validators = validators
        self.epoch = epoch
        self.genesisHeader = genesisHeader
        self.genesisHash = genesisHeader.hash
        self.domain = SigningDomain(chainId: chainId, genesisHash: genesisHash)
        self.timing = timing
        self.maximumPayloadBytes = min(max(0, maximumPayloadBytes), Int(UInt32.max))
        self.key = key
    }
    #if MUTANTS
        /// The rule that replicas with this configuration break.
        public var mutant: Mutant? {
            get { breakage.mutant }
            set {
                breakage.mutant = newValue
                validators.breakage.mutant = newValue
            }
        }
    #endif
}
