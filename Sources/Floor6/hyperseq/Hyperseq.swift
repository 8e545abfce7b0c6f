// Floor 6, hyperseq: the one program.
internal import ArgumentParser
internal import Testnet

@main
struct Hyperseq: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hyperseq",
        abstract: "Node software for EVM chains ordered by a HotStuff-style BFT.",
        version: "hyperseq \(BuildInformation.version)",
        subcommands: [TestnetCommand.self, NodeCommand.self, KeysCommand.self, EVMCommand.self, BenchCommand.self])
}

enum BuildInformation {
    static let version = "0.1.0"
}
