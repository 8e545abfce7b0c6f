// Floor 5, RPC: from the node's events to subscribers. Events are queued by the node's thread and worked off in order by one
// job at a time, so that the node never waits for rendering or for a slow client.
import Consensus
import Engine
package import Primitives
import Synchronization

/// What a client subscribes to.
package enum SubscriptionKind: Sendable {
    case newHeads
    case logs(LogFilter)
    case newPendingTransactions
    case syncing
}

/// Where notifications of one connection go.
package protocol NotificationSink: AnyObject, Sendable {
    /// Queues one whole message; must return at once.
    func notify(_ subscription: String, _ message: [UInt8])
}

/// Spreads chain events to subscriptions and keeps what polling filters need.
package final class EventHub: Sendable {
    /// Events that may wait; pending transactions beyond it are not announced, heads always are.
    private static let queueLimit = 65_536
    /// Hashes of pending transactions kept for polling filters.
    private static let pendingLimit = 16_384
    /// Blocks whose logs are kept so that they can be reported as removed.
    private static let recentBlockLimit = 64

    private struct Subscription {
        var kind: SubscriptionKind
        weak var sink: (any NotificationSink)?
    }

    private struct Recent {
        var height: UInt64
        var logs: [LogEntry]
    }

    private struct State {
        var subscriptions: [String: Subscription] = [:]
        var pendingSubscriptionCount = 0
        var queue: [ChainEvent] = []
        var draining = false
        /// The newest hashes; `pendingStart` is the place of the first in the whole stream.
        var pending: [Hash256] = []
        var pendingStart: UInt64 = 0
        var recent: [Recent] = []
        var syncing = false
    }

    private let backend: any NodeBackend
    private let filters: FilterStore
    /// Runs a job soon, one at a time.
    private let schedule: @Sendable (@escaping @Sendable () -> Void) -> Void
    private let state = Mutex(State())

    package init(
        backend: any NodeBackend, filters: FilterStore, schedule: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
    ) {
        self.backend = backend
        self.filters = filters
        self.schedule = schedule
    }

    // MARK: - Subscriptions

    package func add(_ kind: SubscriptionKind, sink: any NotificationSink, id: String) {
        state.withLock { state in
            if case .newPendingTransactions = kind { state.pendingSubscriptionCount += 1 }
            state.subscriptions[id] = Subscription(kind: kind, sink: sink)
        }
    }

    package func remove(_ id: String) {
        state.withLock { state in
            guard let old = state.subscriptions.removeValue(forKey: id) else { return }
            if case .newPendingTransactions = old.kind { state.pendingSubscriptionCount -= 1 }
        }
    }

    // MARK: - Pending transactions

    /// The place in the stream of pending transactions that the next one will have.
    package var pendingSequence: UInt64 { state.withLock { $0.pendingStart + UInt64($0.pending.count) } }

    /// The hashes from a place in the stream on, as far as they are still kept, and the place behind them.
    package func pending(since sequence: UInt64) -> ([Hash256], UInt64) {
        state.withLock { state in
            let end = state.pendingStart + UInt64(state.pending.count)
            let start = min(max(sequence, state.pendingStart), end)
            return (Array(state.pending[Int(start - state.pendingStart)...]), end)
        }
    }

    // MARK: - Events

    /// Takes an event from the node; returns at once.
    package func handle(_ event: ChainEvent) {
        let start = state.withLock { state in
            if case .pendingTransaction(let hash) = event {
                state.pending.append(hash)
                if state.pending.count >= 2 * EventHub.pendingLimit {
                    state.pending.removeFirst(EventHub.pendingLimit)
                    state.pendingStart += UInt64(EventHub.pendingLimit)
                }
                guard state.pendingSubscriptionCount > 0, state.queue.count < EventHub.queueLimit else { return false }
            }
            state.queue.append(event)
            if state.draining { return false }
            state.draining = true
            return true
        }
        if start { schedule { self.drain() } }
    }

    private func drain() {
        while true {
            let events = state.withLock { state in
                let events = state.queue
                state.queue = []
                if events.isEmpty { state.draining = false }
                return events
            }
            if events.isEmpty { return }
            for event in events { process(event) }
        }
    }

    private func process(_ event: ChainEvent) {
        switch event {
        case .newHead(let block, let transactions): newHead(block, transactions)
        case .reverted(let height): reverted(height)
        case .pendingTransaction(let hash):
            let message = EventHub.rendered { $0.hash(hash) }
            for (id, subscription) in subscriptions() {
                if case .newPendingTransactions = subscription.kind { send(message, id, subscription) }
            }
        }
    }

    private func subscriptions() -> [String: Subscription] { state.withLock { $0.subscriptions } }

    private func newHead(_ block: BlockRecord, _ transactions: [TransactionRecord]) {
        let logs = transactions.flatMap { LogEntry.all(of: $0) }
        let status = backend.status()
        let sync = SyncState(status)
        let syncChanged = state.withLock { state in
            state.recent.removeAll { $0.height <= status.heads.finalized || $0.height >= block.header.height }
            if block.header.height > status.heads.finalized, !logs.isEmpty {
                state.recent.append(Recent(height: block.header.height, logs: logs))
            }
            if state.recent.count > EventHub.recentBlockLimit { state.recent.removeFirst() }
            defer { state.syncing = sync.isSyncing }
            return state.syncing != sync.isSyncing
        }
        var head: [UInt8]?
        for (id, subscription) in subscriptions() {
            switch subscription.kind {
            case .newHeads:
                let message = head ?? EventHub.rendered { writer in
                    writer.beginObject()
                    writer.headerMembers(block)
                    writer.endObject()
                }
                head = message
                send(message, id, subscription)
            case .logs(let filter):
                for entry in logs where filter.matches(entry.log) {
                    send(EventHub.rendered { $0.log(entry, removed: false) }, id, subscription)
                }
            case .syncing where syncChanged:
                send(EventHub.rendered { $0.syncNotice(sync) }, id, subscription)
            default: break
            }
        }
    }

    private func reverted(_ height: UInt64) {
        let removed = state.withLock { state in
            let undone = state.recent.filter { $0.height > height }
            state.recent.removeAll { $0.height > height }
            return undone.reversed().flatMap(\.logs)
        }
        filters.revert(toHeight: height, removed: removed)
        if removed.isEmpty { return }
        for (id, subscription) in subscriptions() {
            guard case .logs(let filter) = subscription.kind else { continue }
            for entry in removed where filter.matches(entry.log) {
                send(EventHub.rendered { $0.log(entry, removed: true) }, id, subscription)
            }
        }
    }

    // MARK: - Messages

    private static func rendered(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter(capacity: 2_048)
        body(&writer)
        return writer.bytes
    }

    private func send(_ result: [UInt8], _ id: String, _ subscription: Subscription) {
        guard let sink = subscription.sink else { return remove(id) }
        var writer = JSONWriter(capacity: result.count + 128)
        writer.raw("{\"jsonrpc\":\"2.0\",\"method\":\"eth_subscription\",\"params\":{\"subscription\":")
        writer.string(id)
        writer.raw(",\"result\":")
        writer.raw(result)
        writer.raw("}}")
        sink.notify(id, writer.bytes)
    }
}

extension JSONWriter {
    /// What `syncing` subscribers get, as go-ethereum sends it.
    fileprivate mutating func syncNotice(_ state: SyncState) {
        guard state.isSyncing else { return bool(false) }
        beginObject()
        field("syncing", true)
        key("status")
        syncProgress(state)
        endObject()
    }
}
