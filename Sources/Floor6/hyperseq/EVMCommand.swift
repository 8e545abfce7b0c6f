// Floor 6, hyperseq: `hyperseq evm`, the engine without a chain.
import ArgumentParser
import Engine
import Foundation
import StateTests

struct EVMCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evm", abstract: "Run the EVM: Ethereum's test suites, single cases, and measurements.",
        subcommands: [StateTestCommand.self, EVMRunCommand.self, EVMBenchCommand.self])
}

struct StateTestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "statetest", abstract: "Run Ethereum's test files of all kinds.",
        discussion: """
            Folders are searched for JSON files. What a file tests is seen from its content: states, blockchains, transactions,
            RLP, tries, difficulties, and the basic tests. Cases of unknown forks and of things that the engine has no code for
            are counted and named. Exits with 1 when a case fails.
            """)

    @Argument(help: ArgumentHelp("Files or folders.", valueName: "path"))
    var paths: [String]

    @Option(help: ArgumentHelp("Run only this fork, for example Cancun or EIP158.", valueName: "name"))
    var fork: String?

    @Flag(help: "Print one JSON object instead of text.")
    var json = false

    func validate() throws {
        if paths.isEmpty { throw ValidationError("Give at least one file or folder.") }
        if let fork, StateTestRunner.fork(named: fork) == nil {
            throw ValidationError("Unknown fork '\(fork)'. Known are Frontier to Osaka, by upstream's names.")
        }
    }

    /// One per core of the smallest machine that the project is built for.
    private static let threads = 2

    func run() throws {
        let files = try StateTestRunner.files(paths)
        let bar = ProgressBar(isWanted: !json)
        let runner = StateTestRunner(only: fork.flatMap(StateTestRunner.fork(named:)))
        let report = runner.run(files, threads: StateTestCommand.threads) { finished in
            bar.show("\(finished) of \(files.count) files", Double(finished) / Double(files.count))
        }
        bar.finish()
        print(json ? try report.json() : report.text())
        if !report.failures.isEmpty { throw ExitCode(1) }
    }
}
