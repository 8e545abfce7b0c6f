// Watches what the validators of one epoch sign and finds the pairs that no honest one signs.
//
// Invariants: memory is bounded whatever comes (a few statements per validator and kind, a few findings per validator and code); what is
// found is verified; each finding is told once. Signatures are checked only when a pair would be evidence, so watching costs next to nothing.
import Primitives

/// A verified offence with what proves it.
public struct Finding: Equatable, Sendable {
    public var offence: Offence
    public var evidence: Evidence
}

/// What a statement brought to light.
public struct Observation: Equatable, Sendable {
    /// New findings.
    public var findings: [Finding] = []
    /// The statement contradicts another one, and its signature is bad.
    public var isForged = false

    public init() {}
}

/// The watch over one epoch's validators.
public struct EvidencePool: Sendable {
    public let set: ValidatorSet
    public let domain: SigningDomain
    public let epoch: UInt32

    private var proposals: StatementRing<ProposalStatement>
    private var votes: StatementRing<VoteStatement>
    private var commitVotes: StatementRing<CommitStatement>
    private var timeouts: StatementRing<TimeoutStatement>
    /// Per validator the highest view of a timeout kept.
    private var highestTimeout: [UInt64]
    private var told: [Offence] = []

    /// Statements kept per validator and kind: those of the newest views. Pairs that lie further apart are found from certificates (`Accountability`).
    public static let window = 8
    /// Findings per validator and code: one is enough to slash, a few more tell a slip from a habit, and a liar cannot fill the store.
    public static let maximumFindingsPerCode = 4

    public init(_ set: ValidatorSet, _ domain: SigningDomain, epoch: UInt32) {
        self.set = set
        self.domain = domain
        self.epoch = epoch
        proposals = StatementRing(validatorCount: set.count)
        votes = StatementRing(validatorCount: set.count)
        commitVotes = StatementRing(validatorCount: set.count)
        timeouts = StatementRing(validatorCount: set.count)
        highestTimeout = Array(repeating: 0, count: set.count)
    }

    // MARK: Statements

    /// A leader's word for a block. Pass only statements of views not far ahead of the own one: newer ones push older ones out.
    public mutating func observe(_ proposal: Signed<ProposalStatement>, isVerified: Bool = false) -> Observation {
        guard isOurs(proposal) else { return Observation() }
        var observation = Observation()
        let bench = Bench(set: set, domain: domain)
        if let pair = bench.add(.init(signed: proposal, isVerified: isVerified), to: &proposals, &observation) {
            tell(.proposals(pair.0, pair.1), &observation)
        }
        return observation
    }

    public mutating func observe(_ vote: Vote, isVerified: Bool = false) -> Observation {
        guard isOurs(vote) else { return Observation() }
        var observation = Observation()
        let bench = Bench(set: set, domain: domain)
        if let pair = bench.add(.init(signed: vote, isVerified: isVerified), to: &votes, &observation) {
            tell(.votes(pair.0, pair.1), &observation)
        }
        guard highestTimeout[Int(vote.signer)] >= vote.statement.view else { return observation }
        for timeout in timeouts.entries(of: vote.signer) {
            let isHiddenVote = timeout.signed.statement.hides(vote: vote.statement)
            let isHiddenParent = timeout.signed.statement.hides(parentOf: vote.statement)
            guard isHiddenVote || isHiddenParent, bench.isValid(.init(signed: vote, isVerified: isVerified)), bench.isValid(timeout) else { continue }
            if isHiddenVote { tell(.hiddenVote(vote, timeout.signed), &observation) }
            if isHiddenParent { tell(.hiddenParent(vote, timeout.signed), &observation) }
        }
        return observation
    }

    public mutating func observe(_ vote: CommitVote, isVerified: Bool = false) -> Observation {
        guard isOurs(vote) else { return Observation() }
        var observation = Observation()
        let bench = Bench(set: set, domain: domain)
        if let pair = bench.add(.init(signed: vote, isVerified: isVerified), to: &commitVotes, &observation) {
            tell(.commitVotes(pair.0, pair.1), &observation)
        }
        guard highestTimeout[Int(vote.signer)] >= vote.statement.view else { return observation }
        for timeout in timeouts.entries(of: vote.signer) where timeout.signed.statement.hides(certificateOf: vote.statement) {
            guard bench.isValid(.init(signed: vote, isVerified: isVerified)), bench.isValid(timeout) else { continue }
            tell(.hiddenCertificate(vote, timeout.signed), &observation)
        }
        return observation
    }

