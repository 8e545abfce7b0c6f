// Short campaigns: no violation under mixed faults, and a seed repeats.
import Simulator
import Testing

@Suite struct CampaignTests {
    static func plan(_ weights: [UInt64]) -> SimulationPlan {
        var plan = SimulationPlan(weights: weights)
        plan.swarm = SwarmRanges()
        return plan
    }

    /// W = 9, 10 and 7 at four and seven validators: sums at, above and below three times F + 1.
    @Test(arguments: [([1, 1, 1, 1], 300), ([3, 1, 1, 2, 2, 1, 4], 40), ([3, 3, 1, 1, 1], 40)] as [([UInt64], Int)])
    func mixedFaults(weights: [UInt64], runs: Int) {
        let result = Campaign(plan: CampaignTests.plan(weights), firstSeed: 0, runs: runs, threads: 2).run()
        for failure in result.failures { Issue.record("seed \(failure.seed): \(failure.violations.prefix(2)) \(failure.faults)") }
        #expect(result.runs == runs)
        #expect(result.finalBlocks > UInt64(runs))
    }

    @Test func machinesAgreeAndIncludeEverything() {
        var plan = CampaignTests.plan([1, 1, 1, 1])
        plan.depth = .machines
        plan.load = LoadPlan(accounts: 8, transfersPerSecond: 50)
        let result = Campaign(plan: plan, firstSeed: 0, runs: 20, threads: 2).run()
        for failure in result.failures { Issue.record("seed \(failure.seed): \(failure.violations.prefix(2)) \(failure.faults)") }
        #expect(result.transactions > 1_000)
    }

    @Test func aSeedRepeatsWhateverTheThreads() {
        let plan = CampaignTests.plan([1, 1, 1, 1])
        let one = Campaign(plan: plan, firstSeed: 7, runs: 12, threads: 1).run()
        let two = Campaign(plan: plan, firstSeed: 7, runs: 12, threads: 2).run()
        #expect(one.auditor == two.auditor)
        #expect(one.events == two.events)
        #expect(SimulationRun(plan: plan, seed: 7).run().auditor != SimulationRun(plan: plan, seed: 8).run().auditor)
    }

    @Test func realKeysAndTheWireRunToo() {
        var plan = CampaignTests.plan([1, 1, 1, 1])
        plan.usesRealKeys = true
        plan.wirePercent = 100
        plan.safetyMilliseconds = 500
        #expect(Campaign(plan: plan, firstSeed: 0, runs: 4, threads: 2).run().isGood)
    }

    @Test func weightsThatMakeNoSetAreRefused() {
        #expect(!SimulationRun(plan: SimulationPlan(weights: []), seed: 1).run().isGood)
    }
}
