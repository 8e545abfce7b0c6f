// Floor 5, RPC: the server: one port for HTTP and WebSocket.
public import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Synchronization

/// Serves Ethereum JSON-RPC, `/health` and `/metrics` for one node.
public final class RPCServer: Sendable {
    /// How often expired filters are dropped.
    private static let sweepInterval = TimeAmount.seconds(30)

    private struct Running {
        var group: MultiThreadedEventLoopGroup
        var channel: any Channel
        var subscription: UInt64
        var sweep: RepeatedTask
    }

    private let core: ServerCore
    private let running = Mutex<Running?>(nil)

    public init(backend: any NodeBackend, configuration: RPCServerConfiguration, logger: Logger) {
        core = ServerCore(backend: backend, configuration: configuration, logger: logger)
    }

    /// Starts to listen; the result is the bound port. Throws what the system says, e.g. that the port is taken.
    /// To be called once.
    public func start() async throws -> Int {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, core.configuration.eventLoopThreads))
        let core = core
        let backlog = ChannelOptions.Types.WriteBufferWaterMark(
            low: core.limits.webSocketBacklogByteCount / 2, high: core.limits.webSocketBacklogByteCount)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1_024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: backlog)
            .childChannelInitializer { channel in RPCServer.configure(channel, core) }
        let channel: any Channel
        do {
            channel = try await bootstrap.bind(host: core.configuration.host, port: core.configuration.port).get()
        } catch {
            await core.stopPools()
            try? await group.shutdownGracefully()
            throw error
        }
        let hub = core.hub
        let filters = core.dispatcher.context.filters
        let subscription = core.backend.subscribe { hub.handle($0) }
        let sweep = channel.eventLoop.scheduleRepeatedTask(initialDelay: RPCServer.sweepInterval, delay: RPCServer.sweepInterval) { _ in
            filters.dropExpired()
        }
        running.withLock { $0 = Running(group: group, channel: channel, subscription: subscription, sweep: sweep) }
        let port = channel.localAddress?.port ?? core.configuration.port
        core.logger.info("JSON-RPC listens", metadata: ["host": "\(core.configuration.host)", "port": "\(port)"])
        return port
    }

    /// Closes all connections and waits for the threads to end.
    public func stop() async {
        let running = self.running.withLock { running in
            defer { running = nil }
            return running
        }
        guard let running else { return }
        core.backend.unsubscribe(running.subscription)
        running.sweep.cancel()
        try? await running.channel.close().get()
        for channel in core.refuseConnections() { try? await channel.close().get() }
        await core.stopPools()
        try? await running.group.shutdownGracefully()
    }

    // MARK: - Connections

    private static func configure(_ channel: any Channel, _ core: ServerCore) -> EventLoopFuture<Void> {
        guard core.admit(channel) else { return channel.close() }
        return channel.eventLoop.makeCompletedFuture {
            let handler = HTTPHandler(core: core)
            let removal = NIOLoopBound(handler, eventLoop: channel.eventLoop)
            let upgrader = NIOWebSocketServerUpgrader(
                maxFrameSize: core.limits.webSocketMessageByteCount,
                shouldUpgrade: { channel, head in
                    let path = head.uri.prefix { $0 != "?" }
                    let allowed = core.configuration.allowedOrigin
                    let origin = head.headers.first(name: "origin")
                    let isAllowed = (path == "/" || path == "/ws") && (allowed == "*" || origin == nil || origin == allowed)
                    return channel.eventLoop.makeSucceededFuture(isAllowed ? HTTPHeaders() : nil)
                },
                upgradePipelineHandler: { channel, _ in
                    channel.eventLoop.makeCompletedFuture {
                        try RPCServer.becomeWebSocket(channel, core)
                    }
                })
            try channel.pipeline.syncOperations.configureHTTPServerPipeline(
                withServerUpgrade: (
                    upgraders: [upgrader],
                    completionHandler: { context in
                        context.pipeline.syncOperations.removeHandler(removal.value, promise: nil)
                    }
                ))
            try channel.pipeline.syncOperations.addHandler(handler)
        }
    }

    private static func becomeWebSocket(_ channel: any Channel, _ core: ServerCore) throws {
        try channel.pipeline.syncOperations.addHandler(
            NIOWebSocketFrameAggregator(
                minNonFinalFragmentSize: 1, maxAccumulatedFrameCount: core.limits.webSocketFragmentCount,
                maxAccumulatedFrameSize: core.limits.webSocketMessageByteCount))
        try channel.pipeline.syncOperations.addHandler(WebSocketHandler(core: core))
    }
}
