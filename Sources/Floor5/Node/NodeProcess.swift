// Floor 5, Node: a node from its start to its clean end.
import Consensus
import Dispatch
import Engine
import Executor
public import Logging
import Mempool
import Network
import Ordering
import Primitives
package import RPC
import Storage

/// Facts of the loop for status and metrics; published once per turn.
struct CoreStatus: Sendable {
    var peers = 0
    var view: UInt64 = 0
    var highestKnownHeight: UInt64 = 0
    var finalisedHeight: UInt64 = 0
    var network: NetworkCounters?
}

public enum NodeProcess {
    /// The version of this software, as clients and the command line tell it.
    public static let version = "0.1.0"

    /// Runs a node until SIGINT or SIGTERM, or until it has to stop itself. Blocks the calling thread.
    ///
    /// - Parameter ready: told the ports once RPC and peers can connect.
    public static func run(
        _ configuration: NodeConfiguration, logger: Logger, ready: @escaping @Sendable (_ rpcPort: UInt16, _ p2pPort: UInt16) -> Void
    ) throws(NodeError) {
        let assembly = try NodeAssembly(configuration, logger: logger)
        let ending = Ending()
        let running = try RunningNode(assembly, logger: logger, ending: ending)
        defer { running.stop() }
        let ports = try running.start()
        ready(ports.rpc, ports.p2p)
        let reason = ending.wait()
        if let reason { throw .failed(reason) }
        logger.info("stopping")
    }
}

/// Waits for the first reason to end.
package final class Ending: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let reason = Protected<(isSet: Bool, text: String?)>((false, nil))

    package init() {}

    /// `nil` is a wish from outside, a text a failure.
    package func end(_ text: String?) {
        let isFirst = reason.with { reason in
            defer { if !reason.isSet { reason = (true, text) } }
            return !reason.isSet
        }
        if isFirst { semaphore.signal() }
    }

    package func wait() -> String? {
        semaphore.wait()
        return reason.with { $0.text }
    }
}

