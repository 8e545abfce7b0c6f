// Floor 6, hyperseq: `hyperseq bench network`.
internal import ArgumentParser
internal import Foundation
internal import Testnet

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure a network, or parts of a node, on this machine.",
        subcommands: [
            Network.self, ConsensusBenchCommand.self, ConsensusReplicaCommand.self, VotesBenchCommand.self, BenchExecutorCommand.self,
            StateBenchCommand.self,
        ])

    struct Network: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Start validators in a temporary folder, send them transfers, and report latency and throughput.")

        @Option(help: "How many validators.") var validators = 4
        @Option(help: "Seconds of each of the two phases.") var seconds = 20
        @Option(help: "Transfers per second of the latency phase.") var rate = 500
        @Flag(help: "One JSON object.") var json = false

        func validate() throws {
            guard (1...16).contains(validators) else { throw ValidationError("--validators must be from 1 to 16") }
            guard (2...600).contains(seconds) else { throw ValidationError("--seconds must be from 2 to 600") }
            guard (1...5_000).contains(rate) else { throw ValidationError("--rate must be from 1 to 5000") }
        }

        func run() throws {
            StopSignal.install()
            let result = try NetworkBenchmark(validators: validators, seconds: seconds, rate: rate).run { Terminal.note($0) }
            if json { Terminal.json(result) } else { result.lines.forEach { Terminal.line($0) } }
        }
    }
}
