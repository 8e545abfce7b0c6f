// Floor 3, Executor: the machine that follows the certified chain. It executes each certified block once, keeps the ones
// that are not stored in memory, and hands out final ones to be stored.
//
// Invariants: `pending` is a chain on top of the stored head, ascending by height without gaps, and its first `finalCount`
// blocks are final; a final block is handed out exactly once, in order, and never undone. The store may be ahead of
// `storedHead` by blocks that were handed out: every layer repeats what it has, so reads do not depend on it. The machine does
// no I/O except reads through `FinalizedChain`. Confined to one thread.
public import Engine
public import Primitives

/// A certified block with its checked transactions.
public struct CertifiedBlock: Equatable, Sendable {
    public var header: BlockHeader
    public var hash: Hash256
    public var transactions: [PreparedTransaction]

    public init(header: BlockHeader, hash: Hash256, transactions: [PreparedTransaction]) {
        self.header = header
        self.hash = hash
        self.transactions = transactions
    }
}

public enum ExecutorError: Error, Equatable, Sendable {
    case state(StateError)
    /// The block's parent is neither executed nor stored: the caller skipped a block.
    case unknownParent(Hash256)
    /// The block finalised is not on the executed chain.
    case notExecuted(Hash256)
}

/// What executing a block changed.
public struct ExecutionStep: Sendable {
    public var block: ExecutedBlock
    /// Executed blocks that this one replaced, newest first; their transactions are no longer included.
    public var reverted: [ExecutedBlock]

    public init(block: ExecutedBlock, reverted: [ExecutedBlock]) {
        self.block = block
        self.reverted = reverted
    }
}

public final class ChainExecutor {
    public let rules: ChainRules
    private let chain: FinalizedChain
    /// Where the state tree is hashed.
    private let runner: BatchRunner
    /// Executed blocks that are not known to be stored.
    public private(set) var pending: [ExecutedBlock] = []
    /// How many of `pending`, from the first on, are final and handed out.
    public private(set) var finalCount = 0
    /// The newest block that is known to be stored.
    public private(set) var storedHead: BlockRecord

    /// Starts on top of the stored head, which must exist (genesis at least).
    public init(rules: ChainRules, chain: FinalizedChain, runner: BatchRunner = BatchRunner()) throws(StateError) {
        guard let head = try chain.head() else { throw .unavailable }
        self.rules = rules
        self.chain = chain
        self.runner = runner
        storedHead = head
    }

    /// The newest executed block.
    public var head: BlockRecord { pending.last?.record ?? storedHead }

    /// The newest final block.
    public var finalHead: BlockRecord { finalCount > 0 ? pending[finalCount - 1].record : storedHead }

    /// Whether the block was executed and still stands.
    public func hasExecuted(_ hash: Hash256) -> Bool {
        hash == storedHead.hash || pending.contains { $0.record.hash == hash }
    }

    /// Executes a certified block on its parent. Blocks above the parent are undone first: certificates of a later view won.
    /// `ran` is called between the transactions and the roots: a caller with a clock can tell the two apart.
    public func execute(_ block: CertifiedBlock, ran: () -> Void = {}) throws(ExecutorError) -> ExecutionStep {
        let keep: Int
        if block.header.parentHash == storedHead.hash, finalCount == 0 {
            keep = 0
        } else if let index = pending.firstIndex(where: { $0.record.hash == block.header.parentHash }), index + 1 >= finalCount {
            keep = index + 1
        } else {
            throw .unknownParent(block.header.parentHash)
        }
        let below = Array(pending[..<keep])
        let executed: ExecutedBlock
        do {
            let environment = rules.environment(of: block.header, parent: (below.last?.record ?? storedHead).facts)
            let run = try run(block, environment, below)
            ran()
            executed = try BlockExecution.seal(
                run, header: block.header, hash: block.hash, transactions: block.transactions, environment: environment,
                tree: LayeredTreeStore(base: try chain.tree(), layers: below.map(\.tree)), runner: runner)
        } catch {
            throw .state(error)
        }
        let reverted = Array(pending[keep...].reversed())
        pending = below + [executed]
        return ExecutionStep(block: executed, reverted: reverted)
    }

    /// On several threads where that pays: the result is the same.
    private func run(
        _ block: CertifiedBlock, _ environment: BlockEnvironment, _ below: [ExecutedBlock]
    ) throws(StateError) -> BlockOutcome {
        guard ParallelExecution.pays(block.transactions, environment, runner) else {
            return try BlockExecution.run(
                block.transactions, parentHash: block.header.parentHash, environment: environment,
                database: LayeredState(base: try chain.state(), layers: below))
        }
        return try ParallelExecution.run(
            block.transactions, parentHash: block.header.parentHash, environment: environment, runner: runner
        ) { () throws(StateError) in
            LayeredState(base: try chain.state(), layers: below)
        }.run
    }

    /// Takes the executed blocks up to and including `hash` as final and hands out those that were not before, to be stored.
    public func finalize(upTo hash: Hash256) throws(ExecutorError) -> [ExecutedBlock] {
        if hash == finalHead.hash { return [] }
        guard let index = pending.firstIndex(where: { $0.record.hash == hash }), index >= finalCount else {
            throw .notExecuted(hash)
        }
        defer { finalCount = index + 1 }
        return Array(pending[finalCount...index])
    }

    /// The blocks handed out up to and including `hash` are stored: they need not be kept here any longer.
    public func stored(upTo hash: Hash256) throws(ExecutorError) {
        guard let index = pending[..<finalCount].firstIndex(where: { $0.record.hash == hash }) else { throw .notExecuted(hash) }
        storedHead = pending[index].record
        pending.removeFirst(index + 1)
        finalCount -= index + 1
    }
}
