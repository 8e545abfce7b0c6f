// Nothing that binds a validator leaves its node before the record of it is durable.
public import Consensus

public struct DurabilityCheck: Checker {
    public private(set) var problems: [String] = []

    public init() {}

    /// `record` is what the node's disk holds at the moment the message leaves.
    public mutating func sent(_ message: ConsensusMessage, node: Int, record: SafetyRecord?) {
        switch message {
        case .proposal(let proposal):
            require((record?.lastProposedView ?? 0) >= proposal.statement.view, "a proposal", node)
        case .vote(let vote):
            require((record?.lastVotedView ?? 0) >= vote.statement.view, "a vote", node)
        case .commitVote(let vote):
            require((record?.lastCommitVotedView ?? 0) >= vote.statement.view, "a commit vote", node)
        case .timeout(let timeout):
            require((record?.lastTimeoutView ?? 0) >= timeout.signed.statement.view, "a timeout", node)
        default: break
        }
    }

    private mutating func require(_ isDurable: Bool, _ what: String, _ node: Int) {
        if !isDurable { problems.note("node \(node) sent \(what) before it was durable") }
    }
}
