// The machines of one node: its transaction pool and its executor, wired as the Node wires them. The stored chain outlives a crash, the pool
// and the executed blocks that were not stored do not.
internal import Consensus
internal import Engine
internal import Executor
internal import Mempool
internal import Primitives

final class NodeMachines {
    let chain: SimulatedChain
    private(set) var store: SimulatedFinalChain
    private(set) var executor: ChainExecutor
    private(set) var pool: Mempool
    /// What the replica asked for.
    var pendingBuild: (view: UInt64, parent: BlockHeader)?
    /// Final executed blocks that are not stored yet.
    private var unstored: [ExecutedBlock] = []
    /// How many of them may wait: a store that lags behind.
    let storeLag: Int

    static let limits = MempoolLimits(
        maximumTransactions: 4_096, maximumBytes: 4 << 20, maximumTransactionsPerAccount: 256, minimumPriorityFeePerGas: 1)

    init(chain: SimulatedChain, storeLag: Int) {
        self.chain = chain
        self.storeLag = storeLag
        (store, executor, pool) = NodeMachines.fresh(chain)
    }

    private static func fresh(_ chain: SimulatedChain) -> (SimulatedFinalChain, ChainExecutor, Mempool) {
        let store = SimulatedFinalChain()
        guard (try? store.append(chain.genesisBlock)) != nil, let executor = try? ChainExecutor(rules: chain.rules, chain: store) else {
            preconditionFailure("a chain starts from its genesis")
        }
        return (store, executor, emptyPool(chain, on: executor))
    }

    private static func emptyPool(_ chain: SimulatedChain, on executor: ChainExecutor) -> Mempool {
        Mempool(
            limits: limits, blockGasLimit: chain.rules.gasLimit,
            baseFeePerGas: chain.rules.pendingEnvironment(on: executor.head).baseFeePerGas)
    }

    // MARK: Lives

    func crash() {
        unstored = []
        pendingBuild = nil
    }

    /// Everything is lost, the stored chain too.
    func reset() {
        crash()
        (store, executor, pool) = NodeMachines.fresh(chain)
    }

    /// After a start: final blocks that were not stored are executed again.
    func restart(_ disk: VirtualDisk) throws {
        executor = try ChainExecutor(rules: chain.rules, chain: store)
        let start = executor.finalHead.header.height
        if start < disk.finalHeight {
            for height in (start + 1)...disk.finalHeight {
                guard let block = disk.block(disk.final[Int(height)]) else { throw ExecutorError.notExecuted(disk.final[Int(height)]) }
                _ = try executor.execute(try prepared(block))
                for executed in try executor.finalize(upTo: block.hash) { try keep(executed) }
            }
        }
        try flush(limit: 0)
        pool = NodeMachines.emptyPool(chain, on: executor)
    }

    // MARK: Payloads

    func check(_ block: Block) -> Bool { (try? prepared(block)) != nil }

    private func prepared(_ block: Block) throws(PayloadError) -> CertifiedBlock {
        let transactions = try Payload.prepare(
            block.payload, chainID: chain.rules.chainID, blockGasLimit: chain.rules.gasLimit, known: { chain.known[$0] })
        for transaction in transactions where chain.known[transaction.hash] == nil { chain.known[transaction.hash] = transaction }
        return CertifiedBlock(header: block.header, hash: block.hash, transactions: transactions)
    }

    /// The payload of a block on `parent`; `nil` when there is nothing to put into one.
    func payload(on parent: BlockHeader, disk: VirtualDisk) -> [UInt8]? {
        var ordered: Set<Hash256> = []
        var hash = parent.hash
        while !executor.hasExecuted(hash), let block = disk.block(hash) {
            for raw in (try? Payload.decode(block.payload)) ?? [] { ordered.insert(Keccak256.hash(raw)) }
            hash = block.header.parentHash
        }
        let bounds = SelectionLimits(
            gas: chain.rules.gasLimit, bytes: SimulationPlan.maximumPayloadBytes - Payload.emptyByteCount, count: 1_000,
            overheadBytes: Payload.perTransactionOverheadBytes)
        let selected = pool.select(bounds, excluding: ordered)
        return selected.isEmpty ? nil : Payload.encode(selected.map(\.raw))
    }

    var hasWork: Bool { pool.hasSelectable(excluding: []) }

    /// Whether the pool takes the transaction.
    func admit(_ transaction: PooledTransaction) -> Bool {
        do {
            guard let account = try state.account(transaction.sender) else { return false }
            try pool.add(transaction, account: account)
            return true
        } catch {
            return false
        }
    }

    private var state: StateDatabase { LayeredState(base: store.database, layers: executor.pending) }

    // MARK: Blocks

    /// Executes a certified block, and before it those of its ancestors that a view change had undone.
    func execute(_ block: Block, _ disk: VirtualDisk) throws {
        let hash = block.hash
        guard !executor.hasExecuted(hash), block.header.height > executor.finalHead.header.height else { return }
        if !executor.hasExecuted(block.header.parentHash) {
            guard let parent = disk.block(block.header.parentHash), parent.header.height > executor.finalHead.header.height else {
                throw ExecutorError.unknownParent(block.header.parentHash)
            }
            try execute(parent, disk)
        }
        let step = try executor.execute(try prepared(block))
        try updatePool(after: step)
    }

    private func updatePool(after step: ExecutionStep) throws {
        var changes = step.block.changes.accounts
        let state = state
        if !step.reverted.isEmpty {
            var touched = Set(changes.map(\.address))
            for block in step.reverted {
                for change in block.changes.accounts where touched.insert(change.address).inserted {
                    changes.append(AccountChange(address: change.address, record: try state.account(change.address)))
                }
            }
        }
        pool.update(accounts: changes, baseFeePerGas: chain.rules.pendingEnvironment(on: executor.head).baseFeePerGas)
        for skipped in step.block.skipped { pool.remove(skipped.hash) }
        for block in step.reverted.reversed() {
            for record in block.transactions {
                guard let known = chain.known[record.hash] else { continue }
                _ = admit(PooledTransaction(hash: known.hash, raw: known.raw, sender: known.sender, transaction: known.transaction))
            }
        }
    }

    /// Final blocks, each handed out once.
    func finalise(_ hash: Hash256) throws -> [ExecutedBlock] {
        let blocks = try executor.finalize(upTo: hash)
        for block in blocks { try keep(block) }
        return blocks
    }

    private func keep(_ block: ExecutedBlock) throws {
        unstored.append(block)
        try flush(limit: storeLag)
    }

    private func flush(limit: Int) throws {
        while unstored.count > limit {
            let block = unstored.removeFirst()
            try store.append(block)
            try executor.stored(upTo: block.record.hash)
        }
    }

    /// At the end of a run: everything is stored. The height and the accounts.
    func settle() throws -> (height: UInt64, accounts: [Address: AccountRecord]) {
        try flush(limit: 0)
        return (executor.storedHead.header.height, store.database.accounts)
    }
}
