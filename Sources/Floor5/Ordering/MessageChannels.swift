// Floor 5, Ordering: which channel of a connection a message of consensus takes.
package import Consensus
package import Network

extension ConsensusMessage {
    /// Small messages of the protocol go before everything else; bodies of blocks have a channel of their own.
    package var channel: Channel {
        switch self {
        case .proposal, .blockResponse: return .blocks
        case .blockRequest: return .sync
        case .vote, .commitVote, .timeout, .quorumCertificate, .timeoutCertificate, .commitCertificate, .headerProposal, .proposalRequest:
            return .consensus
        }
    }
}

extension ConsensusMessage {
    /// While a peer is slow or away, the newest of a kind speak for the older ones: a certificate proves a higher view or height, and
    /// who has voted in a later view has sent what proves the earlier one. A few votes are kept, so that those of the view that
    /// ends and of the one that begins both arrive; two of the certificates and timeouts, so that a resent one does not push out its
    /// successor; four of the proofs of earlier proposals, which are asked for again when one is lost.
    /// Together 24 messages, and one that is partly out: at most 25 times 64 KiB wait for a peer on the consensus channel.
    package var slot: MessageSlot? {
        switch self {
        case .vote: return MessageSlot(kind: 1, depth: 4)
        case .commitVote: return MessageSlot(kind: 2, depth: 4)
        case .timeout: return MessageSlot(kind: 3, depth: 2)
        case .quorumCertificate: return MessageSlot(kind: 4, depth: 2)
        case .timeoutCertificate: return MessageSlot(kind: 5, depth: 2)
        case .commitCertificate: return MessageSlot(kind: 6, depth: 2)
        case .headerProposal: return MessageSlot(kind: 7, depth: 4)
        case .proposalRequest: return MessageSlot(kind: 8, depth: 4)
        case .proposal, .blockRequest, .blockResponse: return nil
        }
    }
}
