// Floor 6, StateBench: what was measured, for people and for programs.
internal import Foundation

/// One size of the state.
public struct StateBenchmarkRow: Encodable, Sendable {
    public var accounts: Int
    public var accountsAfter = 0
    public var loadSeconds = 0.0
    /// With the check of the store's pages.
    public var openSeconds = 0.0
    public var readsPerSecond = 0.0
    /// Medians over the blocks.
    public var updateMilliseconds = 0.0
    public var appendMilliseconds = 0.0
    /// Of all threads; on a busy machine the better measure.
    public var updateProcessorMilliseconds = 0.0
    public var appendProcessorMilliseconds = 0.0
    /// Changed accounts per second of computing the tree's update, reads of the stored tree included.
    public var treeUpdatesPerSecond = 0.0
    /// The same with the durable append.
    public var durableUpdatesPerSecond = 0.0
    public var bytesPerAccountLoaded = 0.0
    /// After the blocks, with the versions of the history window.
    public var bytesPerAccount = 0.0
    /// Of the process until then.
    public var peakResidentMebibytes = 0.0

    var blockProcessorMilliseconds: Double { updateProcessorMilliseconds + appendProcessorMilliseconds }

    init(accounts: Int) { self.accounts = accounts }
}

public struct StateBenchmarkResult: Encodable, Sendable {
    public var changesPerBlock: Int
    public var blocks: Int
    public var rows: [StateBenchmarkRow]

    /// A table with columns of growth: the processor time of an update, and of a whole block, over that at the size before.
    public var table: [[String]] {
        var lines = [[
            "accounts", "load s", "reads/s", "update ms (CPU)", "append ms (CPU)", "tree updates/s", "durable/s", "bytes/account", "after blocks",
            "peak MiB", "update cost", "whole cost",
        ]]
        for (index, row) in rows.enumerated() {
            let before = index > 0 ? rows[index - 1] : nil
            lines.append([
                "\(row.accounts)", number(row.loadSeconds, 1), number(row.readsPerSecond, 0),
                "\(number(row.updateMilliseconds, 1)) (\(number(row.updateProcessorMilliseconds, 1)))",
                "\(number(row.appendMilliseconds, 1)) (\(number(row.appendProcessorMilliseconds, 1)))", number(row.treeUpdatesPerSecond, 0), number(row.durableUpdatesPerSecond, 0),
                number(row.bytesPerAccountLoaded, 0), number(row.bytesPerAccount, 0), number(row.peakResidentMebibytes, 0),
                before.map { "x " + number(row.updateProcessorMilliseconds / $0.updateProcessorMilliseconds, 2) } ?? "",
                before.map { "x " + number(row.blockProcessorMilliseconds / $0.blockProcessorMilliseconds, 2) } ?? "",
            ])
        }
        return lines
    }

    private func number(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
}
