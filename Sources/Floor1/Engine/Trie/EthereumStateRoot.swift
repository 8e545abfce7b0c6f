// Floor 1, Engine: Ethereum's own state root, for state tests and for chains in Ethereum mode (the development L1).
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
            pairs.append((key: address.bytes, value: encode(record, storageRoot: storageRoot(storage))))
        }
        return MerklePatriciaTrie.secureRoot(of: pairs)
    }

    /// The root of one account's storage trie.
    public static func storageRoot(_ storage: [(UInt256, UInt256)]) -> Hash256 {
        var pairs: [(key: [UInt8], value: [UInt8])] = []
        pairs.reserveCapacity(storage.count)
        for (slot, value) in storage where !value.isZero {
            var writer = RLPWriter(capacity: 33)
            writer.write(value)
            pairs.append((key: slot.bigEndianBytes, value: writer.bytes))
        }
        return MerklePatriciaTrie.secureRoot(of: pairs)
    }

    /// The state trie's value: nonce, balance, storage root and code hash.
    private static func encode(_ record: AccountRecord, storageRoot: Hash256) -> [UInt8] {
        var writer = RLPWriter(capacity: 112)
        writer.writeList { list in
            list.write(record.nonce)
            list.write(record.balance)
            list.write(storageRoot)
            list.write(record.codeHash)
        }
        return writer.bytes
    }
}
