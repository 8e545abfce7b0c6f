// Floor 6, hyperseq: `hyperseq state`: snapshots of the state.
internal import ArgumentParser
internal import Engine
internal import Foundation
internal import Node
internal import Primitives
internal import Storage

struct StateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state", abstract: "Export, check and import snapshots of the state.",
        subcommands: [Export.self, Verify.self, Import.self])

    /// What a command says about a snapshot.
    struct Report: Encodable {
        var height: UInt64
        var blockHash: String
        var stateRoot: String
        var genesisHash: String
        var leaves: UInt64
        var chunks: UInt64
        var seconds: Double

        init(_ manifest: SnapshotManifest, since start: ContinuousClock.Instant) {
            height = manifest.block.header.height
            blockHash = manifest.block.hash.hex
            stateRoot = manifest.block.stateRoot.hex
            genesisHash = manifest.genesisHash.hex
            leaves = manifest.leafCount
            chunks = manifest.chunkCount
            seconds = (ContinuousClock.now - start) / .seconds(1)
        }

        func show(json: Bool, _ what: String) {
            if json { return Terminal.json(self) }
            let rows = [
                ["height", "\(height)"], ["block", blockHash], ["state root", stateRoot], ["genesis", genesisHash], ["leaves", "\(leaves)"],
                ["chunks", "\(chunks)"],
            ]
            Terminal.line("\(what) in \(String(format: "%.1f", seconds)) s")
            Terminal.table(rows).forEach { Terminal.line($0) }
        }
    }

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the state after the newest final block of a node that is not running.")

        @Argument(help: "The data directory of the node.") var data: String
        @Argument(help: "The folder to make.") var snapshot: String
        @Flag(help: "One JSON object.") var json = false

        func run() throws {
            let start = ContinuousClock.now
            let bar = ProgressBar(isWanted: !json)
            let store = try ChainStore(path: data + "/chain")
            let manifest = try SnapshotFolder(path: snapshot).export(store, runner: ParallelRunner()) { bar.show("chunks", ratio($0, $1)) }
            bar.finish()
            Report(manifest, since: start).show(json: json, "exported")
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check every chunk of a snapshot against its state root.",
            discussion: "The state root itself must come from somewhere you trust: compare the one printed, or give --root.")

        @Argument(help: "The folder of the snapshot.") var snapshot: String
        @Option(help: "The state root that the snapshot must have.") var root: String?
        @Flag(help: "One JSON object.") var json = false

        func run() throws {
            let start = ContinuousClock.now
            let bar = ProgressBar(isWanted: !json)
            let folder = SnapshotFolder(path: snapshot)
            let manifest = try trusted(folder.manifest(), root: root)
            try folder.read(
                manifest, runner: ParallelRunner(), progress: { bar.show("chunks", ratio($0, $1)) },
                chunk: { (_) throws(StorageError) in }, code: { (_) throws(StorageError) in })
            bar.finish()
            Report(manifest, since: start).show(json: json, "every chunk is part of the state")
        }
    }

    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Fill an empty data directory with the state of a snapshot.",
            discussion: "Every chunk is checked against the state root, which must come from somewhere you trust (--root).")

        @Argument(help: "The folder of the snapshot.") var snapshot: String
        @Argument(help: "The data directory to fill.") var data: String
        @Option(help: "The state root that the snapshot must have.") var root: String?
        @Flag(help: "One JSON object.") var json = false

        func run() throws {
            let start = ContinuousClock.now
            let bar = ProgressBar(isWanted: !json)
            let folder = SnapshotFolder(path: snapshot)
            let manifest = try trusted(folder.manifest(), root: root)
            try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
            try folder.load(manifest, into: data + "/chain", runner: ParallelRunner()) { bar.show("loading", ratio($0, $1)) }
            bar.finish()
            Report(manifest, since: start).show(json: json, "imported")
        }
    }

    private static func ratio(_ done: UInt64, _ count: UInt64) -> Double { count == 0 ? 1 : Double(done) / Double(count) }

    /// The manifest, when it has the root that is asked for.
    private static func trusted(_ manifest: SnapshotManifest, root: String?) throws -> SnapshotManifest {
        guard let root else { return manifest }
        guard let wanted = Hash256(hex: root) else { throw ValidationError("--root must be 32 bytes in hexadecimal") }
        guard wanted == manifest.block.stateRoot else {
            throw ValidationError("the snapshot has the state root \(manifest.block.stateRoot.hex), not \(wanted.hex)")
        }
        return manifest
    }
}
