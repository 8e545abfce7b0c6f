// The chain that simulated machines run: funded accounts whose keys the clients hold, and a final chain in memory for each node.
internal import Consensus
internal import Crypto
internal import Engine
internal import Executor
internal import Primitives

/// What all nodes of a run share: the genesis and its execution.
final class SimulatedChain {
    let genesis: Genesis
    let rules: ChainRules
    let genesisBlock: ExecutedBlock
    let accounts: [SecretKey]
    /// Transactions whose signature was made or checked here, so that it is recovered once and not on every node.
    var known: [Hash256: PreparedTransaction] = [:]

    static let gwei = UInt256(1_000_000_000)

    init(plan: SimulationPlan) {
        let count = max(1, plan.load?.accounts ?? 4)
        accounts = (0..<count).map { number in
            guard let key = SecretKey(Keccak256.hash(Array("simulated account \(number)".utf8)).bytes) else {
                preconditionFailure("a hash is no secret key")
            }
            return key
        }
        genesis = Genesis(
            chainID: SimulationPlan.chainID, timestampMilliseconds: SimulationPlan.wallClockStartMilliseconds - 1, gasLimit: 30_000_000,
            baseFeePerGas: SimulatedChain.gwei,
            accounts: accounts.map { GenesisAccount(address: $0.address, balance: SimulatedChain.gwei &* SimulatedChain.gwei) }
                .sorted { $0.address < $1.address },
            validators: [])
        rules = ChainRules(genesis: genesis)
        guard let block = try? genesis.execute() else { preconditionFailure("a genesis of plain accounts executes") }
        genesisBlock = block
    }

    var header: BlockHeader { genesis.header }
}

/// The state of one node, as its disk holds it.
final class SimulatedState: StateDatabase {
    private(set) var accounts: [Address: AccountRecord] = [:]
    private var slots: [Address: [UInt256: UInt256]] = [:]
    private var codes: [Hash256: [UInt8]] = [:]
    private var hashes: [UInt64: Hash256] = [:]

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

/// The stored chain of one node.
final class SimulatedFinalChain: FinalizedChain {
    let database = SimulatedState()
    private let nodes = MemoryTreeStore()
    private var newest: BlockRecord?

    override func head() throws(StateError) -> BlockRecord? { newest }
    override func state() throws(StateError) -> StateDatabase { database }
    override func tree() throws(StateError) -> TreeStore { nodes }

    func append(_ block: ExecutedBlock) throws {
        database.apply(block)
        try nodes.apply(block.tree)
        newest = block.record
    }
}
