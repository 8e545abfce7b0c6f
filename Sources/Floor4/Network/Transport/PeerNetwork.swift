// The set of peers: who dials whom, which of two connections stays, what the node is told.
// Invariants: at most one open connection per peer; the delegate sees connected and disconnected in turns, and
// messages only in between.

import CLibUV
public import Logging

/// What a network tells its node, always on the loop.
@LoopActor
public protocol PeerNetworkDelegate: AnyObject {
    func peerConnected(_ id: NodeID)
    func peerDisconnected(_ id: NodeID, reason: String)
    func received(_ message: [UInt8], channel: Channel, from id: NodeID)
}

/// Authenticated, encrypted connections with a fixed set of known nodes.
///
/// A started network stays alive until `stop()`. The delegate is held weakly. `send`, `broadcast` and `stop` never call
/// the delegate; `disconnect` calls `peerDisconnected` before it returns.
@LoopActor
public final class PeerNetwork {
    private enum State {
        case new
        case running
        case stopped
    }

    let configuration: NetworkConfiguration
    public weak var delegate: (any PeerNetworkDelegate)?
    public internal(set) var counters = NetworkCounters()
    private let logger: Logger
    private var state = State.new
    private var listener: TCPListener?
    /// In ascending order of ID.
    let peers: [Peer]
    private let indices: [NodeID: Int]
    /// Connections that are not open yet.
    private var pending: [PeerLink] = []
    private var gate: HandshakeGate

    private var me: NodeID { configuration.identity.id }

    /// Nothing happens before `start()`.
    public init(configuration: NetworkConfiguration, logger: Logger, delegate: (any PeerNetworkDelegate)?) {
        self.configuration = configuration
        self.logger = logger
        self.delegate = delegate
        let own = configuration.identity.id
        var known: [PeerEndpoint] = []
        for endpoint in configuration.peers.sorted(by: { $0.id < $1.id })
        where endpoint.id != own && endpoint.id != known.last?.id {
            known.append(endpoint)
        }
        peers = known.map { Peer($0, configuration.limits) }
        var indices: [NodeID: Int] = [:]
        for (index, endpoint) in known.enumerated() { indices[endpoint.id] = index }
        self.indices = indices
        gate = HandshakeGate(
            concurrent: configuration.limits.inboundHandshakes,
            perSecond: configuration.limits.inboundConnectionsPerSecondPerAddress,
            burst: configuration.limits.inboundConnectionBurstPerAddress)
    }

    // MARK: - Start and stop

    /// Listens and begins to dial. A network is started once.
    public func start() throws(NetworkError) {
        guard case .new = state else { throw .alreadyStarted }
        let host = configuration.listenHost
        guard let address = Resolver.resolveNow(host, port: configuration.listenPort) else {
            throw .unknownHost(host)
        }
        let listener = unsafe TCPListener { [weak self] in unsafe self?.accept(from: $0) }
        do {
            try listener.listen(on: address)
        } catch {
            listener.close()
            throw error
        }
        self.listener = listener
        state = .running
        logger.info("network listens", metadata: ["address": "\(address.host)", "port": "\(listener.port)"])
        for peer in peers {
            peer.timer = LoopTimer { [weak self, weak peer] in
                if let peer { self?.dial(peer) }
            }
            scheduleDial(peer, afterMilliseconds: 0)
        }
    }

    /// Closes everything for good. The delegate hears nothing any more.
    public func stop() {
        guard case .running = state else { return }
        state = .stopped
        delegate = nil
        listener?.close()
        listener = nil
        for link in pending { link.close(.stopping) }
        for peer in peers {
            peer.timer?.cancel()
            peer.timer = nil
            peer.link?.close(.stopping)
            peer.link = nil
            peer.dialing = nil
        }
    }

    /// The port the system gave; 0 when not listening.
    public var listenPort: UInt16 { listener?.port ?? 0 }

    // MARK: - Messages

