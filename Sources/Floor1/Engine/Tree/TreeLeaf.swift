// Floor 1, Engine: the leaves of the state tree, what they say and how they are hashed.
//
// Numbers enter the hash as 16-bit limbs, most significant first, because every limb is a field element of its own
// and 16 bits are what the proof system's range checks take. Specs/state.md has the formats.
public import Primitives

/// A link of the sorted list of keys: one account or one storage slot.
public struct TreeLeaf: Equatable, Sendable {
    public var key: PoseidonDigest
    /// The next greater key in the tree; zero in the leaf with the greatest key.
    public var nextKey: PoseidonDigest
    /// `StateTree.accountValue` or a slot's 32 bytes; zero when deleted or cleared.
    public var value: Hash256

    public init(key: PoseidonDigest, nextKey: PoseidonDigest, value: Hash256) {
        self.key = key
        self.nextKey = nextKey
        self.value = value
    }

    /// The first leaf of every tree: smaller than all keys, so that every key has a predecessor.
    public static var sentinel: TreeLeaf { TreeLeaf(key: .zero, nextKey: .zero, value: .zero) }

    /// The leaf's digest at level 0.
    package var digest: PoseidonDigest {
        var limbs = TreeLimbs(.leaf, capacity: 1)
        limbs.append(self)
        return limbs.first
    }

    /// Whether this leaf shows that `other` is not in the tree: it lies strictly between key and next key.
    func skips(_ other: PoseidonDigest) -> Bool {
        key < other && (nextKey == .zero || other < nextKey)
    }
}

extension StateTree {
    /// The partition of all accounts as long as chains have only one (hyperchain.md numbers the system's 0).
    public static let userPartition: UInt16 = 1

    /// The key of an account's leaf.
    public static func accountKey(_ address: Address, partition: UInt16 = userPartition) -> PoseidonDigest {
        var limbs = TreeLimbs(.accountKey, capacity: 1)
        limbs.appendAccountKey(address, partition: partition)
        return limbs.first
    }

    /// The key of a storage slot's leaf.
    public static func slotKey(_ address: Address, _ slot: UInt256, partition: UInt16 = userPartition) -> PoseidonDigest {
        var limbs = TreeLimbs(.slotKey, capacity: 1)
        limbs.appendSlotKey(address, slot, partition: partition)
        return limbs.first
    }

    /// The value of an account's leaf: a digest of nonce, balance and code hash.
    public static func accountValue(_ record: AccountRecord) -> Hash256 {
        var limbs = TreeLimbs(.accountValue, capacity: 1)
        limbs.append(record)
        return limbs.first.hash256
    }
}
