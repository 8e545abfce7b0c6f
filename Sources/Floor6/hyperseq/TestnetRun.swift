// Floor 6, hyperseq: `hyperseq testnet run MANIFEST`.
internal import ArgumentParser
internal import Foundation
internal import Testnet

struct TestnetRun: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a manifest with real processes: its load, its faults, and whether its expectations hold.")

    @Argument(help: "The manifest (TOML).")
    var manifest: String

    @Option(help: "The nodes' folder, which must not exist yet (default: a temporary one). It is kept when an expectation fails.")
    var dir: String?

    @Option(help: "Write the report as JSON to this file too.")
    var json: String?

    func run() throws {
        StopSignal.install()
        let scenario = try ScenarioRun(path: manifest, folder: dir.map { NetworkFolder(path: $0) })
        let bar = ProgressBar(isWanted: true)
        var stage = ""
        let result = Result {
            try scenario.run { name, done in
                if name != stage, !bar.isVisible { Terminal.note(name) }
                stage = name
                bar.show(name, done)
            }
        }
        bar.finish()
        let report = try result.get()
        for line in report.lines { Terminal.line(line) }
        if let json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            try encoder.encode(report).write(to: URL(filePath: json))
        }
        if !report.passed { throw ExitCode.failure }
    }
}
