// Floor 6, hyperseq: `hyperseq guest`, the program that is proven: run it, compare it with native execution, count its cycles.
import ArgumentParser
import Engine
import Foundation
import GuestChecks
import Primitives
import ZKVM

struct GuestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "guest", abstract: "Run the program that is proven on the RV32IM machine.",
        subcommands: [Run.self, Agree.self, Cost.self, Draw.self])

    struct ProgramOption: ParsableArguments {
        @Option(help: ArgumentHelp("The guest program, as `make guest` builds it.", valueName: "file"))
        var program = GuestProgram.path

        func load() throws -> GuestProgram {
            guard FileManager.default.fileExists(atPath: program) else {
                throw ValidationError("There is no guest program at \(program): build it with `make guest`.")
            }
            return try GuestProgram(path: program)
        }
    }

    /// A row of a profile, for JSON.
    struct ProfileRow: Encodable {
        var function: String
        var instructions: UInt64
        var calls: UInt64

        static func rows(_ profile: [FunctionProfile], limit: Int) -> [ProfileRow] {
            profile.prefix(limit).map { ProfileRow(function: $0.name, instructions: $0.instructionCount, calls: $0.callCount) }
        }

        static func print(_ profile: [FunctionProfile], of total: UInt64, limit: Int) {
            for entry in profile.prefix(limit) {
                let share = String(format: "%5.1f %%", 100 * Double(entry.instructionCount) / Double(max(total, 1)))
                Terminal.line("\(share)  \(entry.instructionCount) instructions, \(entry.callCount) calls  \(entry.name)")
            }
        }
    }

    struct Run: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Execute a batch file and show the public statement.")

        @Argument(help: ArgumentHelp("A batch with its witness, as `hyperseq guest draw` writes it.", valueName: "batch-file")) var file: String
        @OptionGroup var option: ProgramOption
        @Flag(help: "Show the functions that take most instructions.") var profile = false
        @Option(help: "How many functions the profile lists.") var top = 20
        @Flag(help: "One JSON object.") var json = false

        private struct Result: Encodable {
            var stop: String
            var cycles: UInt64
            var seconds: Double
            var output: String
            var agrees: Bool
            var profile: [ProfileRow]
        }

        func run() throws {
            let program = try option.load()
            let tape = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
            let run = program.run(tape: tape, keepsProfile: profile)
            let native = try? BatchTransition.run(tape: tape)
            let agrees = run.statement == native
            if json {
                Terminal.json(
                    Result(
                        stop: "\(run.stop)", cycles: run.cycleCount, seconds: run.seconds,
                        output: run.output.map { String(format: "%02x", $0) }.joined(), agrees: agrees,
                        profile: ProfileRow.rows(run.profile, limit: top)))
            } else {
                Terminal.line("ended: \(run.stop)")
                Terminal.line("cycles: \(run.cycleCount) in \(String(format: "%.2f", run.seconds)) s")
                if let statement = run.statement {
                    Terminal.line("blocks: \(statement.before.height + 1) to \(statement.after.height)")
                    Terminal.line("state root before: \(statement.before.stateRoot.hex)")
                    Terminal.line("state root after:  \(statement.after.stateRoot.hex)")
                    Terminal.line("payloads hash: \(statement.payloadsHash.hex)")
                    Terminal.line("outcomes hash: \(statement.outcomesHash.hex)")
                }
                Terminal.line(agrees ? "native execution agrees" : "NATIVE EXECUTION DISAGREES")
                ProfileRow.print(run.profile, of: run.cycleCount, limit: top)
            }
            if !agrees { throw ExitCode(1) }
        }
    }

    struct Agree: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compare guest and native execution on random batches.",
            discussion: "Each seed gives one chain and one batch; a difference is reported with its seed. Exits with 1 when there is one.")

        @OptionGroup var option: ProgramOption
        @Option(help: "The first seed.") var seed: UInt64 = 1
        @Option(help: "How many batches.") var batches = 1_000
        @Flag(help: "One JSON object.") var json = false

        /// One per core of the smallest machine that the project is built for.
        private static let threads = 2

        private struct Result: Encodable {
            var seed: UInt64
            var batches: Int
            var transactions: Int
            var skipped: Int
            var brokenTapes: Int
            var cycles: UInt64
            var seconds: Double
            var differences: [String]
        }

        func validate() throws {
            guard (1...1_000_000).contains(batches) else { throw ValidationError("--batches must be from 1 to 1000000") }
        }

        func run() throws {
            let start = Date()
            let bar = ProgressBar(isWanted: !json)
            let total = batches
            let report = AgreementRun(program: try option.load()).run(seed: seed, batches: batches, threads: Self.threads) { done in
                bar.show("\(done) of \(total) batches", Double(done) / Double(total))
            }
            bar.finish()
            let seconds = Date().timeIntervalSince(start)
            if json {
                Terminal.json(
                    Result(
                        seed: seed, batches: report.batches, transactions: report.transactions, skipped: report.skipped,
                        brokenTapes: report.brokenTapes, cycles: report.cycleCount, seconds: seconds, differences: report.differences))
            } else {
                for difference in report.differences { Terminal.line(difference) }
                Terminal.line(
                    "\(report.batches) batches from seed \(seed) with \(report.transactions) transactions and \(report.skipped) skipped ones, "
                        + "\(report.brokenTapes) broken tapes: \(report.differences.count) differences "
                        + "(\(report.cycleCount / 1_000_000) million cycles, \(String(format: "%.0f", seconds)) s)")
            }
            if !report.differences.isEmpty { throw ExitCode(1) }
        }
    }

    struct Cost: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Count the cycles of an empty block, an ETH transfer and an ERC-20 transfer.")

        @OptionGroup var option: ProgramOption
        @Option(help: "Accounts in the state, each with ether and tokens.") var accounts = 10_000
        @Option(help: "How many functions the profiles list.") var top = 15
        @Flag(help: "One JSON object.") var json = false

        private struct Result: Encodable {
            var emptyBatch: UInt64
            var emptyBlock: UInt64
            var etherTransfer: UInt64
            var tokenTransfer: UInt64
            var etherProfile: [ProfileRow]
            var tokenProfile: [ProfileRow]
        }

        func validate() throws {
            guard (1...1_000_000).contains(accounts) else { throw ValidationError("--accounts must be from 1 to 1000000") }
        }

        func run() throws {
            let report = try CostReport(program: try option.load(), accounts: accounts)
            if json {
                Terminal.json(
                    Result(
                        emptyBatch: report.emptyBatchCycles, emptyBlock: report.emptyBlockCycles, etherTransfer: report.etherTransferCycles,
                        tokenTransfer: report.tokenTransferCycles, etherProfile: ProfileRow.rows(report.etherProfile, limit: top),
                        tokenProfile: ProfileRow.rows(report.tokenProfile, limit: top)))
                return
            }
            Terminal.line("cycles of a batch with one empty block: \(report.emptyBatchCycles)")
            Terminal.line("cycles of each further empty block:     \(report.emptyBlockCycles)")
            Terminal.line("cycles per ETH transfer:                \(report.etherTransferCycles)")
            Terminal.line("cycles per ERC-20 transfer:             \(report.tokenTransferCycles)")
            for (title, profile) in [("ETH", report.etherProfile), ("ERC-20", report.tokenProfile)] {
                Terminal.line("\nprofile of a block of 11 \(title) transfers:")
                ProfileRow.print(profile, of: profile.reduce(0) { $0 + $1.instructionCount }, limit: top)
            }
        }
    }

    struct Draw: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Write a random batch with its witness to a file.")

        @Option(help: "The seed.") var seed: UInt64 = 1
        @Argument(help: ArgumentHelp("The file to write.", valueName: "batch-file")) var file: String

        func run() throws {
            var batches = try RandomBatches(seed: seed)
            let batch = try batches.draw()
            try Data(batch.tape).write(to: URL(fileURLWithPath: file))
            Terminal.line("\(batch.transactionCount) transactions, \(batch.skippedCount) skipped, \(batch.tape.count) bytes")
        }
    }
}
