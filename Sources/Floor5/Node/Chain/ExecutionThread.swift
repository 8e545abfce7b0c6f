// Floor 5, Node: the thread behind consensus that executes certified blocks, has final ones stored and tells the pool and the
// subscribers. Execution never holds up a vote, and storing, on a thread of its own, never holds up execution.
//
// Invariants: blocks come in the order in which consensus certified them; a final block is in the consensus store before it
// comes here, so that a crash at any moment only costs executing it again; one group of blocks is being stored at a time.
import Consensus
import Engine
import Executor
import Logging
import Network
import Primitives
import RPC
import Storage

/// What the loop asks of the execution thread.
enum ExecutionCommand: Sendable {
    case certified(Block, hash: Hash256)
    /// Blocks that became final, ascending; those not executed before come with their bodies.
    case finalised([Hash256])
}

/// Confined to its worker thread, except for `submit` and `stop`.
final class ExecutionThread: @unchecked Sendable {
    /// Final blocks that are stored together at most: one write to the disk then serves them all.
    private static let storeGroupLimit = 32
    /// Executed final blocks that may wait for the store, which is then the slowest part; more would only cost memory.
    private static let storeBacklogLimit = 64

    private let worker = WorkerThreads(count: 1, limit: 0)
    private let storer = WorkerThreads(count: 1, limit: 0)
    private let waiting = Protected<[ExecutionCommand]>([])
    private let executor: ChainExecutor
    private let view: ChainView
    private let pool: SharedPool
    private let checker: PayloadChecker
    private let blocks: ConsensusStore
    private let logger: Logger
    private let metrics: NodeMetrics
    private let onFailure: @Sendable (String) -> Void
    /// Told after every round: the blocks executed in it and the final height stored.
    private let onProgress: @Sendable (_ executed: [Hash256], _ finalHeight: UInt64) -> Void
    private var sequence: UInt64 = 0
    private var executed: [Hash256] = []
    private var newestFinal: Hash256?
    /// Handed out by the executor, not yet given to the store.
    private var unstored: [ExecutedBlock] = []
    private var isStoring = false
    private var hasFailed = false

    init(
        executor: ChainExecutor, view: ChainView, pool: SharedPool, checker: PayloadChecker, blocks: ConsensusStore,
        metrics: NodeMetrics, logger: Logger, onProgress: @escaping @Sendable ([Hash256], UInt64) -> Void,
        onFailure: @escaping @Sendable (String) -> Void
    ) {
        self.executor = executor
        self.view = view
        self.pool = pool
        self.checker = checker
        self.blocks = blocks
        self.metrics = metrics
        self.logger = logger
        self.onProgress = onProgress
        self.onFailure = onFailure
    }

    func submit(_ commands: [ExecutionCommand]) {
        guard !commands.isEmpty else { return }
        let wasEmpty = waiting.with { waiting in
            defer { waiting += commands }
            return waiting.isEmpty
        }
        if wasEmpty { worker.enqueueUrgent { self.run() } }
    }

    /// Waits until everything given is done and stored. Nothing may be submitted any more.
    func stop() {
        worker.stop()
        storer.stop()
        // Both threads have ended: the rest is stored here. Whatever fails is executed again at the next start.
        while !hasFailed, !unstored.isEmpty {
            do {
                try view.store.append(takeGroup())
            } catch {
                logger.error("storing the last blocks failed", metadata: ["reason": "\(error)"])
                return
            }
        }
    }

    /// One round: everything that waits is executed, and what has become final is given to the store.
    private func run() {
        var commands = waiting.with { waiting in
            defer { waiting = [] }
            return waiting
        }[...]
        guard !hasFailed else { return }
        do {
            while unstored.count < Self.storeBacklogLimit, let command = commands.popFirst() {
                switch command {
                case .certified(let block, let hash): try execute(block, hash: hash)
                case .finalised(let hashes): newestFinal = hashes.last ?? newestFinal
                }
                try storeFinal()
            }
            onProgress(executed, executor.finalHead.header.height)
            executed = []
        } catch {
            fail(error)
        }
        // The store is behind: the round that follows its answer goes on with these.
        if !commands.isEmpty { waiting.with { $0 = Array(commands) + $0 } }
    }

