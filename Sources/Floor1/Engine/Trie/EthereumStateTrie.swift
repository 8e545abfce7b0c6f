// Floor 1, Engine: the state of a chain in Ethereum mode as a trie of accounts whose storage is a trie each.
//
// All tries of all blocks share one node store. Keys are hashed ("secure tries"). A block's changes become one update: every touched
// path is hashed once, and nothing else is read than what lies on those paths.
public import Primitives

/// What the state trie holds for an address.
public struct EthereumAccount: Equatable, Sendable {
    public var record: AccountRecord
    public var storageRoot: Hash256

    public init(record: AccountRecord, storageRoot: Hash256 = MerklePatriciaTrie.emptyRoot) {
        self.record = record
        self.storageRoot = storageRoot
    }

    /// The trie's value: nonce, balance, storage root and code hash.
    public func encode() -> [UInt8] {
        var writer = RLPWriter(capacity: 112)
        writer.writeList { list in
            list.write(record.nonce)
            list.write(record.balance)
            list.write(storageRoot)
            list.write(record.codeHash)
        }
        return writer.bytes
    }

    /// The account whose canonical encoding is `bytes`.
    public static func decode(_ bytes: [UInt8]) throws(RLPError) -> EthereumAccount {
        var outer = RLPCursor(bytes, from: 0)
        var list = try outer.list()
        let nonce = try list.uint64()
        let balance = try list.uint256()
        let storageRoot = Hash256(try list.word256())
        let codeHash = Hash256(try list.word256())
        guard list.isAtEnd, outer.isAtEnd else { throw .trailingBytes }
        return EthereumAccount(record: AccountRecord(nonce: nonce, balance: balance, codeHash: codeHash), storageRoot: storageRoot)
    }
}

/// The state trie over a node store.
public enum EthereumStateTrie {
    /// The account at an address, or `nil`.
    public static func account(_ address: Address, root: Hash256, in store: TrieNodeStore) throws(StateError) -> EthereumAccount? {
        guard let bytes = try MerklePatriciaTrie.value(of: key(address), root: root, in: store) else { return nil }
        do throws(RLPError) { return try EthereumAccount.decode(bytes) } catch { throw .unavailable }
    }

    /// The value of a slot in a storage trie, zero when it has none.
    public static func storage(_ slot: UInt256, storageRoot: Hash256, in store: TrieNodeStore) throws(StateError) -> UInt256 {
        guard let bytes = try MerklePatriciaTrie.value(of: key(slot), root: storageRoot, in: store) else { return .zero }
        var cursor = RLPCursor(bytes, from: 0)
        do throws(RLPError) { return try cursor.uint256() } catch { throw .unavailable }
    }

    /// The state after a block's changes.
    ///
    /// A removed account loses its storage. An account that comes into existence begins with none. New code is among the update's nodes.
    public static func update(_ changes: StateChanges, root: Hash256, in store: TrieNodeStore) throws(StateError) -> TrieUpdate {
        var editor = TrieEditor(root: root, in: store)
        var storageNodes: [TrieStoredNode] = []
        var account = 0
        var slot = 0
        // Both lists ascend by address.
        while account < changes.accounts.count || slot < changes.storage.count {
            let address: Address
            if account < changes.accounts.count, slot == changes.storage.count || changes.accounts[account].address <= changes.storage[slot].address {
                address = changes.accounts[account].address
            } else {
                address = changes.storage[slot].address
            }
            let first = slot
            while slot < changes.storage.count, changes.storage[slot].address == address { slot += 1 }
            let hasRecord = account < changes.accounts.count && changes.accounts[account].address == address
            defer { if hasRecord { account += 1 } }
            let old = try EthereumStateTrie.account(address, root: root, in: store)
            guard let record = hasRecord ? changes.accounts[account].record : old?.record else {
                try editor.set(key(address), [])
                continue
            }
            var storageRoot = old?.storageRoot ?? MerklePatriciaTrie.emptyRoot
            if slot > first {
                let update = try EthereumStateTrie.update(changes.storage[first..<slot], storageRoot, store)
                storageRoot = update.root
                storageNodes += update.nodes
            }
            try editor.set(key(address), EthereumAccount(record: record, storageRoot: storageRoot).encode())
        }
        var update = editor.finish()
        update.nodes = storageNodes + update.nodes + changes.code.map { TrieStoredNode(hash: $0.hash, bytes: $0.code) }
        return update
    }

    private static func update(
        _ changes: ArraySlice<StorageChange>, _ root: Hash256, _ store: TrieNodeStore
    ) throws(StateError) -> TrieUpdate {
        var editor = TrieEditor(root: root, in: store)
        for change in changes { try editor.set(key(change.slot), encode(change.value)) }
        return editor.finish()
    }

    // MARK: - Keys and values

    static func key(_ address: Address) -> [UInt8] { Keccak256.hash(address.bytes).bytes }

    static func key(_ slot: UInt256) -> [UInt8] { Keccak256.hash(slot.bigEndianBytes).bytes }

    /// A slot's value in its trie; nothing for zero.
    static func encode(_ value: UInt256) -> [UInt8] {
        if value.isZero { return [] }
        var writer = RLPWriter(capacity: 33)
        writer.write(value)
        return writer.bytes
    }
}