/// The threads and machines of one node. Made and stopped on the starting thread.
package final class RunningNode {
    private let assembly: NodeAssembly
    private let logger: Logger
    private let ending: Ending
    private let status = Protected(CoreStatus())
    private let metrics = NodeMetrics()
    private let workers = WorkerThreads(count: 2, limit: 4_096)
    private let view: ChainView
    private let pool: SharedPool
    private let checker: PayloadChecker
    private let execution: ExecutionThread
    private let core: LoopBox<NodeCore>
    private let server: RPCServer
    /// The node as its clients see it.
    package let backend: any NodeBackend
    private let signals = LoopBox<[LoopSignal]>()

    package init(_ assembly: NodeAssembly, logger: Logger, ending: Ending) throws(NodeError) {
        self.assembly = assembly
        self.logger = logger
        self.ending = ending
        let head: BlockRecord
        let executor: ChainExecutor
        do {
            executor = try ChainExecutor(rules: assembly.rules, chain: StoredFinalizedChain(assembly.chainStore), runner: ParallelRunner())
            head = executor.finalHead
        } catch {
            throw .recovery("the chain store cannot be read: \(error)")
        }
        let core = LoopBox<NodeCore>()
        self.core = core
        view = ChainView(store: assembly.chainStore, rules: assembly.rules, head: head)
        let limits = assembly.configuration.mempool
        pool = SharedPool(
            mempool: Mempool(
                limits: MempoolLimits(
                    maximumTransactions: limits.maximumTransactions, maximumBytes: limits.maximumBytes,
                    maximumTransactionsPerAccount: limits.maximumTransactionsPerAccount,
                    minimumPriorityFeePerGas: limits.minimumPriorityFeePerGas),
                blockGasLimit: assembly.rules.gasLimit,
                baseFeePerGas: assembly.rules.pendingEnvironment(on: head).baseFeePerGas),
            chainID: assembly.rules.chainID, signal: { LoopActor.run { core.value?.poolChanged() } })
        checker = PayloadChecker(rules: assembly.rules, pool: pool, runner: ParallelRunner(), metrics: metrics)
        execution = ExecutionThread(
            executor: executor, view: view, pool: pool, checker: checker, blocks: assembly.consensusStore, metrics: metrics,
            logger: logger,
            onProgress: { hashes, height in
                LoopActor.run { core.value?.progressed(executed: hashes, executedHeight: height) }
            }, onFailure: { ending.end($0) })
        backend = Backend(
            configuration: assembly.configuration, view: view, pool: pool, workers: workers, status: status, metrics: metrics,
            consensusStore: assembly.consensusStore)
        server = RPCServer(
            backend: backend,
            configuration: RPCServerConfiguration(
                host: assembly.configuration.rpc.host, port: Int(assembly.configuration.rpc.port)),
            logger: logger)
    }

    package func start() throws(NodeError) -> (rpc: UInt16, p2p: UInt16) {
        let p2p = try startLoop()
        let server = server
        let outcome = Protected<Result<Int, NodeError>>(.failure(.rpc("not started")))
        let started = DispatchSemaphore(value: 0)
        Task.detached {
            do {
                let port = try await server.start()
                outcome.with { $0 = .success(port) }
            } catch {
                outcome.with { $0 = .failure(.rpc("\(error)")) }
            }
            started.signal()
        }
        started.wait()
        let rpc = try outcome.with { $0 }.get()
        return (UInt16(truncatingIfNeeded: rpc), p2p)
    }

    /// Starts peers and consensus on the loop and waits until the sockets listen.
    private func startLoop() throws(NodeError) -> UInt16 {
        let assembly = assembly
        let (core, pool, checker, workers) = (core, pool, checker, workers)
        let (metrics, status, logger, ending, view, execution) = (metrics, status, logger, ending, view, execution)
        let signals = signals
        let outcome = Protected<Result<UInt16, NodeError>>(.failure(.network("not started")))
        let started = DispatchSemaphore(value: 0)
        LoopActor.run {
            signals.value = [LoopSignal(.interrupt) { ending.end(nil) }, LoopSignal(.terminate) { ending.end(nil) }]
            outcome.with { result in
                result = Result { () throws(NodeError) -> UInt16 in
                    let directory = PeerDirectory(
                        own: assembly.identity.id, validators: assembly.validatorNodes.map { ($0.index, $0.node) })
                    let replica: Replica
                    do {
                        replica = try Replica(
                            configuration: assembly.consensus, recovered: assembly.recovered, now: monotonicMilliseconds())
                    } catch {
                        throw .recovery("the consensus store does not fit this chain: \(error)")
                    }
                    let shell = ReplicaShell(replica: replica, store: assembly.consensusStore, directory: directory)
                    let node = NodeCore(
                        shell: shell, store: assembly.consensusStore, pool: pool,
                        checker: checker, workers: workers, metrics: metrics, chainRules: assembly.rules,
                        timing: assembly.configuration.timing, view: view,
                        executedHead: view.current.head, status: status, logger: logger, onFailure: { ending.end($0) })
                    let network = PeerNetwork(
                        configuration: NetworkConfiguration(
                            identity: assembly.identity, genesisHash: assembly.consensus.genesisHash,
                            listenHost: assembly.configuration.listenHost, listenPort: assembly.configuration.listenPort,
                            peers: assembly.configuration.peers.map {
                                PeerEndpoint(id: NodeID($0.nodeID), host: $0.host, port: $0.port)
                            }), logger: logger, delegate: node)
                    shell.delegate = node
                    shell.network = network
                    node.execution = execution
                    core.value = node
                    do {
                        try network.start()
                    } catch {
                        throw .network("\(error)")
                    }
                    node.start(unfinalised: assembly.recovered?.blocks ?? [])
                    return network.listenPort
                }
            }
            started.signal()
        }
        started.wait()
        return try outcome.with { $0 }.get()
    }

    /// Ends everything in the order in which nothing is lost: clients, consensus, execution, workers.
    package func stop() {
        let stopped = DispatchSemaphore(value: 0)
        let server = server
        Task.detached {
            await server.stop()
            stopped.signal()
        }
        stopped.wait()
        let (core, signals) = (core, signals)
        LoopActor.run {
            core.value?.stop()
            core.value?.network?.stop()
            core.value = nil
            signals.value = nil
            stopped.signal()
        }
        stopped.wait()
        execution.stop()
        workers.stop()
    }
}

/// Something of the loop's that other threads only hold.
final class LoopBox<Value>: Sendable {
    @LoopActor var value: Value?
    nonisolated init() {}
}
