// Floor 5, Node: the check of a block's payload before it is voted on: decoded, signers recovered on all cores, and kept for
// the execution that follows.
import Consensus
import Engine
import Executor
import Network
import Primitives

/// Any thread may check; the results go to `payloads`.
final class PayloadChecker: Sendable {
    private let rules: ChainRules
    private let pool: SharedPool
    let payloads = PreparedPayloads()
    private nonisolated(unsafe) let runner: BatchRunner
    private let metrics: NodeMetrics

    init(rules: ChainRules, pool: SharedPool, runner: BatchRunner, metrics: NodeMetrics) {
        self.rules = rules
        self.pool = pool
        unsafe self.runner = runner
        self.metrics = metrics
    }

    /// The transactions of the block, or `nil` when the payload is not valid.
    func check(_ block: Block) -> [PreparedTransaction]? {
        let start = monotonicMicroseconds()
        let prepared = try? prepare(block)
        if let prepared { payloads.store(prepared, payloadRoot: block.header.payloadRoot) }
        metrics.checked(microseconds: monotonicMicroseconds() - start)
        return prepared
    }

    /// The same from an earlier check, else made now.
    func take(_ block: Block) throws(PayloadError) -> [PreparedTransaction] {
        if let known = payloads.take(block.header.payloadRoot) { return known }
        return try prepare(block)
    }

    private func prepare(_ block: Block) throws(PayloadError) -> [PreparedTransaction] {
        try unsafe Payload.prepare(
            block.payload, chainID: rules.chainID, blockGasLimit: rules.gasLimit, runner: runner, known: pool.prepared)
    }
}
