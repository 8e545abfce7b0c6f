// Floor 5, Ordering: the loop's shell around a replica: it feeds it, and stores and sends what a turn of the loop brings.
//
// Invariants: everything that a turn of the loop stores goes into one durable commit, and nothing that the turn sends leaves
// before it; the replica is stepped only from `pump`, one input after the other.
package import Consensus
package import Network
package import Primitives
package import Storage

/// What the shell leaves to the node around it, always on the loop.
@LoopActor
package protocol ReplicaShellDelegate: AnyObject {
    /// A block goes into this turn's commit.
    func stored(_ block: Block)
    func buildPayload(view: UInt64, parent: BlockHeader)
    func checkPayload(_ block: Block)
    func certified(_ hash: Hash256)
    func finalised(_ hashes: [Hash256], _ certificate: CommitCertificate)
    func respond(to request: BlockRequest, for id: NodeID)
    func misbehaved(_ misbehaviour: Misbehaviour)
    /// A turn is over: what it stored is durable and what it sent is on its way.
    func turnEnded(commitMicroseconds: UInt64?)
    /// The store failed. Nothing was sent, and nothing will be: the node has to stop.
    func storeFailed(_ error: StorageError)
}

@LoopActor
package final class ReplicaShell {
    package private(set) var replica: Replica
    package let directory: PeerDirectory
    package var network: PeerNetwork?
    package weak var delegate: (any ReplicaShellDelegate)?
    /// `nil` only for measurements: a validator without a store forgets its votes.
    private let store: ConsensusStore?

    private var inputs: [Input] = []
    private var isPumping = false
    private var turn = Turn()
    private var viewTimer: LoopTimer?
    private var isStopped = false

    /// What a turn of the loop leaves to be done at its end.
    private struct Turn {
        var batch = ConsensusBatch()
        var outgoing: [Outgoing] = []
        var isScheduled = false
    }

    private enum Outgoing {
        case all(ConsensusMessage)
        case one(ConsensusMessage, NodeID)
    }

    package init(replica: Replica, store: ConsensusStore?, directory: PeerDirectory) {
        self.replica = replica
        self.store = store
        self.directory = directory
    }

    /// Starts consensus; network and delegate are set.
    package func start() {
        viewTimer = LoopTimer { [weak self] in self?.enqueue(.timer) }
        let effects = replica.start(now: monotonicMilliseconds(), wallClockMilliseconds: wallClockMilliseconds())
        isPumping = true
        for effect in effects { perform(effect) }
        isPumping = false
        pump()
    }

    /// Ends consensus; what the current turn has stored is durable when this returns.
    package func stop() {
        endTurn()
        viewTimer = nil
        isStopped = true
    }

    // MARK: - Stepping

    /// Steps the replica at once, or after the step that is under way.
    package func enqueue(_ input: Input) {
        guard !isStopped else { return }
        inputs.append(input)
        pump()
    }

    private func pump() {
        guard !isPumping else { return }
        isPumping = true
        while !inputs.isEmpty {
            var round: [Input] = []
            swap(&round, &inputs)
            for input in round {
                let effects = replica.step(input, now: monotonicMilliseconds(), wallClockMilliseconds: wallClockMilliseconds())
                for effect in effects { perform(effect) }
            }
        }
        isPumping = false
        guard !turn.isScheduled else { return }
        turn.isScheduled = true
        LoopActor.atEndOfTurn { [weak self] in self?.endTurn() }
    }

    private func perform(_ effect: Effect) {
        switch effect {
        case .persist(let record):
            turn.batch.safety = record
        case .storeBlock(let block):
            turn.batch.blocks.append(block)
            delegate?.stored(block)
        case .storeCommit(let certificate):
            turn.batch.certificates.append(certificate)
        case .broadcast(let message):
            turn.outgoing.append(.all(message))
        case .send(let message, let index):
            if let id = directory.nodeID(of: index) { turn.outgoing.append(.one(message, id)) }
        case .request(let request, let preferred):
            if let id = directory.choosePeer(preferring: preferred, connected: network?.connectedPeers ?? []) {
                turn.outgoing.append(.one(.blockRequest(request), id))
            }
        case .respond(let request, let token):
            if let id = directory.nodeID(of: token) { delegate?.respond(to: request, for: id) }
        case .setTimer(let at):
            let now = monotonicMilliseconds()
            viewTimer?.schedule(afterMilliseconds: at > now ? at - now : 0)
        case .buildPayload(let view, let parent):
            delegate?.buildPayload(view: view, parent: parent)
        case .checkPayload(let block):
            delegate?.checkPayload(block)
        case .certified(let hash):
            delegate?.certified(hash)
        case .finalised(let hashes, let certificate):
            turn.batch.finalize(hashes, certificate)
            delegate?.finalised(hashes, certificate)
        case .misbehaviour(let misbehaviour):
            delegate?.misbehaved(misbehaviour)
            if case .equivocation(let index, let evidence) = misbehaviour {
                let validator = replica.configuration.validators.validators[Int(index)].address
                turn.batch.evidence.append(EvidenceRecord(validator: validator, evidence: evidence))
            }
            if case .invalidMessage(let token) = misbehaviour, let id = directory.nodeID(of: token) {
                network?.disconnect(id, reason: "sent an invalid consensus message")
            }
        }
    }

    // MARK: - The end of a turn

    private func endTurn() {
        var ended = Turn()
        swap(&ended, &turn)
        guard !isStopped else { return }
        var commitMicroseconds: UInt64?
        if let store, !ended.batch.isEmpty {
            let start = monotonicMicroseconds()
            do {
                try store.commit(ended.batch)
            } catch {
                isStopped = true
                delegate?.storeFailed(error)
                return
            }
            commitMicroseconds = monotonicMicroseconds() - start
        }
        for item in ended.outgoing {
            switch item {
            case .all(let message): network?.broadcast(message.encoded, channel: message.channel, slot: message.slot)
            case .one(let message, let id): network?.send(message.encoded, channel: message.channel, slot: message.slot, to: id)
            }
        }
        delegate?.turnEnded(commitMicroseconds: commitMicroseconds)
    }

    // MARK: - Peers

    package func peerConnected(_ id: NodeID) {
        directory.connected(id)
        // Lets a peer that was away see at once how far the chain is.
        if let certificate = replica.finalisedCertificate {
            let message = ConsensusMessage.commitCertificate(certificate)
            network?.send(message.encoded, channel: message.channel, slot: message.slot, to: id)
        }
    }

    package func peerDisconnected(_ id: NodeID) { directory.disconnected(id) }

    /// A message of one of the channels of consensus.
    package func received(_ message: [UInt8], from id: NodeID, maximumPayloadBytes: Int) {
        guard let token = directory.token(of: id) else { return }
        do {
            let decoded = try ConsensusMessage.decode(message, maximumPayloadBytes: maximumPayloadBytes)
            if case .blockResponse(let response) = decoded {
                enqueue(.blocks(response, from: token))
            } else {
                enqueue(.message(decoded, from: directory.index(of: id), peer: token))
            }
        } catch {
            network?.penalise(id, reason: "malformed consensus message: \(error)")
        }
    }
}
