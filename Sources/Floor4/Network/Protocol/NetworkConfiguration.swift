// What a network is started with, and the errors of starting it.

public import Primitives

/// Where a known node listens.
public struct PeerEndpoint: Sendable, Equatable {
    public var id: NodeID
    /// A numeric address or a host name.
    public var host: String
    public var port: UInt16

    public init(id: NodeID, host: String, port: UInt16) {
        self.id = id
        self.host = host
        self.port = port
    }
}

/// Who we are, whom we know and what we grant.
public struct NetworkConfiguration: Sendable {
    public var identity: NodeIdentity
    /// Nodes of another genesis are refused.
    public var genesisHash: Hash256
    /// A numeric address or a host name of this machine.
    public var listenHost: String
    /// 0 takes any free port.
    public var listenPort: UInt16
    /// The allowed set: all others are refused. Our own ID and repeated IDs in it are ignored.
    public var peers: [PeerEndpoint]
    public var limits: NetworkLimits

    public init(
        identity: NodeIdentity, genesisHash: Hash256, listenHost: String, listenPort: UInt16,
        peers: [PeerEndpoint], limits: NetworkLimits = .init()
    ) {
        self.identity = identity
        self.genesisHash = genesisHash
        self.listenHost = listenHost
        self.listenPort = listenPort
        self.peers = peers
        self.limits = limits
    }
}

/// Why a network cannot start.
public enum NetworkError: Error, Equatable, Sendable, CustomStringConvertible {
    /// `start` was called before.
    case alreadyStarted
    /// The listen host is no address of ours.
    case unknownHost(String)
    /// The system refuses to listen there.
    case cannotListen(String)

    public var description: String {
        switch self {
        case .alreadyStarted: "the network has been started before"
        case .unknownHost(let host): "no address for host \(host)"
        case .cannotListen(let why): "cannot listen: \(why)"
        }
    }
}

/// Totals since the start.
public struct NetworkCounters: Sendable, Equatable {
    public var bytesIn: UInt64 = 0
    public var bytesOut: UInt64 = 0
    public var framesIn: UInt64 = 0
    public var framesOut: UInt64 = 0
    public var messagesIn: UInt64 = 0
    public var messagesOut: UInt64 = 0
    public var handshakesCompleted: UInt64 = 0
    public var handshakesFailed: UInt64 = 0
    /// Inbound connections closed before a handshake because of the limits.
    public var connectionsRefused: UInt64 = 0
    /// Messages lost to a full queue, dropped or refused.
    public var drops: UInt64 = 0
    /// Messages that newer ones of their kind replaced before they were sent.
    public var superseded: UInt64 = 0
    /// Connections ended because the peer broke the rules.
    public var offences: UInt64 = 0
    /// Messages lost to a shape put on a link on purpose.
    public var shapedLosses: UInt64 = 0

    public init() {}
}
