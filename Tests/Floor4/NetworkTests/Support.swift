// Shared helpers of the network tests.

import Glibc
import Logging
import Network
import Primitives
import Testing

struct TimedOut: Error {}

/// Waits on the loop until `condition` holds; fails after the deadline.
@LoopActor
func eventually(
    withinMilliseconds limit: UInt64 = 60_000,
    _ condition: @LoopActor () -> Bool,
    sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    let deadline = monotonicMilliseconds() + limit
    while !condition() {
        guard monotonicMilliseconds() < deadline else {
            Issue.record("the condition did not come true in time", sourceLocation: sourceLocation)
            throw TimedOut()
        }
        try await Task.sleep(nanoseconds: 2_000_000)
    }
}

/// Records what a network tells its node.
@LoopActor
final class Recorder: PeerNetworkDelegate {
    struct Received: Equatable {
        var message: [UInt8]
        var channel: Channel
        var from: NodeID
    }

    var connected: [NodeID] = []
    var disconnected: [String] = []
    var received: [Received] = []
    var receivedBytes = 0
    var receivedCount = 0
    /// Whether `received` keeps the messages or only counts them.
    var keeps = true
    var onReceive: (@LoopActor ([UInt8], Channel, NodeID) -> Void)?

    var onConnect: (@LoopActor (NodeID) -> Void)?

    func peerConnected(_ id: NodeID) {
        connected.append(id)
        onConnect?(id)
    }

    func peerDisconnected(_ id: NodeID, reason: String) { disconnected.append(reason) }
    func received(_ message: [UInt8], channel: Channel, from id: NodeID) {
        receivedBytes += message.count
        receivedCount += 1
        if keeps { received.append(Received(message: message, channel: channel, from: id)) }
        onReceive?(message, channel, id)
    }
}

/// Log lines of one network, for assertions about reasons.
final class LogLines: @unchecked Sendable {
    private var lock = pthread_mutex_t()
    private var stored: [String] = []

    init() { pthread_mutex_init(&lock, nil) }

    func append(_ line: String) {
        pthread_mutex_lock(&lock)
        stored.append(line)
        pthread_mutex_unlock(&lock)
    }

    func contains(_ text: String) -> Bool {
        pthread_mutex_lock(&lock)
        defer { pthread_mutex_unlock(&lock) }
        return stored.contains { $0.contains(text) }
    }
}

struct CapturingHandler: LogHandler {
    let lines: LogLines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.debug

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = (event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " ")
        lines.append("\(event.message) \(fields)")
    }
}

/// A node of a test: identity, network, recorder and log.
@LoopActor
final class TestNode {
    let identity: NodeIdentity
    let recorder = Recorder()
    let lines = LogLines()
    let network: PeerNetwork

    init(_ identity: NodeIdentity, genesis: UInt64 = 1, port: UInt16 = 0, peers: [PeerEndpoint], limits: NetworkLimits) {
        self.identity = identity
        let lines = lines
        network = PeerNetwork(
            configuration: NetworkConfiguration(
                identity: identity, genesisHash: Hash256(w0: genesis, w1: 0, w2: 0, w3: 0), listenHost: "127.0.0.1",
                listenPort: port, peers: peers, limits: limits),
            logger: Logger(label: "test", factory: { _ in CapturingHandler(lines: lines) }), delegate: recorder)
    }

    var id: NodeID { identity.id }
}

/// Limits for quick tests.
func quickLimits(_ change: (inout NetworkLimits) -> Void = { _ in }) -> NetworkLimits {
    var limits = NetworkLimits()
    limits.minimumBackoffMilliseconds = 10
    limits.maximumBackoffMilliseconds = 200
    // Pure tests beside these may hold every thread of the pool for a while.
    limits.handshakeDeadlineMilliseconds = 120_000
    limits.penaltyMilliseconds = 0
    change(&limits)
    return limits
}

/// The identity of a small number.
func identity(_ number: UInt8) -> NodeIdentity {
    guard let identity = NodeIdentity(seed: [UInt8](repeating: number, count: 32)) else { fatalError("a seed has 32 bytes") }
    return identity
}

/// Ports that were free a moment ago.
func freePorts(_ count: Int) -> [UInt16] {
    var descriptors: [Int32] = []
    var ports: [UInt16] = []
    for _ in 0..<count {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        descriptors.append(descriptor)
        var address = loopback(0)
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, 16) }
        }
        var length = socklen_t(16)
        _ = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        ports.append(UInt16(bigEndian: address.sin_port))
    }
    for descriptor in descriptors { close(descriptor) }
    return ports
}

func loopback(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return address
}

/// Started nodes that all know each other.
@LoopActor
func startedNodes(_ count: Int, limits: NetworkLimits = quickLimits()) throws -> [TestNode] {
    let identities = (1...count).map { identity(UInt8($0)) }
    let ports = freePorts(count)
    let endpoints = zip(identities, ports).map { PeerEndpoint(id: $0.id, host: "127.0.0.1", port: $1) }
    let nodes = zip(identities, ports).map { TestNode($0, port: $1, peers: endpoints, limits: limits) }
    for node in nodes { try node.network.start() }
    return nodes
}

@LoopActor
func connectedNodes(_ count: Int, limits: NetworkLimits = quickLimits()) async throws -> [TestNode] {
    let nodes = try startedNodes(count, limits: limits)
    try await eventually { nodes.allSatisfy { $0.network.connectedPeers.count == count - 1 } }
    return nodes
}
