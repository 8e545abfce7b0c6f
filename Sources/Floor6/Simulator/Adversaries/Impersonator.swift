// Signs in the name of others, with its own key: votes, and whole certificates for blocks of its own, a different one for each receiver.
internal import Consensus
internal import Crypto
internal import Primitives

public struct Impersonator: BendingAdversary {
    public var puppet: Puppet?
    private static let percent: UInt64 = 5

    public init() {}

    public mutating func bend(_ honest: [Lie], _ context: inout AdversaryContext) -> [Lie] {
        guard let replica = puppet?.replica, context.random.chance(Impersonator.percent) else { return honest }
        var sent = honest
        for receiver in context.others {
            let payload = [UInt8(truncatingIfNeeded: receiver), UInt8(truncatingIfNeeded: context.random.next())]
            let head = replica.finalisedHeader
            let header = BlockHeader(
                epoch: context.configuration.epoch, view: replica.view, height: head.height + 1, parentHash: head.hash, parentView: head.view,
                payloadRoot: Keccak256.hash(payload), payloadByteCount: UInt32(payload.count),
                timestampMilliseconds: max(head.timestampMilliseconds + 1, context.wallClockMilliseconds),
                proposer: context.set.validators[Int(replica.leader(view: replica.view))].address)
            sent += forgeries(Block(header: header, payload: payload), replica, &context).map { Lie($0, to: [receiver]) }
        }
        return sent
    }

    /// A proposal in the leader's name, votes in everybody's, and certificates that all seem to have signed.
    private func forgeries(_ block: Block, _ replica: Replica, _ context: inout AdversaryContext) -> [ConsensusMessage] {
        let header = block.header
        let hash = header.hash
        let vote = VoteStatement(epoch: header.epoch, view: header.view, blockHash: hash, parentView: header.parentView)
        let commit = CommitStatement(epoch: header.epoch, view: header.view, height: header.height, blockHash: hash)
        var proposal = context.signed(ProposalStatement(epoch: header.epoch, view: header.view, blockHash: hash))
        proposal.signer = replica.leader(view: header.view)
        var votes: [ConsensusMessage] = []
        for signer in context.set.validators.indices {
            var forged = context.signed(vote)
            forged.signer = UInt16(signer)
            votes.append(.vote(forged))
        }
        let entry = replica.safetyRecord.entry
        return [.proposal(Proposal(block: block, justification: entry, signature: proposal.signature))] + votes + [
            .quorumCertificate(certificate(vote, context)), .commitCertificate(certificate(commit, context)),
            .blockResponse(BlockResponse(request: .block(hash), blocks: [block], certificate: nil)),
        ]
    }

    private func certificate<S: Statement>(_ statement: S, _ context: AdversaryContext) -> Certificate<S> {
        var signers = SignerBitmap()
        for index in context.set.validators.indices { signers.insert(index) }
        let signature = context.signed(statement).signature
        return Certificate(statement: statement, signers: signers, signatures: context.set.validators.map { _ in signature })
    }
}
