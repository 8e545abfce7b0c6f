// Floor 5, Node: how fast one node takes final blocks: signatures checked, executed, durable. No network and no consensus
// messages; everything else is the node's own path: payload check, consensus store, execution thread, chain store.
import Consensus
import Engine
import Executor
import Foundation
import Glibc
package import Logging
import Mempool
import Network
import Primitives
import Storage

/// What a run measured. Times of a stage are of its own thread, from begin to end; stages run side by side, and where they share
/// the processors each one's time holds waiting for the others.
package struct ExecutionBenchmarkResult: Codable, Sendable {
    package struct Stage: Codable, Sendable {
        package var name: String
        package var seconds: Double
        package var microsecondsPerTransaction: Double
    }

    package var kind: String
    package var accounts: Int
    package var blocks: Int
    package var transactionsPerBlock: Int
    package var transfers: Int
    package var skipped: Int
    package var seconds: Double
    package var processorSeconds: Double
    package var transfersPerSecond: Double
    package var processorMicrosecondsPerTransfer: Double
    package var stages: [Stage]
    package var peakMemoryBytes: UInt64
    package var diskBytes: UInt64
}

package struct ExecutionBenchmark {
    /// Blocks that are checked ahead of the one that is being made durable.
    private static let checkedAhead = 4
    /// Blocks ordered and not yet executed; leaders of the network stop at this as well.
    private static let lagLimit = 32

    private let kind: BenchmarkKind
    private let accounts: Int
    private let blockCount: Int
    private let transactionsPerBlock: Int
    private let folder: String
    private let runner: BatchRunner

    /// - Parameter isSerial: whether everything inside one stage runs on one thread; stages run side by side all the same.
    package init(kind: BenchmarkKind, accounts: Int, blocks: Int, transactionsPerBlock: Int, isSerial: Bool, folder: String) {
        self.kind = kind
        self.accounts = accounts
        blockCount = blocks
        self.transactionsPerBlock = transactionsPerBlock
        self.folder = folder
        runner = isSerial ? BatchRunner() : ParallelRunner()
    }

    /// Runs in a folder below `folder`, which is removed at the end. `progress` hears what is done and a share of it.
    package func run(logger: Logger, progress: (String, Double) -> Void) throws -> ExecutionBenchmarkResult {
        let directory = folder + "/hyperseq-bench-\(getpid())-\(kind.rawValue)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }

        progress("accounts", 0)
        var work = BenchmarkWork(kind: kind, accounts: accounts, transactionsPerBlock: transactionsPerBlock, runner: runner)
        var blocks: [BenchmarkBlock] = []
        var parent = work.genesis.header
        var parentHash = parent.hash
        for index in 0..<blockCount {
            progress("signing blocks", Double(index) / Double(blockCount))
            let next = work.block(on: parent, parentHash: parentHash, count: transactionsPerBlock, runner: runner)
            blocks.append(next)
            (parent, parentHash) = (next.block.header, next.hash)
        }
        progress("genesis", 0)
        let node = try BenchmarkNode(genesis: work.genesis, directory: directory, runner: runner, logger: logger)

        let processorStart = processorMicroseconds()
        let start = monotonicMicroseconds()
        try node.take(blocks, checkedAhead: Self.checkedAhead, lagLimit: Self.lagLimit) { done in
            progress("executing", Double(done) / Double(blocks.count))
        }
        let seconds = Double(monotonicMicroseconds() - start) / 1e6
        let processorSeconds = Double(processorMicroseconds() - processorStart) / 1e6
        let counters = node.metrics.current
        let transfers = Int(counters.transactionsExecuted)
        func stage(_ name: String, _ microseconds: UInt64) -> ExecutionBenchmarkResult.Stage {
            .init(
                name: name, seconds: Double(microseconds) / 1e6,
                microsecondsPerTransaction: Double(microseconds) / Double(max(1, transfers)))
        }
        return ExecutionBenchmarkResult(
            kind: kind.rawValue, accounts: accounts, blocks: blocks.count, transactionsPerBlock: transactionsPerBlock,
            transfers: transfers, skipped: Int(counters.transactionsSkipped), seconds: seconds, processorSeconds: processorSeconds,
            transfersPerSecond: Double(transfers) / seconds,
            processorMicrosecondsPerTransfer: processorSeconds * 1e6 / Double(max(1, transfers)),
            stages: [
                stage("decode and recover signers", counters.checkMicroseconds),
                stage("consensus store", counters.durableCommitMicroseconds),
                stage("execute", counters.executionMicroseconds),
                stage("state tree and roots", counters.rootMicroseconds),
                stage("chain store", counters.storeMicroseconds),
            ], peakMemoryBytes: peakMemoryBytes(), diskBytes: try node.diskBytes())
    }

    private func processorMicroseconds() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1_000
    }

    private func peakMemoryBytes() -> UInt64 {
        var usage = rusage()
        unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return UInt64(usage.ru_maxrss) * 1_024
    }
}

