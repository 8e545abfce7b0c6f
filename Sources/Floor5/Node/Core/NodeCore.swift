// Floor 5, Node: the loop's part of a node. It feeds the replica and carries out what the replica wants.
//
// Invariants: everything that a turn of the loop stores goes into one durable commit, and nothing that the turn sends
// leaves before it; the replica is stepped only from `pump`, one input after the other.
import Consensus
import Engine
import Logging
import Mempool
import Network
import Primitives
import Storage

@LoopActor
final class NodeCore {
    /// Largest payload of a block: twice what the default gas limit of 30,000,000 could hold in calldata is never needed.
    nonisolated static let maximumPayloadBytes = 2 << 20

    let logger: Logger
    let store: ConsensusStore
    let pool: SharedPool
    let checker: PayloadChecker
    let workers: WorkerThreads
    let metrics: NodeMetrics
    let chainRules: ChainRules
    let timing: TimingConfiguration
    let directory: PeerDirectory
    let view: ChainView

    var replica: Replica
    var network: PeerNetwork?
    var execution: ExecutionThread?

    var inputs: [Input] = []
    private var isPumping = false
    private var turn = Turn()
    private var viewTimer: LoopTimer?

    /// Bodies of stored blocks that are not final, and the transactions in them.
    var recentBlocks: [Hash256: Block] = [:]
    var payloadTransactions = PayloadTransactions()
    private var submitted: Set<Hash256> = []
    var executed: Set<Hash256> = []
    var executedHeight: UInt64 = 0

    var pacing: BlockPacing
    var lastCertified: (hash: Hash256, timestampMilliseconds: UInt64)?
    var pendingBuild: PendingBuild?
    var buildTimer: LoopTimer?
    private var toldWork = false
    let forwarding: Forwarding
    private let status: Protected<CoreStatus>
    var hasFailed = false
    private let onFailure: @Sendable (String) -> Void

    /// What a turn of the loop leaves to be done at its end.
    private struct Turn {
        var batch = ConsensusBatch()
        var outgoing: [Outgoing] = []
        var commands: [ExecutionCommand] = []
        var isScheduled = false
    }

    private enum Outgoing {
        case all(ConsensusMessage)
        case one(ConsensusMessage, NodeID)
    }

    init(
        replica: Replica, store: ConsensusStore, pool: SharedPool,
        checker: PayloadChecker, workers: WorkerThreads, metrics: NodeMetrics, chainRules: ChainRules,
        timing: TimingConfiguration, directory: PeerDirectory, view: ChainView, executedHead: BlockRecord, status: Protected<CoreStatus>,
        logger: Logger, onFailure: @escaping @Sendable (String) -> Void
    ) {
        self.replica = replica
        self.store = store
        self.pool = pool
        self.checker = checker
        self.workers = workers
        self.metrics = metrics
        self.chainRules = chainRules
        pacing = BlockPacing(gasLimit: chainRules.gasLimit)
        self.timing = timing
        self.directory = directory
        self.view = view
        self.status = status
        self.logger = logger
        self.onFailure = onFailure
        forwarding = Forwarding(pool: pool)
        executed = [executedHead.hash]
        executedHeight = executedHead.header.height
    }

    /// Starts consensus; the network and the execution thread are set.
    func start(unfinalised: [Block]) {
        viewTimer = LoopTimer { [weak self] in self?.enqueue(.timer) }
        buildTimer = LoopTimer { [weak self] in self?.tryBuild() }
        for block in unfinalised { recentBlocks[block.header.hash] = block }
        forwarding.start { [weak self] raws in self?.forward(raws) }
        let effects = replica.start(
            now: monotonicMilliseconds(), wallClockMilliseconds: wallClockMilliseconds())
        for effect in effects { perform(effect) }
        pump()
        scheduleTurn()
    }

    /// Ends consensus; what the current turn has stored is durable when this returns.
    func stop() {
        endTurn()
        viewTimer = nil
        buildTimer = nil
        forwarding.stop()
        hasFailed = true
    }

    // MARK: - Stepping

    func enqueue(_ input: Input) {
        guard !hasFailed else { return }
        inputs.append(input)
        pump()
    }

    func pump() {
        guard !isPumping else { return }
        isPumping = true
        while !inputs.isEmpty {
            var round: [Input] = []
            swap(&round, &inputs)
            for input in round {
                let effects = replica.step(
                    input, now: monotonicMilliseconds(), wallClockMilliseconds: wallClockMilliseconds())
                for effect in effects { perform(effect) }
            }
        }
        isPumping = false
        scheduleTurn()
    }

    private func perform(_ effect: Effect) {
        switch effect {
        case .persist(let record):
            turn.batch.safety = record
        case .storeBlock(let block):
            recentBlocks[block.header.hash] = block
            turn.batch.blocks.append(block)
        case .storeCommit(let certificate):
            turn.batch.certificates.append(certificate)
        case .broadcast(let message):
            turn.outgoing.append(.all(message))
        case .send(let message, let index):
            if let id = directory.nodeID(of: index) { turn.outgoing.append(.one(message, id)) }
        case .request(let request, let preferred):
            if let id = directory.choosePeer(preferring: preferred, connected: network?.connectedPeers ?? []) {
                turn.outgoing.append(.one(.blockRequest(request), id))
            }
        case .respond(let request, let token):
            if let id = directory.nodeID(of: token) { respond(to: request, for: id) }
        case .setTimer(let at):
            let now = monotonicMilliseconds()
            viewTimer?.schedule(afterMilliseconds: at > now ? at - now : 0)
        case .buildPayload(let view, let parent):
            pendingBuild = PendingBuild(view: view, parent: parent)
            tryBuild()
        case .checkPayload(let block):
            check(block)
        case .certified(let hash):
            certified(hash)
        case .finalised(let hashes, let certificate):
            finalised(hashes, certificate)
        case .misbehaviour(let misbehaviour):
            report(misbehaviour)
        }
    }

