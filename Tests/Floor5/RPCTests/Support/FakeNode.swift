// A node in memory: a chain of blocks executed by the real engine, a pool and events.
import Consensus
import Crypto
import Engine
import Primitives
import RPC
import Synchronization

/// The state of a chain as a value.
struct World: Sendable {
    var accounts: [Address: AccountRecord] = [:]
    var storage: [Address: [UInt256: UInt256]] = [:]
    var codes: [Hash256: [UInt8]] = [:]

    mutating func install(_ address: Address, code: [UInt8]) {
        let hash = Keccak256.hash(code)
        codes[hash] = code
        accounts[address] = AccountRecord(nonce: 1, balance: .zero, codeHash: hash)
    }

    mutating func apply(_ changes: StateChanges) {
        for change in changes.code { codes[change.hash] = change.code }
        for change in changes.accounts {
            accounts[change.address] = change.record
            if change.record == nil { storage[change.address] = nil }
        }
        for change in changes.storage { storage[change.address, default: [:]][change.slot] = change.value }
    }
}

final class WorldDatabase: StateDatabase {
    let world: World
    let hashes: [Hash256]

    init(_ world: World, hashes: [Hash256]) {
        self.world = world
        self.hashes = hashes
        super.init()
    }

    override func account(_ address: Address) throws(StateError) -> AccountRecord? { world.accounts[address] }
    override func storage(_ address: Address, _ slot: UInt256) throws(StateError) -> UInt256 {
        world.storage[address]?[slot] ?? .zero
    }
    override func code(_ hash: Hash256) throws(StateError) -> [UInt8] {
        guard let code = world.codes[hash] else { throw .unavailable }
        return code
    }
    override func blockHash(_ number: UInt64) throws(StateError) -> Hash256? {
        number < UInt64(hashes.count) ? hashes[Int(number)] : nil
    }
}

final class FakeNode: NodeBackend {
    struct State: Sendable {
        var worlds: [World] = []
        var blocks: [BlockRecord] = []
        var transactions: [[TransactionRecord]] = []
        var safe: UInt64 = 0
        var finalized: UInt64 = 0
        var highestKnown: UInt64 = 0
        var pool: [PendingTransaction] = []
        var known: Set<Hash256> = []
        var skipped: [Hash256: String] = [:]
        var handlers: [UInt64: @Sendable (ChainEvent) -> Void] = [:]
        var nextToken: UInt64 = 1
        var prunedBelow: UInt64 = 0
        /// Ascending by position.
        var evidence: [EvidenceRecord] = []
    }

    static let chain: UInt64 = 4_242
    let chainID = FakeNode.chain
    let clientVersion = "hyperseq/test/linux/swift"
    let minimumPriorityFeePerGas: UInt256 = 5
    let state: Mutex<State>

    init(_ world: World) {
        var initial = State()
        let header = FakeNode.header(height: 0, parent: .zero, payload: 0)
        initial.worlds = [world]
        initial.transactions = [[]]
        initial.blocks = [FakeNode.record(header, gasUsed: 0, transactions: [])]
        state = Mutex(initial)
    }

    static func header(height: UInt64, parent: Hash256, payload: Int) -> BlockHeader {
        BlockHeader(
            epoch: 0, view: height + 3, height: height, parentHash: parent, parentView: height + 2,
            payloadRoot: Keccak256.hash([UInt8(truncatingIfNeeded: payload)]), payloadByteCount: UInt32(payload),
            timestampMilliseconds: 1_700_000_000_250 + height * 500, proposer: Address(small: 0xfee))
    }

    static func record(_ header: BlockHeader, gasUsed: UInt64, transactions: [TransactionRecord]) -> BlockRecord {
        var bloom = LogsBloom()
        for transaction in transactions { bloom.formUnion(transaction.receipt.logsBloom) }
        return BlockRecord(
            hash: header.hash, header: header, gasLimit: 30_000_000, gasUsed: gasUsed, baseFeePerGas: UInt256(1_000 + header.height),
            prevRandao: Keccak256.hash([7]), stateRoot: Keccak256.hash([1]), transactionsRoot: Keccak256.hash([2]),
            receiptsRoot: Keccak256.hash([3]), logsBloom: bloom.bytes, transactionHashes: transactions.map(\.hash))
    }

    // MARK: - The chain moves

