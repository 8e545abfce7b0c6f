// Floor 6, StateTests: one upstream blockchain test: blocks that are imported one by one on a genesis state, some of them invalid.
//
// State is kept as the engine's own tries, so every block is executed on what is read back from them. Branches of the chain lie side by
// side, as the test may go on with any of them.
import Engine
import Primitives

struct BlockchainTest {
    /// Blockchain tests run on chain 1.
    private static let chainID: UInt64 = 1

    private let network: String
    private let json: JSONValue

    init(_ json: JSONValue) throws(StateTestFormatError) {
        guard let network = json["network"]?.string else { throw StateTestFormatError(field: "network") }
        self.network = network
        self.json = json
    }

    func run(_ recorder: inout TestRecorder) {
        guard let fork = recorder.select(network, cases: 1) else { return }
        recorder.record(fork: network) { () throws(StateTestFormatError) in try check(fork) }
    }

    private func check(_ fork: Fork) throws(StateTestFormatError) -> String? {
        let pre = try TestState(json["pre"]?.members ?? [])
        let genesisBytes = try Field.bytes(json["genesisRLP"], "genesisRLP")
        guard let genesis = try? EthereumBlock.decode(genesisBytes) else {
            return "the genesis block is not decoded"
        }
        let chain = TestChain(genesis.header, fork: fork, chainID: BlockchainTest.chainID)
        guard chain.begin(pre) else { return "genesis state root" }
        for (index, block) in (json["blocks"]?.elements ?? []).enumerated() {
            if let reason = try check(block, chain) { return "block \(index): \(reason)" }
        }
        let last = try Field.hash(json["lastblockhash"], "lastblockhash")
        guard let header = chain.header(last) else { return "the last block \(last.hex) was not imported" }
        guard let post = json["postState"]?.members else { return nil }
        return try TestState(post).root == header.stateRoot ? nil : "the state after the last block"
    }

    private func check(_ json: JSONValue, _ chain: TestChain) throws(StateTestFormatError) -> String? {
        let bytes = try Field.bytes(json["rlp"], "rlp")
        let exception = json.members?.first { $0.key.hasPrefix("expectException") }?.value.string
        do throws(EthereumBlockError) {
            let hash = try chain.add(bytes)
            if let exception { return "accepted, but \(exception) is expected" }
            let expected = try? Field.hash(json["blockHeader"]?["hash"], "hash")
            return hash == expected ? nil : "hash \(hash.hex)"
        } catch {
            guard let exception else { return "rejected: \(error)" }
            let names = chain.cause(error, bytes).upstreamNames
            return exception.split(separator: "|").contains { names.contains(String($0)) } ? nil : "rejected as \(error), expected \(exception)"
        }
    }
}

/// The valid blocks of a test and their states.
private final class TestChain {
    private let fork: Fork
    private let chainID: UInt64
    private let genesis: EthereumHeader
    private let nodes = MemoryTrieNodeStore()
    /// Of every block the header and the hashes of all blocks from genesis to it.
    private var blocks: [Hash256: (header: EthereumHeader, hashes: [Hash256])] = [:]

    init(_ genesis: EthereumHeader, fork: Fork, chainID: UInt64) {
        self.genesis = genesis
        self.fork = fork
        self.chainID = chainID
        blocks[genesis.hash] = (genesis, [genesis.hash])
    }

    /// Stores the genesis state; returns whether it has the root that the genesis header names.
    func begin(_ state: TestState) -> Bool {
        guard let update = try? EthereumStateTrie.update(state.changes, root: MerklePatriciaTrie.emptyRoot, in: nodes) else { return false }
        nodes.apply(update)
        return update.root == genesis.stateRoot && state.root == genesis.stateRoot
    }

    func header(_ hash: Hash256) -> EthereumHeader? { blocks[hash]?.header }

    /// What is wrong with a refused block. Upstream's blocks with an invalid transaction name a transactions root without it, which is
    /// found first: then it is the transaction that counts.
    func cause(_ error: EthereumBlockError, _ bytes: [UInt8]) -> EthereumBlockError {
        guard error == .wrongTransactionsRoot, let block = try? EthereumBlock.decode(bytes), let parent = blocks[block.header.parentHash]
        else { return error }
        let database = TestChainDatabase(root: parent.header.stateRoot, nodes: nodes, hashes: parent.hashes, first: genesis.number)
        do throws(EthereumBlockError) {
            _ = try EthereumTransition.execute(block, fork: fork, chainID: chainID, database: database)
            return error
        } catch let inner {
            return inner
        }
    }

    /// Imports a block on whichever block is its parent; returns its hash.
    func add(_ bytes: [UInt8]) throws(EthereumBlockError) -> Hash256 {
        let block = try EthereumBlock.decode(bytes)
        guard let parent = blocks[block.header.parentHash] else { throw .wrongParent }
        let database = TestChainDatabase(root: parent.header.stateRoot, nodes: nodes, hashes: parent.hashes, first: genesis.number)
        let (_, update) = try EthereumTransition.apply(
            block, parent: parent.header, fork: fork, chainID: chainID, database: database, nodes: nodes)
        nodes.apply(update)
        let hash = block.header.hash
        blocks[hash] = (block.header, parent.hashes + [hash])
        return hash
    }
}

/// A state that knows the hashes of its chain.
private final class TestChainDatabase: EthereumStateDatabase {
    private let hashes: [Hash256]
    private let first: UInt64

    init(root: Hash256, nodes: TrieNodeStore, hashes: [Hash256], first: UInt64) {
        self.hashes = hashes
        self.first = first
        super.init(root: root, nodes: nodes)
    }

    override func blockHash(_ number: UInt64) throws(StateError) -> Hash256? {
        number >= first && number - first < UInt64(hashes.count) ? hashes[Int(number - first)] : nil
    }
}
