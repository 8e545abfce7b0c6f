// Floor 6, Simulator: the network that a family of twins scenarios runs in. Some validators' keys run on two nodes each: the original and its
// twin, both honest programs that do not know of each other. Together they equivocate, forget and split votes as an honest program can.
internal import Consensus
internal import Primitives

/// The population of a family of scenarios: nodes `0..<keys` run the keys in the order of their indices; node `keys + i` is the twin of node i.
public struct TwinsSetting: Equatable, Sendable {
    /// Voting power of each key.
    public let weights: [UInt64]
    /// Keys 0..<twins run twice.
    public let twins: Int
    /// Views that are partitioned, from view 1 on.
    public let rounds: Int

    /// More rounds than this are not written down in a scenario.
    public static let maximumRounds = 32
    /// Groups of a partition are written as one digit.
    public static let maximumNodes = 10

    /// `nil` unless there are 1 to 10 nodes, twins among the keys, and 1 to 32 rounds.
    public init?(weights: [UInt64], twins: Int, rounds: Int) {
        guard !weights.isEmpty, (0...weights.count).contains(twins), weights.count + twins <= TwinsSetting.maximumNodes,
            (1...TwinsSetting.maximumRounds).contains(rounds), weights.allSatisfy({ (1...1_000).contains($0) })
        else { return nil }
        self.weights = weights
        self.twins = twins
        self.rounds = rounds
    }

    public var keys: Int { weights.count }
    public var nodes: Int { keys + twins }
    /// The key that a node runs.
    public func key(of node: Int) -> Int { node < keys ? node : node - keys }

    /// Whether the twins' weight is within what the protocol bears.
    public var isWithinFaultWeight: Bool {
        weights.prefix(twins).reduce(0, +) <= (weights.reduce(0, +) - 1) / 3
    }

    // MARK: What replicas are told

    static let epoch: UInt32 = 1
    static let chainId: UInt64 = 270
    static let baseTimeoutMilliseconds: UInt64 = 1_000
    static let maximumTimeoutMilliseconds: UInt64 = 8_000
    static let maximumPayloadBytes = 64
    static let genesis = BlockHeader(
        epoch: 0, view: 0, height: 0, parentHash: .zero, parentView: 0, payloadRoot: Keccak256.hash([]), payloadByteCount: 0,
        timestampMilliseconds: 0, proposer: .zero)

    /// What the replica of each node is told when these keys lead the first views.
    func configurations(leaders: [UInt8], breakage: TwinsBreakage) -> [ConsensusConfiguration] {
        let validators = weights.indices.map { Validator(simulated: SimulatedKey(UInt64($0)), weight: weights[$0]) }
        guard let set = ValidatorSet(validators, simulatedLeaders: leaders.map { UInt16($0) }) else {
            preconditionFailure("weights of a setting are small, and leaders are keys of it")
        }
        let common = ConsensusConfiguration(
            validators: set, epoch: TwinsSetting.epoch, genesisHeader: TwinsSetting.genesis, chainId: TwinsSetting.chainId,
            timing: ConsensusTiming(
                baseTimeoutMilliseconds: TwinsSetting.baseTimeoutMilliseconds,
                maximumTimeoutMilliseconds: TwinsSetting.maximumTimeoutMilliseconds, minimumBlockIntervalMilliseconds: 0,
                idleBlockIntervalMilliseconds: 0),
            maximumPayloadBytes: TwinsSetting.maximumPayloadBytes, key: nil)
        return (0..<nodes).map { node in
            var configuration = common
            configuration.key = .simulated(SimulatedKey(UInt64(key(of: node))))
            #if MUTANTS
                configuration.mutant = breakage.mutant
            #endif
            return configuration
        }
    }
}
