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