    /// Two timeouts of one view are no offence; each is held against the votes.
    public mutating func observe(_ timeout: Signed<TimeoutStatement>, isVerified: Bool = false) -> Observation {
        guard isOurs(timeout) else { return Observation() }
        var observation = Observation()
        let signer = timeout.signer
        if let known = timeouts.entry(view: timeout.statement.view, signer: signer), known.signed == timeout { return observation }
        let bench = Bench(set: set, domain: domain)
        let mine = StatementRing<TimeoutStatement>.Entry(signed: timeout, isVerified: isVerified)
        for vote in votes.entries(of: signer) {
            let isHiddenVote = timeout.statement.hides(vote: vote.signed.statement)
            let isHiddenParent = timeout.statement.hides(parentOf: vote.signed.statement)
            guard isHiddenVote || isHiddenParent, bench.isValid(mine), bench.isValid(vote) else { continue }
            if isHiddenVote { tell(.hiddenVote(vote.signed, timeout), &observation) }
            if isHiddenParent { tell(.hiddenParent(vote.signed, timeout), &observation) }
        }
        for vote in commitVotes.entries(of: signer) where timeout.statement.hides(certificateOf: vote.signed.statement) {
            guard bench.isValid(mine), bench.isValid(vote) else { continue }
            tell(.hiddenCertificate(vote.signed, timeout), &observation)
        }
        timeouts.set(mine)
        highestTimeout[Int(signer)] = max(highestTimeout[Int(signer)], timeout.statement.view)
        return observation
    }

    // MARK: Verified certificates

    /// The votes inside a verified certificate.
    public mutating func observe(_ certificate: QuorumCertificate) -> Observation {
        var observation = Observation()
        for vote in certificate.signed { observation.findings += observe(vote, isVerified: true).findings }
        return observation
    }

    /// The commit votes inside a verified certificate.
    public mutating func observe(_ certificate: CommitCertificate) -> Observation {
        var observation = Observation()
        for vote in certificate.signed { observation.findings += observe(vote, isVerified: true).findings }
        return observation
    }

    /// The timeouts inside a verified certificate.
    public mutating func observe(_ certificate: TimeoutCertificate) -> Observation {
        var observation = Observation()
        for timeout in certificate.signed { observation.findings += observe(timeout, isVerified: true).findings }
        return observation
    }

    // MARK: Helpers

    private func isOurs<S: Statement>(_ signed: Signed<S>) -> Bool {
        signed.statement.epoch == epoch && signed.statement.view >= 1 && Int(signed.signer) < set.count
    }

    private mutating func tell(_ evidence: Evidence, _ observation: inout Observation) {
        let offence = evidence.offence(set)
        var count = 0
        for known in told where known.signer == offence.signer && known.code == offence.code {
            if known.view == offence.view { return }
            count += 1
        }
        guard count < EvidencePool.maximumFindingsPerCode else { return }
        told.append(offence)
        observation.findings.append(Finding(offence: offence, evidence: evidence))
    }
}

/// Checks signatures, and pairs of one kind.
private struct Bench {
    let set: ValidatorSet
    let domain: SigningDomain

    func isValid<S: Statement>(_ entry: StatementRing<S>.Entry) -> Bool {
        entry.isVerified || set.verify(entry.signed.statement.digest(domain), entry.signed.signature, by: Int(entry.signed.signer))
    }

    /// Keeps a statement. When another one of its signer and view is there, the one with a good signature stays; both good: a pair.
    func add<S: Statement>(
        _ new: StatementRing<S>.Entry, to ring: inout StatementRing<S>, _ observation: inout Observation
    ) -> (Signed<S>, Signed<S>)? {
        guard let known = ring.entry(view: new.signed.statement.view, signer: new.signed.signer) else {
            ring.set(new)
            return nil
        }
        if known.signed.statement == new.signed.statement {
            if new.isVerified, !known.isVerified { ring.set(new) }
            return nil
        }
        guard isValid(new) else {
            observation.isForged = true
            return nil
        }
        guard isValid(known) else {
            ring.set(.init(signed: new.signed, isVerified: true))
            return nil
        }
        return (known.signed, new.signed)
    }
}

/// For each validator the statements of its newest views, one per view.
struct StatementRing<S: Statement>: Sendable {
    struct Entry: Sendable {
        var signed: Signed<S>
        var isVerified: Bool
    }

    /// Empty for a validator that has not spoken.
    private var slots: [[Entry?]]

    init(validatorCount: Int) { slots = Array(repeating: [], count: validatorCount) }

    func entry(view: UInt64, signer: UInt16) -> Entry? {
        guard !slots[Int(signer)].isEmpty, let entry = slots[Int(signer)][position(view)], entry.signed.statement.view == view else { return nil }
        return entry
    }

    func entries(of signer: UInt16) -> [Entry] { slots[Int(signer)].compactMap { $0 } }

    /// Keeps a statement unless a newer view has its place.
    mutating func set(_ entry: Entry) {
        let signer = Int(entry.signed.signer)
        if slots[signer].isEmpty { slots[signer] = Array(repeating: nil, count: EvidencePool.window) }
        let position = position(entry.signed.statement.view)
        if let old = slots[signer][position], old.signed.statement.view > entry.signed.statement.view { return }
        slots[signer][position] = entry
    }

    private func position(_ view: UInt64) -> Int { Int(view % UInt64(EvidencePool.window)) }
}

extension Certificate {
    /// The single statements that it holds.
    var signed: [Signed<S>] {
        zip(signers.indices, signatures).map { Signed(statement: statement, signer: UInt16($0), signature: $1) }
    }
}

extension TimeoutCertificate {
    /// The single statements that it holds.
    var signed: [Signed<TimeoutStatement>] {
        zip(signers.indices, zip(statements, signatures)).map { Signed(statement: $1.0, signer: UInt16($0), signature: $1.1) }
    }
}
