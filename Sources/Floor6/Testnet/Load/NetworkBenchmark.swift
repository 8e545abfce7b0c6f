// Floor 6, Testnet: the network benchmark: real processes, signed transfers over JSON-RPC, durable commits.
//
// Phase 1 (latency) sends transfers at a fixed rate, evenly to all nodes. A monitor per node reads the node's safe and
// final heights every few milliseconds; after the phase the blocks are read and each transfer's height gives its two times
// at the node that took it. Phase 2 (throughput) keeps every pool filled to a target and counts the transfers in blocks
// that became final at the first node within the measured time, after a ramp-up.
internal import Foundation
internal import Node
internal import Primitives
internal import Synchronization

/// One benchmark run.
public struct NetworkBenchmark: Sendable {
    public let validators: Int
    /// Of each phase.
    public let seconds: Int
    /// Transfers per second of the latency phase.
    public let rate: Int

    /// Accounts over all senders; enough that no account's transfers crowd a block.
    private static let accountCount = 400
    private static let rampUpSeconds: UInt64 = 3
    /// Connections at least, so that one node is not fed by one client that waits for it.
    private static let minimumSenderCount = 4
    /// Pools are kept near this, far above what one block takes and below their bound.
    private static let poolTarget: UInt64 = 6_000
    /// Transfers signed ahead per second of the second phase and sender count; more are signed on the way.
    private static let signedAheadPerSecond = 4_000
    private static let settleSeconds: UInt64 = 30

    public init(validators: Int, seconds: Int, rate: Int) {
        self.validators = validators
        self.seconds = seconds
        self.rate = rate
    }

    private var manifestText: String {
        let stakes = (1...validators).map { "v\($0) = 100" }.joined(separator: "\n")
        let timing = validators == 1 ? "block_interval_milliseconds = 5" : ""
        return """
            name = "bench"
            [genesis]
            accounts = 0
            extra_accounts = \(NetworkBenchmark.accountCount)
            [stake]
            \(stakes)
            [timing]
            \(timing)
            """
    }

    /// Runs both phases; `progress` hears a line now and then. Everything is stopped and removed at the end.
    public func run(_ progress: (String) -> Void) throws(TestnetError) -> BenchmarkResult {
        let text = Array(manifestText.utf8)
        let manifest: Manifest
        do { manifest = try Manifest.parse(text: text, file: "bench.toml") } catch { throw .config(error) }
        let folder = NetworkFolder(path: "\(FileManager.default.temporaryDirectory.path)/hyperseq-bench-\(getpid())")
        defer { try? FileManager.default.removeItem(atPath: folder.path) }
        let launcher = NetworkLauncher(network: try PreparedNetwork.prepare(manifest, text: text, folder: folder))
        defer { launcher.stop() }
        progress("starting \(validators) validators")
        let times = try launcher.start(detached: false)
        return try measure(launcher.network, firstFinal: times.first, progress)
    }

    private func measure(
        _ network: PreparedNetwork, firstFinal: UInt64, _ progress: (String) -> Void
    ) throws(TestnetError) -> BenchmarkResult {
        let pause: UInt64 = validators == 1 ? 1_000 : 4_000
        let monitors = network.nodes.map { NodeMonitor(port: $0.rpcPort, pauseMicroseconds: pause) }
        let join = Workers.start(count: monitors.count) { monitors[$0].run() }
        defer {
            for monitor in monitors { monitor.stop() }
            join()
        }
        let senderCount = max(validators, NetworkBenchmark.minimumSenderCount)
        let senders = (0..<senderCount).map { index in
            let own = stride(from: index, to: NetworkBenchmark.accountCount, by: senderCount)
            let accounts = own.compactMap { DevelopmentAccounts.extra(index: UInt32($0)) }
            return SenderState(
                port: network.nodes[index % validators].rpcPort,
                source: TransferSource(chainID: network.manifest.chainID, accounts: accounts))
        }
        progress("latency: \(rate) transfers/s for \(seconds) s")
        let latency = try latencyPhase(network, monitors, senders)
        progress("throughput: saturated for \(seconds) s")
        let (throughput, memory) = try throughputPhase(network, monitors, senders)
        let nodes = zip(network.nodes, memory).map { BenchmarkResult.Node(name: $0.name, residentBytes: $1) }
        return BenchmarkResult(
            validators: validators, cores: ProcessInfo.processInfo.activeProcessorCount,
            blockIntervalMilliseconds: network.manifest.timing.blockIntervalMilliseconds, firstFinalMilliseconds: firstFinal,
            resolutionMilliseconds: Double(pause) / 1_000, latency: latency, throughput: throughput, nodes: nodes)
    }

    /// Runs `body` for every sender on a thread of its own; the first failure is thrown when all have ended.
    private func inParallel(
        _ senders: [SenderState], _ body: @escaping @Sendable (Int, inout SenderState.Work) throws(TestnetError) -> Void
    ) throws(TestnetError) {
        let box = SharedFailure()
        let join = Workers.start(count: senders.count) { index in
            do throws(TestnetError) {
                try senders[index].withWork { work throws(TestnetError) in try body(index, &work) }
            } catch { box.note(error) }
        }
        join()
        if let error = box.first { throw error }
        if StopSignal.isRequested { throw .interrupted }
    }

    // MARK: Latency

