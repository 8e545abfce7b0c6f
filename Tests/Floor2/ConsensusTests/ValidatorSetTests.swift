import Consensus
import Crypto
import Primitives
import Testing

@Suite struct ValidatorSetTests {
    @Test func quorumArithmetic() throws {
        let cases: [(weights: [UInt64], fault: UInt64, quorum: UInt64)] = [
            ([1], 0, 1), ([1, 1], 0, 2), ([1, 1, 1], 0, 3), ([1, 1, 1, 1], 1, 3), ([2, 1, 1], 1, 3), ([1, 1, 1, 1, 1], 1, 4),
            ([2, 2, 2], 1, 5), ([1, 1, 1, 1, 1, 1, 1], 2, 5), ([3, 3, 3], 2, 7),
        ]
        for (weights, fault, quorum) in cases {
            let set = try #require(ValidatorSet(testKeys(weights.count).enumerated().map { Validator(publicKey: $1.publicKey, weight: weights[$0])! }))
            #expect(set.faultWeight == fault)
            #expect(set.quorumWeight == quorum)
            #expect(set.honestWeight == fault + 1)
            // Two quorums share an honest validator, and the honest ones are a quorum.
            #expect(2 * quorum - set.totalWeight > fault)
            #expect(set.totalWeight - fault >= quorum)
        }
    }

    @Test func refusesBadSets() throws {
        let keys = testKeys(3)
        #expect(ValidatorSet([]) == nil)
        #expect(ValidatorSet([Validator(publicKey: keys[0].publicKey, weight: 0)!]) == nil)
        #expect(ValidatorSet([Validator(publicKey: keys[0].publicKey, weight: 1)!, Validator(publicKey: keys[0].publicKey, weight: 1)!]) == nil)
        #expect(ValidatorSet([Validator(publicKey: keys[0].publicKey, weight: 1 << 62)!]) == nil)
        #expect(ValidatorSet([Validator(publicKey: keys[0].publicKey, weight: UInt64.max)!]) == nil)
        #expect(ValidatorSet(keys.map { Validator(publicKey: $0.publicKey, weight: 1 << 61)! }) == nil)
        #expect(ValidatorSet([Validator(publicKey: keys[0].publicKey, weight: (1 << 62) - 1)!]) != nil)
    }

    @Test func sortedAndFound() throws {
        let keys = testKeys(20)
        let set = try #require(ValidatorSet(keys.map { Validator(publicKey: $0.publicKey, weight: 1)! }))
        for (index, validator) in set.validators.enumerated() {
            #expect(set.index(of: validator.address) == UInt16(index))
            if index > 0 { #expect(set.validators[index - 1].address < validator.address) }
        }
        #expect(set.index(of: .zero) == nil)
        #expect(set.index(of: Address(w0: .max, w1: .max, w2: .max)) == nil)
    }

    @Test func leadersFollowWeight() throws {
        let weights: [UInt64] = [1, 2, 3, 4]
        let keys = testKeys(4)
        let set = try #require(
            ValidatorSet(keys.enumerated().map { Validator(publicKey: $1.publicKey, weight: weights[$0])! }, seed: Hash256(w0: 1, w1: 2, w2: 3, w3: 4)))
        var turns = [Int](repeating: 0, count: 4)
        for view in 1...20_000 as ClosedRange<UInt64> { turns[Int(set.leader(view: view))] += 1 }
        for index in 0..<4 {
            let expected = 2_000 * Int(set.validators[index].weight)
            #expect(abs(turns[index] - expected) < 250)
        }
        #expect(set.leader(view: .max) == set.leader(view: .max))
    }
}
