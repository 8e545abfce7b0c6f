// Floor 6, Testnet: `testnet run`: setup, start, load and faults, settle, check, report, cleanup.
//
// Invariant: whatever happens, no process of the run is left behind: frozen nodes are woken and every node is stopped.
internal import Foundation
internal import Glibc
internal import Keys
internal import Primitives

/// One run of a manifest with real processes.
public struct ScenarioRun {
    public let manifest: Manifest
    private let text: [UInt8]
    private let file: String
    private let folder: NetworkFolder

    /// - Parameter folder: `nil` takes a temporary one.
    public init(path: String, folder: NetworkFolder?) throws(TestnetError) {
        do throws(ConfigError) { manifest = try Manifest.load(path: path) } catch { throw .config(error) }
        guard manifest.runners.contains(.processes) else {
            let commands = manifest.runners.map { $0.command }.joined(separator: " or ")
            throw .failed("\(path) is not for processes; run it with: \(commands) \(path)")
        }
        do throws(KeyError) { text = try SecureFile.read(path, limit: 1 << 20).bytes } catch { throw .key(error) }
        file = path
        self.folder = folder ?? NetworkFolder(path: "\(FileManager.default.temporaryDirectory.path)/hyperseq-\(manifest.name)-\(getpid())")
        guard !HostSystem.exists(self.folder.path) else { throw .failed("\(self.folder.path) is there already; a run begins with a new folder") }
    }

    /// Runs everything. An expectation that fails is in the report; what keeps a run from its end is thrown.
    ///
    /// - Parameter progress: hears the stage and how far it is, from 0 to 1.
    public func run(_ progress: (String, Double) -> Void) throws(TestnetError) -> RunReport {
        progress("setup", 0)
        let network = try PreparedNetwork.prepare(manifest, text: text, source: file, folder: folder)
        let processes = RunningNodes(network: network, seed: manifest.seed)
        var report = RunReport(name: manifest.name, seed: manifest.seed, reproduce: "hyperseq testnet run \(file)")
        do throws(TestnetError) {
            defer { processes.stopAll() }
            progress("start", 0)
            try processes.startAll()
            try execute(processes, &report, progress)
        } catch {
            if case .interrupted = error {
                try? FileManager.default.removeItem(atPath: folder.path)
                throw error
            }
            throw .failed("\(error.description)\nkept: \(folder.path)\nrepeat: \(report.reproduce)")
        }
        report.passed = report.checks.allSatisfy { $0.passed }
        if report.passed, manifest.report.artefacts == .onFailure {
            try? FileManager.default.removeItem(atPath: folder.path)
        } else {
            report.artefacts = folder.path
        }
        return report
    }

