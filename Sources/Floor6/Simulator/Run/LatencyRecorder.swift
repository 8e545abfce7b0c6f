// How long after its proposal a block is certified and final at the median node, and how long a view takes. For networks without faults.
internal import Primitives

struct LatencyRecorder {
    private struct Times {
        var proposedAt: UInt64
        var certified: [UInt64] = []
        var final: [UInt64] = []
    }

    private var times: [Times?] = []
    private var lastProposal: UInt64?
    private var periods: [UInt64] = []
    private let nodeCount: Int

    init(nodeCount: Int) { self.nodeCount = nodeCount }

    mutating func proposed(_ header: BlockHeader, at time: UInt64) {
        while times.count <= Int(header.view) { times.append(nil) }
        times[Int(header.view)] = Times(proposedAt: time)
        if let lastProposal { periods.append(time - lastProposal) }
        lastProposal = time
    }

    mutating func certified(_ header: BlockHeader, at time: UInt64, node: Int) {
        guard Int(header.view) < times.count, let proposedAt = times[Int(header.view)]?.proposedAt else { return }
        times[Int(header.view)]?.certified.append(time - proposedAt)
    }

    mutating func finalised(_ header: BlockHeader, at time: UInt64, node: Int) {
        guard Int(header.view) < times.count, let proposedAt = times[Int(header.view)]?.proposedAt else { return }
        times[Int(header.view)]?.final.append(time - proposedAt)
    }

    /// Means over all views, in microseconds.
    var summary: (views: Int, period: UInt64, certified: UInt64, final: UInt64) {
        let complete = times.compactMap { $0 }.filter { $0.certified.count == nodeCount && $0.final.count == nodeCount }
        return (
            complete.count, LatencyRecorder.mean(periods), LatencyRecorder.mean(complete.map { LatencyRecorder.median($0.certified) }),
            LatencyRecorder.mean(complete.map { LatencyRecorder.median($0.final) })
        )
    }

    private static func median(_ values: [UInt64]) -> UInt64 {
        let sorted = values.sorted()
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }

    private static func mean(_ values: [UInt64]) -> UInt64 { values.isEmpty ? 0 : values.reduce(0, +) / UInt64(values.count) }
}