    private func latencyPhase(
        _ network: PreparedNetwork, _ monitors: [NodeMonitor], _ senders: [SenderState]
    ) throws(TestnetError) -> BenchmarkResult.LatencyPhase {
        let each = max(1, rate * seconds / senders.count)
        try inParallel(senders) { _, work throws(TestnetError) in work.signAhead(each) }
        let firstHeight = monitors[0].highestFinal
        let start = HostSystem.microseconds
        let stepMicroseconds = UInt64(seconds) * 1_000_000 / UInt64(each)
        try inParallel(senders) { index, work throws(TestnetError) in
            // Senders take turns within a step.
            let offset = stepMicroseconds * UInt64(index) / UInt64(senders.count)
            for number in 0..<UInt64(each) where !StopSignal.isRequested {
                let due = start + offset + number * stepMicroseconds
                let now = HostSystem.microseconds
                if now < due { HostSystem.sleep(microseconds: due - now) }
                try work.sendOne()
            }
        }
        let seconds = Double(HostSystem.microseconds - start) / 1_000_000
        try settle(monitors)
        let lastHeight = monitors[0].highestFinal
        var heights: [Hash256: UInt64] = [:]
        let reader = BlockReader(connection: HTTPConnection(port: network.nodes[0].rpcPort, timeoutMilliseconds: 10_000))
        guard let blocks = reader.transactionHashes((firstHeight + 1)..<(lastHeight + 1)) else { throw .failed("cannot read the blocks back") }
        for (offset, hashes) in blocks.enumerated() {
            for text in hashes { if let hash = Hash256(hex: text) { heights[hash] = firstHeight + 1 + UInt64(offset) } }
        }
        var certified: [UInt64] = []
        var final: [UInt64] = []
        var sent = 0
        for (index, sender) in senders.enumerated() {
            let times = monitors[index % monitors.count].snapshot
            for (hash, time) in sender.takeSent() {
                sent += 1
                guard let height = heights[hash], let safeTime = times.safe[height], let finalTime = times.final[height] else { continue }
                certified.append(safeTime - min(time, safeTime))
                final.append(finalTime - min(time, finalTime))
            }
        }
        let count = UInt64(monitors[0].snapshot.final.values.count { $0 >= start && $0 < start + UInt64(seconds * 1_000_000) })
        return .init(
            targetPerSecond: rate, sentPerSecond: Double(sent) / seconds, transfers: sent, missing: sent - final.count,
            certifiedMilliseconds: .init(certified), finalMilliseconds: .init(final), blocksPerSecond: Double(count) / seconds)
    }

    /// Waits until no pool holds anything and every node has the same final height or more than the first had then.
    private func settle(_ monitors: [NodeMonitor]) throws(TestnetError) {
        let deadline = HostSystem.milliseconds + NetworkBenchmark.settleSeconds * 1_000
        HostSystem.sleep(milliseconds: 200)
        while monitors.contains(where: { $0.poolCount > 0 }), HostSystem.milliseconds < deadline {
            if StopSignal.isRequested { throw .interrupted }
            HostSystem.sleep(milliseconds: 20)
        }
        HostSystem.sleep(milliseconds: 1_000)
    }

    // MARK: Throughput

    /// Also gives the resident bytes of each node at the end of the load, before the blocks are read back.
    private func throughputPhase(
        _ network: PreparedNetwork, _ monitors: [NodeMonitor], _ senders: [SenderState]
    ) throws(TestnetError) -> (BenchmarkResult.ThroughputPhase, residentBytes: [UInt64]) {
        let ahead = NetworkBenchmark.signedAheadPerSecond * (seconds + Int(NetworkBenchmark.rampUpSeconds)) / senders.count
        try inParallel(senders) { _, work throws(TestnetError) in work.signAhead(ahead) }
        let begin = HostSystem.microseconds + NetworkBenchmark.rampUpSeconds * 1_000_000
        let end = begin + UInt64(seconds) * 1_000_000
        try inParallel(senders) { index, work throws(TestnetError) in
            while HostSystem.microseconds < end, !StopSignal.isRequested {
                if monitors[index % monitors.count].poolCount < NetworkBenchmark.poolTarget {
                    try work.sendBatch()
                } else {
                    HostSystem.sleep(milliseconds: 5)
                }
            }
        }
        let memory = monitors.map { $0.residentBytes }
        try settle(monitors)
        let window = monitors[0].snapshot.final.filter { $0.value >= begin && $0.value < end }
        guard let first = window.keys.min(), let last = window.keys.max() else { throw .failed("no block became final under load") }
        let reader = BlockReader(connection: HTTPConnection(port: network.nodes[0].rpcPort, timeoutMilliseconds: 10_000))
        guard let counts = reader.transactionCounts(first..<(last + 1)) else { throw .failed("cannot read the blocks back") }
        let transfers = counts.reduce(0, +)
        let phase = BenchmarkResult.ThroughputPhase(
            transfersPerSecond: Double(transfers) / Double(seconds), transfers: transfers, seconds: Double(seconds),
            blocksPerSecond: Double(window.count) / Double(seconds), resent: senders.reduce(0) { $0 + $1.resent })
        return (phase, memory)
    }
}

/// The first of several failures.
private final class SharedFailure: Sendable {
    private let failure = Mutex<TestnetError?>(nil)

    func note(_ error: TestnetError) { failure.withLock { if $0 == nil { $0 = error } } }
    var first: TestnetError? { failure.withLock { $0 } }
}
