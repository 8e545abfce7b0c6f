// Floor 5, Node: the node as its RPC server sees it.
import Consensus
import Engine
import Executor
import Glibc
import Mempool
import Network
import Ordering
import Primitives
import RPC
import Storage

final class Backend: NodeBackend {
    private let configuration: NodeConfiguration
    private let view: ChainView
    private let pool: SharedPool
    private let workers: WorkerThreads
    private let coreStatus: Protected<CoreStatus>
    private let metrics: NodeMetrics
    private let consensusStore: ConsensusStore
    private let pendingListeners = Protected<[UInt64: UInt64]>([:])

    init(
        configuration: NodeConfiguration, view: ChainView, pool: SharedPool, workers: WorkerThreads,
        status: Protected<CoreStatus>, metrics: NodeMetrics, consensusStore: ConsensusStore
    ) {
        self.configuration = configuration
        self.view = view
        self.pool = pool
        self.workers = workers
        coreStatus = status
        self.metrics = metrics
        self.consensusStore = consensusStore
    }

    var chainID: UInt64 { configuration.genesis.chainID }
    var clientVersion: String { "hyperseq/\(NodeProcess.version)/linux/swift6.3" }
    var minimumPriorityFeePerGas: UInt256 { configuration.mempool.minimumPriorityFeePerGas }

    // MARK: - Chain

    func heads() -> ChainHeads { view.current.heads }

    func block(height: UInt64) throws(BackendError) -> BlockRecord? { try view.block(height: height) }
    func block(hash: Hash256) throws(BackendError) -> BlockRecord? { try view.block(hash: hash) }
    func transactions(height: UInt64) throws(BackendError) -> [TransactionRecord] { try view.transactions(height: height) }
    func transaction(hash: Hash256) throws(BackendError) -> TransactionRecord? { try view.transaction(hash: hash) }
    func skippedReason(hash: Hash256) throws(BackendError) -> String? { try view.skippedReason(hash: hash) }
    func state(height: UInt64) throws(BackendError) -> sending StateDatabase { try view.state(height: height) }

    func pendingEnvironment() -> BlockEnvironment {
        var environment = view.rules.pendingEnvironment(on: view.current.head)
        environment.timestampSeconds = max(environment.timestampSeconds, wallClockMilliseconds() / 1_000)
        return environment
    }

    func environment(of block: BlockRecord) -> BlockEnvironment {
        BlockEnvironment(
            fork: view.rules.fork, chainID: chainID, number: block.header.height,
            timestampSeconds: block.header.timestampMilliseconds / 1_000, gasLimit: block.gasLimit,
            baseFeePerGas: block.baseFeePerGas, coinbase: block.header.proposer, prevRandao: block.prevRandao)
    }

    func environment(after block: BlockRecord) -> BlockEnvironment { view.rules.pendingEnvironment(on: block) }

    func status() -> NodeStatus {
        let chain = view.current
        let core = coreStatus.with { $0 }
        return NodeStatus(
            name: configuration.name, role: configuration.validatorKey == nil ? "full" : "validator", peers: core.peers,
            heads: chain.heads, finalizedHash: chain.final.hash, finalizedStateRoot: chain.final.stateRoot,
            highestKnownHeight: max(core.highestKnownHeight, chain.final.header.height), view: core.view, poolCount: pool.count)
    }

    // MARK: - Pool

    func submit(_ raw: [UInt8]) async throws(PoolRejection) -> Hash256 {
        let view = view
        return try pool.admit(raw, from: .client, state: view.sender)
    }

    func pendingTransaction(hash: Hash256) -> PendingTransaction? {
        guard let pooled = pool.transaction(hash) else { return nil }
        return PendingTransaction(hash: pooled.hash, sender: pooled.sender, transaction: pooled.transaction)
    }

    func poolContent() -> PoolContent {
        func entry(_ pooled: PooledTransaction) -> PendingTransaction {
            PendingTransaction(hash: pooled.hash, sender: pooled.sender, transaction: pooled.transaction)
        }
        let (ready, waiting) = pool.content
        var content = PoolContent()
        content.pending = ready.map(entry)
        content.queued = waiting.map(entry)
        return content
    }

