// Floor 1, Engine: what `eth_getProof` answers: an account and some of its slots, each with its proof.
public import Primitives

/// A slot with its proof in the account's storage trie.
public struct StorageProof: Equatable, Sendable {
    public var slot: UInt256
    public var value: UInt256
    public var proof: [[UInt8]]
}

/// An account, or its absence, with the proof in the state trie, and proofs of slots.
public struct AccountProof: Equatable, Sendable {
    public var address: Address
    /// The empty record without storage when the account does not exist.
    public var account: EthereumAccount
    public var accountProof: [[UInt8]]
    public var storageProofs: [StorageProof]

    /// Whether the proofs show, under this state root, all that is claimed. Takes hostile claims.
    public func verify(stateRoot: Hash256) throws(TrieProofError) -> Bool {
        let shown = try MerklePatriciaTrie.verify(accountProof, key: EthereumStateTrie.key(address), root: stateRoot)
        let claim = account == EthereumAccount(record: AccountRecord()) ? nil : account.encode()
        guard shown == claim else { return false }
        for slot in storageProofs {
            let value = try MerklePatriciaTrie.verify(slot.proof, key: EthereumStateTrie.key(slot.slot), root: account.storageRoot)
            guard (value ?? []) == EthereumStateTrie.encode(slot.value) else { return false }
        }
        return true
    }
}

extension EthereumStateTrie {
    /// The proof of an account and of slots in the state with this root.
    public static func prove(
        _ address: Address, slots: [UInt256], root: Hash256, in store: TrieNodeStore
    ) throws(StateError) -> AccountProof {
        let account = try account(address, root: root, in: store) ?? EthereumAccount(record: AccountRecord())
        var storageProofs: [StorageProof] = []
        for slot in slots {
            storageProofs.append(
                StorageProof(
                    slot: slot, value: try storage(slot, storageRoot: account.storageRoot, in: store),
                    proof: try MerklePatriciaTrie.prove(key(slot), root: account.storageRoot, in: store)))
        }
        return AccountProof(
            address: address, account: account, accountProof: try MerklePatriciaTrie.prove(key(address), root: root, in: store),
            storageProofs: storageProofs)
    }
}
