// Floor 6, hyperseq: the one program.
internal import ArgumentParser
internal import Node

@main
struct Hyperseq: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hyperseq",
        abstract: "Node software for EVM chains ordered by a HotStuff-style BFT.",
        version: "hyperseq \(NodeProcess.version)",
        subcommands: [
            TestnetCommand.self, NodeCommand.self, KeysCommand.self, EVMCommand.self, StateCommand.self, GuestCommand.self,
            BenchCommand.self, SimulateCommand.self,
        ])
}
