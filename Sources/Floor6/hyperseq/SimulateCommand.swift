// Floor 6, hyperseq: `hyperseq simulate`: a whole network in one process under virtual time.
internal import ArgumentParser
internal import Consensus
internal import Foundation
internal import Simulator
internal import Testnet

struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate", abstract: "A whole network in one process under virtual time: faults from a seed, checkers, latency.",
        subcommands: [SimulateManifest.self, SimulateLatency.self, SimulateTwins.self], defaultSubcommand: SimulateManifest.self)
}

struct SimulateManifest: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manifest", abstract: "Run a manifest's network under drawn faults, one run for each seed.")

    @Argument(help: "The manifest (TOML).")
    var manifest: String

    @Option(help: "The first seed.")
    var seed: UInt64 = 0

    @Option(help: "How many seeds, from the first on.")
    var runs = 1

    @Option(help: "Threads; the results do not depend on it.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Flag(help: "Without faults: for the speed of the simulator.")
    var quiet = false

    @Flag(help: "Simulate pools, executors and clients too; slower.")
    var machines = false

    @Flag(help: "Print one JSON object instead of text.")
    var json = false

    func validate() throws {
        guard (1...10_000_000).contains(runs) else { throw ValidationError("--runs must be from 1 to 10,000,000") }
        guard (1...256).contains(threads) else { throw ValidationError("--threads must be from 1 to 256") }
    }

    func run() throws {
        let plan = try plan(try Manifest.load(path: manifest))
        let bar = ProgressBar(isWanted: !json)
        let runs = runs
        let result = Campaign(plan: plan, firstSeed: seed, runs: runs, threads: threads).run { done, failed in
            bar.show("\(done) of \(runs) runs\(failed > 0 ? ", \(failed) with violations" : "")", Double(done) / Double(runs))
        }
        bar.finish()
        if json { Terminal.json(result) } else { report(result) }
        if !result.isGood { throw ExitCode.failure }
    }

    private func plan(_ manifest: Manifest) throws -> SimulationPlan {
        var plan = try SimulationMapping(manifest, file: self.manifest).plan(isQuiet: quiet)
        if machines {
            plan.depth = .machines
            plan.load = plan.load ?? LoadPlan(accounts: 16, transfersPerSecond: 50)
        }
        return plan
    }

    /// The words that repeat a run.
    private func command(seed: UInt64) -> String {
        "hyperseq simulate \(manifest) --seed \(seed)" + (quiet ? " --quiet" : "") + (machines ? " --machines" : "")
    }

    private func report(_ result: CampaignResult) {
        for failure in result.failures {
            for violation in failure.violations.prefix(3) {
                Terminal.line("seed \(failure.seed): \(violation.check): \(violation.what) (at \(violation.atMilliseconds) ms)")
            }
            if !failure.faults.isEmpty { Terminal.line("  faults: " + failure.faults.joined(separator: ", ")) }
            Terminal.line("  repeat: " + command(seed: failure.seed))
        }
        Terminal.line("\(result.runs) runs, \(result.violations) with violations; auditor \(result.auditor)")
        let seconds = String(format: "%.1f", result.seconds)
        Terminal.line(
            "\(result.views) views, \(result.finalBlocks) final blocks, \(result.events) events in \(seconds) s: "
                + "\(Int(result.viewsPerSecondAndCore)) views/s per core on \(result.threads) threads")
        Terminal.line("slowest recovery \(result.longestRecoveryMilliseconds) ms after the faults ended; certified blocks reverted: \(result.revertedBlocks)")
        if result.transactions > 0 { Terminal.line("\(result.transactions) accepted transactions, all final") }
        if !result.faultRuns.isEmpty {
            let counts = result.faultRuns.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)" }
            Terminal.line("runs with each fault: " + counts.joined(separator: ", "))
        }
    }
}

struct SimulateLatency: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "latency", abstract: "Certified and final latency of wide-area networks against their floor.")

    @Option(help: "Round-trip times between regions (CSV).")
    var matrix = "Testnets/matrices/aws-rtt-ms.csv"

    @Option(help: "The seed of the leaders.")
    var seed: UInt64 = 1

    @Option(help: "Views measured in each network.")
    var views = 200

    @Flag(help: "Print one JSON array instead of a table.")
    var json = false

    func validate() throws {
        guard (10...100_000).contains(views) else { throw ValidationError("--views must be from 10 to 100,000") }
    }

    func run() throws {
        let table = try RegionMatrix(csv: String(contentsOfFile: matrix, encoding: .utf8))
        let study = LatencyStudy(matrix: table, seed: seed, views: views)
        let bar = ProgressBar(isWanted: !json)
        let scenarios = LatencyScenario.table(table)
        var results: [LatencyResult] = []
        for (number, scenario) in scenarios.enumerated() {
            bar.show("\(scenario.name), \(scenario.validators) validators", Double(number) / Double(scenarios.count))
            results.append(try study.run(scenario))
        }
        bar.finish()
        if json {
            Terminal.json(results)
        } else {
            let head = ["network", "validators", "views", "period", "certified", "floor", "final", "floor"]
            let rows = results.map { result in
                [
                    result.name, "\(result.validators)", "\(result.views)", format(result.period), format(result.certified),
                    format(result.floorCertified), format(result.final), format(result.floorFinal),
                ]
            }
            for line in Terminal.table([head] + rows) { Terminal.line(line) }
        }
        if results.contains(where: { !$0.violations.isEmpty }) { throw ExitCode.failure }
    }

    private func format(_ milliseconds: Double) -> String { String(format: "%.1f ms", milliseconds) }
}
