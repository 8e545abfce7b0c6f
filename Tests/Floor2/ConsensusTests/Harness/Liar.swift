// A Byzantine validator. It sees what it is sent, and lies as far as signatures allow: it proposes different blocks to different nodes on any
// justification that is valid, votes and commits for everything, reports old certificates and made-up tips in timeouts, builds certificates that nobody
// else has, and lets them out late and to a few.
import Consensus
import Crypto
import Primitives

struct Liar {
    let index: Int
    let key: SigningKey
    let set: ValidatorSet
    let domain: SigningDomain
    var random: Random

    private var headers: [BlockHeader] = [testGenesis]
    private var certificates: [QuorumCertificate]
    private var justifications: [Justification]
    private var votes: [Vote] = []
    private var timeouts: [Timeout] = []
    private var hidden: [ConsensusMessage] = []
    private var view: UInt64 = 1
    private static let memory = 24

    init(index: Int, key: SigningKey, set: ValidatorSet, domain: SigningDomain, seed: UInt64) {
        self.index = index
        self.key = key
        self.set = set
        self.domain = domain
        random = Random(seed: seed)
        certificates = [.genesis(epoch: 1, hash: testGenesis.hash)]
        justifications = [.quorum(certificates[0])]
    }

    private func signed<S: Statement>(_ statement: S) -> Signed<S> {
        Signed(statement: statement, signer: UInt16(index), signature: key.sign(statement.digest(domain)))
    }

    /// What it sends after a message: to each receiver something of its own.
    mutating func answer(_ message: ConsensusMessage, nodes: Int, wallClock: UInt64) -> [(to: Int, ConsensusMessage)] {
        learn(message)
        var lies: [ConsensusMessage] = []
        if case .proposal(let proposal) = message { lies += votes(for: proposal.block.header) }
        if random.chance(15) { lies += proposals(wallClock) }
        if random.chance(10), let lie = timeout() { lies.append(lie) }
        if random.chance(20) { collect() }
        if random.chance(15), !hidden.isEmpty { lies.append(hidden.remove(at: random.index(hidden.count))) }
        var sent: [(to: Int, ConsensusMessage)] = []
        for lie in lies {
            for node in 0..<nodes where node != index && random.chance(60) { sent.append((node, lie)) }
        }
        return sent
    }

    private mutating func learn(_ message: ConsensusMessage) {
        switch message {
        case .proposal(let proposal):
            keep(&headers, proposal.block.header)
            learn(proposal.justification)
        case .vote(let vote): keep(&votes, vote)
        case .timeout(let timeout):
            keep(&timeouts, timeout)
            learn(.quorum(timeout.highQC))
            learn(timeout.entry)
        case .quorumCertificate(let certificate): learn(.quorum(certificate))
        case .timeoutCertificate(let certificate): learn(.timeout(certificate))
        default: break
        }
    }

    private mutating func learn(_ justification: Justification) {
        keep(&justifications, justification)
        keep(&certificates, justification.parentCertificate)
        view = max(view, justification.view + 1)
    }

    private func keep<T: Equatable>(_ list: inout [T], _ value: T) {
        guard !list.contains(value) else { return }
        if list.count >= 2 * Liar.memory { list.removeFirst() }
        list.append(value)
    }

    /// Votes and commit votes for a block, good or not.
    private mutating func votes(for header: BlockHeader) -> [ConsensusMessage] {
        let vote = signed(VoteStatement(epoch: 1, view: header.view, blockHash: header.hash, parentView: header.parentView))
        keep(&votes, vote)
        return [
            .vote(vote), .commitVote(signed(CommitStatement(epoch: 1, view: header.view, height: header.height, blockHash: header.hash))),
        ]
    }

