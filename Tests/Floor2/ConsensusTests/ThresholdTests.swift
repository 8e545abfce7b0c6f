// Thresholds are exact for all weights (F in the list): every remainder of W by 3, exact thirds, one validator above a third, two validators.
import Consensus
import Primitives
import Testing

@Suite struct ThresholdTests {
    func set(_ weights: [UInt64]) -> ValidatorSet {
        ValidatorSet(testKeys(weights.count).enumerated().map { Validator(publicKey: $1.publicKey, weight: weights[$0])! })!
    }

    /// Any two quorums share more than F, all but F are a quorum, and F is the largest such weight.
    @Test func theArithmeticOfAllWeights() {
        var random = Random(seed: 3)
        var totals: [UInt64] = Array(1...400)
        for _ in 0..<2_000 { totals.append(1 + random.below((1 << 62) - 1)) }
        for total in totals {
            let set = set([total])
            let (fault, quorum) = (set.faultWeight, set.quorumWeight)
            #expect(3 * UInt64(fault) < total && 3 * (fault + 1) >= total)
            #expect(quorum + fault == total && 2 * quorum - total > fault && set.honestWeight == fault + 1)
        }
    }

    /// Every subset of every small set: it certifies exactly when it weighs at least Q, and that is exactly when it weighs more than two thirds
    /// or all but less than a third.
    @Test func everySubsetCertifiesExactlyFromTheQuorumOn() {
        for weights in [[1, 1], [2, 1], [1, 2, 3], [2, 2, 2], [3, 3, 3], [4, 1, 1, 1], [1, 1, 1, 1], [3, 2, 1, 1], [2, 2, 2, 1, 1]] as [[UInt64]] {
            let bench = Bench(weights: weights)
            let block = bench.block(view: 1, on: testGenesis, parentView: 0)
            for mask in 1..<(1 << weights.count) {
                let signers = weights.indices.filter { mask >> $0 & 1 == 1 }
                let weight = signers.reduce(0) { $0 + bench.set.validators[$1].weight }
                let certificate = bench.certificate(bench.vote(block), signers)
                if 3 * weight >= 2 * bench.set.totalWeight + 1 {
                    #expect(throws: Never.self, "\(weights) \(signers)") { try certificate.verify(bench.set, bench.domain, epoch: 1) }
                } else {
                    #expect(throws: CertificateError.insufficientWeight, "\(weights) \(signers)") {
                        try certificate.verify(bench.set, bench.domain, epoch: 1)
                    }
                }
            }
        }
    }

    /// One validator above a third: without it nothing is certified, whoever else signs. With exactly a third the same, with one unit less not.
    @Test func aThirdCanBlock() {
        for (weights, blocks) in [([5, 3, 3, 3], true), ([3, 2, 2, 2], true), ([3, 3, 2, 2], false)] as [([UInt64], Bool)] {
            let set = set(weights)
            #expect((set.totalWeight - weights[0] < set.quorumWeight) == blocks)
        }
    }
}
