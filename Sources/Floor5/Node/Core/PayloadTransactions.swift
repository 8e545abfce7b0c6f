// Floor 5, Node: the transactions of payloads in flight, so that a leader does not order one twice.
import Engine
import Primitives

/// What is remembered of checked payloads. Bounded, because a payload may never become part of a block.
struct PayloadTransactions {
    struct Content {
        var hashes: [Hash256] = []
        /// The sum of the gas limits.
        var gas: UInt64 = 0
    }

    /// More than the blocks that can be ordered and not yet executed.
    private static let capacity = 256
    private var byRoot: [Hash256: Content] = [:]
    private var order: [Hash256] = []

    subscript(root: Hash256) -> Content { byRoot[root] ?? Content() }

    mutating func insert(_ transactions: [PreparedTransaction], for root: Hash256) {
        let content = Content(
            hashes: transactions.map(\.hash), gas: transactions.reduce(0) { $0 + $1.transaction.gasLimit })
        guard byRoot.updateValue(content, forKey: root) == nil else { return }
        order.append(root)
        if order.count > Self.capacity { byRoot[order.removeFirst()] = nil }
    }
}
