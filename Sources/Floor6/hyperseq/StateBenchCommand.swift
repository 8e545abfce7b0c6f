// Floor 6, hyperseq: `hyperseq bench state`.
internal import ArgumentParser
internal import Foundation
internal import StateBench

struct StateBenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state", abstract: "Measure the state tree and the flat table of a chain store.",
        discussion: """
            Fills stores of 100,000 accounts, then ten times as many, up to --accounts, in a temporary folder (bulk load: the
            tree appended chunk by chunk as a snapshot is, the tables sorted on the disk). On each it reads random accounts, then
            appends blocks that change random accounts, one in ten of them new: the tree's update is computed from the store with
            all cores, and the block is stored durably. 10,000,000 accounts need 5 GB of disk and some minutes.
            """)

    @Option(help: "Accounts of the largest state.") var accounts = 1_000_000
    @Option(help: "Blocks appended per size.") var blocks = 30
    @Option(help: "Accounts that a block changes.") var changes = 1_000
    @Option(help: "Random reads per size.") var reads = 200_000
    @Option(help: "Folder for the temporary stores; by default the system's.") var folder: String?
    @Flag(help: "One JSON object.") var json = false

    func validate() throws {
        guard (1_000...1_000_000_000).contains(accounts) else { throw ValidationError("--accounts must be from 1,000 to 1,000,000,000") }
        guard (1...100_000).contains(blocks) else { throw ValidationError("--blocks must be from 1 to 100,000") }
        guard (10...100_000).contains(changes), changes <= accounts else { throw ValidationError("--changes must be from 10 to 100,000") }
        guard (1...100_000_000).contains(reads) else { throw ValidationError("--reads must be from 1 to 100,000,000") }
    }

    func run() throws {
        let base = folder.map { URL(fileURLWithPath: $0) } ?? FileManager.default.temporaryDirectory
        let temporary = base.appendingPathComponent("hyperseq-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: temporary) }
        let bar = ProgressBar(isWanted: !json)
        let result = try StateBenchmark(
            accounts: accounts, blocks: blocks, changesPerBlock: changes, reads: reads, folder: temporary.path
        ).run { bar.show($0, $1) }
        bar.finish()
        if json { Terminal.json(result) } else { Terminal.table(result.table).forEach { Terminal.line($0) } }
    }
}
