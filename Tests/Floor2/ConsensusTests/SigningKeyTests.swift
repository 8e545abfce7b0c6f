// Both signing schemes behind one type, and the digest that needs no array.
import Consensus
import Crypto
import Primitives
import Testing

@Suite struct SigningKeyTests {
    let digest = Keccak256.hash([1, 2, 3])

    func keys() -> [(SigningKey, VerifyingKey)] {
        (1...4 as ClosedRange<Int>).flatMap { number -> [(SigningKey, VerifyingKey)] in
            let simulated = SimulatedKey(UInt64(number))
            return [
                (.secp256k1(testKey(number)), .secp256k1(PreparedPublicKey(testKey(number).publicKey)!)), (.simulated(simulated), .simulated(simulated)),
            ]
        }
    }

    @Test func aSignatureIsThatOfOneKeyAndOneDigest() {
        let keys = keys()
        for (position, key) in keys.enumerated() {
            let signature = key.0.sign(digest)
            #expect(signature == key.0.sign(digest))
            #expect(signature.isCanonical && RecoverableSignature(compact: signature.compact) == signature)
            for (other, verifier) in keys.enumerated() { #expect(verifier.1.verify(digest, signature) == (other == position)) }
            #expect(!key.1.verify(Keccak256.empty, signature))
            var changed = signature
            changed.yParity ^= 1
            #expect(!key.1.verify(digest, changed))
            changed = signature
            changed.r.l0 ^= 2
            #expect(!key.1.verify(digest, changed))
        }
    }

    @Test func simulatedValidatorsKeepTheirOrder() throws {
        let validators = (0..<10 as Range<UInt64>).map { Validator(simulated: SimulatedKey($0), weight: $0 + 1) }
        let set = try #require(ValidatorSet(validators.reversed()))
        #expect(set.validators.map(\.weight) == Array(1...10))
        #expect(ValidatorSet([validators[0], validators[0]]) == nil)
    }

    /// A simulation may give leaders; a set with a real key refuses.
    @Test func leadersAreOnlyGivenToSimulations() throws {
        let simulated = (0..<4 as Range<UInt64>).map { Validator(simulated: SimulatedKey($0), weight: 1) }
        let drawn = try #require(ValidatorSet(simulated))
        let set = try #require(ValidatorSet(simulated, simulatedLeaders: [3, 3, 0, 2]))
        #expect((1...4 as ClosedRange<UInt64>).map { set.leader(view: $0) } == [3, 3, 0, 2])
        #expect((5...40 as ClosedRange<UInt64>).allSatisfy { set.leader(view: $0) == drawn.leader(view: $0) })
        #expect(set.leader(view: 0) == drawn.leader(view: 0) && set.leader(view: .max) == drawn.leader(view: .max))
        #expect(ValidatorSet(simulated, simulatedLeaders: [4]) == nil)
        let real = Validator(publicKey: testKey(0).publicKey, weight: 1)!
        #expect(ValidatorSet(simulated + [real], simulatedLeaders: [0]) == nil)
    }

    @Test func aSimulatedNetworkFinalises() {
        let cluster = Cluster(weights: [1, 2, 3, 1], seed: 5, isSimulated: true)
        cluster.startAll()
        cluster.run(until: 2_000)
        #expect(cluster.monitor.problems.isEmpty && cluster.misbehaviour.isEmpty)
        #expect(cluster.lowest > 50)
    }

    @Test func bitmapsListTheirIndices() {
        var bitmap = SignerBitmap()
        #expect(Array(bitmap.indices) == [])
        let members = [0, 1, 5, 62, 63, 64, 65, 100, 127]
        for member in members.shuffled() { bitmap.insert(member) }
        #expect(Array(bitmap.indices) == members)
    }
}
