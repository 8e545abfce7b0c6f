// One replica under the lamp: messages of all other validators are made by hand.
import Consensus
import Crypto
import Primitives

struct Bench {
    let set: ValidatorSet
    let keys: [SecretKey]
    var timing = ConsensusTiming.test
    var epoch: UInt32 = 1
    var chainId: UInt64 = 270
    var wallClock = Cluster.wallClockStart
    var tipRule = false

    init(weights: [UInt64]) {
        let keys = testKeys(weights.count).sorted { $0.address < $1.address }
        self.keys = keys
        set = ValidatorSet(keys.enumerated().map { Validator(publicKey: $1.publicKey, weight: weights[$0])! })!
    }

    var domain: SigningDomain { SigningDomain(chainId: chainId, genesisHash: testGenesis.hash) }
    var genesisQC: QuorumCertificate { .genesis(epoch: 1, hash: testGenesis.hash) }

    func configuration(_ index: Int?) -> ConsensusConfiguration {
        var configuration = ConsensusConfiguration(
            validators: set, epoch: 1, genesisHeader: testGenesis, chainId: 270, timing: timing,
            maximumPayloadBytes: Cluster.maximumPayloadBytes, key: index.map { .secp256k1(keys[$0]) })
        configuration.tipRule = tipRule
        return configuration
    }

    /// The first view from `from` on whose leader fits.
    func view(from: UInt64 = 1, where fits: (UInt16) -> Bool) -> UInt64 {
        var view = from
        while !fits(set.leader(view: view)) { view += 1 }
        return view
    }

    // MARK: Signing

    func signed<S: Statement>(_ statement: S, _ signer: Int) -> Signed<S> {
        Signed(statement: statement, signer: UInt16(signer), signature: keys[signer].sign(statement.digest(domain)))
    }

    func certificate<S: Statement>(_ statement: S, _ signers: [Int]) -> Certificate<S> {
        var bitmap = SignerBitmap()
        for signer in signers { bitmap.insert(signer) }
        return Certificate(statement: statement, signers: bitmap, signatures: signers.map { signed(statement, $0).signature })
    }

    func block(
        view: UInt64, on parent: BlockHeader, parentView: UInt64, payload: [UInt8] = [1, 2, 3], later: UInt64 = 1
    ) -> Block {
        let header = BlockHeader(
            epoch: epoch, view: view, height: parent.height + 1, parentHash: parent.hash, parentView: parentView,
            payloadRoot: Keccak256.hash(payload), payloadByteCount: UInt32(payload.count),
            timestampMilliseconds: parent.height == 0 ? wallClock : parent.timestampMilliseconds + later,
            proposer: set.validators[Int(set.leader(view: view))].address)
        return Block(header: header, payload: payload)
    }

    func proposal(_ block: Block, _ justification: Justification, by signer: Int? = nil) -> Proposal {
        let leader = signer ?? Int(set.leader(view: block.header.view))
        let statement = ProposalStatement(epoch: block.header.epoch, view: block.header.view, blockHash: block.header.hash)
        return Proposal(block: block, justification: justification, signature: signed(statement, leader).signature)
    }

    func vote(_ block: Block) -> VoteStatement {
        VoteStatement(epoch: epoch, view: block.header.view, blockHash: block.header.hash, parentView: block.header.parentView)
    }

    func commit(_ block: Block) -> CommitStatement {
        CommitStatement(epoch: epoch, view: block.header.view, height: block.header.height, blockHash: block.header.hash)
    }

    func timeoutStatement(_ view: UInt64, _ highQC: QuorumCertificate) -> TimeoutStatement {
        TimeoutStatement(
            epoch: epoch, view: view, highQCView: highQC.view, highQCHash: highQC.blockHash, tipView: 0, tipHash: .zero, tipParentHash: .zero)
    }

    func timeout(_ view: UInt64, by signer: Int, highQC: QuorumCertificate, entry: Justification) -> Timeout {
        Timeout(signed: signed(timeoutStatement(view, highQC), signer), highQC: highQC, entry: entry)
    }

    /// A timeout certificate in which each signer reports its own certificate.
    func timeoutCertificate(_ view: UInt64, _ reports: [(signer: Int, highQC: QuorumCertificate)]) -> TimeoutCertificate {
        var bitmap = SignerBitmap()
        for report in reports { bitmap.insert(report.signer) }
        let statements = reports.map { timeoutStatement(view, $0.highQC) }
        return TimeoutCertificate(
            epoch: epoch, view: view, signers: bitmap, statements: statements,
            signatures: zip(statements, reports).map { signed($0, $1.signer).signature },
            highQC: reports.map(\.highQC).max { $0.view < $1.view }!)
    }

    /// What a validator says in a timeout: its certificate and, as tip, a block under the view it voted in.
    typealias Report = (signer: Int, highQC: QuorumCertificate, tip: (view: UInt64, block: Block)?)

    func tipStatement(_ view: UInt64, _ report: Report) -> TimeoutStatement {
        var statement = timeoutStatement(view, report.highQC)
        if let tip = report.tip {
            (statement.tipView, statement.tipHash, statement.tipParentHash) = (tip.view, tip.block.header.hash, tip.block.header.parentHash)
        }
        return statement
    }

