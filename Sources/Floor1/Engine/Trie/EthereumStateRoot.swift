// Floor 1, Engine: Ethereum's state root over a whole state at once, for upstream's tests; chains in Ethereum mode use `EthereumStateTrie`.
public import Primitives

/// The root of Ethereum's state trie.
public enum EthereumStateRoot {
    /// The root over all accounts with all their storage, each given once and in any order.
    ///
    /// Slots of value zero are absent. Accounts are taken as given: leave out those that do not exist (EIP-161).
    public static func root(accounts: [(Address, AccountRecord, storage: [(UInt256, UInt256)])]) -> Hash256 {
        var pairs: [(key: [UInt8], value: [UInt8])] = []
        pairs.reserveCapacity(accounts.count)
        for (address, record, storage) in accounts {
            pairs.append((key: address.bytes, value: EthereumAccount(record: record, storageRoot: storageRoot(storage)).encode()))
        }
        return MerklePatriciaTrie.secureRoot(of: pairs)
    }

    /// The root of one account's storage trie.
    public static func storageRoot(_ storage: [(UInt256, UInt256)]) -> Hash256 {
        var pairs: [(key: [UInt8], value: [UInt8])] = []
        pairs.reserveCapacity(storage.count)
        for (slot, value) in storage where !value.isZero {
            pairs.append((key: slot.bigEndianBytes, value: EthereumStateTrie.encode(value)))
        }
        return MerklePatriciaTrie.secureRoot(of: pairs)
    }
}
