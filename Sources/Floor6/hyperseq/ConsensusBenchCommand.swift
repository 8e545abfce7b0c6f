// Floor 6, hyperseq: `hyperseq bench consensus`, and the hidden command that runs one of its replicas.
internal import ArgumentParser
internal import ConsensusBench
internal import Foundation

/// The options that the client and its replicas share.
struct ConsensusBenchOptions: ParsableArguments {
    @Option(help: "How many validators, one process each.") var validators = 4
    @Option(help: "Bytes of a command.") var payload = 32
    @Option(help: "Commands that the client keeps on the way.") var inFlight = 1_600
    @Option(help: "Most commands of a block.") var blockSize = 400
    @Flag(help: "Sync votes and blocks to the disk before they are sent, as a node does.") var durable = false

    func validate() throws {
        guard (1...16).contains(validators) else { throw ValidationError("--validators must be from 1 to 16") }
        guard (1...65_536).contains(payload) else { throw ValidationError("--payload must be from 1 to 65536") }
        guard (1...100_000).contains(inFlight) else { throw ValidationError("--in-flight must be from 1 to 100000") }
        guard (1...100_000).contains(blockSize) else { throw ValidationError("--block-size must be from 1 to 100000") }
        guard blockSize * (payload + 8) <= 4 << 20 else { throw ValidationError("a block would be longer than 4 MiB") }
    }

    func plan(seconds: Int) -> ConsensusBenchmarkPlan {
        ConsensusBenchmarkPlan(
            validators: validators, isDurable: durable, payloadBytes: payload, inFlight: inFlight, blockCommands: blockSize,
            seconds: seconds)
    }
}

struct ConsensusBenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consensus",
        abstract: "Order opaque commands with real replicas, one process each, and report commands per second and time to finality.",
        discussion: """
            A client sends each command to all replicas over Unix sockets and keeps a number of them on the way; a command is final
            when F + 1 replicas say so. Replicas talk over loopback with encryption and sign with secp256k1. Nothing is executed.
            """)

    @OptionGroup var options: ConsensusBenchOptions
    @Flag(help: "No store: votes are only in memory (the default).") var memory = false
    @Option(help: "Seconds of the measurement, after a short warm-up.") var seconds = 10
    @Option(help: "Where the temporary folder is made.") var folder = NSTemporaryDirectory()
    @Flag(help: "One JSON object.") var json = false

    func validate() throws {
        guard !(memory && options.durable) else { throw ValidationError("--memory and --durable exclude each other") }
        guard (1...3_600).contains(seconds) else { throw ValidationError("--seconds must be from 1 to 3600") }
    }

    func run() throws {
        let parent = folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        let benchmark = ConsensusBenchmark(
            plan: options.plan(seconds: seconds), replicaArguments: ["bench", ConsensusReplicaCommand.name])
        let result = try benchmark.run(in: parent)
        if json { Terminal.json(result) } else { lines(result).forEach(Terminal.line) }
    }

    private func lines(_ result: ConsensusBenchmarkResult) -> [String] {
        let plan = result.plan
        let shares = result.replicaProcessorShares.map { String(format: "%.2f", $0) }.joined(separator: " ")
        var lines = [
            "\(plan.validators) validators, \(plan.isDurable ? "synced to the disk" : "in memory"), commands of \(plan.payloadBytes) bytes, "
                + "\(plan.inFlight) in flight, blocks of at most \(plan.blockCommands)",
            String(
                format: "  %.0f commands/s, final after %.2f ms (median), %.2f ms (99th percentile)", result.commandsPerSecond,
                result.finalMedianMilliseconds, result.final99thPercentileMilliseconds),
            String(
                format: "  %.0f final blocks/s, %.0f views/s, %.1f messages per view, %.2f MB/s between replicas", result.blocksPerSecond,
                result.viewsPerSecond, result.messagesPerView, result.networkBytesPerSecond / 1_000_000),
            String(format: "  processor: replicas \(shares), client %.2f", result.clientProcessorShare),
        ]
        if plan.isDurable {
            lines.append(
                String(
                    format: "  %.0f durable commits/s of each replica, %.0f us each", result.durableCommitsPerSecond,
                    result.durableCommitMicroseconds))
        }
        if result.repeatedCommands + result.misbehaviours > 0 {
            lines.append("  \(result.repeatedCommands) commands came twice, \(result.misbehaviours) breaches of the rules")
        }
        return lines
    }
}

/// One replica of a measurement; `bench consensus` starts these.
struct ConsensusReplicaCommand: ParsableCommand {
    static let name = "consensus-replica"
    static let configuration = CommandConfiguration(
        commandName: name, abstract: "Run one replica of a measurement.", shouldDisplay: false)

    @OptionGroup var options: ConsensusBenchOptions
    @Option var index: Int
    @Option var ports: String
    @Option var folder: String

    func run() throws {
        let ports = ports.split(separator: ",").compactMap { UInt16($0) }
        try ConsensusBenchmark.runReplica(
            plan: options.plan(seconds: 0), index: index, ports: ports, folder: folder)
    }
}
