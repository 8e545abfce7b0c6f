// Floor 6, hyperseq: `hyperseq testnet …`: a whole network on this machine from one manifest.
internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import Keys
internal import Testnet

struct TestnetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "testnet", abstract: "Run a network of nodes on this machine.",
        subcommands: [
            TestnetUp.self, TestnetRun.self, Status.self, Down.self, Logs.self, Start.self, Restart.self, Kill.self,
        ])

    /// Which network a command means.
    struct Target: ParsableArguments {
        @Option(help: "The network's folder; may be left out when .hyperseq/ holds just one.")
        var dir: String?

        func open() throws -> PreparedNetwork {
            if let dir { return try PreparedNetwork.open(NetworkFolder(path: dir)) }
            let names = (try? FileManager.default.contentsOfDirectory(atPath: ".hyperseq"))?.sorted() ?? []
            let candidates = names.map { ".hyperseq/\($0)" }.filter { FileManager.default.fileExists(atPath: $0 + "/manifest.toml") }
            switch candidates.count {
            case 0: throw TestnetError.failed("no test network under .hyperseq/ here; give its folder with --dir")
            case 1: return try PreparedNetwork.open(NetworkFolder(path: candidates[0]))
            default: throw TestnetError.failed("several test networks here; give one with --dir: \(candidates.joined(separator: ", "))")
            }
        }
    }

    /// A node of a network.
    struct NodeTarget: ParsableArguments {
        @Argument(help: "The node's name.")
        var node: String

        @OptionGroup var target: Target

        func open() throws -> PreparedNetwork {
            let network = try target.open()
            guard network.nodes.contains(where: { $0.name == node }) else {
                let names = network.nodes.map { $0.name }.joined(separator: ", ")
                throw TestnetError.failed("no node \(node) in \(network.folder.path); there are \(names)")
            }
            return network
        }
    }

    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show every node's process, heights and peers.")
        @OptionGroup var target: Target
        @Flag(help: "One JSON object.") var json = false

        func run() throws {
            let status = try target.open().status()
            if json {
                Terminal.json(status)
                return
            }
            Terminal.line("\(status.name): chain ID \(status.chainId), folder \(status.dir)")
            var rows = [["node", "role", "pid", "latest", "safe", "final", "peers", "memory", "rpc"]]
            for node in status.nodes {
                func number(_ value: UInt64?) -> String { value.map { String($0) } ?? "-" }
                let pid = node.running ? node.pid.map { String($0) } ?? "-" : "stopped"
                rows.append([
                    node.name, node.role, pid, number(node.latest), number(node.safe), number(node.finalized), number(node.peers),
                    node.residentBytes.map { Terminal.mebibytes($0) } ?? "-", node.rpc,
                ])
            }
            for line in Terminal.table(rows) { Terminal.line(line) }
        }
    }

    struct Down: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Stop every node; the chain stays in the folder.")
        @OptionGroup var target: Target

        func run() throws {
            let network = try target.open()
            // A foreground `up` stops its nodes and itself.
            let killed = network.stopAll()
            if !killed.isEmpty { Terminal.note("had to kill \(killed.joined(separator: ", "))") }
            network.stopLauncher()
            Terminal.line("\(network.manifest.name) is stopped")
        }
    }

    struct Logs: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print a node's log.")
        @OptionGroup var node: NodeTarget
        @Flag(name: .shortAndLong, help: "Go on printing what is added.") var follow = false

        func run() throws {
            let network = try node.open()
            let path = network.folder.log(node.node)
            guard let file = FileHandle(forReadingAtPath: path) else { throw TestnetError.failed("\(node.node) has no log yet (\(path))") }
            StopSignal.install()
            while true {
                if let data = try file.read(upToCount: 1 << 16), !data.isEmpty {
                    FileHandle.standardOutput.write(data)
                } else {
                    if !follow || StopSignal.isRequested { return }
                    Thread.sleep(forTimeInterval: 0.2)
                }
            }
        }
    }

    struct Start: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Start one node that does not run.")
        @OptionGroup var node: NodeTarget

        func run() throws {
            let network = try node.open()
            try network.folder.exclusively { () throws(TestnetError) in try network.start(node.node, launcher: network.launcher) }
            Terminal.line("\(node.node) started")
        }
    }

    struct Restart: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Stop one node and start it again with its data.")
        @OptionGroup var node: NodeTarget

        func run() throws {
            let network = try node.open()
            try network.folder.exclusively { () throws(TestnetError) in
                network.stop([node.node])
                try network.start(node.node, launcher: network.launcher)
            }
            Terminal.line("\(node.node) restarted")
        }
    }

    struct Kill: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End one node, or all, with SIGKILL, as a crash would.")
        @Argument(help: "The nodes' names; all when none is given.") var nodes: [String] = []
        @OptionGroup var target: Target

        func run() throws {
            let network = try target.open()
            let known = network.nodes.map { $0.name }
            if let wrong = nodes.first(where: { !known.contains($0) }) {
                throw TestnetError.failed("no node \(wrong) in \(network.folder.path); there are \(known.joined(separator: ", "))")
            }
            let victims = nodes.isEmpty ? known.filter { network.process($0) != nil } : nodes
            try network.kill(victims)
            Terminal.line("killed \(victims.joined(separator: ", "))")
        }
    }
}
