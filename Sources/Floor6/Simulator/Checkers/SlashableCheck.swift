// No honest validator signs two statements that together are an offence: E1 to E3 (two of a kind in a view), E5 (a timeout hides a vote),
// E6 (a timeout hides a certificate). See Specs/consensus.md, section 7.
public import Consensus
internal import Primitives

public struct SlashableCheck: Checker {
    public private(set) var problems: [String] = []

    /// What one key has signed, each list ascending by view.
    private struct Signed {
        var proposals: [(view: UInt64, hash: Hash256)] = []
        var votes: [VoteStatement] = []
        var commits: [CommitStatement] = []
        var timeouts: [TimeoutStatement] = []
    }

    private var signed: [Signed]

    public init(validatorCount: Int) { signed = Array(repeating: Signed(), count: validatorCount) }

    public mutating func sent(_ message: ConsensusMessage, by signer: Int) {
        switch message {
        case .proposal(let proposal): proposed(proposal.statement, signer)
        case .vote(let vote): voted(vote.statement, signer)
        case .commitVote(let vote): committed(vote.statement, signer)
        case .timeout(let timeout): gaveUp(timeout.signed.statement, signer)
        default: break
        }
    }

    private mutating func proposed(_ statement: ProposalStatement, _ signer: Int) {
        let (place, isKnown) = SlashableCheck.place(signed[signer].proposals, statement.view) { $0.view }
        if isKnown {
            if signed[signer].proposals[place].hash != statement.blockHash { problems.note("E1: validator \(signer), view \(statement.view)") }
        } else {
            signed[signer].proposals.insert((statement.view, statement.blockHash), at: place)
        }
    }

    private mutating func voted(_ vote: VoteStatement, _ signer: Int) {
        let (place, isKnown) = SlashableCheck.place(signed[signer].votes, vote.view) { $0.view }
        if isKnown {
            if signed[signer].votes[place] != vote { problems.note("E2: validator \(signer), view \(vote.view)") }
            return
        }
        signed[signer].votes.insert(vote, at: place)
        for timeout in signed[signer].timeouts.reversed() {
            guard timeout.view >= vote.view else { break }
            check(vote, timeout, signer)
        }
    }

    private mutating func committed(_ vote: CommitStatement, _ signer: Int) {
        let (place, isKnown) = SlashableCheck.place(signed[signer].commits, vote.view) { $0.view }
        if isKnown {
            if signed[signer].commits[place] != vote { problems.note("E3: validator \(signer), view \(vote.view)") }
            return
        }
        signed[signer].commits.insert(vote, at: place)
        for timeout in signed[signer].timeouts.reversed() {
            guard timeout.view >= vote.view else { break }
            check(vote, timeout, signer)
        }
    }

    private mutating func gaveUp(_ timeout: TimeoutStatement, _ signer: Int) {
        let (place, isKnown) = SlashableCheck.place(signed[signer].timeouts, timeout.view) { $0.view }
        if isKnown {
            if signed[signer].timeouts[place] != timeout { problems.note("two timeouts: validator \(signer), view \(timeout.view)") }
            return
        }
        signed[signer].timeouts.insert(timeout, at: place)
        for vote in signed[signer].votes.reversed() where vote.view <= timeout.view {
            // A vote at or below the reported certificate hides nothing, and neither do older ones.
            guard vote.view > timeout.highQCView else { break }
            check(vote, timeout, signer)
        }
        for vote in signed[signer].commits.reversed() where vote.view <= timeout.view {
            guard vote.view > timeout.highQCView else { break }
            check(vote, timeout, signer)
        }
    }

    private mutating func check(_ vote: VoteStatement, _ timeout: TimeoutStatement, _ signer: Int) {
        if max(timeout.tipView, timeout.highQCView) < vote.view {
            problems.note("E5: validator \(signer), vote of \(vote.view) hidden in timeout of \(timeout.view)")
        }
        if timeout.highQCView < vote.parentView {
            problems.note("E6: validator \(signer), certificate of \(vote.parentView) hidden in timeout of \(timeout.view)")
        }
    }

    private mutating func check(_ vote: CommitStatement, _ timeout: TimeoutStatement, _ signer: Int) {
        if timeout.highQCView < vote.view {
            problems.note("E6: validator \(signer), certificate of \(vote.view) hidden in timeout of \(timeout.view)")
        }
    }

    /// Where a view is, or belongs, in an ascending list. Nearly always at the end.
    private static func place<T>(_ list: [T], _ view: UInt64, _ viewOf: (T) -> UInt64) -> (Int, isKnown: Bool) {
        var place = list.count
        while place > 0, viewOf(list[place - 1]) >= view { place -= 1 }
        return (place, place < list.count && viewOf(list[place]) == view)
    }
}
