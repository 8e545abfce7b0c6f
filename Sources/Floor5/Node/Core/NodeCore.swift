// Floor 5, Node: the loop's part of a node: what the replica's shell leaves to it. Pool, payloads, execution.
import Consensus
import Engine
import Logging
import Mempool
import Network
import Ordering
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
    let view: ChainView

    let shell: ReplicaShell
    var execution: ExecutionThread?
    /// For the execution thread at the end of the turn.
    private var commands: [ExecutionCommand] = []

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

    init(
        shell: ReplicaShell, store: ConsensusStore, pool: SharedPool,
        checker: PayloadChecker, workers: WorkerThreads, metrics: NodeMetrics, chainRules: ChainRules,
        timing: TimingConfiguration, view: ChainView, executedHead: BlockRecord, status: Protected<CoreStatus>,
        logger: Logger, onFailure: @escaping @Sendable (String) -> Void
    ) {
        self.shell = shell
        self.store = store
        self.pool = pool
        self.checker = checker
        self.workers = workers
        self.metrics = metrics
        self.chainRules = chainRules
        pacing = BlockPacing(gasLimit: chainRules.gasLimit)
        self.timing = timing
        self.view = view
        self.status = status
        self.logger = logger
        self.onFailure = onFailure
        forwarding = Forwarding(pool: pool)
        executed = [executedHead.hash]
        executedHeight = executedHead.header.height
    }

    var replica: Replica { _read { yield shell.replica } }
    var directory: PeerDirectory { shell.directory }
    var network: PeerNetwork? { shell.network }

    /// Starts consensus; the network and the execution thread are set.
    func start(unfinalised: [Block]) {
        buildTimer = LoopTimer { [weak self] in self?.tryBuild() }
        for block in unfinalised { recentBlocks[block.header.hash] = block }
        forwarding.start { [weak self] raws in self?.forward(raws) }
        shell.start()
    }

    /// Ends consensus; what the current turn has stored is durable when this returns.
    func stop() {
        shell.stop()
        buildTimer = nil
        forwarding.stop()
        hasFailed = true
    }

    private func updateStatus() {
        let current = CoreStatus(
            peers: network?.connectedPeers.count ?? 0, view: replica.view, highestKnownHeight: replica.catchUpTarget ?? 0,
            finalisedHeight: replica.finalisedHeight, network: network?.counters)
        status.with { $0 = current }
    }

    // MARK: - Blocks

    func certified(_ hash: Hash256) {
        guard !submitted.contains(hash), !executed.contains(hash) else { return }
        guard let block = body(of: hash) else {
            logger.error("a certified block has no stored body", metadata: ["hash": "\(hash.hex)"])
            return
        }
        submitted.insert(hash)
        commands.append(.certified(block, hash: hash))
        observePace(of: block.header, hash: hash)
    }

    func finalised(_ hashes: [Hash256], _ certificate: CommitCertificate) {
        for hash in hashes { certified(hash) }
        commands.append(.finalised(hashes))
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

    func checkPayload(_ block: Block) {
        let hash = block.header.hash
        if checker.payloads.contains(block.header.payloadRoot) {
            shell.enqueue(.payloadChecked(blockHash: hash, isValid: true))
            return
        }
        let checker = checker
        workers.enqueueUrgent { [weak self] in
            let prepared = checker.check(block)
            LoopActor.run {
                if let prepared { self?.payloadTransactions.insert(prepared, for: block.header.payloadRoot) }
                self?.shell.enqueue(.payloadChecked(blockHash: hash, isValid: prepared != nil))
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
        shell.enqueue(.workAvailable(hasWork))
    }

    // MARK: - Peers

    private func forward(_ raws: [[UInt8]]) {
        guard !raws.isEmpty, let network else { return }
        let leaders = replica.nextLeaders(Forwarding.leaderCount).compactMap { directory.nodeID(of: $0) }
        for message in Forwarding.messages(for: raws) {
            for leader in leaders { network.send(message, channel: .transactions, to: leader) }
        }
    }

    func misbehaved(_ misbehaviour: Misbehaviour) {
        metrics.misbehaved()
        logger.warning("misbehaviour", metadata: ["what": "\(misbehaviour.summary)"])
    }
}

extension NodeCore: ReplicaShellDelegate {
    func stored(_ block: Block) { recentBlocks[block.header.hash] = block }

    func turnEnded(commitMicroseconds: UInt64?) {
        if let commitMicroseconds { metrics.committed(microseconds: commitMicroseconds) }
        execution?.submit(commands)
        commands = []
        updateStatus()
    }

    func storeFailed(_ error: StorageError) {
        hasFailed = true
        logger.critical("the consensus store failed", metadata: ["reason": "\(error)"])
        onFailure("the consensus store failed: \(error)")
    }
}
