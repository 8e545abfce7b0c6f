// Floor 6, hyperseq: `hyperseq node run`.
internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import Keys
internal import Logging
internal import Node
internal import Testnet

struct NodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "node", abstract: "Run one node.", subcommands: [Run.self])

    struct Run: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run the node of a configuration file until SIGINT or SIGTERM.")

        @Option(help: "The node's configuration (node.toml).")
        var config: String

        @Option(help: "A file whose first line is the password of the key files.")
        var passwordFile: String?

        @Option(help: .init("Stop when this process (PID:START) ends.", visibility: .hidden))
        var stopWith: String?

        func run() throws {
            let file = try NodeFile.load(path: config)
            let configuration = try file.configuration(at: config) { () throws(KeyError) in
                try Passwords.get(file: passwordFile, isNew: false)
            }
            signal(SIGPIPE, SIG_IGN)
            if let stopWith { try LauncherWatch.start(stopWith) }
            var logger = Logger(label: "hyperseq") { _ in LineLogHandler() }
            logger.logLevel = Logger.Level(rawValue: file.logLevel) ?? .info
            logger[metadataKey: "node"] = "\(file.name)"
            let log = logger
            try NodeProcess.run(configuration, logger: log) { rpcPort, p2pPort in
                log.info("ready", metadata: ["rpc": "http://\(configuration.rpc.host):\(rpcPort)", "p2p": "\(p2pPort)"])
            }
        }
    }
}

/// Stops this process when its launcher is gone, however that ended.
enum LauncherWatch {
    private static let pollSeconds = 0.2
    /// After this the databases stay as they are: they survive a kill at any moment.
    private static let graceSeconds = 10.0

    static func start(_ text: String) throws {
        guard let launcher = ProcessIdentity(text: text) else { throw ValidationError("--stop-with needs PID:START") }
        let thread = Thread {
            while launcher.isRunning { Thread.sleep(forTimeInterval: pollSeconds) }
            kill(getpid(), SIGTERM)
            Thread.sleep(forTimeInterval: graceSeconds)
            _exit(1)
        }
        thread.stackSize = 256 << 10
        thread.start()
    }
}
