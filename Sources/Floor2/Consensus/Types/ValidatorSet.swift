// Who votes in an epoch, with which weight, and who leads a view.
// Invariant: validators are sorted by address, so an index means the same validator on every node.
public import Crypto
public import Primitives

/// A party that may vote.
public struct Validator: Sendable {
    public let key: VerifyingKey
    /// The address of the key.
    public let address: Address
    /// Voting power, at least 1.
    public let weight: UInt64

    /// `nil` when the key cannot be used for verification.
    public init?(publicKey: PublicKey, weight: UInt64) {
        guard let prepared = PreparedPublicKey(publicKey) else { return nil }
        self.key = .secp256k1(prepared)
        self.address = publicKey.address
        self.weight = weight
    }

    /// A validator of a simulation.
    public init(simulated key: SimulatedKey, weight: UInt64) {
        self.key = .simulated(key)
        self.address = key.address
        self.weight = weight
    }

    var isSimulated: Bool { if case .simulated = key { true } else { false } }
}

/// The validators of one epoch.
public struct ValidatorSet: Sendable {
    /// A certificate names its signers in 128 bits.
    public static let maximumCount = 128
    /// Weights sum up below 2^62, so sums and differences never overflow.
    public static let maximumTotalWeight: UInt64 = 1 << 62

    /// Sorted by address.
    public let validators: [Validator]
    /// W, the sum of all weights.
    public let totalWeight: UInt64
    /// Seeds the choice of leaders.
    public let seed: Hash256
    /// Leaders of the first views, given by a simulation; empty in every real network.
    private var schedule: [UInt16] = []
    var breakage = Breakage()

    /// `nil` unless there are 1...128 validators with distinct keys, each weight is at least 1 and the sum is below 2^62.
    public init?(_ validators: [Validator], seed: Hash256 = .zero) {
        guard (1...ValidatorSet.maximumCount).contains(validators.count) else { return nil }
        let sorted = validators.sorted { $0.address < $1.address }
        var total: UInt64 = 0
        for (index, validator) in sorted.enumerated() {
            guard validator.weight >= 1, validator.weight < ValidatorSet.maximumTotalWeight else { return nil }
            if index > 0, sorted[index - 1].address == validator.address { return nil }
            total += validator.weight
            guard total < ValidatorSet.maximumTotalWeight else { return nil }
        }
        self.validators = sorted
        self.totalWeight = total
        self.seed = seed
    }

    /// A set of simulated validators in which `leaders[v - 1]` leads view v as far as the list goes; then leaders are drawn. `nil` when
    /// a validator has a real key or a leader is not in the set.
    public init?(_ validators: [Validator], seed: Hash256 = .zero, simulatedLeaders leaders: [UInt16]) {
        self.init(validators, seed: seed)
        guard validators.allSatisfy(\.isSimulated), leaders.allSatisfy({ Int($0) < validators.count }) else { return nil }
        schedule = leaders
    }

    public var count: Int { validators.count }
    /// F, the largest weight that may be faulty: floor((W - 1) / 3).
    public var faultWeight: UInt64 { (totalWeight - 1) / 3 }
    /// Q = W - F: two quorums share more than F.
    public var quorumWeight: UInt64 { totalWeight - faultWeight - (breakage.is(.quorumTooSmall) ? 1 : 0) }
    /// F + 1: at least one of the signers is honest.
    public var honestWeight: UInt64 { faultWeight + 1 }

    /// The index of the validator with this address.
    public func index(of address: Address) -> UInt16? {
        var low = 0
        var high = validators.count
        while low < high {
            let middle = (low + high) / 2
            if validators[middle].address < address { low = middle + 1 } else { high = middle }
        }
        guard low < validators.count, validators[low].address == address else { return nil }
        return UInt16(low)
    }

    /// The index of the validator that proposes in `view`: drawn by weight from Keccak-256(seed ‖ view).
    public func leader(view: UInt64) -> UInt16 {
        if view >= 1, view <= UInt64(schedule.count) { return schedule[Int(view - 1)] }
        var hasher = StructHasher()
        hasher.absorb(seed)
        hasher.absorb(lane: view.byteSwapped)
        var draw = ValidatorSet.uniform(hasher.finish(), below: totalWeight)
        for (index, validator) in validators.enumerated() {
            if draw < validator.weight { return UInt16(index) }
            draw -= validator.weight
        }
        return 0
    }

    /// A number below `bound` (at least 1), every value equally likely: words that would make some values likelier are skipped.
    static func uniform(_ seed: Hash256, below bound: UInt64) -> UInt64 {
        let excess = (UInt64.max % bound + 1) % bound
        var hash = seed
        while true {
            for word in [hash.w0, hash.w1, hash.w2, hash.w3] where word <= UInt64.max - excess { return word % bound }
            hash = Keccak256.hash(hash.bytes)
        }
    }

    /// The weight of the validator at `index`; 0 for an index outside the set.
    func weight(_ index: Int) -> UInt64 {
        validators.indices.contains(index) ? validators[index].weight : 0
    }

    /// Whether `signature` over `digest` is that of the validator at `index`.
    func verify(_ digest: Hash256, _ signature: RecoverableSignature, by index: Int) -> Bool {
        guard validators.indices.contains(index) else { return false }
        if breakage.is(.skipsSignatureCheck) { return true }
        if breakage.is(.acceptsSignaturesOfOthers) { return validators.contains { $0.key.verify(digest, signature) } }
        return validators[index].key.verify(digest, signature)
    }
}
