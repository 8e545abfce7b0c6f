// Floor 6, ConsensusBench: one replica as a process: network, replica and, when durable, the store of a real node; in place of
// the engine a pool of opaque commands. It lives as long as its client's connection.
import Consensus
import Network
import Ordering
import Primitives
import Storage

@LoopActor
final class OrderingNode {
    private let plan: ConsensusBenchmarkPlan
    private let shell: ReplicaShell
    private let ended: @Sendable (String?) -> Void
    private var pool: CommandPool
    private var client: LocalConnection?
    private var listener: LocalListener?
    private var idleTimer: LoopTimer?

    private var pendingBuild: (view: UInt64, parent: BlockHeader)?
    /// Stored blocks that are not final.
    private var blocks: [Hash256: Block] = [:]
    /// The newest final blocks, for a replica that has missed some; a certificate makes all up to its block final.
    private var recent: [(block: Block, certificate: CommitCertificate?)] = []
    private static let recentCount = 512
    private var reported: [FinalBlock] = []
    private var toldWork = false
    private var commits: (count: UInt64, microseconds: UInt64) = (0, 0)
    private var misbehaviours: UInt64 = 0

    init(plan: ConsensusBenchmarkPlan, shell: ReplicaShell, ended: @escaping @Sendable (String?) -> Void) {
        self.plan = plan
        self.shell = shell
        self.ended = ended
        pool = CommandPool(payloadBytes: plan.payloadBytes, capacity: plan.windowCount)
    }

    func start(network: PeerNetwork, socket: String) throws {
        shell.delegate = self
        shell.network = network
        network.delegate = self
        idleTimer = LoopTimer { [weak self] in self?.tryBuild(evenEmpty: true) }
        listener = try LocalListener(path: socket, maximumFrameBytes: ClientFrame.maximumBytes) { [weak self] connection in
            connection.owner = self
            self?.client = connection
        }
        try network.start()
        shell.start()
    }

    // MARK: - Blocks

    private func tryBuild(evenEmpty: Bool = false) {
        guard let build = pendingBuild else { return }
        guard build.view == shell.replica.view else {
            pendingBuild = nil
            return
        }
        var ordered: [[UInt8]] = []
        var hash = build.parent.hash
        var isChainKnown = hash == shell.replica.finalisedHash
        while let block = blocks[hash] {
            ordered.append(block.payload)
            hash = block.header.parentHash
            // On to the oldest block here: the replica may have just made some final that the pool has not heard of.
            isChainKnown = isChainKnown || hash == shell.replica.finalisedHash
        }
        // A leader may have the parent and still wait for a block below it. Then it cannot know what is ordered, and what it added
        // could come twice.
        let payload = isChainKnown && pool.pendingCount > 0 ? pool.payload(limit: plan.blockCommands, excluding: ordered) : []
        if payload.isEmpty, isChainKnown, !evenEmpty {
            idleTimer?.schedule(afterMilliseconds: BenchmarkChain.idleMilliseconds)
            return
        }
        pendingBuild = nil
        shell.enqueue(.payloadBuilt(view: build.view, payload: payload))
    }

    private func tellWork() {
        let hasWork = pool.pendingCount > 0
        guard hasWork != toldWork else { return }
        toldWork = hasWork
        shell.enqueue(.workAvailable(hasWork))
    }

    // MARK: - The client

    private func report() -> [UInt8] {
        let counters = shell.network?.counters ?? NetworkCounters()
        let report = ReplicaReport(
            connectedPeers: UInt64(shell.network?.connectedPeers.count ?? 0), finalisedHeight: shell.replica.finalisedHeight,
            view: shell.replica.view, processorMicroseconds: HostProcess.processorMicroseconds(),
            bytesOut: counters.bytesOut, messagesOut: counters.messagesOut, framesOut: counters.framesOut, durableCommits: commits.count,
            durableCommitMicroseconds: commits.microseconds, repeatedCommands: pool.repeatedCount, misbehaviours: misbehaviours)
        var writer = CanonicalWriter(capacity: 128)
        writer.write(ClientFrame.report)
        report.encode(into: &writer)
        return writer.bytes
    }
}

