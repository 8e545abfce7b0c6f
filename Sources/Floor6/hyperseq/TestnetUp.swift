// Floor 6, hyperseq: `hyperseq testnet up MANIFEST`.
internal import ArgumentParser
internal import Foundation
internal import Keys
internal import Testnet

struct TestnetUp: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Start every node of a manifest; Ctrl-C stops them all.")

    @Argument(help: "The manifest (TOML).")
    var manifest: String

    @Option(help: "The network's folder (default .hyperseq/NAME); one that exists continues its chain.")
    var dir: String?

    @Flag(help: "Return when the chain runs; stop it with hyperseq testnet down.")
    var detach = false

    @Flag(help: "Print one JSON object instead of text when the chain runs.")
    var json = false

    func run() throws {
        StopSignal.install()
        let parsed = try Manifest.load(path: manifest)
        let text = try SecureFile.read(manifest, limit: 1 << 20).bytes
        let folder = dir.map { NetworkFolder(path: $0) } ?? NetworkFolder.standard(name: parsed.name)
        try SecureFile.makeDirectory(folder.path)
        let launcher = try folder.exclusively { () throws(TestnetError) in
            let network = try PreparedNetwork.prepare(parsed, text: text, source: manifest, folder: folder)
            if network.isContinued, !json { Terminal.line("continuing the chain in \(folder.path)") }
            let launcher = NetworkLauncher(network: network)
            let times = try launcher.start(detached: detach)
            report(network, times)
            return launcher
        }
        if detach { return }
        let interactive = Terminal.isInteractive && !json
        var meter = RateMeter(port: launcher.network.nodes.first?.rpcPort ?? 0)
        let killed = launcher.hold { status in
            let line = meter.line(status)
            if interactive { Terminal.status(line) }
        }
        if interactive { Terminal.line("") }
        if !killed.isEmpty { Terminal.note("had to kill \(killed.joined(separator: ", "))") }
        if !json { Terminal.line("\(parsed.name) is stopped; the same command continues its chain") }
    }

    private func report(_ network: PreparedNetwork, _ times: (first: UInt64, all: UInt64)) {
        if json {
            Terminal.json(UpReport(network, times))
            return
        }
        let seconds = String(format: "%.1f", Double(times.first) / 1_000)
        Terminal.line("\(network.manifest.name): chain ID \(network.manifest.chainID), first block final after \(seconds) s")
        if !network.manifest.about.isEmpty { Terminal.line(network.manifest.about) }
        Terminal.line("")
        for line in Terminal.table(network.nodes.map { [$0.name, $0.role.rawValue, $0.rpcURL, $0.webSocketURL] }) { Terminal.line(line) }
        let accounts = network.manifest.developmentAccounts
        if !accounts.isEmpty {
            Terminal.line("\nFunded accounts (the keys are known to everyone: development only)")
            for line in Terminal.table(accounts.map { [$0.address.checksummed, $0.keyHex] }) { Terminal.line(line) }
        }
        Terminal.line("\nFolder: \(network.folder.path)")
        let stop = detach ? "Stop it with: hyperseq testnet down --dir \(network.folder.path)" : "Ctrl-C stops all nodes."
        Terminal.line(stop + "\n")
    }
}

/// What `up --json` prints.
private struct UpReport: Encodable {
    struct Node: Encodable {
        var name: String
        var role: String
        var rpc: String
        var ws: String
        var pid: Int32?
    }
    struct Account: Encodable {
        var address: String
        var privateKey: String
    }
    var name: String
    var chainId: UInt64
    var dir: String
    var nodes: [Node]
    var accounts: [Account]
    var firstFinalMilliseconds: UInt64
    var allFinalMilliseconds: UInt64

    init(_ network: PreparedNetwork, _ times: (first: UInt64, all: UInt64)) {
        name = network.manifest.name
        chainId = network.manifest.chainID
        dir = network.folder.path
        nodes = network.nodes.map {
            Node(
                name: $0.name, role: $0.role.rawValue, rpc: $0.rpcURL, ws: $0.webSocketURL,
                pid: network.process($0.name)?.pid)
        }
        accounts = network.manifest.developmentAccounts.map { Account(address: $0.address.checksummed, privateKey: $0.keyHex) }
        firstFinalMilliseconds = times.first
        allFinalMilliseconds = times.all
    }
}

/// Turns successive states into one line with rates.
private struct RateMeter {
    private let counter: TransactionCounter
    private var last: (height: UInt64, time: Date)?
    private var blockRate = 0.0
    private var transactionRate = 0.0

    init(port: UInt16) { counter = TransactionCounter(port: port) }

    mutating func line(_ status: NetworkStatus) -> String {
        let now = Date.now
        // The counter asks the first node, so its height counts.
        let height = status.nodes.first?.finalized ?? 0
        let transactions = height > 0 ? counter.advance(to: height) : nil
        if let last {
            let seconds = now.timeIntervalSince(last.time)
            if seconds > 0, height >= last.height {
                blockRate = Double(height - last.height) / seconds
                transactionRate = Double(transactions ?? 0) / seconds
            }
        }
        last = (height, now)
        let nodes = status.nodes.map { node in
            node.running ? "\(node.name) \(node.finalized.map { String($0) } ?? "…")" : "\(node.name) STOPPED"
        }
        return String(format: "%.1f blocks/s  %.1f tx/s  |  final: ", blockRate, transactionRate) + nodes.joined(separator: "  ")
    }
}
