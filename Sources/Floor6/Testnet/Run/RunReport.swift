// Floor 6, Testnet: what `testnet run` says about a run.
internal import Foundation

/// The verdict and figures of one run.
public struct RunReport: Encodable, Sendable {
    /// One expectation and whether it held.
    public struct Check: Encodable, Sendable {
        public var name: String
        public var passed: Bool
        /// What was seen.
        public var detail: String
    }

    public struct Recovery: Encodable, Sendable {
        public var fault: String
        public var atMilliseconds: UInt64
        /// From the end of the fault; `nil` when it did not recover, or when the next fault came first.
        public var recoveryMilliseconds: UInt64?
    }

    public struct Node: Encodable, Sendable {
        public var name: String
        public var finalized: UInt64
        /// The most that was seen.
        public var residentBytes: UInt64
        public var diskBytes: UInt64
    }

    public var name: String
    public var seed: UInt64
    public var passed = false
    /// From the start of the chain to the end of faults and load.
    public var seconds: Double = 0
    public var blocks: UInt64 = 0
    public var blocksPerSecond: Double = 0
    public var transactions = 0
    /// Transactions given to a node again because another was away.
    public var repeated = 0
    public var finalityMilliseconds: BenchmarkResult.Latency?
    public var recoveries: [Recovery] = []
    public var checks: [Check] = []
    public var nodes: [Node] = []
    /// Where the nodes' folders are, when they were kept.
    public var artefacts: String?
    public var reproduce: String

    /// The same for people.
    public var lines: [String] {
        func number(_ value: Double) -> String { String(format: "%.1f", value) }
        var lines = ["\(name): \(blocks) final blocks in \(number(seconds)) s, \(number(blocksPerSecond)) per second"]
        if transactions > 0 {
            let latency = finalityMilliseconds.map { "; final after p50 \(number($0.p50)) ms, p99 \(number($0.p99)) ms" } ?? ""
            lines.append("\(transactions) transactions, \(repeated) given again\(latency)")
        }
        for recovery in recoveries {
            let time = recovery.recoveryMilliseconds.map { "recovered after \($0) ms" } ?? "not judged: the next fault came first"
            lines.append("  \(number(Double(recovery.atMilliseconds) / 1_000)) s \(recovery.fault): \(time)")
        }
        for node in nodes {
            let memory = number(Double(node.residentBytes) / 1_048_576)
            lines.append("  \(node.name): final \(node.finalized), memory \(memory) MiB, disk \(number(Double(node.diskBytes) / 1_048_576)) MiB")
        }
        for check in checks { lines.append("\(check.passed ? "ok    " : "FAILED") \(check.name): \(check.detail)") }
        if let artefacts { lines.append("kept: \(artefacts)") }
        lines.append(passed ? "passed" : "FAILED; repeat: \(reproduce)")
        return lines
    }
}
