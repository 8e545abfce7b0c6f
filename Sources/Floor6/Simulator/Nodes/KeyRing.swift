// The validators' keys of a simulation. They are worthless on purpose.
internal import Consensus
internal import Crypto
internal import Primitives

struct KeyRing: Sendable {
    let keys: [SigningKey]
    let set: ValidatorSet

    /// Keys in the order of their addresses, so that key i belongs to validator i. `nil` when the weights make no set, or the leaders are not in it.
    init?(plan: SimulationPlan, seed: UInt64) {
        let keys = plan.usesRealKeys ? KeyRing.real(plan.weights.count) : KeyRing.simulated(plan.weights.count)
        var validators: [Validator] = []
        for (key, weight) in zip(keys, plan.weights) {
            switch key {
            case .secp256k1(let secret):
                guard let validator = Validator(publicKey: secret.publicKey, weight: weight) else { return nil }
                validators.append(validator)
            case .simulated(let simulated): validators.append(Validator(simulated: simulated, weight: weight))
            }
        }
        let draw = Keccak256.hash((0..<8).map { UInt8(truncatingIfNeeded: seed >> (8 * $0)) })
        let set = plan.leaders.isEmpty
            ? ValidatorSet(validators, seed: draw) : ValidatorSet(validators, seed: draw, simulatedLeaders: plan.leaders)
        guard let set else { return nil }
        self.keys = keys
        self.set = set
    }

    private static func real(_ count: Int) -> [SigningKey] {
        let keys = (0..<count).compactMap { SecretKey(Keccak256.hash(Array("simulated validator \($0)".utf8)).bytes) }
        return keys.sorted { $0.address < $1.address }.map { .secp256k1($0) }
    }

    private static func simulated(_ count: Int) -> [SigningKey] {
        (0..<count).map { SimulatedKey(UInt64($0)) }.sorted { $0.address < $1.address }.map { .simulated($0) }
    }
}
