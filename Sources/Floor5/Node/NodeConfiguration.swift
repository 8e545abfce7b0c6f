// Floor 5, Node: everything a node is told before it starts.
public import Executor
public import Primitives

/// Where another node listens.
public struct PeerAddress: Equatable, Sendable {
    /// Its ed25519 key.
    public var nodeID: Hash256
    public var host: String
    public var port: UInt16

    public init(nodeID: Hash256, host: String, port: UInt16) {
        self.nodeID = nodeID
        self.host = host
        self.port = port
    }
}

/// The consensus clock of a chain; every validator should have the same.
public struct TimingConfiguration: Equatable, Sendable {
    /// Least time between two blocks while there is work.
    public var blockIntervalMilliseconds: UInt64
    /// Time between two blocks while there is none.
    public var idleBlockIntervalMilliseconds: UInt64
    /// How long a view may take before its leader is given up, when nothing has failed before.
    public var baseTimeoutMilliseconds: UInt64
    /// Where the doubling of that time stops.
    public var maximumTimeoutMilliseconds: UInt64

    public init(
        blockIntervalMilliseconds: UInt64 = 50, idleBlockIntervalMilliseconds: UInt64 = 1_000,
        baseTimeoutMilliseconds: UInt64 = 1_000, maximumTimeoutMilliseconds: UInt64 = 16_000
    ) {
        self.blockIntervalMilliseconds = blockIntervalMilliseconds
        self.idleBlockIntervalMilliseconds = idleBlockIntervalMilliseconds
        self.baseTimeoutMilliseconds = baseTimeoutMilliseconds
        self.maximumTimeoutMilliseconds = maximumTimeoutMilliseconds
    }
}

/// Bounds of the pool.
public struct MempoolConfiguration: Equatable, Sendable {
    public var maximumTransactions: Int
    public var maximumBytes: Int
    public var maximumTransactionsPerAccount: Int
    /// Lowest tip taken, in wei per gas.
    public var minimumPriorityFeePerGas: UInt256

    public init(
        maximumTransactions: Int = 20_000, maximumBytes: Int = 64 << 20, maximumTransactionsPerAccount: Int = 1_024,
        minimumPriorityFeePerGas: UInt256 = 0
    ) {
        self.maximumTransactions = maximumTransactions
        self.maximumBytes = maximumBytes
        self.maximumTransactionsPerAccount = maximumTransactionsPerAccount
        self.minimumPriorityFeePerGas = minimumPriorityFeePerGas
    }
}

/// Bounds of the RPC server.
public struct RPCConfiguration: Equatable, Sendable {
    public var host: String
    /// 0 takes a free port.
    public var port: UInt16

    public init(host: String = "127.0.0.1", port: UInt16 = 0) {
        self.host = host
        self.port = port
    }
}

/// What a node keeps.
public struct StorageConfiguration: Equatable, Sendable {
    /// How far below the newest final block the state can be read; `nil` keeps every version for ever.
    public var historyBlocks: UInt64?

    /// Fewer could be overtaken by the head while a request is answered.
    public static let leastHistoryBlocks: UInt64 = 128

    /// By default from ten minutes at full speed to some hours on a quiet chain.
    public init(historyBlocks: UInt64? = 10_000) { self.historyBlocks = historyBlocks }
}

/// Everything a node is told before it starts. Secrets are read from key files by the caller.
public struct NodeConfiguration: Sendable {
    public var name: String
    /// Folder of the databases; made when missing.
    public var dataDirectory: String
    public var genesis: Genesis
    /// The secp256k1 key of a validator; `nil` follows the chain without voting.
    public var validatorKey: [UInt8]?
    /// Seed of the ed25519 network identity, 32 bytes.
    public var nodeKeySeed: [UInt8]
    public var listenHost: String
    /// 0 takes a free port.
    public var listenPort: UInt16
    public var peers: [PeerAddress]
    public var timing: TimingConfiguration
    public var mempool: MempoolConfiguration
    public var rpc: RPCConfiguration
    public var storage: StorageConfiguration

    public init(
        name: String, dataDirectory: String, genesis: Genesis, validatorKey: [UInt8]?, nodeKeySeed: [UInt8],
        listenHost: String, listenPort: UInt16, peers: [PeerAddress], timing: TimingConfiguration = .init(),
        mempool: MempoolConfiguration = .init(), rpc: RPCConfiguration = .init(),
        storage: StorageConfiguration = .init()
    ) {
        self.name = name
        self.dataDirectory = dataDirectory
        self.genesis = genesis
        self.validatorKey = validatorKey
        self.nodeKeySeed = nodeKeySeed
        self.listenHost = listenHost
        self.listenPort = listenPort
        self.peers = peers
        self.timing = timing
        self.mempool = mempool
        self.rpc = rpc
        self.storage = storage
    }
}
