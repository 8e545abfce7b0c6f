// The validators' keys of a simulation. They are worthless on purpose.
internal import Consensus
internal import Crypto
internal import Primitives

struct KeyRing: Sendable {
    let keys: [SecretKey]
    let set: ValidatorSet

    /// Keys in the order of their addresses, so that key i belongs to validator i. `nil` when the weights make no set.
    init?(weights: [UInt64], usesRealKeys: Bool, seed: UInt64) {
        var keys: [SecretKey] = []
        for number in weights.indices {
            guard let key = SecretKey(Keccak256.hash(Array("simulated validator \(number)".utf8)).bytes) else { return nil }
            keys.append(key)
        }
        keys.sort { $0.address < $1.address }
        var validators: [Validator] = []
        for (key, weight) in zip(keys, weights) {
            guard let validator = Validator(publicKey: key.publicKey, weight: weight) else { return nil }
            validators.append(validator)
        }
        let leaders = Keccak256.hash((0..<8).map { UInt8(truncatingIfNeeded: seed >> (8 * $0)) })
        guard let set = ValidatorSet(validators, seed: leaders) else { return nil }
        self.keys = keys
        self.set = set
    }
}
