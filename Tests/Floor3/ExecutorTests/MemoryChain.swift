// A final chain in memory, as Storage keeps it on disk, and a small world of funded accounts.
import Consensus
import Crypto
import Engine
import Executor
import Primitives

final class MemoryState: StateDatabase {
    var accounts: [Address: AccountRecord] = [:]
    var slots: [Address: [UInt256: UInt256]] = [:]
    var codes: [Hash256: [UInt8]] = [:]
    var hashes: [UInt64: Hash256] = [:]

    override func account(_ address: Address) throws(StateError) -> AccountRecord? { accounts[address] }
    override func storage(_ address: Address, _ slot: UInt256) throws(StateError) -> UInt256 { slots[address]?[slot] ?? .zero }
    override func code(_ hash: Hash256) throws(StateError) -> [UInt8] {
        guard let code = codes[hash] else { throw .unavailable }
        return code
    }
    override func blockHash(_ number: UInt64) throws(StateError) -> Hash256? { hashes[number] }
    override func hasStorage(_ address: Address) throws(StateError) -> Bool { slots[address]?.isEmpty == false }

    func apply(_ block: ExecutedBlock) {
        for change in block.changes.accounts { accounts[change.address] = change.record }
        for change in block.changes.storage {
            slots[change.address, default: [:]][change.slot] = change.value.isZero ? nil : change.value
        }
        for change in block.changes.code { codes[change.hash] = change.code }
        hashes[block.record.header.height] = block.record.hash
    }
}

final class MemoryChain: FinalizedChain {
    let memory = MemoryState()
    let nodes = MemoryTreeStore()
    var newest: BlockRecord?

    override func head() throws(StateError) -> BlockRecord? { newest }
    override func state() throws(StateError) -> StateDatabase { memory }
    override func tree() throws(StateError) -> TreeStore { nodes }

    func append(_ blocks: [ExecutedBlock]) throws {
        for block in blocks {
            memory.apply(block)
            try nodes.apply(block.tree)
            newest = block.record
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

struct World {
    static let chainID: UInt64 = 7_777
    static let gwei = UInt256(1_000_000_000)
    let keys: [SecretKey]
    let genesis: Genesis
    let chain = MemoryChain()
    let executor: ChainExecutor

    init(accountCount: Int = 5) throws {
        keys = (1...accountCount).map { SecretKey([UInt8](repeating: UInt8($0), count: 32))! }
        genesis = Genesis(
            chainID: World.chainID, timestampMilliseconds: 1_000, gasLimit: 30_000_000, baseFeePerGas: World.gwei,
            accounts: keys.map { GenesisAccount(address: $0.address, balance: World.gwei &* World.gwei) }
                .sorted { $0.address < $1.address },
            validators: [GenesisValidator(publicKey: keys[0].publicKey.compressed, stake: 1, nodeID: .zero)])
        try chain.append([try genesis.execute()])
        executor = try ChainExecutor(rules: ChainRules(genesis: genesis), chain: chain)
    }

    func transfer(
        from: Int, to: Address, nonce: UInt64, value: UInt256 = 1, data: [UInt8] = [], gasLimit: UInt64 = 21_000
    ) throws -> PreparedTransaction {
        let transaction = Transaction(
            type: .dynamicFee, chainID: World.chainID, nonce: nonce, gasLimit: gasLimit, maxFeePerGas: World.gwei &* 10,
            maxPriorityFeePerGas: World.gwei, to: to, value: value, data: data
        ).signed(with: keys[from])
        return try PreparedTransaction.prepare(transaction.encode(), chainID: World.chainID)
    }

    func create(from: Int, nonce: UInt64, code: [UInt8]) throws -> PreparedTransaction {
        let transaction = Transaction(
            type: .dynamicFee, chainID: World.chainID, nonce: nonce, gasLimit: 500_000, maxFeePerGas: World.gwei &* 10,
            maxPriorityFeePerGas: World.gwei, to: nil, value: 0, data: code
        ).signed(with: keys[from])
        return try PreparedTransaction.prepare(transaction.encode(), chainID: World.chainID)
    }

    func block(on parent: BlockRecord, view: UInt64, _ transactions: [PreparedTransaction]) -> CertifiedBlock {
        let payload = Payload.encode(transactions.map(\.raw))
        let header = BlockHeader(
            epoch: 0, view: view, height: parent.header.height + 1, parentHash: parent.hash, parentView: parent.header.view,
            payloadRoot: Keccak256.hash(payload), payloadByteCount: UInt32(payload.count),
            timestampMilliseconds: parent.header.timestampMilliseconds + 100, proposer: Address(small: 0xfee))
        return CertifiedBlock(header: header, hash: header.hash, transactions: transactions)
    }
}
