// One connection with a peer, from the dial or accept to the close: handshake, frames, keep-alive. It owns the socket
// and drives the pure protocol types; what it means for the set of peers is `PeerNetwork`'s business.
// Invariant: after `close` nothing is sent, received or reported any more.

import CLibUV
import Logging

@LoopActor
final class PeerLink: TCPSocketOwner {
    enum State: Equatable {
        case connecting
        case handshaking
        /// The initiator has a session and waits for the responder's `ready`.
        case awaitingReady
        case open
        case closed
    }

    /// Bytes a stranger may make us read; a whole handshake is below 300.
    static let maximumUnauthenticatedBytes = 10 * 1024
    /// Batches written in one turn, so that one peer does not hold up the others.
    private static let batchesPerTurn = 32

    let role: HandshakeState.Role
    private(set) var state = State.connecting
    private(set) var remote: NodeID?
    /// For log lines: the address at the other end.
    private(set) var label: String
    private(set) var openedAt: UInt64 = 0
    /// Microseconds, smoothed; 0 before the first answer.
    private(set) var roundTripMicroseconds: UInt64 = 0
    /// Whether the connection counts as an inbound handshake in progress.
    var countsAsHandshake = false

    private var network: PeerNetwork?
    private var socket: TCPSocket?
    /// From the moment that bytes may flow: making one costs a curve multiplication.
    private var handshake: HandshakeState?
    private let limits: NetworkLimits
    private var queue: OutboundQueue
    private var encoder: FrameEncoder?
    private var decoder: FrameDecoder?
    private var reassembler = Reassembler()
    private var limiter: InboundLimiter?
    private var unauthenticatedBytes = 0
    private var flushScheduled = false
    private var reported = (drops: UInt64(0), superseded: UInt64(0), sent: UInt64(0), frames: UInt64(0))

    private var timer: LoopTimer?
    private var lastReceived: UInt64 = 0
    private var lastTick: UInt64 = 0
    private var pingToken: UInt64 = 0
    private var pingSentAt: UInt64 = 0

    init(network: PeerNetwork, role: HandshakeState.Role, expected: NodeID?, label: String) {
        self.network = network
        self.role = role
        self.label = label
        remote = expected
        limits = network.configuration.limits
        queue = OutboundQueue(limits: limits)
        let socket = TCPSocket(owner: self)
        self.socket = socket
        timer = LoopTimer { [weak self] in self?.tick() }
        timer?.schedule(afterMilliseconds: limits.handshakeDeadlineMilliseconds)
    }

    // MARK: - Opening

    func dial(_ endpoint: PeerEndpoint) {
        Resolver.resolve(endpoint.host, port: endpoint.port) { [weak self] address in
            guard let self, self.state != .closed else { return }
            guard let address else {
                self.close(.notResolved(endpoint.host))
                return
            }
            self.socket?.connect(to: address)
        }
    }

    /// Takes the next connection of a listener; `nil` when it is already gone.
    func accept(from listener: UnsafeMutablePointer<uv_stream_t>) -> SocketAddress? {
        guard let socket, unsafe socket.accept(from: listener) == 0, let address = socket.remoteAddress else {
            return nil
        }
        label = address.description
        return address
    }

    /// The initiator begins when it is connected, the responder once it has been admitted.
    func beginHandshake() {
        guard let configuration = network?.configuration else { return }
        state = .handshaking
        socket?.readAllowance = Self.maximumUnauthenticatedBytes
        handshake = HandshakeState(
            role: role, identity: configuration.identity, genesis: configuration.genesisHash, expected: remote)
        writeRaw(handshake?.start() ?? [])
    }

    func socketConnected(_ status: Int) {
        guard status == 0 else {
            close(.notConnected(status))
            return
        }
        beginHandshake()
    }

    // MARK: - Receiving

