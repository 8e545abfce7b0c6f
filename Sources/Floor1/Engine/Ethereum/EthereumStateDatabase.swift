// Floor 1, Engine: the state of a chain in Ethereum mode, read through its tries.
public import Primitives

/// The state with one root in a node store, which has the code too (a store maps Keccak-256 hashes to what they are of).
///
/// Block hashes are the subclass's to know.
open class EthereumStateDatabase: StateDatabase {
    private let root: Hash256
    private let nodes: TrieNodeStore
    /// The account asked for last: its slots come next.
    private var last: (address: Address, account: EthereumAccount?)?

    public init(root: Hash256, nodes: TrieNodeStore) {
        self.root = root
        self.nodes = nodes
        super.init()
    }

    private func find(_ address: Address) throws(StateError) -> EthereumAccount? {
        if let last, last.address == address { return last.account }
        let account = try EthereumStateTrie.account(address, root: root, in: nodes)
        last = (address, account)
        return account
    }

    public override func account(_ address: Address) throws(StateError) -> AccountRecord? { try find(address)?.record }

    public override func storage(_ address: Address, _ slot: UInt256) throws(StateError) -> UInt256 {
        guard let account = try find(address) else { return .zero }
        return try EthereumStateTrie.storage(slot, storageRoot: account.storageRoot, in: nodes)
    }

    public override func code(_ hash: Hash256) throws(StateError) -> [UInt8] {
        if hash == Keccak256.empty { return [] }
        guard let code = try nodes.node(hash) else { throw .unavailable }
        return code
    }

    public override func hasStorage(_ address: Address) throws(StateError) -> Bool {
        guard let account = try find(address) else { return false }
        return account.storageRoot != MerklePatriciaTrie.emptyRoot
    }
}
