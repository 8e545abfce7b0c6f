// Follows the protocol, but its votes go to nobody, so that it alone may complete certificates; those it lets out late, and to some.
internal import Consensus

public struct CertificateHider: BendingAdversary {
    public var puppet: Puppet?
    /// Long enough that the others have given up the view.
    static let delayMilliseconds: ClosedRange<UInt64> = 50...1_500

    public init() {}

    public mutating func bend(_ honest: [Lie], _ context: inout AdversaryContext) -> [Lie] {
        var sent: [Lie] = []
        for lie in honest {
            switch lie.message {
            case .vote, .commitVote: continue
            case .quorumCertificate, .timeoutCertificate, .commitCertificate:
                let delay = context.random.within(CertificateHider.delayMilliseconds)
                sent.append(Lie(lie.message, to: context.some(of: lie.receivers, percent: 50), afterMilliseconds: delay))
            default: sent.append(lie)
            }
        }
        return sent
    }
}