    private func execute(
        _ processes: RunningNodes, _ report: inout RunReport, _ progress: (String, Double) -> Void
    ) throws(TestnetError) {
        let network = processes.network
        let monitors = network.nodes.map { NodeMonitor(port: $0.rpcPort, pauseMicroseconds: 5_000) }
        let joinMonitors = Workers.start(count: monitors.count) { monitors[$0].run() }
        let load = makeLoad(network)
        var joinLoad: (() -> Void)?
        defer {
            load?.stop()
            for monitor in monitors { monitor.stop() }
            joinLoad?()
            joinMonitors()
        }
        var recovery = RecoveryWatch(limitMilliseconds: manifest.expectations.recoveryAfterFaultMilliseconds)
        var timeline = FaultTimeline(manifest)
        let start = HostSystem.milliseconds
        let firstHeight = monitors.map { $0.highestFinal }.max() ?? 0
        let duration = manifest.durationMilliseconds
        while true {
            if StopSignal.isRequested { throw .interrupted }
            let now = HostSystem.milliseconds - start
            let highest = monitors.map { $0.highestFinal }.max() ?? 0
            if let load, joinLoad == nil, now >= manifest.load.startMilliseconds { joinLoad = Workers.start(count: 1) { _ in load.run() } }
            if let stop = manifest.load.stopMilliseconds, now >= stop { load?.stop() }
            let isEnding = now >= duration
            for step in isEnding ? timeline.cutShort() : timeline.advance(now: now, height: highest) {
                try processes.carryOut(step, manifest)
                recovery.note(step, manifest, atMilliseconds: HostSystem.milliseconds - start)
            }
            processes.sample(monitors)
            try processes.checkAlive()
            recovery.look(
                nowMilliseconds: HostSystem.milliseconds - start, isQuiet: !timeline.hasActive,
                heights: processes.healthy.map { monitors[$0].currentFinal }, highest: monitors.map { $0.highestFinal }.max() ?? 0)
            progress(timeline.hasActive ? "faults" : "load", Double(now) / Double(max(1, duration)))
            if isEnding, !recovery.isWaiting { break }
            HostSystem.sleep(milliseconds: 20)
        }
        load?.stop()
        report.seconds = Double(HostSystem.milliseconds - start) / 1_000
        report.blocks = (monitors.map { $0.highestFinal }.max() ?? 0) - firstHeight
        report.blocksPerSecond = Double(report.blocks) / report.seconds
        progress("settle", 1)
        let chains = try settle(processes, monitors, load)
        progress("check", 1)
        RunChecks(manifest: manifest, processes: processes, monitors: monitors, load: load, chains: chains, recovery: recovery)
            .fill(&report, notBegun: timeline.notBegun.count)
    }

    private func makeLoad(_ network: PreparedNetwork) -> LoadGenerator? {
        guard manifest.load.ratePerSecond > 0 else { return nil }
        var accounts = manifest.developmentAccounts
        for index in 0..<UInt32(manifest.extraAccounts) { if let account = DevelopmentAccounts.extra(index: index) { accounts.append(account) } }
        let nodes = manifest.load.nodes.compactMap { name in network.nodes.firstIndex { $0.name == name } }
        return LoadGenerator(
            manifest.load, chainID: manifest.chainID, accounts: accounts, ports: network.nodes.map { $0.rpcPort }, nodes: nodes)
    }

    private static let settleMilliseconds: UInt64 = 30_000
    private static let repeatMilliseconds: UInt64 = 2_000

    /// Waits until every running node has every block that any had when the load ended, and every transfer is final; then reads
    /// the chains. After a time it gives up, and the checks say what is missing.
    private func settle(_ processes: RunningNodes, _ monitors: [NodeMonitor], _ load: LoadGenerator?) throws(TestnetError) -> [NodeBlocks] {
        let goal = monitors.map { $0.highestFinal }.max() ?? 0
        let deadline = HostSystem.milliseconds + ScenarioRun.settleMilliseconds
        let sent = (load?.sent ?? []).joined().map { $0.transfer.hash }
        while true {
            if StopSignal.isRequested { throw .interrupted }
            try processes.checkAlive()
            processes.sample(monitors)
            let chains = processes.healthy.compactMap { index -> NodeBlocks? in
                let node = processes.network.nodes[index]
                let reader = BlockReader(connection: HTTPConnection(port: node.rpcPort, timeoutMilliseconds: 10_000))
                let final = monitors[index].currentFinal
                guard final >= goal || HostSystem.milliseconds >= deadline, let blocks = reader.blocks(1..<(final + 1)) else { return nil }
                return NodeBlocks(name: node.name, blocks: blocks)
            }
            let included = Set(chains.lazy.flatMap { $0.blocks }.flatMap { $0.transactions }.compactMap { Hash256(hex: $0) })
            let isComplete = chains.count == processes.healthy.count && sent.allSatisfy { included.contains($0) }
            if isComplete || HostSystem.milliseconds >= deadline { return chains }
            if let load, let first = processes.healthy.first {
                load.sendAgain(missing: { !included.contains($0) }, port: processes.network.nodes[first].rpcPort)
            }
            HostSystem.sleep(milliseconds: ScenarioRun.repeatMilliseconds)
        }
    }
}
