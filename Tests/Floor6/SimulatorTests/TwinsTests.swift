// Twins: within the fault weight no scenario breaks anything; beyond it the search finds a fork.
import Simulator
import Testing

@Suite struct TwinsTests {
    static func search(_ keys: Int, _ twins: Int, _ rounds: Int, groups: Int) -> TwinsSearch {
        TwinsSearch(TwinsSetting(weights: Array(repeating: 1, count: keys), twins: twins, rounds: rounds)!, maximumGroups: groups)
    }

    static func all(_ search: TwinsSearch, threads: Int = 2) -> TwinsReport {
        TwinsCampaign(search: search, isRandom: false, seed: 0, maximumScenarios: .max, deadline: nil, threads: threads).run()
    }

    static func random(_ search: TwinsSearch, _ count: UInt64) -> TwinsReport {
        TwinsCampaign(search: search, isRandom: true, seed: 1, maximumScenarios: count, deadline: nil, threads: 2).run()
    }

    /// All scenarios of one round in any number of groups, and of two rounds in two groups.
    @Test(arguments: [(1, 5, 42), (2, 2, 510)] as [(Int, Int, UInt64)])
    func everyScenarioOfFourValidators(rounds: Int, groups: Int, count: UInt64) {
        let report = TwinsTests.all(TwinsTests.search(4, 1, rounds, groups: groups))
        for failure in report.examples { Issue.record("\(failure.scenario.line) \(failure.violation)") }
        #expect(report.scenarios == count)
        #expect(!report.isCutShort)
    }

    /// Four nodes without twins, one round, any groups: 4 leaders and 15 partitions under 24 renamings. What differs is how many others are
    /// with the leader, and how the rest is split: none and 3, 2+1 or 1+1+1; one and 2 or 1+1; two and 1; all three.
    @Test func scenariosAreCountedUpToNames() {
        let search = TwinsTests.search(4, 0, 1, groups: 4)
        #expect(search.partitionCount == 15 && search.symmetryCount == 24)
        #expect(TwinsTests.all(search).scenarios == 3 + 2 + 1 + 1)
    }

    @Test(arguments: [(4, 1), (5, 1), (7, 2)])
    func randomScenariosOfSevenRounds(keys: Int, twins: Int) {
        let report = TwinsTests.random(TwinsTests.search(keys, twins, 7, groups: 3), 300)
        for failure in report.examples { Issue.record("\(failure.scenario.line) \(failure.violation)") }
        #expect(report.scenarios == 300)
    }

    /// Two of four keys run twice, more than the protocol bears: the search must find a fork.
    @Test func moreTwinsThanBornForkTheChain() {
        let report = TwinsTests.all(TwinsTests.search(4, 2, 2, groups: 2))
        #expect(report.forks > 0)
        let example = report.examples.first { $0.violation.isFork }
        #expect(example.flatMap { TwinsSearch.run($0.scenario) } == example?.violation, "a failing scenario repeats")
    }

    @Test func threadsDoNotMatter() {
        let search = TwinsTests.search(4, 2, 2, groups: 2)
        let (one, two) = (TwinsTests.all(search, threads: 1), TwinsTests.all(search, threads: 2))
        #expect(one.scenarios == two.scenarios && one.turns == two.turns && one.failures == two.failures)
        #expect(one.firstFailureAfter == two.firstFailureAfter)
    }

    @Test func aScenarioIsALine() {
        let line = "1,1,1,1/1/0:00110,3:01010"
        #expect(TwinsScenario(line: line)?.line == line)
        for bad in ["", "1,1,1,1/1/", "1,1,1,1/1/0:0011", "1,1,1,1/1/4:00110", "1,1,1,1/9/0:00110", "a/1/0:0", "1,1,1,1/1/0:0011x", "1/0/0:0/"] {
            #expect(TwinsScenario(line: bad) == nil, "\(bad)")
        }
        #expect(TwinsSetting(weights: [0, 1], twins: 0, rounds: 1) == nil)
        #expect(TwinsSetting(weights: [1, 1, 1, 1], twins: 1, rounds: 0) == nil)
    }
}
