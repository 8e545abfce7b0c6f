// Floor 6, Testnet: the expectations of a manifest against what a run has shown.
internal import Primitives

/// Everything that the checks look at.
struct RunChecks {
    let manifest: Manifest
    let processes: RunningNodes
    let monitors: [NodeMonitor]
    let load: LoadGenerator?
    let chains: [NodeBlocks]
    let recovery: RecoveryWatch

    func fill(_ report: inout RunReport, notBegun: Int) {
        let expected = manifest.expectations
        let sent = (load?.sent ?? []).joined().map { $0 }
        report.transactions = sent.count
        report.repeated = load?.repeatedCount ?? 0
        report.recoveries = recovery.results
        report.nodes = processes.network.nodes.indices.map { index in
            RunReport.Node(
                name: processes.network.nodes[index].name, finalized: monitors[index].currentFinal,
                residentBytes: processes.residentBytes[index], diskBytes: processes.diskBytes(index))
        }
        let latencies = finality(sent)
        if !latencies.isEmpty { report.finalityMilliseconds = .init(latencies) }
        var checks: [RunReport.Check] = [settled()]
        if expected.noFork { checks.append(ForkCheck.check(chains)) }
        if expected.stateRootsEqual { checks.append(StateRootCheck.check(chains)) }
        if expected.allTransactionsIncluded, !sent.isEmpty, let longest {
            checks.append(InclusionCheck.check(sent: sent.map { $0.transfer.hash }, longest))
        }
        if !manifest.faults.isEmpty { checks.append(recovered(notBegun: notBegun)) }
        if let least = expected.minimumBlocksPerSecond {
            checks.append(
                .init(name: "blocks per second", passed: report.blocksPerSecond >= least, detail: "\(tenths(report.blocksPerSecond)), at least \(least)"))
        }
        if let most = expected.finalityP99Milliseconds {
            let p99 = report.finalityMilliseconds?.p99
            checks.append(
                .init(
                    name: "finality p99", passed: p99.map { $0 <= Double(most) } ?? false,
                    detail: "\(p99.map { tenths($0) } ?? "unknown") ms, at most \(most) ms"))
        }
        if let most = expected.maximumResidentBytes { checks.append(bound("memory", most, report.nodes) { $0.residentBytes }) }
        if let most = expected.maximumDiskBytes { checks.append(bound("disk", most, report.nodes) { $0.diskBytes }) }
        report.checks = checks
    }

    private var longest: NodeBlocks? { chains.max { $0.blocks.count < $1.blocks.count } }

    private func tenths(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }

    /// Every node that should run has given its chain to the end.
    private func settled() -> RunReport.Check {
        let names = processes.healthy.map { processes.network.nodes[$0].name }
        let absent = names.filter { name in !chains.contains { $0.name == name } }
        let detail = absent.isEmpty ? "\(names.count) nodes have the whole chain" : "not in time: \(absent.joined(separator: ", "))"
        return .init(name: "settled", passed: absent.isEmpty && !names.isEmpty, detail: detail)
    }

    private func recovered(notBegun: Int) -> RunReport.Check {
        let name = "recovery after each fault"
        if notBegun > 0 { return .init(name: name, passed: false, detail: "\(notBegun) faults did not begin; raise duration") }
        if let first = recovery.failures.first { return .init(name: name, passed: false, detail: first) }
        let slowest = recovery.results.compactMap { $0.recoveryMilliseconds }.max() ?? 0
        let limit = manifest.expectations.recoveryAfterFaultMilliseconds
        return .init(name: name, passed: true, detail: "slowest \(slowest) ms, at most \(limit) ms")
    }

    private func bound(_ name: String, _ most: UInt64, _ nodes: [RunReport.Node], _ value: (RunReport.Node) -> UInt64) -> RunReport.Check {
        let worst = nodes.max { value($0) < value($1) }
        let bytes = worst.map(value) ?? 0
        return .init(name: name, passed: bytes > 0 && bytes <= most, detail: "\(worst?.name ?? "-") \(bytes >> 20) MiB, at most \(most >> 20) MiB")
    }

    /// Microseconds from sending each transfer to its block being final at the node that took it.
    private func finality(_ sent: [SentTransfer]) -> [UInt64] {
        guard let longest, !sent.isEmpty else { return [] }
        var heights: [Hash256: UInt64] = [:]
        for (index, block) in longest.blocks.enumerated() {
            for text in block.transactions { if let hash = Hash256(hex: text) { heights[hash] = UInt64(index) + 1 } }
        }
        let times = monitors.map { $0.snapshot.final }
        return sent.compactMap { transfer in
            guard let height = heights[transfer.transfer.hash], let time = times[transfer.node][height] else { return nil }
            return time - min(time, transfer.microseconds)
        }
    }
}