/// The parts of a node behind consensus.
private final class BenchmarkNode {
    let metrics = NodeMetrics()
    private let consensusStore: ConsensusStore
    private let view: ChainView
    private let checker: PayloadChecker
    private let workers = WorkerThreads(count: 2, limit: 0)
    private let execution: ExecutionThread
    private let progress = Protected(Progress())
    private let directory: String
    /// Woken whenever something has moved.
    private let moved = DispatchSemaphore(value: 0)

    private struct Progress {
        var executed = 0
        var failure: String?
        var checked: Set<Hash256> = []
    }

    init(genesis: Genesis, directory: String, runner: BatchRunner, logger: Logger) throws {
        self.directory = directory
        let rules = ChainRules(genesis: genesis)
        let chainStore = try ChainStore(path: directory + "/chain")
        try chainStore.initialize(genesis: try genesis.execute())
        consensusStore = try ConsensusStore(path: directory + "/consensus", genesis: genesis.header)
        let executor = try ChainExecutor(rules: rules, chain: StoredFinalizedChain(chainStore), runner: runner)
        let head = executor.finalHead
        view = ChainView(store: chainStore, rules: rules, head: head)
        let pool = SharedPool(
            mempool: Mempool(
                limits: MempoolLimits(
                    maximumTransactions: 1, maximumBytes: 1, maximumTransactionsPerAccount: 1, minimumPriorityFeePerGas: 0),
                blockGasLimit: rules.gasLimit, baseFeePerGas: rules.pendingEnvironment(on: head).baseFeePerGas),
            chainID: rules.chainID, signal: {})
        checker = PayloadChecker(rules: rules, pool: pool, runner: runner, metrics: metrics)
        let progress = progress
        let moved = moved
        execution = ExecutionThread(
            executor: executor, view: view, pool: pool, checker: checker, blocks: consensusStore, metrics: metrics, logger: logger,
            onProgress: { hashes, _ in
                progress.with { $0.executed += hashes.count }
                moved.signal()
            },
            onFailure: { reason in
                progress.with { $0.failure = reason }
                moved.signal()
            })
    }

    /// Brings the blocks through all stages; returns when the last one is stored.
    func take(_ blocks: [BenchmarkBlock], checkedAhead: Int, lagLimit: Int, progress report: (Int) -> Void) throws {
        for block in blocks.prefix(checkedAhead) { check(block) }
        for (index, next) in blocks.enumerated() {
            try wait { $0.checked.contains(next.hash) && index - $0.executed < lagLimit }
            if index + checkedAhead < blocks.count { check(blocks[index + checkedAhead]) }
            let start = monotonicMicroseconds()
            var batch = ConsensusBatch(blocks: [next.block])
            batch.finalize([next.hash], next.certificate)
            try consensusStore.commit(batch)
            metrics.committed(microseconds: monotonicMicroseconds() - start)
            execution.submit([.certified(next.block, hash: next.hash), .finalised([next.hash])])
            report(index + 1)
        }
        try wait { $0.executed == blocks.count }
        execution.stop()
        workers.stop()
        guard try view.store.head()?.hash == blocks.last?.hash else { throw NodeError.recovery("the last block was not stored") }
    }

    private func check(_ block: BenchmarkBlock) {
        workers.enqueueUrgent { [checker, progress, moved] in
            let isValid = checker.check(block.block) != nil
            progress.with { progress in
                if isValid { progress.checked.insert(block.hash) } else { progress.failure = "a block of the benchmark is not valid" }
            }
            moved.signal()
        }
    }

    private func wait(until condition: (Progress) -> Bool) throws {
        while true {
            let now = progress.with { $0 }
            if let failure = now.failure { throw NodeError.recovery(failure) }
            if condition(now) { return }
            moved.wait()
        }
    }

    /// Bytes of both stores.
    func diskBytes() throws -> UInt64 {
        var total: UInt64 = 0
        for store in ["chain", "consensus"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: directory + "/" + store + "/data.mdb")
            total += (attributes[.size] as? NSNumber)?.uint64Value ?? 0
        }
        return total
    }
}
