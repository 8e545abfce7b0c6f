// Floor 5, RPC: what the JSON-RPC server needs from a node. The node implements it over its stores and its pool;
// the tests implement it in memory.
public import Consensus
public import Engine
public import Primitives

/// Heights behind the block tags. `latest` is the newest executed block.
public struct ChainHeads: Equatable, Sendable {
    public var latest: UInt64
    /// Newest executed block with a quorum certificate.
    public var safe: UInt64
    /// Newest executed block with a commit certificate.
    public var finalized: UInt64

    public init(latest: UInt64, safe: UInt64, finalized: UInt64) {
        self.latest = latest
        self.safe = safe
        self.finalized = finalized
    }
}

/// Why the pool refused a transaction, in the words that ethers and viem parse (go-ethereum's).
public struct PoolRejection: Error, Equatable, Sendable {
    public var message: String

    public init(message: String) { self.message = message }
}

/// Why the backend cannot answer.
public enum BackendError: Error, Equatable, Sendable {
    /// The state of this height is not yet here.
    case stateUnavailable(height: UInt64)
    /// The state of this height was removed: only so many blocks below the final head have theirs.
    case statePruned(height: UInt64, historyBlocks: UInt64)
    case storage(String)
}

/// What subscribers hear. Events of one node arrive in order.
public enum ChainEvent: Sendable {
    /// A block was executed and is the new `latest`.
    case newHead(BlockRecord, transactions: [TransactionRecord])
    /// Executed but not yet final blocks above this height were undone by a view change.
    case reverted(toHeight: UInt64)
    /// A transaction entered the pool.
    case pendingTransaction(Hash256)
}

/// A transaction that waits in the pool.
public struct PendingTransaction: Sendable {
    public var hash: Hash256
    public var sender: Address
    public var transaction: Transaction

    public init(hash: Hash256, sender: Address, transaction: Transaction) {
        self.hash = hash
        self.sender = sender
        self.transaction = transaction
    }
}

/// Everything in the pool at one moment. In both lists the transactions of a sender stand together and ascend by nonce.
public struct PoolContent: Sendable {
    /// Can be included in this order.
    public var pending: [PendingTransaction] = []
    /// A transaction with a lower nonce is missing.
    public var queued: [PendingTransaction] = []

    public init() {}
}

/// Facts of a node for `/health`, `net_*` and `hyperseq_status`.
public struct NodeStatus: Sendable {
    public var name: String
    public var role: String
    public var peers: Int
    public var heads: ChainHeads
    public var finalizedHash: Hash256
    public var finalizedStateRoot: Hash256
    /// The highest finalised height heard of from peers; above `heads.finalized` while catching up.
    public var highestKnownHeight: UInt64
    public var view: UInt64
    public var poolCount: Int

    public init(
        name: String, role: String, peers: Int, heads: ChainHeads, finalizedHash: Hash256, finalizedStateRoot: Hash256,
        highestKnownHeight: UInt64, view: UInt64, poolCount: Int
    ) {
        self.name = name
        self.role = role
        self.peers = peers
        self.heads = heads
        self.finalizedHash = finalizedHash
        self.finalizedStateRoot = finalizedStateRoot
        self.highestKnownHeight = highestKnownHeight
        self.view = view
        self.poolCount = poolCount
    }
}

/// A node as the RPC server sees it. All calls may come from any thread at once and must not block on the consensus loop,
/// except `submit`.
public protocol NodeBackend: Sendable {
    var chainID: UInt64 { get }
    /// E.g. `hyperseq/0.1.0/linux-x86_64/swift6.3`.
    var clientVersion: String { get }

    func heads() -> ChainHeads
    func status() -> NodeStatus
    func block(height: UInt64) throws(BackendError) -> BlockRecord?
    func block(hash: Hash256) throws(BackendError) -> BlockRecord?
    /// The included transactions of a block in order.
    func transactions(height: UInt64) throws(BackendError) -> [TransactionRecord]
    func transaction(hash: Hash256) throws(BackendError) -> TransactionRecord?
    /// The state after the block of this height, to be used on the calling thread only.
    func state(height: UInt64) throws(BackendError) -> sending StateDatabase
    /// The environment in which the next block would execute (tag `pending`).
    func pendingEnvironment() -> BlockEnvironment
    /// The environment in which an existing block executed.
    func environment(of block: BlockRecord) -> BlockEnvironment
    /// The environment of a block on top of this one, which need not be part of the chain.
    func environment(after block: BlockRecord) -> BlockEnvironment

    /// Checks a raw transaction and puts it into the pool; returns when it is there.
    func submit(_ raw: [UInt8]) async throws(PoolRejection) -> Hash256
    /// The same for many, in order, with one result each. A backend that can check signatures in parallel or reach its pool
    /// in one step implements it; the default submits one after the other.
    func submit(batch: [[UInt8]]) async -> [Result<Hash256, PoolRejection>]
    func pendingTransaction(hash: Hash256) -> PendingTransaction?
    func poolContent() -> PoolContent
    /// The next nonce of an account when everything in the pool is counted.
    func pendingNonce(_ address: Address) throws(BackendError) -> UInt64
    /// Lowest tip that the pool takes.
    var minimumPriorityFeePerGas: UInt256 { get }

    /// Why a transaction of a block's payload was not included, `nil` when it is not known as skipped.
    func skippedReason(hash: Hash256) throws(BackendError) -> String?

    /// Calls `handler` for every event until the returned token is given to `unsubscribe`. The handler must return at once.
    func subscribe(_ handler: @escaping @Sendable (ChainEvent) -> Void) -> UInt64
    func unsubscribe(_ token: UInt64)

    /// Stored evidence against validators from a position on, at most `count`, and the position of the next.
    func evidence(from start: EvidencePosition?, count: Int) throws(BackendError) -> (records: [EvidenceRecord], next: EvidencePosition?)

    /// Prometheus text exposition of the node's metrics.
    func metricsText() -> String
}

extension NodeBackend {
    public func submit(batch: [[UInt8]]) async -> [Result<Hash256, PoolRejection>] {
        var results: [Result<Hash256, PoolRejection>] = []
        results.reserveCapacity(batch.count)
        for (index, raw) in batch.enumerated() {
            // Checking a signature takes some 50 µs: let reads that wait for the same threads pass now and then.
            if index & 31 == 31 { await Task.yield() }
            do throws(PoolRejection) {
                results.append(.success(try await submit(raw)))
            } catch {
                results.append(.failure(error))
            }
        }
        return results
    }
}
