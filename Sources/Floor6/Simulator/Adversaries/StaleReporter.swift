// Gives up every view at once and hides the newest certificate: its timeout names an older one (offence E6 once it has committed to the newer).
// As leader it is silent, so that its views end by timeouts.
internal import Consensus
internal import Primitives

public struct StaleReporter: BendingAdversary {
    public var puppet: Puppet?
    private var quitView: UInt64 = 0
    /// The highest certificates so far, ascending.
    private var certificates: [QuorumCertificate] = []

    public init() {}

    public mutating func bend(_ honest: [Lie], _ context: inout AdversaryContext) -> [Lie] {
        guard let record = puppet?.safetyRecord else { return honest }
        if certificates.last?.view != record.highQC.view { certificates = certificates.suffix(1) + [record.highQC] }
        let sent = honest.filter { lie in
            switch lie.message {
            case .proposal, .timeout: false
            default: true
            }
        }
        guard record.view > quitView, let old = certificates.first else { return sent }
        quitView = record.view
        let statement = TimeoutStatement(
            epoch: record.epoch, view: record.view, highQCView: old.view, highQCHash: old.blockHash, tipView: 0, tipHash: .zero,
            tipParentHash: .zero)
        let timeout = Timeout(signed: context.signed(statement), highQC: old, entry: record.entry)
        return sent + [Lie(.timeout(timeout), to: context.others)]
    }
}
