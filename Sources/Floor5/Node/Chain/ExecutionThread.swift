// Floor 5, Node: the thread behind consensus that executes certified blocks, stores final ones and tells the pool and the
// subscribers. Execution never holds up a vote.
//
// Invariants: blocks come in the order in which consensus certified them; a final block is in the consensus store before it
// comes here, so that a crash at any moment only costs executing it again.
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
    /// Executed blocks that may wait for being stored together: one write to the disk then serves them all.
    private static let storeGroupLimit = 32

    private let worker = WorkerThreads(count: 1, limit: 0)
    private let waiting = Protected<[ExecutionCommand]>([])
    private let executor: ChainExecutor
    private let view: ChainView
    private let pool: SharedPool
    private let payloads: PreparedPayloads
    private let blocks: ConsensusStore
    private let logger: Logger
    private let metrics: NodeMetrics
    private let onFailure: @Sendable (String) -> Void
    /// Told after every round: the blocks executed in it and the final height stored.
    private let onProgress: @Sendable (_ executed: [Hash256], _ finalHeight: UInt64) -> Void
    private var sequence: UInt64 = 0
    private var executed: [Hash256] = []
    private var newestFinal: Hash256?
    private var hasFailed = false

    init(
        executor: ChainExecutor, view: ChainView, pool: SharedPool, payloads: PreparedPayloads, blocks: ConsensusStore,
        metrics: NodeMetrics, logger: Logger, onProgress: @escaping @Sendable ([Hash256], UInt64) -> Void,
        onFailure: @escaping @Sendable (String) -> Void
    ) {
        self.executor = executor
        self.view = view
        self.pool = pool
        self.payloads = payloads
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

    /// Waits until everything given is done.
    func stop() { worker.stop() }

    /// One round: everything that waits is executed, then what is final is stored at once.
    private func run() {
        let commands = waiting.with { waiting in
            defer { waiting = [] }
            return waiting
        }
        guard !hasFailed else { return }
        do {
            for command in commands {
                switch command {
                case .certified(let block, let hash): try execute(block, hash: hash)
                case .finalised(let hashes): newestFinal = hashes.last ?? newestFinal
                }
                if executor.pending.count >= Self.storeGroupLimit { try storeFinal() }
            }
            try storeFinal()
            onProgress(executed, executor.finalHead.header.height)
            executed = []
        } catch {
            // Divergence or a broken disk: stop before anything wrong is served.
            hasFailed = true
            logger.critical("execution stopped", metadata: ["reason": "\(error)"])
            onFailure("execution stopped: \(error)")
        }
    }

    private func execute(_ block: Block, hash: Hash256) throws {
        guard !executor.hasExecuted(hash), block.header.height > executor.finalHead.header.height else { return }
        try restoreParent(of: block)
        let transactions: [PreparedTransaction]
        if let known = payloads.take(block.header.payloadRoot) {
            transactions = known
        } else {
            transactions = try Payload.prepare(
                block.payload, chainID: executor.rules.chainID, blockGasLimit: executor.rules.gasLimit, known: pool.prepared)
        }
        let start = monotonicMicroseconds()
        let step = try executor.execute(CertifiedBlock(header: block.header, hash: hash, transactions: transactions))
        metrics.executed(step.block, microseconds: monotonicMicroseconds() - start)
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
        guard let newest = newestFinal, executor.hasExecuted(newest) else { return }
        let final = try executor.finalize(upTo: newest)
        newestFinal = nil
        guard !final.isEmpty else { return }
        let start = monotonicMicroseconds()
        try view.store.append(final)
        metrics.stored(blocks: final.count, microseconds: monotonicMicroseconds() - start)
        publish()
    }

    private func publish() {
        view.publish(PublishedChain(sequence: sequence, final: executor.finalHead, layers: executor.pending))
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
