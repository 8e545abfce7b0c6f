// Floor 6, hyperseq: `hyperseq simulate twins`: keys that run on two nodes, under all or random partitions of the first views.
internal import ArgumentParser
internal import Foundation
internal import Simulator

struct SimulateTwins: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "twins", abstract: "Validators whose keys run twice, under chosen leaders and partitions view by view.",
        discussion: """
            Without --random every scenario is run once up to the names of equal nodes. With more twins than the protocol bears, \
            finding a fork is the success.
            """)

    @Option(help: "Validators, of weight 1 each.")
    var nodes = 4

    @Option(help: "Keys that run on a second node; by default as many as the protocol bears.")
    var twins: Int?

    @Option(help: "Views with a partition.")
    var rounds = 3

    @Option(help: "Groups of a partition at most.")
    var groups = 2

    @Flag(help: "Draw scenarios instead of running all.")
    var random = false

    @Option(help: "The seed of the draws.")
    var seed: UInt64 = 1

    @Option(help: "Scenarios at most; without --random for each sequence of leaders.")
    var scenarios: UInt64 = .max

    @Option(help: "Seconds at most.")
    var budget: Int?

    @Option(help: "Threads; the results of a search that ends do not depend on it.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: "Run this one scenario, as a failure prints it.")
    var scenario: String?

    @Flag(help: "Print one JSON object instead of text.")
    var json = false

    private var setting: TwinsSetting? {
        TwinsSetting(weights: Array(repeating: 1, count: max(0, nodes)), twins: twins ?? max(0, nodes - 1) / 3, rounds: rounds)
    }

    func validate() throws {
        guard setting != nil else { throw ValidationError("no more than 10 nodes with their twins, and 1 to 32 rounds") }
        guard (1...10).contains(groups) else { throw ValidationError("--groups must be from 1 to 10") }
        guard (1...256).contains(threads) else { throw ValidationError("--threads must be from 1 to 256") }
        if random, scenarios == .max, budget == nil { throw ValidationError("--random needs --scenarios or --budget") }
    }

    func run() throws {
        if let scenario { return try runOne(scenario) }
        guard let setting else { return }
        let search = TwinsSearch(setting, maximumGroups: groups)
        let bar = ProgressBar(isWanted: !json)
        let start = ContinuousClock.now
        let campaign = TwinsCampaign(
            search: search, isRandom: random, seed: seed, maximumScenarios: scenarios, deadline: budget.map { start + .seconds($0) },
            threads: threads)
        let report = campaign.run { done, scenarios in bar.show("\(scenarios) scenarios", done) }
        bar.finish()
        let elapsed = Double((ContinuousClock.now - start) / .milliseconds(1)) / 1_000
        let result = TwinsResult(self, setting, search, report, seconds: elapsed)
        if json { Terminal.json(result) } else { result.lines.forEach { Terminal.line($0) } }
        if !result.isGood { throw ExitCode.failure }
    }

    private func runOne(_ text: String) throws {
        guard let scenario = TwinsScenario(line: text) else { throw ValidationError("not a scenario: \(text)") }
        let violation = TwinsSearch.run(scenario)
        Terminal.line(violation.map { "violation: \($0)" } ?? "no violation")
        if violation != nil { throw ExitCode.failure }
    }
}

/// What the command prints.
private struct TwinsResult: Encodable {
    var nodes: Int
    var twins: Int
    var rounds: Int
    var partitions: Int
    var symmetries: Int
    var isExhaustive: Bool
    var scenarios: UInt64
    var turns: UInt64
    var failures: UInt64
    var firstFailureAfter: UInt64?
    var examples: [String]
    var seconds: Double
    /// More twins than the protocol bears, and a fork is found; or no more, and nothing is.
    var isGood: Bool

    init(_ command: SimulateTwins, _ setting: TwinsSetting, _ search: TwinsSearch, _ report: TwinsReport, seconds: Double) {
        nodes = setting.keys
        twins = setting.twins
        rounds = setting.rounds
        partitions = search.partitionCount
        symmetries = search.symmetryCount
        isExhaustive = !command.random && !report.isCutShort
        scenarios = report.scenarios
        turns = report.turns
        failures = report.failures
        firstFailureAfter = report.firstFailureAfter
        examples = report.examples.map { "\($0.scenario.line) \($0.violation)" }
        self.seconds = seconds
        isGood = setting.isWithinFaultWeight ? report.failures == 0 && report.scenarios > 0 : report.forks > 0
    }

    var lines: [String] {
        let kind = isExhaustive ? "all scenarios up to \(symmetries) renamings" : "a part of the scenarios"
        let rate = seconds > 0 ? Int(Double(scenarios) / seconds) : 0
        return examples.map { "violation: " + $0 } + [
            "\(nodes) validators, \(twins) of them twice, \(rounds) rounds, \(partitions) partitions a round: \(kind)",
            "\(scenarios) scenarios, \(turns) turns in \(String(format: "%.1f", seconds)) s (\(rate) scenarios/s); violations: \(failures)"
                + (firstFailureAfter.map { ", the first at scenario \($0)" } ?? ""),
        ]
    }
}
