// Floor 6, hyperseq: `hyperseq evm bench`, the interpreter's speed on a folder of benchmarks.
internal import ArgumentParser
internal import EngineBench
internal import Foundation

struct EVMBenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure the engine on a folder of EVM benchmarks.",
        discussion: """
            The folder holds cases.json, expected.json and the code files they name. Each case is one whole transaction on the fork \
            Cancun; its time is the process's CPU time, best of the repetitions. Gas and return word are checked against \
            expected.json. Exits with 1 when they differ.
            """)

    @Argument(help: ArgumentHelp("The folder.", valueName: "folder"), completion: .directory)
    var folder: String

    @Option(name: .customLong("case"), help: ArgumentHelp("Run only this case; may be given more than once.", valueName: "name"))
    var names: [String] = []

    @Option(help: ArgumentHelp("How often each case runs.", valueName: "count"))
    var reps = 5

    @Flag(help: "Print one JSON object per case instead of a table.")
    var json = false

    func validate() throws {
        guard (1...1000).contains(reps) else { throw ValidationError("--reps must be from 1 to 1000") }
    }

    func run() throws {
        let suite = try BenchSuite(folder: folder)
        for name in names where !suite.cases.contains(where: { $0.name == name }) {
            let known = suite.cases.map(\.name).joined(separator: ", ")
            throw ValidationError("The folder has no case '\(name)'. It has \(known).")
        }
        let chosen = suite.cases.filter { names.isEmpty || names.contains($0.name) }
        var rows = [["case", "n", "ns/iteration", "ns/instruction", "Mgas/s", "seconds"]]
        var mismatches = 0
        let bar = ProgressBar(isWanted: true)
        for (index, bench) in chosen.enumerated() {
            bar.show(bench.name, Double(index) / Double(chosen.count))
            do {
                let result = try BenchRunner.run(bench, repetitions: reps)
                bar.finish()
                if json { Terminal.line(try result.json()) } else { rows.append(EVMBenchCommand.row(result)) }
            } catch let mismatch as BenchMismatch {
                bar.finish()
                Terminal.note("MISMATCH \(mismatch)")
                mismatches += 1
            }
        }
        if !json { Terminal.table(rows).forEach { Terminal.line($0) } }
        if mismatches > 0 { throw ExitCode(1) }
    }

    private static func row(_ result: BenchResult) -> [String] {
        let perInstruction = result.instructionsPerLoop.map { String(format: "%.2f", result.nanosecondsPerLoop / Double($0)) } ?? "-"
        return [
            result.name, String(result.loops), String(format: "%.1f", result.nanosecondsPerLoop), perInstruction,
            String(format: "%.0f", result.megagasPerSecond), String(format: "%.3f", Double(result.bestNanoseconds) / 1e9),
        ]
    }
}