extension OrderingNode: LocalConnectionOwner {
    func opened(_ connection: LocalConnection) {}

    func received(_ frame: [UInt8], on connection: LocalConnection) {
        var reader = CanonicalReader(frame)
        switch try? reader.read(UInt8.self) {
        case ClientFrame.commands:
            guard let first = try? reader.read(UInt64.self) else { return }
            pool.add(first: first, frame, from: ClientFrame.commandsHeaderByteCount)
            tellWork()
            if pendingBuild != nil { tryBuild() }
        case ClientFrame.reportRequest: connection.send(report())
        default: connection.close()
        }
    }

    func closed(_ connection: LocalConnection, reason: String) { ended(nil) }
}

extension OrderingNode: ReplicaShellDelegate {
    func stored(_ block: Block) { blocks[block.header.hash] = block }

    func buildPayload(view: UInt64, parent: BlockHeader) {
        pendingBuild = (view, parent)
        tryBuild()
    }

    func checkPayload(_ block: Block) {
        let isValid = pool.isWellFormed(block.payload, limit: plan.blockCommands)
        shell.enqueue(.payloadChecked(blockHash: block.header.hash, isValid: isValid))
    }

    func certified(_ hash: Hash256) {}

    func finalised(_ hashes: [Hash256], _ certificate: CommitCertificate) {
        for (index, hash) in hashes.enumerated() {
            guard let block = blocks.removeValue(forKey: hash) else {
                ended("a final block is not stored")
                return
            }
            reported.append(FinalBlock(height: block.header.height, hash: hash, runs: pool.finalise(block.payload)))
            recent.append((block, index == hashes.count - 1 ? certificate : nil))
        }
        if recent.count > 2 * Self.recentCount { recent.removeFirst(Self.recentCount) }
        if blocks.values.contains(where: { $0.header.height <= certificate.height }) {
            blocks = blocks.filter { $0.value.header.height > certificate.height }
        }
        tellWork()
    }

    func respond(to request: BlockRequest, for id: NodeID) {
        var response = BlockResponse(request: request, blocks: [], certificate: nil)
        switch request {
        case .block(let hash):
            if let block = blocks[hash] ?? recent.last(where: { $0.block.header.hash == hash })?.block { response.blocks = [block] }
        case .range(let fromHeight, let count):
            let range = recent.filter { $0.block.header.height >= fromHeight }.prefix(Int(count))
            guard range.first?.block.header.height == fromHeight, let last = range.lastIndex(where: { $0.certificate != nil }) else { break }
            response.blocks = range[...last].map(\.block)
            response.certificate = range[last].certificate
        }
        shell.network?.send(ConsensusMessage.blockResponse(response).encoded, channel: .blocks, to: id)
    }

    func misbehaved(_ misbehaviour: Misbehaviour) { misbehaviours += 1 }

    func turnEnded(commitMicroseconds: UInt64?) {
        if let commitMicroseconds {
            commits.count += 1
            commits.microseconds += commitMicroseconds
        }
        guard !reported.isEmpty else { return }
        client?.send(ClientFrame.encode(reported))
        reported = []
    }

    func storeFailed(_ error: StorageError) { ended("the store failed: \(error)") }
}

extension OrderingNode: PeerNetworkDelegate {
    func peerConnected(_ id: NodeID) { shell.peerConnected(id) }

    func peerDisconnected(_ id: NodeID, reason: String) { shell.peerDisconnected(id) }

    func received(_ message: [UInt8], channel: Channel, from id: NodeID) {
        shell.received(message, from: id, maximumPayloadBytes: shell.replica.configuration.maximumPayloadBytes)
    }
}
