// Floor 6, Testnet: what must hold at the end of a run, so that the run has a verdict. What is `nil` is not asked for.

/// The section `[expect]`.
public struct Expectations: Equatable, Sendable {
    /// All nodes have the same block at every height.
    public var noFork = true
    /// All nodes have the same state root at every height.
    public var stateRootsEqual = true
    /// Every transaction that a node took is in a final block, once.
    public var allTransactionsIncluded = true
    /// From a fault's end until every node that should run finalises again.
    public var recoveryAfterFaultMilliseconds: UInt64 = 5_000
    public var minimumBlocksPerSecond: Double?
    /// From sending a transaction to its block being final at the node that took it.
    public var finalityP99Milliseconds: UInt64?
    /// Of each node.
    public var maximumResidentBytes: UInt64?
    /// Of each node's databases, as the disk counts them.
    public var maximumDiskBytes: UInt64?

    public init() {}
}

extension Expectations {
    static func parse(_ section: ConfigTable, nodes: [ManifestNode], needs: inout [RunnerNeed]) throws(ConfigError) -> Expectations {
        var section = section
        var expected = Expectations()
        expected.noFork = try section.boolean("no_fork", default: expected.noFork)
        expected.stateRootsEqual = try section.boolean("state_roots_equal", default: expected.stateRootsEqual)
        expected.allTransactionsIncluded = try section.boolean("all_tx_included", default: expected.allTransactionsIncluded)
        expected.recoveryAfterFaultMilliseconds = try section.duration(
            "recovery_after_fault", default: expected.recoveryAfterFaultMilliseconds)
        expected.minimumBlocksPerSecond = try section.optionalNumber("min_blocks_per_second", in: 0...1_000_000)
        expected.finalityP99Milliseconds = try section.optionalDuration("finality_p99")
        expected.maximumResidentBytes = try section.optionalSize("max_rss")
        expected.maximumDiskBytes = try section.optionalSize("max_disk")
        let table = section
        // The simulator always checks what must never fail; figures of this machine are only for processes.
        for key in ["min_blocks_per_second", "finality_p99", "max_rss", "max_disk"] where section.keys.contains(key) {
            needs.append(RunnerNeed(what: key, runners: [.processes], error: { table.error(key, $0) }))
        }
        try section.finish()
        return expected
    }
}

/// The section `[report]`.
public struct ReportConfiguration: Equatable, Sendable {
    /// When the nodes' folders are kept after `testnet run`.
    public enum Artefacts: String, Equatable, Sendable, CaseIterable {
        case onFailure = "on-failure"
        case always
    }

    public var artefacts = Artefacts.onFailure
    /// Of the nodes' logs.
    public var logLevel = "info"

    static func parse(_ section: ConfigTable) throws(ConfigError) -> ReportConfiguration {
        var section = section
        var report = ReportConfiguration()
        let text = try section.string("artefacts", default: report.artefacts.rawValue)
        guard let artefacts = Artefacts(rawValue: text) else {
            throw section.error("artefacts", "must be one of \(Artefacts.allCases.map { $0.rawValue }.joined(separator: ", "))")
        }
        report.artefacts = artefacts
        report.logLevel = try section.string("log_level", default: report.logLevel)
        guard NodeFile.logLevels.contains(report.logLevel) else {
            throw section.error("log_level", "must be one of \(NodeFile.logLevels.joined(separator: ", "))")
        }
        try section.finish()
        return report
    }
}
