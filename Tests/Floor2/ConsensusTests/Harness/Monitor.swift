// Watches everything honest validators sign: nothing that could be slashed, nothing before it is durable; and that all agree.
import Consensus
import Primitives

struct Monitor {
    struct Signatures {
        var proposals: [UInt64: Hash256] = [:]
        var votes: [UInt64: VoteStatement] = [:]
        var commits: [UInt64: CommitStatement] = [:]
        var timeouts: [UInt64: TimeoutStatement] = [:]
    }

    private var signatures: [Int: Signatures] = [:]
    private var final: [UInt64: Hash256] = [:]
    var problems: [String] = []
    /// Signers whose misbehaviour is intended.
    var isExempt: Set<Int> = []

    mutating func finalised(_ height: UInt64, _ hash: Hash256, node: Int) {
        if let known = final[height], known != hash { problems.append("fork at height \(height), node \(node)") }
        final[height] = hash
    }

    mutating func sent(_ message: ConsensusMessage, by node: Int, signer: Int, record: SafetyRecord?) {
        guard !isExempt.contains(signer) else { return }
        var mine = signatures.removeValue(forKey: signer) ?? Signatures()
        switch message {
        case .proposal(let proposal):
            check(mine.proposals[proposal.statement.view], proposal.statement.blockHash, "proposals", node)
            mine.proposals[proposal.statement.view] = proposal.statement.blockHash
            durable((record?.lastProposedView ?? 0) >= proposal.statement.view, "proposal", node)
        case .vote(let vote):
            check(mine.votes[vote.statement.view], vote.statement, "votes", node)
            mine.votes[vote.statement.view] = vote.statement
            durable((record?.lastVotedView ?? 0) >= vote.statement.view, "vote", node)
        case .commitVote(let vote):
            check(mine.commits[vote.statement.view], vote.statement, "commit votes", node)
            mine.commits[vote.statement.view] = vote.statement
            durable((record?.lastCommitVotedView ?? 0) >= vote.statement.view, "commit vote", node)
        case .timeout(let timeout):
            check(mine.timeouts[timeout.signed.statement.view], timeout.signed.statement, "timeouts", node)
            mine.timeouts[timeout.signed.statement.view] = timeout.signed.statement
            durable((record?.lastTimeoutView ?? 0) >= timeout.signed.statement.view, "timeout", node)
        default: break
        }
        signatures[signer] = mine
    }

    private mutating func check<T: Equatable>(_ known: T?, _ new: T, _ what: String, _ node: Int) {
        if let known, known != new { problems.append("node \(node) signed two different \(what) of one view") }
    }

    private mutating func durable(_ isDurable: Bool, _ what: String, _ node: Int) {
        if !isDurable { problems.append("node \(node) sent a \(what) before it was durable") }
    }

    /// Offences E5 and E6 of honest validators; must stay empty.
    mutating func checkHidden() {
        for (signer, mine) in signatures {
            for (w, timeout) in mine.timeouts {
                for (v, vote) in mine.votes where v <= w {
                    if max(timeout.tipView, timeout.highQCView) < v { problems.append("hidden vote of \(signer)") }
                    if timeout.highQCView < vote.parentView { problems.append("hidden parent certificate of \(signer)") }
                }
                for v in mine.commits.keys where v <= w && timeout.highQCView < v { problems.append("hidden certificate of \(signer)") }
            }
        }
    }
}