    // MARK: - The end of a turn

    private func scheduleTurn() {
        guard !turn.isScheduled else { return }
        turn.isScheduled = true
        LoopActor.atEndOfTurn { [weak self] in self?.endTurn() }
    }

    private func endTurn() {
        var ended = Turn()
        swap(&ended, &turn)
        guard !hasFailed else { return }
        if !ended.batch.isEmpty {
            let start = monotonicMicroseconds()
            do {
                try store.commit(ended.batch)
            } catch {
                // Without a durable record nothing may be sent: the node stops.
                hasFailed = true
                logger.critical("the consensus store failed", metadata: ["reason": "\(error)"])
                onFailure("the consensus store failed: \(error)")
                return
            }
            metrics.committed(microseconds: monotonicMicroseconds() - start)
        }
        for item in ended.outgoing { deliver(item) }
        execution?.submit(ended.commands)
        updateStatus()
    }

    private func deliver(_ item: Outgoing) {
        switch item {
        case .all(let message):
            network?.broadcast(message.encoded, channel: message.channel)
        case .one(let message, let id):
            network?.send(message.encoded, channel: message.channel, to: id)
        }
    }

    private func updateStatus() {
        let current = CoreStatus(
            peers: network?.connectedPeers.count ?? 0, view: replica.view, highestKnownHeight: replica.catchUpTarget ?? 0,
            finalisedHeight: replica.finalisedHeight, network: network?.counters)
        status.with { $0 = current }
    }

    // MARK: - Blocks

    private func certified(_ hash: Hash256) {
        guard !submitted.contains(hash), !executed.contains(hash) else { return }
        guard let block = body(of: hash) else {
            logger.error("a certified block has no stored body", metadata: ["hash": "\(hash.hex)"])
            return
        }
        submitted.insert(hash)
        turn.commands.append(.certified(block, hash: hash))
        observePace(of: block.header, hash: hash)
    }

    private func finalised(_ hashes: [Hash256], _ certificate: CommitCertificate) {
        for hash in hashes { certified(hash) }
        turn.batch.finalize(hashes, certificate)
        turn.commands.append(.finalised(hashes))
        pruneRecentBlocks()
    }

    /// Final blocks are forgotten once they are executed, blocks of lost branches at once.
    private func pruneRecentBlocks() {
        recentBlocks = recentBlocks.filter { $0.value.header.height > replica.finalisedHeight || submitted.contains($0.key) }
    }

    private func body(of hash: Hash256) -> Block? {
        if let block = recentBlocks[hash] { return block }
        do {
            return try store.block(hash: hash)
        } catch {
            logger.error("reading a block failed", metadata: ["hash": "\(hash.hex)", "reason": "\(error)"])
            return nil
        }
    }

    private func check(_ block: Block) {
        let hash = block.header.hash
        if checker.payloads.contains(block.header.payloadRoot) {
            inputs.append(.payloadChecked(blockHash: hash, isValid: true))
            return
        }
        let checker = checker
        workers.enqueueUrgent { [weak self] in
            let prepared = checker.check(block)
            LoopActor.run {
                if let prepared { self?.payloadTransactions.insert(prepared, for: block.header.payloadRoot) }
                self?.enqueue(.payloadChecked(blockHash: hash, isValid: prepared != nil))
            }
        }
    }

    /// The execution thread has executed blocks.
    func progressed(executed hashes: [Hash256], executedHeight height: UInt64) {
        for hash in hashes {
            submitted.remove(hash)
            executed.insert(hash)
            recentlyExecuted.append(hash)
        }
        while recentlyExecuted.count > Self.rememberedExecutions { executed.remove(recentlyExecuted.removeFirst()) }
        executedHeight = height
        pruneRecentBlocks()
        workChanged()
        if pendingBuild != nil { tryBuild() }
    }

    /// Executed blocks in order; older ones are final and never named again.
    private var recentlyExecuted: [Hash256] = []
    private static let rememberedExecutions = 1_024

    /// The pool has something new.
    func poolChanged() {
        forward(forwarding.drain())
        workChanged()
        if pendingBuild != nil { tryBuild() }
    }

    private func workChanged() {
        let hasWork = pool.hasSelectable(excluding: [])
        guard hasWork != toldWork else { return }
        toldWork = hasWork
        enqueue(.workAvailable(hasWork))
    }

    // MARK: - Peers

    private func forward(_ raws: [[UInt8]]) {
        guard !raws.isEmpty, let network else { return }
        let leaders = replica.nextLeaders(Forwarding.leaderCount).compactMap { directory.nodeID(of: $0) }
        for message in Forwarding.messages(for: raws) {
            for leader in leaders { network.send(message, channel: .transactions, to: leader) }
        }
    }

    private func report(_ misbehaviour: Misbehaviour) {
        metrics.misbehaved()
        var metadata: Logger.Metadata = ["what": "\(misbehaviour.summary)"]
        if case .equivocation(_, let evidence) = misbehaviour { metadata["evidence"] = "\(Hex.encode(evidence.encoded))" }
        logger.warning("misbehaviour", metadata: metadata)
        if case .invalidMessage(let token) = misbehaviour, let id = directory.nodeID(of: token) {
            network?.disconnect(id, reason: "sent an invalid consensus message")
        }
    }
}