    /// Queues a message for the end of the turn.
    /// - Returns: `false` when there is no connection, the message is too long, or a queue that keeps its oldest
    ///   messages (sync, blocks) is full.
    /// - Parameter slot: what the message may replace and be replaced by while it waits; `nil` keeps all, up to the queue's bounds.
    @discardableResult
    public func send(_ message: [UInt8], channel: Channel, slot: MessageSlot? = nil, to id: NodeID) -> Bool {
        guard let peer = peer(id) else { return false }
        return pass(message, channel, slot, to: peer)
    }

    /// Queues a message for every connected peer; the bytes are shared until each connection encrypts them.
    public func broadcast(_ message: [UInt8], channel: Channel, slot: MessageSlot? = nil) {
        for peer in peers { _ = pass(message, channel, slot, to: peer) }
    }

    /// In ascending order.
    public var connectedPeers: [NodeID] { peers.filter { $0.link != nil }.map(\.endpoint.id) }

    /// The smoothed round trip to a connected peer in microseconds; `nil` before its first answer.
    public func roundTripMicroseconds(_ id: NodeID) -> UInt64? {
        guard let link = peer(id)?.link, link.roundTripMicroseconds > 0 else { return nil }
        return link.roundTripMicroseconds
    }

    /// Bytes of a channel that wait to be sent to a peer.
    package func queuedBytes(_ channel: Channel, to id: NodeID) -> Int { peer(id)?.link?.queuedBytes(channel) ?? 0 }

    /// Ends the connection with a peer; it may come back.
    public func disconnect(_ id: NodeID, reason: String) {
        peer(id)?.link?.close(.requested(reason))
    }

    /// Ends the connection with a peer whose message no honest node sends, and refuses it for a while: longer each time, until its
    /// offences are forgotten.
    public func penalise(_ id: NodeID, reason: String) { peer(id)?.link?.close(.misconduct(reason)) }

    // MARK: - Connections

    /// Why an authenticated caller may not come in; `nil` if it may.
    func refusal(of id: NodeID) -> CloseReason? {
        guard let peer = peer(id) else { return .unknownIdentity(id) }
        if peer.isSevered { return .severed }
        return peer.score.isRefused(nowMicroseconds: monotonicMicroseconds()) ? .penalty : nil
    }

    func peer(_ id: NodeID) -> Peer? { indices[id].map { peers[$0] } }

    func limiter(of id: NodeID) -> InboundLimiter? { peer(id)?.limiter }

    private func accept(from stream: UnsafeMutablePointer<uv_stream_t>) {
        let link = PeerLink(network: self, role: .responder, expected: nil, label: "?")
        guard let address = unsafe link.accept(from: stream) else {
            link.close(.ended(Int(UV_ECONNABORTED.rawValue)))
            return
        }
        guard gate.admit(address.rateKey, nowMicroseconds: monotonicMicroseconds()) else {
            counters.connectionsRefused += 1
            logger.debug("connection refused: too many", metadata: ["address": "\(address.description)"])
            link.close(.ended(Int(UV_ECONNABORTED.rawValue)))
            return
        }
        link.countsAsHandshake = true
        pending.append(link)
        link.beginHandshake()
    }

    private func scheduleDial(_ peer: Peer, afterMilliseconds delay: UInt64) {
        guard case .running = state, peer.link == nil, peer.dialing == nil, !peer.isSevered else { return }
        // The lower ID dials; the higher one only steps in when that does not happen.
        let fallback = me < peer.endpoint.id ? 0 : configuration.limits.fallbackDialMilliseconds
        let now = monotonicMicroseconds()
        let until = peer.score.refusedUntilMicroseconds
        let penalty = until > now ? (until - now) / 1000 : 0
        peer.timer?.schedule(afterMilliseconds: max(delay, fallback, penalty))
    }

    /// Dials without regard to whose turn it is.
    func dialNow(_ peer: Peer) { peer.timer?.schedule(afterMilliseconds: 0) }

