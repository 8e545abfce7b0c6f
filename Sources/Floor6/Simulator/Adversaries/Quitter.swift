// Gives up every view as soon as it begins, to stop all progress: its weight alone must not make others join.
internal import Consensus
internal import Primitives

public struct Quitter: BendingAdversary {
    public var puppet: Puppet?
    private var quitView: UInt64 = 0

    public init() {}

    public mutating func bend(_ honest: [Lie], _ context: inout AdversaryContext) -> [Lie] {
        guard let record = puppet?.safetyRecord, record.view > quitView else { return honest }
        quitView = record.view
        let statement = TimeoutStatement(
            epoch: record.epoch, view: record.view, highQCView: record.highQC.view, highQCHash: record.highQC.blockHash, tipView: 0,
            tipHash: .zero, tipParentHash: .zero)
        let timeout = Timeout(signed: context.signed(statement), highQC: record.highQC, entry: record.entry)
        return honest + [Lie(.timeout(timeout), to: context.others)]
    }
}

extension Puppet {
    /// What the honest mind remembers.
    var safetyRecord: SafetyRecord { replica.safetyRecord }
}
