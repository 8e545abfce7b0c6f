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
        var limbs = TreeLimbs(capacity: 32)
        limbs.append(key)
        limbs.append(nextKey)
        limbs.append(value)
        return limbs.hash(.leaf)
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
        var limbs = TreeLimbs(capacity: 12)
        limbs.append(partition)
        limbs.append(TreeKind.account.rawValue)
        limbs.append(address)
        return limbs.hash(.key)
    }

    /// The key of a storage slot's leaf.
    public static func slotKey(_ address: Address, _ slot: UInt256, partition: UInt16 = userPartition) -> PoseidonDigest {
        var limbs = TreeLimbs(capacity: 28)
        limbs.append(partition)
        limbs.append(TreeKind.slot.rawValue)
        limbs.append(address)
        limbs.append(Hash256(slot))
        return limbs.hash(.key)
    }

    /// The value of an account's leaf: a digest of nonce, balance and code hash.
    public static func accountValue(_ record: AccountRecord) -> Hash256 {
        var limbs = TreeLimbs(capacity: 36)
        limbs.append(record.nonce)
        limbs.append(Hash256(record.balance))
        limbs.append(record.codeHash)
        return limbs.hash(.account).hash256
    }
}

/// What a leaf is about; part of its key.
private enum TreeKind: UInt16 {
    case account = 0
    case slot = 1
}

/// Domain tags of the tree's hashes: no input of one kind is ever hashed as another.
private enum TreeDomain: UInt32 {
    case key = 0x5401
    case account = 0x5402
    case leaf = 0x5403
}

/// Collects field elements for a hash.
private struct TreeLimbs {
    private var elements: [KoalaBear] = []

    init(capacity: Int) { elements.reserveCapacity(capacity) }

    mutating func append(_ value: UInt16) { elements.append(KoalaBear(UInt32(value))) }

    mutating func append(_ value: UInt64) {
        append(UInt16(truncatingIfNeeded: value >> 48))
        append(UInt16(truncatingIfNeeded: value >> 32))
        append(UInt16(truncatingIfNeeded: value >> 16))
        append(UInt16(truncatingIfNeeded: value))
    }

    mutating func append(_ value: Hash256) {
        append(value.w0)
        append(value.w1)
        append(value.w2)
        append(value.w3)
    }

    mutating func append(_ value: Address) {
        append(value.w0)
        append(value.w1)
        append(UInt16(truncatingIfNeeded: value.w2 >> 16))
        append(UInt16(truncatingIfNeeded: value.w2))
    }

    mutating func append(_ value: PoseidonDigest) {
        for index in 0..<8 { elements.append(KoalaBear(value.words[index])) }
    }

    func hash(_ domain: TreeDomain) -> PoseidonDigest { Poseidon2.hash(elements, domain: domain.rawValue) }
}
