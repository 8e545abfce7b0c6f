// Floor 3, Mempool: which transactions go into the next block: highest tip first among the accounts' next transactions,
// first come first served among equals.
import Engine
public import Primitives

/// Bounds of one selection.
public struct SelectionLimits: Equatable, Sendable {
    public var gas: UInt64
    public var bytes: Int
    public var count: Int
    /// Bytes that the payload adds around each transaction.
    public var overheadBytes: Int

    public init(gas: UInt64, bytes: Int, count: Int, overheadBytes: Int) {
        self.gas = gas
        self.bytes = bytes
        self.count = count
        self.overheadBytes = overheadBytes
    }
}

extension Mempool {
    /// One account's next transaction in the queue of candidates.
    private struct Candidate {
        var tip: UInt256
        /// Place of the account in order of arrival; breaks ties.
        var rank: Int
        var address: Address
        var index: Int

        func precedes(_ other: Candidate) -> Bool { tip != other.tip ? tip > other.tip : rank < other.rank }
    }

    /// The transactions for a block whose unexecuted ancestors hold those in `ordered`.
    public func select(_ bounds: SelectionLimits, excluding ordered: Set<Hash256>) -> [PooledTransaction] {
        var heap: [Candidate] = []
        for (rank, address) in order.enumerated() {
            guard let account = accounts[address] else { continue }
            if let candidate = nextCandidate(account, address: address, rank: rank, from: 0, nonce: account.nonce, ordered) {
                Self.push(candidate, on: &heap)
            }
        }
        var selected: [PooledTransaction] = []
        var gasLeft = bounds.gas
        var bytesLeft = bounds.bytes
        while selected.count < bounds.count, let best = Self.pop(&heap) {
            guard let account = accounts[best.address] else { continue }
            let pooled = account.transactions[best.index]
            let size = pooled.raw.count + bounds.overheadBytes
            // An account whose next transaction does not fit waits for the next block.
            guard pooled.transaction.gasLimit <= gasLeft, size <= bytesLeft else { continue }
            gasLeft -= pooled.transaction.gasLimit
            bytesLeft -= size
            selected.append(pooled)
            if let next = nextCandidate(
                account, address: best.address, rank: best.rank, from: best.index + 1, nonce: pooled.transaction.nonce + 1,
                ordered)
            {
                Self.push(next, on: &heap)
            }
        }
        return selected
    }

    /// Whether `select` with the same exclusion would give at least one transaction of any size.
    public func hasSelectable(excluding ordered: Set<Hash256>) -> Bool {
        for (rank, address) in order.enumerated() {
            guard let account = accounts[address] else { continue }
            if nextCandidate(account, address: address, rank: rank, from: 0, nonce: account.nonce, ordered) != nil { return true }
        }
        return false
    }

    /// The account's first transaction at or behind `from` that continues `nonce` without a gap and is not yet ordered.
    private func nextCandidate(
        _ account: Account, address: Address, rank: Int, from: Int, nonce: UInt64, _ ordered: Set<Hash256>
    ) -> Candidate? {
        var expected = nonce
        var index = from
        while index < account.transactions.count {
            let pooled = account.transactions[index]
            guard pooled.transaction.nonce == expected else { return nil }
            if !ordered.contains(pooled.hash) {
                guard let room = pooled.transaction.maxFeePerGas.subtracting(nextBaseFee) else { return nil }
                return Candidate(
                    tip: min(room, pooled.transaction.maxPriorityFeePerGas), rank: rank, address: address, index: index)
            }
            expected += 1
            index += 1
        }
        return nil
    }

    private static func push(_ candidate: Candidate, on heap: inout [Candidate]) {
        heap.append(candidate)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].precedes(heap[parent]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private static func pop(_ heap: inout [Candidate]) -> Candidate? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        guard !heap.isEmpty else { return first }
        heap[0] = last
        var parent = 0
        while true {
            var best = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].precedes(heap[best]) {
                best = child
            }
            guard best != parent else { return first }
            heap.swapAt(parent, best)
            parent = best
        }
    }
}
