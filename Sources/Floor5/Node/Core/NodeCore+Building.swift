// Floor 5, Node: the payload of a block of ours: when it is made and what goes in.
import Consensus
import Engine
import Mempool
import Network
import Ordering
import Primitives

/// A payload that the replica asked for.
struct PendingBuild {
    var view: UInt64
    var parent: BlockHeader
}

extension NodeCore {
    /// Blocks that may be ordered and not yet executed before a leader stops adding work.
    private static var executionLagLimit: UInt64 { 32 }

    /// Transactions of blocks from `parent` down to the newest executed one: ordered, but still in the pool.
    private func orderedTransactions(from parent: Hash256) -> Set<Hash256> {
        var ordered: Set<Hash256> = []
        var hash = parent
        while !executed.contains(hash), let block = recentBlocks[hash] {
            ordered.formUnion(payloadTransactions[block.header.payloadRoot].hashes)
            hash = block.header.parentHash
        }
        return ordered
    }

    /// What the next block should hold; nothing while execution is far behind.
    private func transactionsForBlock(on parent: BlockHeader) -> [PooledTransaction] {
        guard parent.height <= executedHeight || parent.height - executedHeight <= Self.executionLagLimit else { return [] }
        let ordered = orderedTransactions(from: parent.hash)
        var bounds = SelectionLimits(
            gas: pacing.allowance, bytes: Self.maximumPayloadBytes - Payload.emptyByteCount,
            count: Payload.transactionCountLimit, overheadBytes: Payload.perTransactionOverheadBytes)
        let selected = pool.select(bounds, excluding: ordered)
        guard selected.isEmpty, pacing.allowance < chainRules.gasLimit else { return selected }
        // A transaction larger than the allowance goes alone.
        bounds.gas = chainRules.gasLimit
        bounds.count = 1
        return pool.select(bounds, excluding: ordered)
    }

    func buildPayload(view: UInt64, parent: BlockHeader) {
        pendingBuild = PendingBuild(view: view, parent: parent)
        tryBuild()
    }

    func tryBuild() {
        guard let build = pendingBuild, !hasFailed else { return }
        guard build.view == replica.view else {
            pendingBuild = nil
            return
        }
        let transactions = transactionsForBlock(on: build.parent)
        if transactions.isEmpty {
            let now = wallClockMilliseconds()
            let (due, overflow) = build.parent.timestampMilliseconds.addingReportingOverflow(timing.idleBlockIntervalMilliseconds)
            if !overflow, due > now {
                // A parent stamped ahead of our clock must not make us wait longer than the idle interval.
                buildTimer?.schedule(afterMilliseconds: min(due - now, timing.idleBlockIntervalMilliseconds))
                return
            }
        }
        pendingBuild = nil
        let payload = Payload.encode(transactions.map(\.raw))
        let root = Keccak256.hash(payload)
        let prepared = transactions.map {
            PreparedTransaction(raw: $0.raw, hash: $0.hash, sender: $0.sender, transaction: $0.transaction)
        }
        checker.payloads.store(prepared, payloadRoot: root)
        payloadTransactions.insert(prepared, for: root)
        shell.enqueue(.payloadBuilt(view: build.view, payload: payload))
    }

    func observePace(of header: BlockHeader, hash: Hash256) {
        if let last = lastCertified, header.parentHash == last.hash, header.view == header.parentView &+ 1,
            header.timestampMilliseconds > last.timestampMilliseconds
        {
            pacing.observe(
                intervalMilliseconds: header.timestampMilliseconds - last.timestampMilliseconds,
                gas: payloadTransactions[header.payloadRoot].gas)
        }
        lastCertified = (hash, header.timestampMilliseconds)
    }
}
