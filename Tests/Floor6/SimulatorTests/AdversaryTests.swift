// Each adversary alone, with at most F of the weight: every check holds and progress comes; who can be named is named, nobody else.
import Consensus
import Simulator
import Testing

@Suite struct AdversaryTests {
    static func plan(_ kind: AdversaryKind, weights: [UInt64], validator: Int) -> SimulationPlan {
        var plan = SimulationPlan(weights: weights)
        plan.adversaries = [AdversaryPlan(validator: validator, kind: kind)]
        plan.safetyMilliseconds = 1_000
        return plan
    }

    @Test(arguments: AdversaryKind.allCases)
    func isBorne(_ kind: AdversaryKind) {
        for seed in 0..<8 as Range<UInt64> {
            let validator = Int(seed % 4)
            let quiet = SimulationRun(plan: AdversaryTests.plan(kind, weights: [1, 1, 1, 1], validator: validator), seed: seed).run()
            #expect(quiet.isGood, "\(kind), seed \(seed): \(quiet.violations.prefix(2))")
            var lossy = AdversaryTests.plan(kind, weights: [3, 1, 3, 1, 2, 3, 2], validator: validator)
            lossy.links.quality = LinkQuality(delayMicroseconds: 1_000, jitterMicroseconds: 8_000, lossPercent: 10, isReordering: true)
            let result = SimulationRun(plan: lossy, seed: seed).run()
            #expect(result.isGood, "\(kind), seed \(seed), lossy: \(result.violations.prefix(2))")
            #expect(result.named.allSatisfy { $0 == validator })
        }
    }

    /// Those whose offence is two signed statements, or a message no honest peer sends, are named.
    @Test(arguments: [AdversaryKind.equivocator, .liar, .impersonator, .forker, .staleReporter])
    func isNamed(_ kind: AdversaryKind) {
        let named = (0..<4 as Range<UInt64>).contains { seed in
            SimulationRun(plan: AdversaryTests.plan(kind, weights: [1, 1, 1, 1], validator: 2), seed: seed).run().named == [2]
        }
        #expect(named, "\(kind)")
    }
}