    /// Two blocks for a view it leads, on a justification drawn among the valid ones.
    private mutating func proposals(_ wallClock: UInt64) -> [ConsensusMessage] {
        let usable = justifications.filter { Int(set.leader(view: $0.view + 1)) == index && $0.view + 4 >= view }
        guard !usable.isEmpty else { return [] }
        let justification = usable[random.index(usable.count)]
        let certificate = justification.parentCertificate
        guard let parent = headers.first(where: { $0.hash == certificate.blockHash }) else { return [] }
        var lies: [ConsensusMessage] = []
        for _ in 0..<2 {
            let payload = [UInt8(truncatingIfNeeded: random.next())]
            let header = BlockHeader(
                epoch: 1, view: justification.view + 1, height: parent.height + 1, parentHash: certificate.blockHash,
                parentView: certificate.view, payloadRoot: Keccak256.hash(payload), payloadByteCount: 1,
                timestampMilliseconds: max(parent.timestampMilliseconds + 1, wallClock), proposer: key.address)
            keep(&headers, header)
            let statement = signed(ProposalStatement(epoch: 1, view: header.view, blockHash: header.hash))
            lies.append(.proposal(Proposal(block: Block(header: header, payload: payload), justification: justification, signature: statement.signature)))
            lies += votes(for: header)
        }
        return lies
    }

    /// A timeout with an old certificate and a made-up tip.
    private mutating func timeout() -> ConsensusMessage? {
        guard let entry = justifications.last(where: { $0.view == view - 1 }) else { return nil }
        let older = certificates.filter { $0.view < view }
        guard !older.isEmpty else { return nil }
        let certificate = older[random.index(older.count)]
        let tip = headers[random.index(headers.count)]
        let hasTip = random.chance(50) && view > certificate.view
        let statement = TimeoutStatement(
            epoch: 1, view: view, highQCView: certificate.view, highQCHash: certificate.blockHash, tipView: hasTip ? view : 0,
            tipHash: hasTip ? tip.hash : .zero, tipParentHash: hasTip ? tip.parentHash : .zero)
        let timeout = Timeout(signed: signed(statement), highQC: certificate, entry: entry)
        keep(&timeouts, timeout)
        return .timeout(timeout)
    }

    /// Certificates out of what it has seen, its own signatures included: the timeout certificates with the lowest reports it can find.
    private mutating func collect() {
        if let vote = votes.isEmpty ? nil : votes[random.index(votes.count)] {
            let same = votes.filter { $0.statement == vote.statement }.sorted { $0.signer < $1.signer }
            var certificate = QuorumCertificate(statement: vote.statement, signers: SignerBitmap(), signatures: [])
            for vote in same where !certificate.signers.contains(Int(vote.signer)) {
                certificate.signers.insert(Int(vote.signer))
                certificate.signatures.append(vote.signature)
            }
            if isQuorum(certificate.signers) {
                learn(.quorum(certificate))
                hide(.quorumCertificate(certificate))
            }
        }
        guard let some = timeouts.isEmpty ? nil : timeouts[random.index(timeouts.count)] else { return }
        let reports = timeouts.filter { $0.signed.statement.view == some.signed.statement.view }
            .sorted { ($0.signed.signer, $0.highQC.view) < ($1.signed.signer, $1.highQC.view) }
        var certificate = TimeoutCertificate(
            epoch: 1, view: some.signed.statement.view, signers: SignerBitmap(), statements: [], signatures: [], highQC: reports[0].highQC)
        for report in reports where !certificate.signers.contains(Int(report.signed.signer)) {
            certificate.signers.insert(Int(report.signed.signer))
            certificate.statements.append(report.signed.statement)
            certificate.signatures.append(report.signed.signature)
            if report.highQC.view > certificate.highQC.view { certificate.highQC = report.highQC }
        }
        if isQuorum(certificate.signers) {
            learn(.timeout(certificate))
            hide(.timeoutCertificate(certificate))
        }
    }

    private mutating func hide(_ message: ConsensusMessage) {
        if hidden.count < Liar.memory { hidden.append(message) }
    }

    private func isQuorum(_ signers: SignerBitmap) -> Bool {
        signers.indices.reduce(0) { $0 + set.validators[$1].weight } >= set.quorumWeight
    }
}
