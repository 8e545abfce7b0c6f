// Floor 5, RPC: what all connections of one server share.
import Logging
import NIOCore
import Synchronization

/// The shared parts of a running server.
final class ServerCore: Sendable {
    /// Bodies up to this size are parsed on the event loop, so that cheap calls need no thread switch.
    static let inlineByteLimit = 2_048

    let configuration: RPCServerConfiguration
    let backend: any NodeBackend
    let dispatcher: Dispatcher
    let hub: EventHub
    let light: PoolExecutor
    let heavy: PoolExecutor
    let events: PoolExecutor
    let logger: Logger
    private let shared = Mutex(Shared())

    private struct Shared {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var bufferedByteCount = 0
        var unsentByteCount = 0
        var stopped = false
    }

    var limits: RPCLimits { configuration.limits }

    init(backend: any NodeBackend, configuration: RPCServerConfiguration, logger: Logger) {
        self.configuration = configuration
        self.backend = backend
        self.logger = logger
        light = PoolExecutor(threads: configuration.lightThreads)
        heavy = PoolExecutor(threads: configuration.heavyThreads)
        let events = PoolExecutor(threads: 1)
        self.events = events
        let filters = FilterStore(limits: configuration.limits)
        hub = EventHub(backend: backend, filters: filters) { events.execute($0) }
        dispatcher = Dispatcher(context: RPCContext(backend: backend, limits: configuration.limits, filters: filters, hub: hub))
    }

    // MARK: - Connections

    /// Admits a connection, unless there are too many; it is forgotten when it closes.
    func admit(_ channel: any Channel) -> Bool {
        let id = ObjectIdentifier(channel)
        let admitted = shared.withLock { shared in
            guard !shared.stopped, shared.channels.count < limits.connectionCount else { return false }
            shared.channels[id] = channel
            return true
        }
        guard admitted else {
            dispatcher.metrics.connectionRefused()
            return false
        }
        channel.closeFuture.whenComplete { _ in self.shared.withLock { _ = $0.channels.removeValue(forKey: id) } }
        return true
    }

    /// No more connections; the result are those still open.
    func refuseConnections() -> [any Channel] {
        shared.withLock { shared in
            shared.stopped = true
            return Array(shared.channels.values)
        }
    }

    /// Takes a share of the memory for request bodies; false when all of it is taken.
    func takeBuffer(_ byteCount: Int) -> Bool {
        shared.withLock { shared in
            guard shared.bufferedByteCount + byteCount <= limits.bufferedRequestByteCount else { return false }
            shared.bufferedByteCount += byteCount
            return true
        }
    }

    func returnBuffer(_ byteCount: Int) { shared.withLock { $0.bufferedByteCount -= byteCount } }

    /// The answer itself, or a refusal when clients leave too many answers unread. `counted` is to be given to `didSend`.
    func admit(response: [UInt8]) -> (body: [UInt8], counted: Int) {
        let admitted = shared.withLock { shared in
            guard shared.unsentByteCount + response.count <= limits.bufferedResponseByteCount else { return false }
            shared.unsentByteCount += response.count
            return true
        }
        if admitted { return (response, response.count) }
        return (Dispatcher.failure(.limitExceeded("too many answers are waiting to be read")), 0)
    }

    func didSend(_ byteCount: Int) { shared.withLock { $0.unsentByteCount -= byteCount } }

    /// Waits for the threads to end.
    func stopPools() async {
        try? await light.stop()
        try? await heavy.stop()
        try? await events.stop()
    }

    // MARK: - Requests

    /// Answers a body on the pools and hands the answer to `completion`, on any thread.
    func work(
        _ body: [UInt8], _ prepared: Dispatcher.Prepared?, session: (any RPCSession)?,
        completion: @escaping @Sendable ([UInt8]) -> Void
    ) -> Task<Void, Never> {
        var executor = light
        if case .work(_, .heavy)? = prepared { executor = heavy }
        return Task(executorPreference: executor) { [dispatcher, heavy] in
            switch prepared ?? dispatcher.prepare(body, session: session) {
            case .response(let response): completion(response)
            case .work(let value, .heavy):
                let response = await withTaskExecutorPreference(heavy) { await dispatcher.run(value, session: session) }
                completion(response)
            case .work(let value, _): completion(await dispatcher.run(value, session: session))
            }
        }
    }

    /// `/health`: 200 while the node follows the chain, 503 with the reason while it does not.
    func health() -> (isHealthy: Bool, body: [UInt8]) {
        let status = backend.status()
        let sync = SyncState(status)
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("status", sync.isSyncing ? "catching up" : "ok")
        if sync.isSyncing {
            writer.field("reason", "block \(sync.current) is final here, \(sync.highest) is known")
        }
        for (name, value) in [("latest", status.heads.latest), ("finalized", sync.current), ("highestKnown", sync.highest)] {
            writer.raw(Array(",\"\(name)\":\(value)".utf8))
        }
        writer.raw(Array(",\"peers\":\(status.peers),\"view\":\(status.view)".utf8))
        writer.endObject()
        return (!sync.isSyncing, writer.bytes)
    }
}
