// Floor 6, ConsensusBench: what is measured, and the chain that is made for it.
internal import Consensus
internal import Crypto
internal import Network
internal import Primitives

/// The setting of one measurement of the ordering layer.
public struct ConsensusBenchmarkPlan: Codable, Sendable {
    public var validators: Int
    /// With the store of a node, synced to the disk once per turn; without, a validator's votes are only in memory.
    public var isDurable: Bool
    /// Bytes of a command.
    public var payloadBytes: Int
    /// Commands that the client has sent and not yet seen final.
    public var inFlight: Int
    /// Most commands of a block.
    public var blockCommands: Int
    public var seconds: Int

    public init(validators: Int, isDurable: Bool, payloadBytes: Int, inFlight: Int, blockCommands: Int, seconds: Int) {
        self.validators = validators
        self.isDurable = isDurable
        self.payloadBytes = payloadBytes
        self.inFlight = inFlight
        self.blockCommands = blockCommands
        self.seconds = seconds
    }

    /// Replicas that must report a command before the client believes that it is final: F + 1.
    var believableCount: Int { (validators - 1) / 3 + 1 }

    /// Slots for commands: with room for a replica that is behind the others.
    var windowCount: Int { max(inFlight, blockCommands) * 8 + 1_024 }
}

/// Keys and genesis of a chain that lives for one measurement. Keys are derived from indices: they protect nothing.
enum BenchmarkChain {
    static let chainID: UInt64 = 1_337
    static let idleMilliseconds: UInt64 = 1_000

    private static func seed(_ purpose: String, _ index: Int) -> [UInt8] {
        Keccak256.hash(Array("hyperseq benchmark \(purpose) \(index)".utf8)).bytes
    }

    static func secretKey(_ index: Int) -> SecretKey? { SecretKey(seed("validator", index)) }

    static func identity(_ index: Int) -> NodeIdentity? { NodeIdentity(seed: seed("node", index)) }

    static let genesis = BlockHeader(
        epoch: 0, view: 0, height: 0, parentHash: .zero, parentView: 0, payloadRoot: Keccak256.hash([]), payloadByteCount: 0,
        timestampMilliseconds: 0, proposer: .zero)

    /// The configuration of one validator, and the validator's index of each node.
    static func configuration(validators count: Int, own: Int, maximumPayloadBytes: Int) -> (ConsensusConfiguration, [UInt16])? {
        let keys = (0..<count).compactMap(secretKey)
        let validators = keys.compactMap { Validator(publicKey: $0.publicKey, weight: 1) }
        guard keys.count == count, let set = ValidatorSet(validators, seed: genesis.hash) else { return nil }
        let indices = keys.compactMap { set.index(of: $0.address) }
        guard indices.count == count, keys.indices.contains(own) else { return nil }
        let timing = ConsensusTiming(
            baseTimeoutMilliseconds: 1_000, maximumTimeoutMilliseconds: 8_000, minimumBlockIntervalMilliseconds: 0,
            idleBlockIntervalMilliseconds: idleMilliseconds)
        let configuration = ConsensusConfiguration(
            validators: set, epoch: 0, genesisHeader: genesis, chainId: chainID, timing: timing,
            maximumPayloadBytes: maximumPayloadBytes, key: .secp256k1(keys[own]))
        return (configuration, indices)
    }
}
