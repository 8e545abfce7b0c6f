// Floor 5, RPC: the subscriptions of one WebSocket connection, reachable from any thread.
import NIOCore
import Synchronization

/// Registers subscriptions and carries their notifications to the connection's event loop.
final class WebSocketSession: RPCSession, NotificationSink {
    private struct State {
        var ids: Set<String> = []
        /// Subscriptions made by the message that is being answered: the client must learn their ids first.
        var unannounced: Set<String> = []
        var ended = false
    }

    private let core: ServerCore
    private let loop: any EventLoop
    /// Runs on the event loop.
    private let deliver: @Sendable ([UInt8], _ isHeld: Bool) -> Void
    private let state = Mutex(State())

    init(core: ServerCore, loop: any EventLoop, deliver: @escaping @Sendable ([UInt8], _ isHeld: Bool) -> Void) {
        self.core = core
        self.loop = loop
        self.deliver = deliver
    }

    func subscribe(_ kind: SubscriptionKind) throws(RPCError) -> String {
        let id = RandomID.make()
        let limit = core.limits.subscriptionCount
        let added = state.withLock { state in
            guard !state.ended, state.ids.count < limit else { return false }
            state.ids.insert(id)
            state.unannounced.insert(id)
            return true
        }
        guard added else { throw .limitExceeded("too many subscriptions: the limit is \(limit) per connection") }
        core.hub.add(kind, sink: self, id: id)
        if state.withLock({ $0.ended }) { core.hub.remove(id) }
        return id
    }

    func unsubscribe(_ id: String) -> Bool {
        let removed = state.withLock { state in
            state.unannounced.remove(id)
            return state.ids.remove(id) != nil
        }
        if removed { core.hub.remove(id) }
        return removed
    }

    func notify(_ subscription: String, _ message: [UInt8]) {
        loop.execute {
            let isHeld = self.state.withLock { $0.unannounced.contains(subscription) }
            self.deliver(message, isHeld)
        }
    }

    /// The answer with the new ids has been written. On the event loop.
    func announce() { state.withLock { $0.unannounced.removeAll() } }

    /// The connection is gone.
    func end() {
        let ids = state.withLock { state in
            state.ended = true
            defer { state.ids = [] }
            return state.ids
        }
        for id in ids { core.hub.remove(id) }
    }
}
