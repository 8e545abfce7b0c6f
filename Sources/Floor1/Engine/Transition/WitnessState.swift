// Floor 1, Engine: the state before a batch, read from a witness.
public import Primitives

/// The state database of the guest.
public final class WitnessState: StateDatabase {
    private let tree: WitnessTree
    private let before: ChainTip
    /// Ascending by hash.
    private var codes: [CodeChange]

    public init(_ witness: Witness, tree: WitnessTree, before: ChainTip) {
        self.tree = tree
        self.before = before
        codes = witness.codes.map { CodeChange(hash: Keccak256.hash($0), code: $0) }
        codes.sort { $0.hash < $1.hash }
        super.init()
    }

    public override func account(_ address: Address) throws(StateError) -> AccountRecord? {
        try tree.account(StateTree.accountKey(address))
    }

    public override func storage(_ address: Address, _ slot: UInt256) throws(StateError) -> UInt256 {
        try tree.word(StateTree.slotKey(address, slot))
    }

    public override func code(_ hash: Hash256) throws(StateError) -> [UInt8] {
        let position = firstPosition(codes.count) { codes[$0].hash >= hash }
        guard position < codes.count, codes[position].hash == hash else { throw .unavailable }
        return codes[position].code
    }

    /// The newest block is known; older ones are in the history contract (EIP-2935), which keeps more than BLOCKHASH reaches.
    public override func blockHash(_ number: UInt64) throws(StateError) -> Hash256? {
        if number == before.height { return before.blockHash }
        let word = try storage(SystemContract.history, BlockHistory.slot(of: number))
        // It has held every block since genesis.
        if word.isZero { throw .unavailable }
        return Hash256(word)
    }

    /// No account without code and nonce has storage: genesis gives storage only to contracts, and creation sets the nonce first.
    public override func hasStorage(_ address: Address) throws(StateError) -> Bool { false }
}

/// EIP-2935's ring of block hashes.
enum BlockHistory {
    static let window: UInt64 = 8_191

    /// The slot with the hash of block `number`.
    static func slot(of number: UInt64) -> UInt256 { UInt256(number % window) }
}
