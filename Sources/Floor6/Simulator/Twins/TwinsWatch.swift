// Floor 6, Simulator: what may never happen in a twins scenario within the fault weight: a fork, an honest signer that could be slashed, an
// honest node that is accused.
internal import Consensus
internal import Primitives

/// What a scenario showed to be broken.
public enum TwinsViolation: Equatable, Sendable {
    /// Two nodes finalised different blocks of this height.
    case fork(height: UInt64)
    /// A key that runs once signed two statements that convict it.
    case slashable(key: Int, SlashablePair)
    /// A node accuses a key that runs once, or takes an honest message for an invalid one.
    case falseAccusation(by: Int)
    /// A node saw two commit certificates that contradict each other.
    case conflictingCertificates
    /// No progress after the partitions are over.
    case stuck

    public enum SlashablePair: String, Sendable {
        case proposals, votes, commitVotes, timeouts, hiddenVote, hiddenParentCertificate, hiddenCertificate
    }
}

struct TwinsWatch {
    /// What one key signed, by view.
    private struct Signed {
        var proposals: [(view: UInt64, hash: Hash256)] = []
        var votes: [VoteStatement] = []
        var commits: [CommitStatement] = []
        var timeouts: [TimeoutStatement] = []
    }

    private let setting: TwinsSetting
    private var signed: [Signed]
    private var chain: [Hash256] = []

    init(setting: TwinsSetting) {
        self.setting = setting
        signed = Array(repeating: Signed(), count: setting.keys)
    }

    /// Blocks became final at a node: the last `count` of its store.
    mutating func finalised(_ store: TwinsStore, count: Int, node: Int) -> TwinsViolation? {
        for height in (store.final.count - count)..<store.final.count {
            if height < chain.count {
                if chain[height] != store.final[height] { return .fork(height: UInt64(height + 1)) }
            } else {
                chain.append(store.final[height])
            }
        }
        return nil
    }

    func blamed(_ what: Misbehaviour, by node: Int) -> TwinsViolation? {
        switch what {
        case .equivocation(let validator, _): Int(validator) < setting.twins ? nil : .falseAccusation(by: node)
        case .conflictingFinality: .conflictingCertificates
        default: .falseAccusation(by: node)
        }
    }

    /// A node sent a message; keys that run twice may contradict themselves.
    mutating func sent(_ message: ConsensusMessage, by key: Int) -> TwinsViolation? {
        guard key >= setting.twins, let pair = convicting(message, &signed[key]) else { return nil }
        return .slashable(key: key, pair)
    }

    private func convicting(_ message: ConsensusMessage, _ mine: inout Signed) -> TwinsViolation.SlashablePair? {
        switch message {
        case .proposal(let proposal):
            let statement = proposal.statement
            if mine.proposals.contains(where: { $0.view == statement.view && $0.hash != statement.blockHash }) { return .proposals }
            mine.proposals.append((statement.view, statement.blockHash))
        case .vote(let vote):
            let statement = vote.statement
            if mine.votes.contains(statement) { return nil }
            if mine.votes.contains(where: { $0.view == statement.view }) { return .votes }
            mine.votes.append(statement)
            for timeout in mine.timeouts { if let pair = hidden(statement, timeout) { return pair } }
        case .commitVote(let vote):
            let statement = vote.statement
            if mine.commits.contains(statement) { return nil }
            if mine.commits.contains(where: { $0.view == statement.view }) { return .commitVotes }
            mine.commits.append(statement)
            for timeout in mine.timeouts where hides(statement, timeout) { return .hiddenCertificate }
        case .timeout(let timeout):
            let statement = timeout.signed.statement
            if mine.timeouts.contains(statement) { return nil }
            if mine.timeouts.contains(where: { $0.view == statement.view }) { return .timeouts }
            mine.timeouts.append(statement)
            for vote in mine.votes { if let pair = hidden(vote, statement) { return pair } }
            for vote in mine.commits where hides(vote, statement) { return .hiddenCertificate }
        default: break
        }
        return nil
    }

    private func hidden(_ vote: VoteStatement, _ timeout: TimeoutStatement) -> TwinsViolation.SlashablePair? {
        guard vote.view <= timeout.view else { return nil }
        if max(timeout.tipView, timeout.highQCView) < vote.view { return .hiddenVote }
        return timeout.highQCView < vote.parentView ? .hiddenParentCertificate : nil
    }

    private func hides(_ vote: CommitStatement, _ timeout: TimeoutStatement) -> Bool {
        vote.view <= timeout.view && timeout.highQCView < vote.view
    }
}
