// Floor 6, hyperseq: `hyperseq bench executor`.
internal import ArgumentParser
internal import Foundation
internal import Logging
internal import Node

struct BenchExecutorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "executor",
        abstract: "Bring signed blocks of transfers through one node's checks, execution and storage, and report transfers per second.",
        discussion: "Blocks are signed before the clock starts. Times of stages overlap: they run side by side.")

    enum Kinds: String, ExpressibleByArgument, CaseIterable {
        case eth, erc20, compute, both

        var kinds: [BenchmarkKind] {
            switch self {
            case .eth: [.eth]
            case .erc20: [.erc20]
            case .compute: [.compute]
            case .both: [.eth, .erc20]
            }
        }
    }

    @Option(help: "What the transactions do: eth, erc20, both of them, or compute (a long loop of hashes; 30 in a block are usual).")
    var kind = Kinds.both
    @Option(help: "How many accounts pay each other.") var accounts = 100_000
    @Option(help: "How many blocks.") var blocks = 60
    @Option(help: "Transfers in a block.") var transactionsPerBlock = 1_400
    @Option(help: "Where the node's folder is made and removed again.") var folder = NSTemporaryDirectory()
    @Flag(help: "One thread per stage, to see what more threads gain.") var serial = false
    @Flag(help: "One JSON array.") var json = false

    func validate() throws {
        guard (2...10_000_000).contains(accounts) else { throw ValidationError("--accounts must be from 2 to 10000000") }
        guard (1...10_000).contains(blocks) else { throw ValidationError("--blocks must be from 1 to 10000") }
        guard (1...16_384).contains(transactionsPerBlock) else { throw ValidationError("--transactions-per-block must be from 1 to 16384") }
    }

    func run() throws {
        var logger = Logger(label: "bench")
        logger.logLevel = .warning
        var results: [ExecutionBenchmarkResult] = []
        for kind in kind.kinds {
            let bar = ProgressBar(isWanted: !json)
            let benchmark = ExecutionBenchmark(
                kind: kind, accounts: accounts, blocks: blocks, transactionsPerBlock: transactionsPerBlock, isSerial: serial,
                folder: folder)
            let result = try benchmark.run(logger: logger) { what, share in
                bar.show("\(kind.rawValue): \(what)", share)
            }
            bar.finish()
            results.append(result)
            if !json { lines(result).forEach(Terminal.line) }
        }
        if json { Terminal.json(results) }
    }

    private func lines(_ result: ExecutionBenchmarkResult) -> [String] {
        let rows = result.stages.map { stage in
            [stage.name, String(format: "%.2f s", stage.seconds), String(format: "%.1f us per transfer", stage.microsecondsPerTransaction)]
        }
        return [
            "\(result.kind): \(result.transfers) transfers in \(result.blocks) blocks over \(result.accounts) accounts, "
                + "\(result.skipped) skipped",
            String(
                format: "  %.0f transfers/s: %.2f s, %.2f s of processor time (%.1f us per transfer)", result.transfersPerSecond,
                result.seconds, result.processorSeconds, result.processorMicrosecondsPerTransfer),
        ] + Terminal.table(rows) + [
            "  peak memory \(Terminal.mebibytes(result.peakMemoryBytes)), stores \(Terminal.mebibytes(result.diskBytes))"
        ]
    }
}
