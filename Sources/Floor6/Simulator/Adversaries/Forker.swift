// Leads against the rules: its blocks leave out the block that the justification certifies, or stand on a justification that is too old.
// Honest validators must not vote for them: else a block that is about to be final loses its place.
public import Consensus
internal import Primitives

public struct Forker: BendingAdversary {
    public var puppet: Puppet?
    private var headers: [BlockHeader] = []
    private var certificates: [QuorumCertificate] = []
    private static let memory = 16

    public init() {}

    public mutating func receive(_ message: ConsensusMessage, from: Int, _ context: inout AdversaryContext) -> [Lie] {
        if case .proposal(let proposal) = message { learn(proposal) }
        let honest = puppet?.receive(message, from: from, &context) ?? []
        return bend(honest, &context)
    }

    private mutating func learn(_ proposal: Proposal) {
        headers.append(proposal.block.header)
        certificates.append(proposal.justification.parentCertificate)
        if headers.count > Forker.memory { headers.removeFirst() }
        if certificates.count > Forker.memory { certificates.removeFirst() }
    }

    public mutating func bend(_ honest: [Lie], _ context: inout AdversaryContext) -> [Lie] {
        honest.map { lie in
            guard case .proposal(let proposal) = lie.message else { return lie }
            learn(proposal)
            return Lie(.proposal(bent(proposal, &context)), to: lie.receivers)
        }
    }

    /// A block beside the newest certified one: on that one's parent.
    private func bent(_ proposal: Proposal, _ context: inout AdversaryContext) -> Proposal {
        guard let certified = headers.last(where: { $0.hash == proposal.block.header.parentHash }),
            let older = certificates.last(where: { $0.blockHash == certified.parentHash }), certified.height >= 1
        else { return proposal }
        var header = proposal.block.header
        header.parentHash = certified.parentHash
        header.parentView = older.view
        header.height = certified.height
        let signed = context.signed(ProposalStatement(epoch: header.epoch, view: header.view, blockHash: header.hash))
        let justification = context.random.chance(50) ? proposal.justification : .quorum(older)
        return Proposal(
            block: Block(header: header, payload: proposal.block.payload), justification: justification, signature: signed.signature)
    }
}
