// Floor 5, Node: the chain as RPC threads read it: executed blocks that are not stored yet from memory, the others from the store.
//
// Invariant: what is published names blocks whose predecessors are all in the store or published with them. A reader takes
// the published head once and then reads the store, which only ever gets newer.
import Consensus
import Engine
import Executor
import Primitives
import RPC
import Storage

/// The newest executed blocks at one moment.
struct PublishedChain: Sendable {
    /// Counts the executed heads; it never falls.
    var sequence: UInt64
    var stored: BlockRecord
    /// Executed and not yet stored, on top of `stored`; ascending.
    var layers: [ExecutedBlock]
    /// How many of the layers, from the first on, are final.
    var finalCount: Int

    var head: BlockRecord { layers.last?.record ?? stored }
    var final: BlockRecord { finalCount > 0 ? layers[finalCount - 1].record : stored }

    var heads: ChainHeads {
        // Only certified blocks are executed, so the newest executed block is also the newest safe one.
        ChainHeads(latest: head.header.height, safe: head.header.height, finalized: final.header.height)
    }
}

final class ChainView: Sendable {
    let store: ChainStore
    let rules: ChainRules
    private let published: Protected<PublishedChain>
    private let listeners = Protected(Listeners())

    private struct Listeners {
        var handlers: [UInt64: @Sendable (ChainEvent) -> Void] = [:]
        var nextToken: UInt64 = 0
    }

    init(store: ChainStore, rules: ChainRules, head: BlockRecord) {
        self.store = store
        self.rules = rules
        published = Protected(PublishedChain(sequence: 0, stored: head, layers: [], finalCount: 0))
    }

    var current: PublishedChain { published.with { $0 } }

    // MARK: - The execution thread

    func publish(_ chain: PublishedChain) { published.with { $0 = chain } }

    func emit(_ event: ChainEvent) {
        for handler in listeners.with({ Array($0.handlers.values) }) { handler(event) }
    }

    // MARK: - Any thread

    func subscribe(_ handler: @escaping @Sendable (ChainEvent) -> Void) -> UInt64 {
        listeners.with { listeners in
            listeners.nextToken += 1
            listeners.handlers[listeners.nextToken] = handler
            return listeners.nextToken
        }
    }

    func unsubscribe(_ token: UInt64) { listeners.with { $0.handlers[token] = nil } }

    func block(height: UInt64) throws(BackendError) -> BlockRecord? {
        let chain = current
        if height > chain.stored.header.height { return chain.layers.first { $0.record.header.height == height }?.record }
        return try reading { () throws(StorageError) in try store.block(height: height) }
    }

    func block(hash: Hash256) throws(BackendError) -> BlockRecord? {
        if let layer = current.layers.first(where: { $0.record.hash == hash }) { return layer.record }
        return try reading { () throws(StorageError) in try store.block(hash: hash) }
    }

    func transactions(height: UInt64) throws(BackendError) -> [TransactionRecord] {
        let chain = current
        if height > chain.stored.header.height {
            return chain.layers.first { $0.record.header.height == height }?.transactions ?? []
        }
        return try reading { () throws(StorageError) in try store.transactions(height: height) ?? [] }
    }

    func transaction(hash: Hash256) throws(BackendError) -> TransactionRecord? {
        for layer in current.layers {
            if let index = layer.record.transactionHashes.firstIndex(of: hash) { return layer.transactions[index] }
        }
        return try reading { () throws(StorageError) in try store.transaction(hash: hash) }
    }

    func skippedReason(hash: Hash256) throws(BackendError) -> String? {
        for layer in current.layers {
            if let skipped = layer.skipped.first(where: { $0.hash == hash }) { return skipped.reason }
        }
        return try reading { () throws(StorageError) in try store.skipped(hash: hash)?.reason }
    }

    func state(height: UInt64) throws(BackendError) -> sending StateDatabase {
        let chain = current
        guard height <= chain.head.header.height else { throw .stateUnavailable(height: height) }
        let base = try storedState(height: min(height, chain.stored.header.height))
        let layers = chain.layers.filter { $0.record.header.height <= height }
        return layers.isEmpty ? base : LayeredState(base: base, layers: layers)
    }

    /// The newest state of one account, for the pool.
    func sender(_ address: Address) throws(BackendError) -> SenderState {
        let chain = current
        let base = try storedState(height: chain.stored.header.height)
        let state = chain.layers.isEmpty ? base : LayeredState(base: base, layers: chain.layers)
        do {
            return SenderState(sequence: chain.sequence, account: try state.account(address) ?? AccountRecord())
        } catch {
            throw .storage("reading account \(address.hex): \(error)")
        }
    }

    private func storedState(height: UInt64) throws(BackendError) -> sending StateDatabase {
        do {
            return try store.state(height: height)
        } catch {
            if case .statePruned(let height, let historyBlocks) = error.code {
                throw .statePruned(height: height, historyBlocks: historyBlocks)
            }
            throw .storage(error.description)
        }
    }

    private func reading<Value>(_ body: () throws(StorageError) -> Value) throws(BackendError) -> Value {
        do {
            return try body()
        } catch {
            throw .storage(error.description)
        }
    }
}
