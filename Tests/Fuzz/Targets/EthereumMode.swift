// Ethereum mode: any bytes as a block, which is checked and executed; any bytes as nodes of a Merkle-Patricia trie, in a proof
// and in the store that an update reads.
import Engine
import Primitives

/// What a block may spend, so that loops in its creations end.
private let blockGasLimit: UInt64 = 2_000_000

func fuzzEthereumBlock(_ bytes: [UInt8]) {
    var input = FuzzInput(bytes)
    let fork = input.fork()
    guard let block = try? EthereumBlock.decode(Array(input.rest)), block.header.gasLimit <= blockGasLimit else { return }
    var parent = block.header
    parent.number = block.header.number &- 1
    parent.timestampSeconds = block.header.timestampSeconds &- 12
    _ = try? EthereumTransition.check(block, parent: parent, fork: fork, chainID: 1, database: RichState())
    _ = try? EthereumTransition.execute(block, fork: fork, chainID: 1, database: RichState())
}

/// Nodes that are found by their true hash, whatever they say.
private final class HostileNodeStore: TrieNodeStore {
    private let nodes: [Hash256: [UInt8]]

    init(_ nodes: [[UInt8]]) {
        self.nodes = Dictionary(nodes.map { (Keccak256.hash($0), $0) }, uniquingKeysWith: { first, _ in first })
        super.init()
    }

    override func node(_ hash: Hash256) throws(StateError) -> [UInt8]? { nodes[hash] }
}

func fuzzTrie(_ bytes: [UInt8]) {
    var input = FuzzInput(bytes)
    let key = input.take(Int(input.byte()) % 33)
    let value = input.take(Int(input.byte()) % 64)
    var nodes: [[UInt8]] = []
    while !input.rest.isEmpty { nodes.append(input.take(input.uint16() % 600)) }
    guard let first = nodes.first else { return }
    let root = Keccak256.hash(first)
    if let shown = try? MerklePatriciaTrie.verify(nodes, key: key, root: root) { precondition(!shown.isEmpty, "an empty value is in the trie") }
    let store = HostileNodeStore(nodes)
    guard let update = try? MerklePatriciaTrie.update([(key: key, value: value)], root: root, in: store) else { return }
    let after = MemoryTrieNodeStore()
    after.apply(update)
    if update.nodes.count == 1 { _ = try? MerklePatriciaTrie.prove(key, root: update.root, in: after) }
}