    func pendingNonce(_ address: Address) throws(BackendError) -> UInt64 {
        let executed = try view.sender(address).account.nonce
        return max(pool.nextNonce(of: address) ?? 0, executed)
    }

    // MARK: - Events

    func subscribe(_ handler: @escaping @Sendable (ChainEvent) -> Void) -> UInt64 {
        let token = view.subscribe(handler)
        let pending = pool.onPending { handler(.pendingTransaction($0)) }
        pendingListeners.with { $0[token] = pending }
        return token
    }

    func unsubscribe(_ token: UInt64) {
        view.unsubscribe(token)
        if let pending = pendingListeners.with({ $0.removeValue(forKey: token) }) { pool.removeListener(pending) }
    }

    // MARK: - Evidence

    func evidence(
        from start: EvidencePosition?, count: Int
    ) throws(BackendError) -> (records: [EvidenceRecord], next: EvidencePosition?) {
        do throws(StorageError) {
            return try consensusStore.evidence(from: start, count: count)
        } catch {
            throw .storage("\(error)")
        }
    }

    // MARK: - Metrics

    func metricsText() -> String {
        let status = status()
        let core = coreStatus.with { $0 }
        let counters = metrics.current
        var text = MetricsText()
        text.gauge("latest_height", "Height of the newest executed block.", status.heads.latest)
        text.gauge("finalized_height", "Height of the newest final block that is stored.", status.heads.finalized)
        text.gauge("highest_known_height", "Highest final height heard of.", status.highestKnownHeight)
        text.gauge("view", "Current view of consensus.", status.view)
        text.gauge("peers", "Connected peers.", UInt64(status.peers))
        text.gauge("pool_transactions", "Transactions in the pool.", UInt64(status.poolCount))
        text.gauge("resident_bytes", "Resident memory of the process.", residentBytes())
        text.counter("blocks_executed_total", "Blocks executed.", counters.blocksExecuted)
        text.counter("transactions_executed_total", "Transactions included.", counters.transactionsExecuted)
        text.counter("transactions_skipped_total", "Ordered transactions that were invalid.", counters.transactionsSkipped)
        text.counter("gas_used_total", "Gas of included transactions.", counters.gasUsed)
        text.counter("payloads_checked_total", "Payloads of others checked before a vote.", counters.payloadsChecked)
        text.seconds("payload_check_seconds_total", "Time spent checking payloads.", microseconds: counters.checkMicroseconds)
        text.seconds("execution_seconds_total", "Time spent executing transactions.", microseconds: counters.executionMicroseconds)
        text.seconds(
            "root_seconds_total", "Time spent on state trees and the roots of transactions and receipts.",
            microseconds: counters.rootMicroseconds)
        text.counter("blocks_stored_total", "Final blocks written to the chain store.", counters.blocksStored)
        text.seconds("store_seconds_total", "Time spent writing them.", microseconds: counters.storeMicroseconds)
        text.counter("durable_commits_total", "Durable commits of the consensus store.", counters.durableCommits)
        text.seconds("durable_commit_seconds_total", "Time spent in them.", microseconds: counters.durableCommitMicroseconds)
        text.counter("misbehaviours_total", "Breaches of the rules seen.", counters.misbehaviours)
        if let network = core.network {
            text.counter("network_bytes_received_total", "Bytes from peers.", network.bytesIn)
            text.counter("network_bytes_sent_total", "Bytes to peers.", network.bytesOut)
        }
        return text.text
    }

    /// The second field of /proc/self/statm, in bytes; 0 where there is no such file.
    private func residentBytes() -> UInt64 {
        guard let file = unsafe fopen("/proc/self/statm", "r") else { return 0 }
        defer { unsafe fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard unsafe fgets(&line, Int32(line.count), file) != nil else { return 0 }
        let fields = line.prefix { $0 != 0 }.split(separator: 32)
        guard fields.count > 1, let pages = UInt64(String(decoding: fields[1].map { UInt8(bitPattern: $0) }, as: UTF8.self))
        else { return 0 }
        return pages * UInt64(sysconf(Int32(_SC_PAGESIZE)))
    }
}