    func tipTimeout(_ view: UInt64, _ report: Report, entry: Justification) -> Timeout {
        Timeout(signed: signed(tipStatement(view, report), report.signer), highQC: report.highQC, entry: entry)
    }

    /// A timeout certificate of reports in the order of their signers.
    func tipCertificate(_ view: UInt64, _ reports: [Report]) -> TimeoutCertificate {
        var bitmap = SignerBitmap()
        for report in reports { bitmap.insert(report.signer) }
        let statements = reports.map { tipStatement(view, $0) }
        return TimeoutCertificate(
            epoch: epoch, view: view, signers: bitmap, statements: statements,
            signatures: zip(statements, reports).map { signed($0, $1.signer).signature },
            highQC: reports.map(\.highQC).max { $0.view < $1.view }!)
    }

    func reproposal(_ block: Block, view: UInt64, tipView: UInt64, _ justification: Justification) -> HeaderProposal {
        let statement = ProposalStatement(epoch: epoch, view: view, blockHash: block.header.hash)
        return HeaderProposal(
            view: view, tipView: tipView, header: block.header, justification: justification,
            signature: signed(statement, Int(set.leader(view: view))).signature)
    }

    /// The certificate that opens `view` without any block: a quorum gave up the view before.
    func opening(_ view: UInt64) -> Justification {
        view == 1 ? .quorum(genesisQC) : .timeout(timeoutCertificate(view - 1, set.validators.indices.map { ($0, genesisQC) }))
    }
}

/// A replica with its time and what it did last.
struct Driver {
    let bench: Bench
    var replica: Replica
    var now: UInt64 = 1
    var effects: [Effect] = []
    var record: SafetyRecord?
    var stored: [Block] = []
    /// The last timer asked for.
    var timer: UInt64?

    init(_ bench: Bench, _ index: Int?, recovered: RecoveredState? = nil) throws {
        self.bench = bench
        replica = try Replica(configuration: bench.configuration(index), recovered: recovered, now: now)
        record = recovered?.record
        effects = replica.start(now: now, wallClockMilliseconds: bench.wallClock &+ now)
        keep()
    }

    private mutating func keep() {
        for effect in effects {
            if case .persist(let record) = effect { self.record = record }
            if case .setTimer(let time) = effect { timer = time }
            if case .storeBlock(let block) = effect { stored.append(block) }
        }
    }

    mutating func step(_ input: Input) {
        effects = replica.step(input, now: now, wallClockMilliseconds: bench.wallClock &+ now)
        keep()
    }

    mutating func receive(_ message: ConsensusMessage, from: Int) {
        step(.message(message, from: UInt16(from), peer: PeerToken(UInt64(from))))
    }

    mutating func propose(_ block: Block, _ justification: Justification, isValid: Bool = true) {
        receive(.proposal(bench.proposal(block, justification)), from: Int(bench.set.leader(view: block.header.view)))
        let first = effects
        if checks.contains(block.header.hash) { step(.payloadChecked(blockHash: block.header.hash, isValid: isValid)) }
        effects = first + effects
    }

    mutating func wait(_ milliseconds: UInt64) {
        now += milliseconds
        step(.timer)
    }

    // MARK: What it did

    var messages: [ConsensusMessage] {
        effects.compactMap {
            switch $0 {
            case .broadcast(let message): message
            case .send(let message, _): message
            default: nil
            }
        }
    }
    var votes: [VoteStatement] { messages.compactMap { if case .vote(let vote) = $0 { vote.statement } else { nil } } }
    var commitVotes: [CommitStatement] { messages.compactMap { if case .commitVote(let vote) = $0 { vote.statement } else { nil } } }
    var timeouts: [Timeout] { messages.compactMap { if case .timeout(let timeout) = $0 { timeout } else { nil } } }
    var proposals: [Proposal] { messages.compactMap { if case .proposal(let proposal) = $0 { proposal } else { nil } } }
    var reproposals: [HeaderProposal] { messages.compactMap { if case .headerProposal(let proposal) = $0 { proposal } else { nil } } }
    var proofRequests: [ProposalRequest] { messages.compactMap { if case .proposalRequest(let request) = $0 { request } else { nil } } }
    var checks: [Hash256] { effects.compactMap { if case .checkPayload(let block) = $0 { block.header.hash } else { nil } } }
    var builds: [UInt64] { effects.compactMap { if case .buildPayload(let view, _) = $0 { view } else { nil } } }
    var certified: [Hash256] { effects.compactMap { if case .certified(let hash) = $0 { hash } else { nil } } }
    var finalised: [Hash256] { effects.flatMap { effect -> [Hash256] in if case .finalised(let hashes, _) = effect { hashes } else { [] } } }
    var requests: [BlockRequest] { effects.compactMap { if case .request(let request, _) = $0 { request } else { nil } } }
    var misbehaviour: [Misbehaviour] { effects.compactMap { if case .misbehaviour(let what) = $0 { what } else { nil } } }
    var isBlamed: Bool { misbehaviour.contains { if case .invalidMessage = $0 { true } else { false } } }
}