    func socketReceived(_ count: Int) {
        network?.counters.bytesIn += UInt64(count)
        let now = monotonicMicroseconds()
        lastReceived = now
        if state == .handshaking {
            unauthenticatedBytes += count
            guard unauthenticatedBytes <= Self.maximumUnauthenticatedBytes else {
                close(.unauthenticatedBytes)
                return
            }
        }
        processHandshake()
        processFrames(now)
        if state == .handshaking {
            // Never 0: libuv takes an empty buffer for an error.
            socket?.readAllowance = max(1, Self.maximumUnauthenticatedBytes - unauthenticatedBytes + 1)
        }
    }

    private func processHandshake() {
        while state == .handshaking, let buffer = socket?.receiveBuffer,
            let bytes = buffer.take(handshake?.bytesNeeded ?? 0)
        {
            do {
                guard let step = try handshake?.read(bytes) else { return }
                if !step.reply.isEmpty { writeRaw(step.reply) }
                if let session = step.session { begin(session) }
            } catch {
                refuse(error)
            }
        }
    }

    /// A stranger of another chain or version is told ours, so that its log can say what is wrong.
    private func refuse(_ error: HandshakeError) {
        switch error {
        case .wrongGenesis, .wrongVersion: if role == .responder { writeRaw(handshake?.prologue ?? []) }
        default: break
        }
        close(.handshake(error))
    }

    private func begin(_ session: Session) {
        guard let network else { return }
        remote = session.remote
        handshake = nil
        encoder = FrameEncoder(cipher: session.sending)
        decoder = FrameDecoder(cipher: session.receiving)
        socket?.readAllowance = Int.max
        guard role == .responder else {
            state = .awaitingReady
            return
        }
        if let refusal = network.refusal(of: session.remote) {
            close(refusal)
            return
        }
        queue.enqueue(.ready)
        open()
    }

    private func open() {
        let now = monotonicMicroseconds()
        state = .open
        openedAt = now
        lastTick = now
        limiter = remote.flatMap { network?.limiter(of: $0) }
        timer?.schedule(afterMilliseconds: limits.pingIntervalMilliseconds)
        scheduleFlush()
        network?.linkOpened(self)
    }

    private func processFrames(_ now: UInt64) {
        while state == .open || state == .awaitingReady {
            guard let buffer = socket?.receiveBuffer, let decoder else { return }
            do {
                guard let frame = try unsafe decoder.next(in: buffer) else { return }
                network?.counters.framesIn += 1
                try unsafe processRecords(frame, now)
            } catch {
                close(.frame(error))
            }
        }
    }

    private func processRecords(_ frame: UnsafeRawBufferPointer, _ now: UInt64) throws(FrameError) {
        var cursor = RecordCursor()
        while state == .open || state == .awaitingReady {
            guard let record = try unsafe reassembler.next(frame, &cursor) else { return }
            if state == .awaitingReady {
                switch record {
                case .control(.ready): open()
                case .control(.goodbye(let reason)): close(.saidGoodbye(reason))
                default: close(.unexpectedRecord)
                }
                continue
            }
            if let excess = limiter?.charge(record, recordByteCount: cursor.recordByteCount, nowMicroseconds: now) {
                close(.rateExceeded(excess))
                return
            }
            switch record {
            case .fragment: break
            case .message(let channel, let message):
                guard let remote else { return }
                network?.linkReceived(message, channel, remote)
            case .control(let control): received(control, now)
            }
        }
    }

    private func received(_ control: ControlRecord, _ now: UInt64) {
        switch control {
        case .ready: close(.unexpectedRecord)
        case .goodbye(let reason): close(.saidGoodbye(reason))
        case .ping(let token):
            queue.enqueue(.pong(token))
            scheduleFlush()
        case .pong(let token):
            // An answer to no ping of ours says nothing.
            guard pingSentAt > 0, token == pingToken, now >= pingSentAt else { return }
            let sample = now - pingSentAt
            roundTripMicroseconds =
                roundTripMicroseconds == 0 ? sample : (roundTripMicroseconds * 7 + sample) / 8
            pingSentAt = 0
        }
    }