    /// Divergence or a broken disk: stop before anything wrong is served.
    private func fail(_ error: any Error) {
        hasFailed = true
        logger.critical("execution stopped", metadata: ["reason": "\(error)"])
        onFailure("execution stopped: \(error)")
    }

    private func execute(_ block: Block, hash: Hash256) throws {
        guard !executor.hasExecuted(hash), block.header.height > executor.finalHead.header.height else { return }
        try restoreParent(of: block)
        let transactions = try checker.take(block)
        let start = monotonicMicroseconds()
        var ran = start
        let step = try executor.execute(CertifiedBlock(header: block.header, hash: hash, transactions: transactions)) {
            ran = monotonicMicroseconds()
        }
        metrics.executed(step.block, microseconds: ran - start, rootMicroseconds: monotonicMicroseconds() - ran)
        executed.append(hash)
        sequence += 1
        publish()
        if !step.reverted.isEmpty {
            logger.warning("executed blocks undone by a view change", metadata: ["count": "\(step.reverted.count)"])
            view.emit(.reverted(toHeight: block.header.height - 1))
        }
        try updatePool(after: step)
        view.emit(.newHead(step.block.record, transactions: step.block.transactions))
    }

    /// Two view changes may bring back a branch that was undone before: its blocks are executed again, from the bottom.
    private func restoreParent(of block: Block) throws {
        var missing: [(Block, Hash256)] = []
        var hash = block.header.parentHash
        while !executor.hasExecuted(hash) {
            guard let parent = try blocks.block(hash: hash), parent.header.height > executor.finalHead.header.height else {
                throw ExecutorError.unknownParent(hash)
            }
            missing.append((parent, hash))
            hash = parent.header.parentHash
        }
        for (parent, hash) in missing.reversed() { try execute(parent, hash: hash) }
    }

    private func storeFinal() throws {
        if let newest = newestFinal, executor.hasExecuted(newest) {
            unstored += try executor.finalize(upTo: newest)
            newestFinal = nil
            publish()
        }
        guard !isStoring, !unstored.isEmpty else { return }
        isStoring = true
        let group = takeGroup()
        storer.enqueueUrgent {
            let start = monotonicMicroseconds()
            let result: Result<Void, StorageError>
            do throws(StorageError) {
                result = .success(try self.view.store.append(group))
            } catch {
                result = .failure(error)
            }
            let microseconds = monotonicMicroseconds() - start
            self.worker.enqueueUrgent { self.finishStoring(group, result, microseconds: microseconds) }
        }
    }

    private func takeGroup() -> [ExecutedBlock] {
        defer { unstored.removeFirst(min(Self.storeGroupLimit, unstored.count)) }
        return Array(unstored.prefix(Self.storeGroupLimit))
    }

    /// The store has answered; what waited for it goes on.
    private func finishStoring(_ group: [ExecutedBlock], _ result: Result<Void, StorageError>, microseconds: UInt64) {
        guard !hasFailed, let last = group.last else { return }
        isStoring = false
        do {
            try result.get()
            metrics.stored(blocks: group.count, microseconds: microseconds)
            try executor.stored(upTo: last.record.hash)
            publish()
            try storeFinal()
        } catch {
            fail(error)
        }
        run()
    }

    private func publish() {
        view.publish(
            PublishedChain(
                sequence: sequence, stored: executor.storedHead, layers: executor.pending, finalCount: executor.finalCount))
    }

    /// Tells the pool the accounts that changed; after an undoing also those that changed back, and returns the
    /// transactions that are no longer included.
    private func updatePool(after step: ExecutionStep) throws {
        var changes = step.block.changes.accounts
        if !step.reverted.isEmpty {
            var touched = Set(changes.map(\.address))
            for block in step.reverted {
                for change in block.changes.accounts where touched.insert(change.address).inserted {
                    changes.append(AccountChange(address: change.address, record: try view.sender(change.address).account))
                }
            }
        }
        pool.update(
            sequence: sequence, accounts: changes, skipped: step.block.skipped.map(\.hash),
            baseFeePerGas: executor.rules.pendingEnvironment(on: executor.head).baseFeePerGas)
        for block in step.reverted.reversed() {
            for record in block.transactions {
                // Included again already, or no longer valid: both are fine.
                _ = try? pool.admit(record.transaction.encode(), from: .peer, state: view.sender)
            }
        }
    }
}
