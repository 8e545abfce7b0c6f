// The offences of validators: each is proven by two signed statements of one key, so a parent's contract can check it with two
// `ecrecover` and a few comparisons of integers (`Specs/evidence.md`).
// Invariant: no statements that an honest replica signs, in any order and after any restart, satisfy `Offence.Code`'s conditions.
public import Primitives

/// Two signed statements of one validator that no honest validator signs both.
public enum Evidence: Equatable, Sendable {
    /// E1: two proposals of one view.
    case proposals(Signed<ProposalStatement>, Signed<ProposalStatement>)
    /// E2: two votes of one view.
    case votes(Vote, Vote)
    /// E3: two commit votes of one view.
    case commitVotes(CommitVote, CommitVote)
    /// E5: a timeout of the vote's or a later view that hides the vote: neither its tip nor its certificate is as new.
    case hiddenVote(Vote, Signed<TimeoutStatement>)
    /// E6: a timeout of the commit vote's or a later view that hides the certificate which the commit vote answered.
    case hiddenCertificate(CommitVote, Signed<TimeoutStatement>)
    /// E6, second pair: a timeout of the vote's or a later view that hides the certificate of the voted block's parent.
    case hiddenParent(Vote, Signed<TimeoutStatement>)
}

/// What a validator is guilty of, as verified evidence shows.
public struct Offence: Equatable, Sendable {
    /// The kinds of evidence; the raw value is the first word of the byte format. 4 is not used.
    public enum Code: UInt8, CaseIterable, Sendable {
        case equivocatingProposals = 1
        case equivocatingVotes = 2
        case equivocatingCommitVotes = 3
        case hiddenVote = 5
        case hiddenCertificate = 6
        case hiddenParent = 7
    }

    public var code: Code
    public var epoch: UInt32
    /// The view of the first statement.
    public var view: UInt64
    /// The culprit's index in the set of `epoch`.
    public var signer: UInt16
    public var validator: Address
    public var weight: UInt64
}

extension Offence: CustomStringConvertible {
    /// One line for a log.
    public var description: String { "\(code.title): validator \(validator.hex), weight \(weight), epoch \(epoch), view \(view)" }
}

extension Offence.Code {
    /// The number of the table in `Specs/evidence.md` and what was done.
    public var title: String {
        switch self {
        case .equivocatingProposals: "E1 two proposals of one view"
        case .equivocatingVotes: "E2 two votes of one view"
        case .equivocatingCommitVotes: "E3 two commit votes of one view"
        case .hiddenVote: "E5 a timeout that hides a vote"
        case .hiddenCertificate: "E6 a timeout that hides the certificate of a commit vote"
        case .hiddenParent: "E6 a timeout that hides the certificate of a voted block's parent"
        }
    }
}

/// Why evidence proves nothing.
public enum EvidenceError: Error, Equatable, Sendable {
    /// The statements are of different epochs.
    case epochsDiffer
    /// The two statements are not of one validator.
    case signersDiffer
    /// The signer is not in the set.
    case unknownSigner
    /// An honest validator may have signed both.
    case noOffence
    case invalidSignature
}

extension Evidence {
    public var code: Offence.Code {
        switch self {
        case .proposals: .equivocatingProposals
        case .votes: .equivocatingVotes
        case .commitVotes: .equivocatingCommitVotes
        case .hiddenVote: .hiddenVote
        case .hiddenCertificate: .hiddenCertificate
        case .hiddenParent: .hiddenParent
        }
    }

    /// The signer of the first statement.
    public var signer: UInt16 {
        switch self {
        case .proposals(let first, _): first.signer
        case .votes(let first, _), .hiddenVote(let first, _), .hiddenParent(let first, _): first.signer
        case .commitVotes(let first, _), .hiddenCertificate(let first, _): first.signer
        }
    }