    /// Executes these transactions, or the pool, in a new block.
    @discardableResult
    func mine(_ given: [Transaction]? = nil, final: Bool = true) -> BlockRecord {
        let (block, records, handlers) = state.withLock { state in
            let parent = state.blocks[state.blocks.count - 1]
            let transactions = given ?? state.pool.map(\.transaction)
            if given == nil { state.pool = [] }
            let header = FakeNode.header(height: parent.header.height + 1, parent: parent.hash, payload: transactions.count * 110)
            let draft = FakeNode.record(header, gasUsed: 0, transactions: [])
            let world = state.worlds[state.worlds.count - 1]
            let executor = TransactionExecutor(
                database: WorldDatabase(world, hashes: state.blocks.map(\.hash)), environment: environment(of: draft))
            var records: [TransactionRecord] = []
            var gas: UInt64 = 0
            var logs: UInt32 = 0
            for transaction in transactions {
                let sender = transaction.recoverSender() ?? .zero
                guard let outcome = try? executor.execute(transaction, sender: sender) else {
                    state.skipped[transaction.hash] = "nonce too low"
                    continue
                }
                gas += outcome.gasUsed
                records.append(
                    TransactionRecord(
                        hash: transaction.hash, sender: sender, transaction: transaction, blockHash: header.hash,
                        blockHeight: header.height, index: UInt32(records.count), firstLogIndex: logs,
                        receipt: Receipt(
                            type: transaction.type, succeeded: outcome.succeeded, cumulativeGasUsed: gas, gasUsed: outcome.gasUsed,
                            effectiveGasPrice: outcome.effectiveGasPrice, contractAddress: outcome.createdAddress,
                            logs: outcome.logs)))
                logs += UInt32(outcome.logs.count)
            }
            var next = world
            next.apply(executor.changes())
            let block = FakeNode.record(header, gasUsed: gas, transactions: records)
            state.worlds.append(next)
            state.blocks.append(block)
            state.transactions.append(records)
            if final {
                state.safe = header.height
                state.finalized = header.height
            }
            state.highestKnown = max(state.highestKnown, state.finalized)
            return (block, records, Array(state.handlers.values))
        }
        for handler in handlers { handler(.newHead(block, transactions: records)) }
        return block
    }

    func revert(toHeight height: UInt64) {
        let handlers = state.withLock { state in
            state.worlds.removeLast(state.worlds.count - Int(height) - 1)
            state.blocks.removeLast(state.blocks.count - Int(height) - 1)
            state.transactions.removeLast(state.transactions.count - Int(height) - 1)
            return Array(state.handlers.values)
        }
        for handler in handlers { handler(.reverted(toHeight: height)) }
    }

    // MARK: - NodeBackend

    func heads() -> ChainHeads {
        state.withLock { ChainHeads(latest: UInt64($0.blocks.count - 1), safe: $0.safe, finalized: $0.finalized) }
    }

    func status() -> NodeStatus {
        let heads = heads()
        return state.withLock { state in
            NodeStatus(
                name: "node \"0\"", role: "validator", peers: 3, heads: heads, finalizedHash: state.blocks[Int(heads.finalized)].hash,
                finalizedStateRoot: Keccak256.hash([1]), highestKnownHeight: state.highestKnown, view: heads.latest + 3,
                poolCount: state.pool.count)
        }
    }

    func block(height: UInt64) throws(BackendError) -> BlockRecord? {
        state.withLock { height < UInt64($0.blocks.count) ? $0.blocks[Int(height)] : nil }
    }

    func block(hash: Hash256) throws(BackendError) -> BlockRecord? {
        state.withLock { $0.blocks.first { $0.hash == hash } }
    }

    func transactions(height: UInt64) throws(BackendError) -> [TransactionRecord] {
        state.withLock { height < UInt64($0.transactions.count) ? $0.transactions[Int(height)] : [] }
    }

    func transaction(hash: Hash256) throws(BackendError) -> TransactionRecord? {
        state.withLock { $0.transactions.joined().first { $0.hash == hash } }
    }

    func state(height: UInt64) throws(BackendError) -> sending StateDatabase {
        let found: (World, [Hash256])? = state.withLock { state in
            guard height < UInt64(state.worlds.count), height >= state.prunedBelow else { return nil }
            return (state.worlds[Int(height)], state.blocks[0...Int(height)].map(\.hash))
        }
        guard let (world, hashes) = found else { throw .stateUnavailable(height: height) }
        return WorldDatabase(world, hashes: hashes)
    }

