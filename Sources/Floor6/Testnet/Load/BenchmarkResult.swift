// Floor 6, Testnet: what the network benchmark reports.
internal import Foundation

/// The figures of one run.
public struct BenchmarkResult: Encodable, Sendable {
    /// Milliseconds from sending a transfer to the moment its own node reports its block.
    public struct Latency: Encodable, Sendable {
        public var p50: Double
        public var p99: Double
    }

    public struct LatencyPhase: Encodable, Sendable {
        public var targetPerSecond: Int
        public var sentPerSecond: Double
        public var transfers: Int
        /// Transfers that were in no final block when the phase was over; none should be.
        public var missing: Int
        public var certifiedMilliseconds: Latency
        public var finalMilliseconds: Latency
        public var blocksPerSecond: Double
    }

    public struct ThroughputPhase: Encodable, Sendable {
        /// Transfers in blocks that became final within the measured time, per second.
        public var transfersPerSecond: Double
        public var transfers: Int
        public var seconds: Double
        public var blocksPerSecond: Double
        /// Times that a full pool made a transfer be sent again.
        public var resent: Int
    }

    public struct Node: Encodable, Sendable {
        public var name: String
        public var residentBytes: UInt64
    }

    public var validators: Int
    public var cores: Int
    public var blockIntervalMilliseconds: UInt64
    /// From the start of the processes to the first final block.
    public var firstFinalMilliseconds: UInt64
    /// The heads are looked at this often: no latency is finer.
    public var resolutionMilliseconds: Double
    public var latency: LatencyPhase
    public var throughput: ThroughputPhase
    /// After both phases.
    public var nodes: [Node]

    /// The same for people.
    public var lines: [String] {
        func number(_ value: Double) -> String { String(format: "%.1f", value) }
        let memory = nodes.map { "\($0.name) \(number(Double($0.residentBytes) / 1_048_576)) MiB" }.joined(separator: ", ")
        return [
            "\(validators) validators, \(cores) cores, block interval \(blockIntervalMilliseconds) ms, heads read every \(number(resolutionMilliseconds)) ms",
            "first final block after \(number(Double(firstFinalMilliseconds) / 1_000)) s",
            "at \(number(latency.sentPerSecond)) transfers/s: certified p50 \(number(latency.certifiedMilliseconds.p50)) ms, "
                + "p99 \(number(latency.certifiedMilliseconds.p99)) ms; final p50 \(number(latency.finalMilliseconds.p50)) ms, "
                + "p99 \(number(latency.finalMilliseconds.p99)) ms; \(number(latency.blocksPerSecond)) blocks/s; \(latency.missing) missing",
            "saturated: \(number(throughput.transfersPerSecond)) final transfers/s over \(number(throughput.seconds)) s, "
                + "\(number(throughput.blocksPerSecond)) blocks/s",
            "memory: \(memory)",
        ]
    }
}

extension BenchmarkResult.Latency {
    /// Of samples in microseconds; zeros when there are none.
    init(_ samples: [UInt64]) {
        let sorted = samples.sorted()
        func percentile(_ part: Double) -> Double {
            guard !sorted.isEmpty else { return 0 }
            return Double(sorted[min(sorted.count - 1, Int(part * Double(sorted.count)))]) / 1_000
        }
        self.init(p50: percentile(0.50), p99: percentile(0.99))
    }
}
