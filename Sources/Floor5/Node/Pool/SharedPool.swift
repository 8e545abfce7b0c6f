// Floor 5, Node: the pool as all threads share it. RPC threads and workers put transactions in, the loop takes them out for
// blocks and for its peers, the execution thread tells it what became of them.
//
// Invariant: `sequence` is that of the newest executed head that the pool was told; a transaction is judged by a state that
// is at least as new.
import Engine
import Mempool
import Primitives
import RPC

/// The sender of a transaction in the newest executed state.
struct SenderState {
    /// Counts the executed heads; it never falls, also when blocks are undone.
    var sequence: UInt64
    var account: AccountRecord
}

/// Where a transaction came from.
enum TransactionOrigin {
    /// A client of this node: it is passed on to the coming leaders.
    case client
    /// A peer that passed it on to us.
    case peer
}

final class SharedPool: Sendable {
    private struct Content {
        var mempool: Mempool
        var sequence: UInt64 = 0
        /// Transactions of our clients, not yet passed on.
        var outbound: [[UInt8]] = []
        var isSignalled = false
        var onPending: [UInt64: @Sendable (Hash256) -> Void] = [:]
        var nextToken: UInt64 = 0
    }

    private let protected: Protected<Content>
    private let chainID: UInt64
    /// Called on any thread when the pool has news for the loop; once until the loop has drained it.
    private let signal: @Sendable () -> Void

    init(mempool: Mempool, chainID: UInt64, signal: @escaping @Sendable () -> Void) {
        protected = Protected(Content(mempool: mempool))
        self.chainID = chainID
        self.signal = signal
    }

    // MARK: - Any thread

    /// Checks a raw transaction and puts it into the pool.
    func admit(
        _ raw: [UInt8], from origin: TransactionOrigin, state: (Address) throws(BackendError) -> SenderState
    ) throws(PoolRejection) -> Hash256 {
        guard raw.count <= Transaction.maxEncodedByteCount else { throw PoolRejection(message: "oversized data") }
        let hash = Keccak256.hash(raw)
        if protected.with({ $0.mempool.contains(hash) }) { throw PoolRejection(message: MempoolError.alreadyKnown.message) }
        let prepared: PreparedTransaction
        do {
            prepared = try PreparedTransaction.prepare(raw, chainID: chainID)
        } catch {
            throw PoolRejection(message: error.message)
        }
        let pooled = PooledTransaction(hash: hash, raw: raw, sender: prepared.sender, transaction: prepared.transaction)
        while true {
            let sender: SenderState
            do {
                sender = try state(prepared.sender)
            } catch {
                throw PoolRejection(message: "the node's state is not available: \(error)")
            }
            if try add(pooled, sender: sender, origin: origin) { return hash }
        }
    }

    /// `false` when the sender's state has become old meanwhile.
    private func add(_ pooled: PooledTransaction, sender: SenderState, origin: TransactionOrigin) throws(PoolRejection) -> Bool {
        typealias Outcome = (accepted: Bool, wake: Bool, listeners: [@Sendable (Hash256) -> Void])
        let outcome: Outcome
        do {
            outcome = try protected.with { (content: inout Content) throws(MempoolError) -> Outcome in
                guard sender.sequence >= content.sequence else { return (false, false, []) }
                try content.mempool.add(pooled, account: sender.account)
                if origin == .client { content.outbound.append(pooled.raw) }
                let wake = !content.isSignalled
                content.isSignalled = true
                return (true, wake, content.onPending.isEmpty ? [] : Array(content.onPending.values))
            }
        } catch {
            throw PoolRejection(message: error.message)
        }
        if outcome.wake { signal() }
        for listener in outcome.listeners { listener(pooled.hash) }
        return outcome.accepted
    }

    func transaction(_ hash: Hash256) -> PooledTransaction? { protected.with { $0.mempool.transaction(hash) } }

    /// The same in the form that a payload check wants.
    func prepared(_ hash: Hash256) -> PreparedTransaction? {
        guard let pooled = transaction(hash) else { return nil }
        return PreparedTransaction(raw: pooled.raw, hash: pooled.hash, sender: pooled.sender, transaction: pooled.transaction)
    }

    func nextNonce(of address: Address) -> UInt64? { protected.with { $0.mempool.nextNonce(of: address) } }

    /// Everything, as `Mempool.content`.
    var content: (ready: [PooledTransaction], waiting: [PooledTransaction]) { protected.with { $0.mempool.content } }

    var count: Int { protected.with { $0.mempool.count } }

    func onPending(_ listener: @escaping @Sendable (Hash256) -> Void) -> UInt64 {
        protected.with { content in
            content.nextToken += 1
            content.onPending[content.nextToken] = listener
            return content.nextToken
        }
    }

    func removeListener(_ token: UInt64) { protected.with { $0.onPending[token] = nil } }

    // MARK: - The loop

    /// Takes the transactions to pass on and rearms the signal.
    func drainOutbound() -> [[UInt8]] {
        protected.with { content in
            content.isSignalled = false
            defer { content.outbound.removeAll(keepingCapacity: true) }
            return content.outbound
        }
    }

    func hasSelectable(excluding ordered: Set<Hash256>) -> Bool {
        protected.with { $0.mempool.hasSelectable(excluding: ordered) }
    }

    func select(_ bounds: SelectionLimits, excluding ordered: Set<Hash256>) -> [PooledTransaction] {
        protected.with { $0.mempool.select(bounds, excluding: ordered) }
    }

    // MARK: - The execution thread

    /// A block was executed: its changes are the newest state. `skipped` were ordered in vain and leave the pool.
    func update(sequence: UInt64, accounts: [AccountChange], skipped: [Hash256], baseFeePerGas: UInt256) {
        protected.with { content in
            content.sequence = sequence
            content.mempool.update(accounts: accounts, baseFeePerGas: baseFeePerGas)
            for hash in skipped { content.mempool.remove(hash) }
        }
    }
}