    // MARK: - Sending

    /// Queues a message for the end of the turn.
    func send(_ message: [UInt8], _ channel: Channel, _ slot: MessageSlot?) -> Bool {
        guard state == .open else { return false }
        let accepted = queue.enqueue(message, channel: channel, slot: slot)
        if accepted { scheduleFlush() } else { report() }
        return accepted
    }

    /// Bytes of a channel that wait to be sent.
    func queuedBytes(_ channel: Channel) -> Int { queue.queuedBytes(channel) }

    private func scheduleFlush() {
        guard !flushScheduled, state != .closed else { return }
        flushScheduled = true
        LoopActor.atEndOfTurn { [weak self] in self?.flush() }
    }

    private func flush() {
        flushScheduled = false
        guard let encoder, let socket, state == .open else { return }
        var batches = 0
        while !socket.isWriting {
            guard batches < Self.batchesPerTurn else {
                LoopActor.run { [weak self] in self?.scheduleFlush() }
                break
            }
            let batch = unsafe encoder.nextBatch(&queue)
            guard !batch.isEmpty else { break }
            batches += 1
            network?.counters.bytesOut += UInt64(batch.count)
            let status = unsafe socket.write(batch)
            if status < 0 {
                report()
                close(.ended(status))
                return
            }
        }
        report()
    }

    private func report() {
        let frames = encoder?.frames ?? 0
        network?.counters.drops += queue.drops - reported.drops
        network?.counters.superseded += queue.superseded - reported.superseded
        network?.counters.messagesOut += queue.sent - reported.sent
        network?.counters.framesOut += frames - reported.frames
        reported = (queue.drops, queue.superseded, queue.sent, frames)
    }

    func socketWritten() {
        if !queue.isEmpty { scheduleFlush() }
    }

    /// Bytes outside frames: the handshake.
    private func writeRaw(_ bytes: [UInt8]) {
        guard let socket, !socket.isWriting, !bytes.isEmpty else { return }
        network?.counters.bytesOut += UInt64(bytes.count)
        var copy = bytes
        let status = unsafe copy.withUnsafeMutableBufferPointer { unsafe socket.write($0) }
        if status < 0 { close(.ended(status)) }
    }

    // MARK: - Keep-alive

    private func tick() {
        guard state == .open else {
            close(.handshakeDeadline)
            return
        }
        let now = monotonicMicroseconds()
        let interval = limits.pingIntervalMilliseconds
        // After a stall of our own the peer's bytes are still in the kernel: give it another round.
        let stalled = now - lastTick > 2 * interval * 1000
        lastTick = now
        let silence = (now - min(now, lastReceived)) / 1000
        if !stalled, silence >= limits.deadPeerMilliseconds {
            close(.silent(milliseconds: silence))
            return
        }
        pingToken &+= 1
        pingSentAt = now
        queue.enqueue(.ping(pingToken))
        scheduleFlush()
        timer?.schedule(afterMilliseconds: interval)
    }

    // MARK: - Closing

    func socketEnded(_ code: Int) { close(.ended(code)) }

    /// Ends the connection, tells the peer why where the protocol has a word for it, and tells the network.
    func close(_ reason: CloseReason) {
        guard state != .closed else { return }
        let wasOpen = state == .open
        if let goodbye = reason.goodbye { say(goodbye) }
        state = .closed
        timer?.cancel()
        timer = nil
        socket?.close()
        socket = nil
        let network = self.network
        self.network = nil
        network?.linkClosed(self, reason, wasOpen: wasOpen)
    }

    /// Puts a last frame behind what is out already, if the kernel takes it now.
    private func say(_ goodbye: Goodbye) {
        guard let encoder, let socket, !socket.isWriting else { return }
        var last = OutboundQueue(limits: limits)
        last.enqueue(.goodbye(goodbye))
        _ = unsafe socket.write(encoder.nextBatch(&last))
    }
}