    private func dial(_ peer: Peer) {
        guard case .running = state, peer.link == nil, peer.dialing == nil, !peer.isSevered else { return }
        let endpoint = peer.endpoint
        let link = PeerLink(
            network: self, role: .initiator, expected: endpoint.id, label: "\(endpoint.host) port \(endpoint.port)")
        peer.dialing = link
        pending.append(link)
        link.dial(endpoint)
    }

    /// Whether the lower ID of the two has dialled this connection: the one to keep.
    private func isLowerDialled(_ link: PeerLink, _ id: NodeID) -> Bool { (link.role == .initiator) == (me < id) }

    /// A connection is authenticated on both sides. Of two, the one that the lower ID has dialled stays; of two of
    /// the same dialler the newer, because a dialler opens no second one while it has the first.
    func linkOpened(_ link: PeerLink) {
        endPending(link)
        counters.handshakesCompleted += 1
        guard let id = link.remote, let peer = peer(id) else { return }
        if peer.dialing === link { peer.dialing = nil }
        if let old = peer.link {
            if isLowerDialled(old, id), !isLowerDialled(link, id) {
                link.close(.duplicate)
                return
            }
            old.close(.duplicate)
            // The delegate may have stopped the network.
            guard link.state == .open else { return }
        }
        peer.link = link
        peer.failureLogged = false
        peer.timer?.cancel()
        logger.info("peer connected", metadata: ["peer": "\(id.short)", "address": "\(link.label)"])
        delegate?.peerConnected(id)
    }

    func linkReceived(_ message: [UInt8], _ channel: Channel, _ id: NodeID) {
        counters.messagesIn += 1
        guard let peer = peer(id) else { return }
        guard let shaped = peer.inbound else {
            deliver(message, channel, from: peer)
            return
        }
        counters.shapedLosses += shaped.push(LinkShaper.Item(message, channel))
    }

    func linkClosed(_ link: PeerLink, _ reason: CloseReason, wasOpen: Bool) {
        let wasPending = endPending(link)
        if wasPending { counters.handshakesFailed += 1 }
        guard case .running = state else { return }
        guard let id = link.remote, let peer = peer(id) else {
            if wasPending {
                logger.notice(
                    "handshake failed", metadata: ["address": "\(link.label)", "reason": "\(reason)"])
            }
            return
        }
        if peer.link === link {
            peer.link = nil
            peer.outbound?.clear()
            peer.inbound?.clear()
            let lived = monotonicMicroseconds() - link.openedAt
            if lived >= configuration.limits.stableConnectionMilliseconds * 1000 { peer.backoff.reset() }
            if let offence = reason.offence {
                counters.offences += 1
                peer.score.count(
                    offence, penaltyMilliseconds: configuration.limits.penaltyMilliseconds,
                    maximumMilliseconds: configuration.limits.maximumPenaltyMilliseconds,
                    nowMicroseconds: monotonicMicroseconds())
            }
            logger.notice("peer disconnected", metadata: ["peer": "\(id.short)", "reason": "\(reason)"])
            delegate?.peerDisconnected(id, reason: reason.description)
        } else if wasPending {
            logFailure(peer, link, reason)
        }
        if peer.dialing === link { peer.dialing = nil }
        guard peer.link == nil, peer.dialing == nil else { return }
        scheduleDial(peer, afterMilliseconds: peer.backoff.next(random: UInt64.random(in: 0...UInt64.max)))
    }

    /// A peer that is down is dialled again and again: only its first failure is worth a notice.
    private func logFailure(_ peer: Peer, _ link: PeerLink, _ reason: CloseReason) {
        let level: Logger.Level = peer.failureLogged ? .debug : .notice
        peer.failureLogged = true
        logger.log(
            level: level, "no connection with peer",
            metadata: [
                "peer": "\(peer.endpoint.id.short)", "address": "\(link.label)", "reason": "\(reason)",
            ])
    }

    @discardableResult
    private func endPending(_ link: PeerLink) -> Bool {
        guard let index = pending.firstIndex(where: { $0 === link }) else { return false }
        pending.remove(at: index)
        if link.countsAsHandshake {
            link.countsAsHandshake = false
            gate.finished()
        }
        return true
    }
}