    func pendingEnvironment() -> BlockEnvironment {
        let head = state.withLock { $0.blocks[$0.blocks.count - 1] }
        var environment = environment(of: head)
        environment.number += 1
        environment.timestampSeconds += 1
        environment.baseFeePerGas = UInt256(1_000 + environment.number)
        return environment
    }

    func environment(of block: BlockRecord) -> BlockEnvironment {
        BlockEnvironment(
            fork: .prague, chainID: chainID, number: block.header.height, timestampSeconds: block.header.timestampMilliseconds / 1_000,
            gasLimit: block.gasLimit, baseFeePerGas: block.baseFeePerGas, coinbase: block.header.proposer, prevRandao: block.prevRandao)
    }

    func environment(after block: BlockRecord) -> BlockEnvironment {
        var next = environment(of: block)
        next.number += 1
        next.baseFeePerGas = UInt256(1_000 + next.number)
        return next
    }

    func poolContent() -> PoolContent {
        state.withLock { state in
            var content = PoolContent()
            var next: [Address: UInt64] = [:]
            for pending in state.pool.sorted(by: { ($0.sender, $0.transaction.nonce) < ($1.sender, $1.transaction.nonce) }) {
                let wanted = next[pending.sender] ?? state.worlds[state.worlds.count - 1].accounts[pending.sender]?.nonce ?? 0
                if pending.transaction.nonce == wanted {
                    content.pending.append(pending)
                    next[pending.sender] = wanted + 1
                } else {
                    content.queued.append(pending)
                }
            }
            return content
        }
    }

    func submit(_ raw: [UInt8]) async throws(PoolRejection) -> Hash256 {
        let transaction: Transaction
        do throws(TransactionDecodingError) { transaction = try Transaction.decode(raw) } catch {
            throw PoolRejection(message: error.message)
        }
        guard let sender = transaction.recoverSender() else { throw PoolRejection(message: "invalid sender") }
        let hash = transaction.hash
        let (rejection, handlers): (String?, [@Sendable (ChainEvent) -> Void]) = state.withLock { state in
            let account = state.worlds[state.worlds.count - 1].accounts[sender] ?? AccountRecord()
            if state.known.contains(hash) { return ("already known", []) }
            if transaction.nonce < account.nonce { return ("nonce too low: next nonce \(account.nonce), tx nonce \(transaction.nonce)", []) }
            state.known.insert(hash)
            state.pool.append(PendingTransaction(hash: hash, sender: sender, transaction: transaction))
            return (nil, Array(state.handlers.values))
        }
        if let rejection { throw PoolRejection(message: rejection) }
        for handler in handlers { handler(.pendingTransaction(hash)) }
        return hash
    }

    func pendingTransaction(hash: Hash256) -> PendingTransaction? { state.withLock { $0.pool.first { $0.hash == hash } } }

    func pendingNonce(_ address: Address) throws(BackendError) -> UInt64 {
        state.withLock { state in
            let nonce = state.worlds[state.worlds.count - 1].accounts[address]?.nonce ?? 0
            return state.pool.filter { $0.sender == address }.map { $0.transaction.nonce + 1 }.reduce(nonce) { max($0, $1) }
        }
    }

    func skippedReason(hash: Hash256) throws(BackendError) -> String? { state.withLock { $0.skipped[hash] } }

    func subscribe(_ handler: @escaping @Sendable (ChainEvent) -> Void) -> UInt64 {
        state.withLock { state in
            defer { state.nextToken += 1 }
            state.handlers[state.nextToken] = handler
            return state.nextToken
        }
    }

    func unsubscribe(_ token: UInt64) { state.withLock { $0.handlers[token] = nil } }

    func evidence(
        from start: EvidencePosition?, count: Int
    ) throws(BackendError) -> (records: [EvidenceRecord], next: EvidencePosition?) {
        let rest = state.withLock { $0.evidence }.drop { record in
            guard let start else { return false }
            return record.position.encoded.lexicographicallyPrecedes(start.encoded)
        }
        return (Array(rest.prefix(count)), rest.dropFirst(count).first?.position)
    }

    func metricsText() -> String { "fake_blocks \(heads().latest)" }
}