    /// The epoch of the first statement, in whose set the signer's index counts.
    public var epoch: UInt32 {
        switch self {
        case .proposals(let first, _): first.statement.epoch
        case .votes(let first, _), .hiddenVote(let first, _), .hiddenParent(let first, _): first.statement.epoch
        case .commitVotes(let first, _), .hiddenCertificate(let first, _): first.statement.epoch
        }
    }

    /// The view of the first statement.
    public var view: UInt64 {
        switch self {
        case .proposals(let first, _): first.statement.view
        case .votes(let first, _), .hiddenVote(let first, _), .hiddenParent(let first, _): first.statement.view
        case .commitVotes(let first, _), .hiddenCertificate(let first, _): first.statement.view
        }
    }

    /// The view of the second statement.
    public var secondView: UInt64 {
        switch self {
        case .proposals(_, let second): second.statement.view
        case .votes(_, let second): second.statement.view
        case .commitVotes(_, let second): second.statement.view
        case .hiddenVote(_, let second), .hiddenParent(_, let second), .hiddenCertificate(_, let second): second.statement.view
        }
    }

    /// Checks that both statements are signed by one validator of `set` and that no honest one signs both. `set` must be that of `epoch`.
    public func verify(_ set: ValidatorSet, _ domain: SigningDomain) throws(EvidenceError) -> Offence {
        switch self {
        case .proposals(let first, let second):
            try check(first, second, set, domain, isOffence: isEquivocation(first.statement, second.statement))
        case .votes(let first, let second):
            try check(first, second, set, domain, isOffence: isEquivocation(first.statement, second.statement))
        case .commitVotes(let first, let second):
            try check(first, second, set, domain, isOffence: isEquivocation(first.statement, second.statement))
        case .hiddenVote(let first, let second):
            try check(first, second, set, domain, isOffence: second.statement.hides(vote: first.statement))
        case .hiddenCertificate(let first, let second):
            try check(first, second, set, domain, isOffence: second.statement.hides(certificateOf: first.statement))
        case .hiddenParent(let first, let second):
            try check(first, second, set, domain, isOffence: second.statement.hides(parentOf: first.statement))
        }
        return offence(set)
    }

    /// What the evidence shows when it is valid.
    func offence(_ set: ValidatorSet) -> Offence {
        let index = Int(signer)
        return Offence(
            code: code, epoch: epoch, view: view, signer: signer,
            validator: set.validators.indices.contains(index) ? set.validators[index].address : .zero, weight: set.weight(index))
    }
}

private func isEquivocation<S: Statement>(_ first: S, _ second: S) -> Bool {
    first.view == second.view && first != second
}

private func check<S: Statement, T: Statement>(
    _ first: Signed<S>, _ second: Signed<T>, _ set: ValidatorSet, _ domain: SigningDomain, isOffence: Bool
) throws(EvidenceError) {
    guard first.statement.epoch == second.statement.epoch else { throw .epochsDiffer }
    guard first.signer == second.signer else { throw .signersDiffer }
    guard Int(first.signer) < set.count else { throw .unknownSigner }
    guard isOffence else { throw .noOffence }
    guard set.verify(first.statement.digest(domain), first.signature, by: Int(first.signer)),
        set.verify(second.statement.digest(domain), second.signature, by: Int(second.signer))
    else { throw .invalidSignature }
}

extension TimeoutStatement {
    /// E5: signed at or after the view of the vote, and its tip and certificate are both older.
    func hides(vote: VoteStatement) -> Bool {
        view >= vote.view && max(tipView, highQCView) < vote.view
    }

    /// E6: signed at or after the view of the commit vote, and its certificate is older than the one that the commit vote answers.
    func hides(certificateOf vote: CommitStatement) -> Bool {
        view >= vote.view && highQCView < vote.view
    }

    /// E6, second pair: signed at or after the view of the vote, and its certificate is older than that of the voted block's parent.
    func hides(parentOf vote: VoteStatement) -> Bool {
        view >= vote.view && highQCView < vote.parentView
    }
}
