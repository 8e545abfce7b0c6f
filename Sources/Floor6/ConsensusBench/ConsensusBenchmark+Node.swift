// Floor 6, ConsensusBench: the process of one replica.
internal import Consensus
internal import Dispatch
internal import Logging
internal import Network
internal import Ordering
internal import Storage
internal import Synchronization

extension ConsensusBenchmark {
    /// Where the client and the replicas meet.
    static func socket(_ folder: String, _ index: Int) -> String { "\(folder)/replica-\(index)" }

    /// Runs a replica until its client has gone. Blocks the calling thread.
    public static func runReplica(
        plan: ConsensusBenchmarkPlan, index: Int, ports: [UInt16], folder: String
    ) throws(ConsensusBenchmarkError) {
        let outcome = Mutex<String?>(nil)
        let semaphore = DispatchSemaphore(value: 0)
        let end: @Sendable (String?) -> Void = { reason in
            outcome.withLock { $0 = $0 ?? reason }
            semaphore.signal()
        }
        // The node lives in the closure that keeps it until the end.
        let holder = Holder()
        LoopActor.run {
            do {
                holder.node = try Self.makeNode(plan: plan, index: index, ports: ports, folder: folder, ended: end)
            } catch {
                end("replica \(index): \(error)")
            }
        }
        semaphore.wait()
        if let reason = outcome.withLock({ $0 }) { throw ConsensusBenchmarkError(description: reason) }
    }

    private final class Holder: Sendable {
        @LoopActor var node: OrderingNode?
        nonisolated init() {}
    }

    @LoopActor
    private static func makeNode(
        plan: ConsensusBenchmarkPlan, index: Int, ports: [UInt16], folder: String, ended: @escaping @Sendable (String?) -> Void
    ) throws -> OrderingNode {
        let payloadBytes = plan.blockCommands * (CommandPool.sequenceByteCount + plan.payloadBytes)
        let identities = (0..<plan.validators).compactMap(BenchmarkChain.identity)
        guard ports.count == plan.validators, identities.count == plan.validators, identities.indices.contains(index),
            let (configuration, indices) = BenchmarkChain.configuration(
                validators: plan.validators, own: index, maximumPayloadBytes: payloadBytes)
        else { throw ConsensusBenchmarkError(description: "the plan does not fit") }
        var store: ConsensusStore?
        if plan.isDurable { store = try ConsensusStore(path: "\(folder)/store-\(index)", genesis: BenchmarkChain.genesis) }
        let directory = PeerDirectory(own: identities[index].id, validators: zip(indices, identities).map { ($0, $1.id) })
        let replica = try Replica(configuration: configuration, recovered: nil, now: monotonicMilliseconds())
        let node = OrderingNode(
            plan: plan, shell: ReplicaShell(replica: replica, store: store, directory: directory), ended: ended)
        var logger = Logger(label: "replica \(index)")
        logger.logLevel = .error
        let peers = zip(identities, ports).map { PeerEndpoint(id: $0.id, host: "127.0.0.1", port: $1) }
        let network = PeerNetwork(
            configuration: NetworkConfiguration(
                identity: identities[index], genesisHash: configuration.genesisHash, listenHost: "127.0.0.1", listenPort: ports[index],
                peers: peers), logger: logger, delegate: nil)
        try node.start(network: network, socket: socket(folder, index))
        return node
    }
}
