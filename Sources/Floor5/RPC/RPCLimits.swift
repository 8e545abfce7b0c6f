// Floor 5, RPC: every bound of the server in one place, and where it listens.

/// What one client may ask for. The defaults suit a public node of two cores and a few GiB.
public struct RPCLimits: Equatable, Sendable {
    /// Body of one request: sixteen times the largest transaction that pools take.
    public var requestByteCount = 2 << 20
    /// Bodies being received over all connections, so that many slow uploads do not fill the memory.
    public var bufferedRequestByteCount = 128 << 20
    /// Answers that clients have not read yet, over all connections; beyond it requests are refused with -32005.
    public var bufferedResponseByteCount = 256 << 20
    /// Requests in one batch.
    public var batchCount = 1_000
    /// One response, batches included; what does not fit is answered with -32003, as go-ethereum does.
    public var responseByteCount = 32 << 20
    /// Blocks that one `eth_getLogs` may scan.
    public var logBlockCount: UInt64 = 10_000
    /// Logs that one query may return.
    public var logResultCount = 20_000
    /// Addresses, and alternatives per topic, in one log filter.
    public var logFilterAlternativeCount = 1_000
    /// Pieces of evidence in one answer of `hyperseq_evidence`: some 150 KB of JSON.
    public var evidenceCount = 100
    /// Gas of one `eth_call`, and the ceiling of `eth_estimateGas`.
    public var callGas: UInt64 = 50_000_000
    /// Wall time of one `eth_call` or `eth_estimateGas`.
    public var callTimeMilliseconds: Int64 = 5_000
    /// Wall time of one HTTP request or WebSocket message with all of its batch.
    public var requestTimeMilliseconds: Int64 = 30_000
    /// Blocks of one `eth_feeHistory`, and of one with reward percentiles (which reads every receipt).
    public var feeHistoryBlockCount: UInt64 = 1_024
    public var feeHistoryRewardBlockCount: UInt64 = 128
    public var feeHistoryPercentileCount = 100
    /// Installed filters over all clients; filters do not belong to connections.
    public var filterCount = 1_024
    /// A filter that nobody polls is dropped after this time.
    public var filterExpiryMilliseconds: Int64 = 300_000
    /// Subscriptions of one WebSocket connection.
    public var subscriptionCount = 64
    /// One WebSocket message, in one frame or several.
    public var webSocketMessageByteCount = 2 << 20
    /// Frames of one WebSocket message.
    public var webSocketFragmentCount = 1_024
    /// Messages of one WebSocket connection that wait for the one being answered; then reading stops.
    public var webSocketQueueCount = 16
    /// Unsent bytes of a WebSocket connection at which a subscriber counts as too slow and is cut off.
    public var webSocketBacklogByteCount = 8 << 20
    /// Open connections, HTTP and WebSocket together.
    public var connectionCount = 1_024
    /// An HTTP connection is closed when no whole request has come for this time. A WebSocket connection is closed when
    /// nothing at all has come; it is pinged twice within the time.
    public var idleTimeMilliseconds: Int64 = 60_000

    public init() {}
}

/// Where the server listens and how much of the machine it takes.
public struct RPCServerConfiguration: Equatable, Sendable {
    public var host: String
    /// 0 lets the system choose.
    public var port: Int
    public var limits: RPCLimits
    /// Origins that browsers may call from; `*` for all, which wallets need.
    public var allowedOrigin: String
    /// One event loop carries well over 10,000 requests per second.
    public var eventLoopThreads = 1
    /// Threads for reads that touch the stores, and for submissions.
    public var lightThreads = 2
    /// Threads for execution and scans, so that they never hold up the others.
    public var heavyThreads = 2

    public init(host: String = "127.0.0.1", port: Int = 8545, limits: RPCLimits = RPCLimits(), allowedOrigin: String = "*") {
        self.host = host
        self.port = port
        self.limits = limits
        self.allowedOrigin = allowedOrigin
    }
}
