// The BFT replica: a pure state machine. `step` takes what happened and returns what to do.
//
// Rules: `Specs/consensus.md`. Invariants that safety rests on:
// - a view has at most one own Vote, one own Proposal; no Vote(v) or CommitVote(<= v) is newly made after Timeout(v);
// - what was signed is in `record`, and `record` is persisted before the signed message leaves;
// - `record.highQC` never falls, and every Timeout names it.
// Threads: none; a value owned by one caller. No clock: `now` is a monotone time for timers, the wall clock is only for timestamps.
internal import Crypto
public import Primitives

/// One node of the consensus, as a value. Feed it with `start` once, then `step`; carry out the effects in order.
public struct Replica: Sendable {
    public let configuration: ConsensusConfiguration
    /// Our index in the validator set; `nil` for a node that only follows.
    public let ownIndex: UInt16?

    var record: SafetyRecord
    var tree: BlockTree
    var lastCommit: CommitCertificate?

    // Volatile.
    var votes: Tally<VoteStatement>
    var commitVotes: Tally<CommitStatement>
    var timeouts: Tally<TimeoutStatement>
    var timeoutQCs: [QuorumCertificate?]
    var verifiedQCs: [QuorumCertificate] = []
    var verifiedTCs: [Hash256] = []
    var pendingCommit: CommitCertificate?
    /// The leader of the current view, drawn once.
    private(set) var currentLeader: UInt16
    /// The leader's proposal of the current view.
    var currentProposal: Signed<ProposalStatement>?
    var buildRequestedView: UInt64 = 0
    var buildAt: UInt64?
    var ownCommitVote: CommitVote?
    var pacemaker: Pacemaker
    var fetcher = Fetcher()
    var tips: TipBook
    /// The block of a tip that we would propose again and do not have.
    var tipBlockWanted: Hash256?
    var evidencePool: EvidencePool
    var isWorkAvailable = false

    // One turn.
    var now: UInt64
    var wallClock: UInt64 = 0
    var durable: [Effect] = []
    var outbox: [Effect] = []
    var isRecordDirty = false
    var source: PeerToken?

    /// A replica from nothing, or from what a store holds. Call `start` next.
    public init(configuration: ConsensusConfiguration, recovered: RecoveredState?, now: UInt64) throws(RecoveryError) {
        self.configuration = configuration
        self.now = now
        let set = configuration.validators
        ownIndex = configuration.key.flatMap { set.index(of: $0.address) }
        record = SafetyRecord(epoch: configuration.epoch, genesisHash: configuration.genesisHash)
        tree = BlockTree(head: configuration.genesisHeader)
        votes = Tally(validatorCount: set.count, capacity: 2)
        commitVotes = Tally(validatorCount: set.count, capacity: Replica.commitVoteViews)
        timeouts = Tally(validatorCount: set.count, capacity: 1)
        timeoutQCs = Array(repeating: nil, count: set.count)
        tips = TipBook(validatorCount: set.count)
        evidencePool = EvidencePool(set, configuration.domain, epoch: configuration.epoch)
        pacemaker = Pacemaker(timing: configuration.timing, validatorCount: set.count, breakage: configuration.breakage)
        currentLeader = 0
        if let recovered { try restore(recovered) }
        currentLeader = set.leader(view: record.view)
        verifiedQCs = [record.highQC]
    }

    /// Commit votes are kept for this many views: they come a delay after their view has ended.
    static let commitVoteViews = 6
    /// Verified certificates remembered, so that a certificate that comes again costs nothing.
    static let certificateCacheCount = 8

    // MARK: Views of the state

    public var view: UInt64 { record.view }
    public var highQC: QuorumCertificate { record.highQC }
    public var finalisedHeight: UInt64 { tree.head.height }
    public var finalisedHash: Hash256 { tree.headHash }
    public var finalisedHeader: BlockHeader { tree.head }
    /// The certificate of the final head; `nil` at genesis.
    public var finalisedCertificate: CommitCertificate? { lastCommit }
    /// Whether we gave up the current view.
    public var hasTimedOut: Bool { record.lastTimeoutView >= record.view }
    /// Height that peers have proven or claimed and we do not have yet; `nil` when we are not behind.
    public var catchUpTarget: UInt64? { fetcher.target > finalisedHeight ? fetcher.target : nil }
    /// The record as it is now; `persist` effects carry it.
    public var safetyRecord: SafetyRecord { record }

    /// The validator that leads a view.
    public func leader(view: UInt64) -> UInt16 { configuration.validators.leader(view: view) }

    /// The leaders of the current view and those after it, to whom transactions should go.
    public func nextLeaders(_ count: Int) -> [UInt16] {
        (0..<UInt64(max(0, count))).map { leader(view: record.view &+ $0) }
    }

