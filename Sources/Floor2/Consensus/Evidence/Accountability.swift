// When two commit certificates contradict each other, more than F of the weight has lied. This names them.
//
// Let the certificates be for (v, h) and (w, g), v <= w, on different branches. v = w: the signers of both signed two commit votes of one view (E3).
// v < w: take the least view u > v in which a block that does not extend h was certified. Under a QC(u - 1) its parent was certified in v beside h: the
// voters of both broke E2. Else the proposal of u stood on a TC(u - 1) whose reports are all below v; each of its signers that also signed (v, h)
// hid that certificate (E6). Two quorums share more than F, so at least F + 1 of the weight is named, if the certificates named here are at hand.
// Nobody is named without two signatures that convict; so no honest validator ever is, whatever is handed in.
import Crypto
import Primitives

/// Who broke the rules, and how that is proven.
public struct Accusation: Equatable, Sendable {
    /// One finding per culprit, in the order of their indices.
    public var findings: [Finding] = []
    /// The sum of the culprits' weights.
    public var weight: UInt64 = 0

    public init() {}
}

/// Certificates of one epoch that may hold statements which contradict each other. They need not be verified.
public struct CaseFile: Sendable {
    public var commits: [CommitCertificate]
    public var quorums: [QuorumCertificate]
    public var timeouts: [TimeoutCertificate]

    public init(commits: [CommitCertificate] = [], quorums: [QuorumCertificate] = [], timeouts: [TimeoutCertificate] = []) {
        self.commits = commits
        self.quorums = quorums
        self.timeouts = timeouts
    }

    /// Adds a justification and the certificate inside.
    public mutating func add(_ justification: Justification) {
        if !quorums.contains(justification.parentCertificate) { quorums.append(justification.parentCertificate) }
        if case .timeout(let certificate) = justification, !timeouts.contains(certificate) { timeouts.append(certificate) }
    }

    /// One finding for every validator of the epoch that two statements in the file convict.
    public func culprits(_ set: ValidatorSet, _ domain: SigningDomain, epoch: UInt32) -> Accusation {
        var accusation = Accusation()
        for index in set.validators.indices {
            guard let evidence = conviction(of: index, set, domain, epoch: epoch) else { continue }
            let offence = evidence.offence(set)
            accusation.findings.append(Finding(offence: offence, evidence: evidence))
            accusation.weight += offence.weight
        }
        return accusation
    }

    private func conviction(of index: Int, _ set: ValidatorSet, _ domain: SigningDomain, epoch: UInt32) -> Evidence? {
        var mine = Statements()
        for certificate in commits where certificate.statement.epoch == epoch {
            if let signature = certificate.signature(of: index) {
                mine.commits.append(Signed(statement: certificate.statement, signer: UInt16(index), signature: signature))
            }
        }
        for certificate in quorums where certificate.statement.epoch == epoch {
            if let signature = certificate.signature(of: index) {
                mine.votes.append(Signed(statement: certificate.statement, signer: UInt16(index), signature: signature))
            }
        }
        for certificate in timeouts where certificate.epoch == epoch {
            for signed in certificate.signed where Int(signed.signer) == index { mine.timeouts.append(signed) }
        }
        return mine.evidence.first {
            do {
                _ = try $0.verify(set, domain)
                return true
            } catch {
                return false
            }
        }
    }
}

/// What one validator signed, and the pairs in it that convict if the signatures are good.
private struct Statements {
    var commits: [CommitVote] = []
    var votes: [Vote] = []
    var timeouts: [Signed<TimeoutStatement>] = []

    var evidence: [Evidence] {
        var pairs: [Evidence] = []
        for (first, second) in contradictions(commits) { pairs.append(.commitVotes(first, second)) }
        for (first, second) in contradictions(votes) { pairs.append(.votes(first, second)) }
        for timeout in timeouts {
            for commit in commits where timeout.statement.hides(certificateOf: commit.statement) { pairs.append(.hiddenCertificate(commit, timeout)) }
            for vote in votes {
                if timeout.statement.hides(vote: vote.statement) { pairs.append(.hiddenVote(vote, timeout)) }
                if timeout.statement.hides(parentOf: vote.statement) { pairs.append(.hiddenParent(vote, timeout)) }
            }
        }
        return pairs
    }

    /// Different statements of one view.
    private func contradictions<S: Statement>(_ list: [Signed<S>]) -> [(Signed<S>, Signed<S>)] {
        var pairs: [(Signed<S>, Signed<S>)] = []
        let sorted = list.sorted { $0.statement.view < $1.statement.view }
        for (position, first) in sorted.enumerated() {
            for second in sorted[(position + 1)...] {
                guard second.statement.view == first.statement.view else { break }
                if second.statement != first.statement { pairs.append((first, second)) }
            }
        }
        return pairs
    }
}

extension Certificate {
    /// The signature of the validator with this index.
    fileprivate func signature(of index: Int) -> RecoverableSignature? {
        signed.first { Int($0.signer) == index }?.signature
    }
}