    // MARK: Turns

    /// The first turn: sends again what may not have left before a crash.
    public mutating func start(now: UInt64, wallClockMilliseconds: UInt64) -> [Effect] {
        begin(now, wallClockMilliseconds)
        pacemaker.enterView(now: now)
        resendAfterRestart()
        return finishTurn()
    }

    /// One turn. `now` is monotone and only for timers; `wallClockMilliseconds` is the Unix time, for timestamps.
    public mutating func step(_ input: Input, now: UInt64, wallClockMilliseconds: UInt64) -> [Effect] {
        begin(now, wallClockMilliseconds)
        switch input {
        case .message(let message, let from, let peer):
            source = peer
            handle(message, from: from, peer: peer)
        case .timer:
            pacemaker.timerFired()
        case .payloadBuilt(let view, let payload):
            onPayloadBuilt(view: view, payload: payload)
        case .payloadChecked(let blockHash, let isValid):
            onPayloadChecked(blockHash, isValid)
        case .workAvailable(let isAvailable):
            isWorkAvailable = isAvailable
        case .blocks(let response, let peer):
            source = peer
            onBlocks(response)
        }
        return finishTurn()
    }

    private mutating func begin(_ now: UInt64, _ wallClock: UInt64) {
        self.now = max(self.now, now)
        self.wallClock = wallClock
        source = nil
        durable = []
        outbox = []
        isRecordDirty = false
    }

    private mutating func handle(_ message: ConsensusMessage, from: UInt16?, peer: PeerToken) {
        switch message {
        case .proposal(let value): onProposal(value)
        case .vote(let value): if from == value.signer { onVote(value) }
        case .commitVote(let value): if from == value.signer { onCommitVote(value) }
        case .timeout(let value): if from == value.signed.signer { onTimeout(value) }
        case .quorumCertificate(let value):
            if value.view >= record.view || value.view > record.highQC.view { onJustification(.quorum(value)) }
        case .timeoutCertificate(let value): if value.view >= record.view { onJustification(.timeout(value)) }
        case .commitCertificate(let value): onCommitCertificate(value)
        case .blockRequest(let request): outbox.append(.respond(request, to: peer))
        case .blockResponse(let response): onBlocks(response)
        case .headerProposal(let value): onHeaderProposal(value)
        case .proposalRequest(let request): onProposalRequest(request, from: from)
        }
    }

    /// Runs all rules that may have become applicable, then hands out the effects: what stores first.
    private mutating func finishTurn() -> [Effect] {
        runTimers()
        while advance() {}
        updateFetches()
        askForProofs()
        updateTimer()
        var effects = durable
        if isRecordDirty { effects.append(.persist(record)) }
        effects += outbox
        if isBroken(.persistsAfterSending) { effects = outbox + effects.prefix(effects.count - outbox.count) }
        durable = []
        outbox = []
        return effects
    }

    /// One pass over the rules; whether anything changed.
    private mutating func advance() -> Bool {
        let finalised = finalisePending()
        let certified = tellCertified()
        let voted = voteIfAllowed()
        let committed = commitVoteIfAllowed()
        let asked = proposeIfAllowed()
        return finalised || certified || voted || committed || asked
    }

    // MARK: Helpers

    var validators: ValidatorSet { configuration.validators }

    mutating func blameSource() {
        if let source { outbox.append(.misbehaviour(.invalidMessage(from: source))) }
    }

    mutating func blame(_ liars: [UInt16]) {
        for validator in liars { outbox.append(.misbehaviour(.invalidSignature(validator: validator))) }
    }

    /// Reports what a statement brought to light.
    mutating func report(_ observation: Observation) {
        for finding in observation.findings { outbox.append(.misbehaviour(.equivocation(validator: finding.offence.signer, finding.evidence))) }
    }

    /// Whether the evidence pool may see statements of this view: those of far views would push others out.
    func isWatched(_ view: UInt64) -> Bool { view <= record.view.saturatingAdd(1) }

    func sign<S: Statement>(_ statement: S) -> Signed<S>? {
        guard let key = configuration.key, let ownIndex else { return nil }
        return Signed(statement: statement, signer: ownIndex, signature: key.sign(statement.digest(configuration.domain)))
    }

    mutating func changeRecord(_ change: (inout SafetyRecord) -> Void) {
        let view = record.view
        change(&record)
        isRecordDirty = true
        if record.view != view { currentLeader = leader(view: record.view) }
    }

    mutating func storeBlock(_ index: Int) {
        guard !tree.entries[index].isStored else { return }
        tree.update(index) { $0.isStored = true }
        durable.append(.storeBlock(tree.entries[index].block))
    }
}
