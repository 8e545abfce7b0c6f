// Floor 1, Engine: the leaves of a snapshot: what the state tree commits to, in full.
public import Primitives

/// What a leaf of the tree stands for.
public enum StateEntry: Equatable, Sendable {
    /// A leaf without a value: the sentinel, a cleared slot, an account that ceased to exist. Only its key is known.
    case empty(key: PoseidonDigest)
    case account(Address, AccountRecord)
    /// The value is not zero.
    case slot(Address, UInt256, UInt256)
}

/// A leaf with what its key and value are the digests of.
public struct StateLeaf: Equatable, Sendable {
    public var entry: StateEntry
    /// As in `TreeLeaf`.
    public var nextKey: PoseidonDigest

    public init(entry: StateEntry, nextKey: PoseidonDigest) {
        self.entry = entry
        self.nextKey = nextKey
    }

    /// The leaves of the tree that these stand for, in their order.
    public static func treeLeaves(_ leaves: [StateLeaf], runner: BatchRunner) -> [TreeLeaf] {
        var accounts = TreeLimbs(.accountKey, capacity: leaves.count)
        var records = TreeLimbs(.accountValue, capacity: leaves.count)
        var slots = TreeLimbs(.slotKey, capacity: 0)
        for leaf in leaves {
            switch leaf.entry {
            case .empty: break
            case .account(let address, let record):
                accounts.appendAccountKey(address, partition: StateTree.userPartition)
                records.append(record)
            case .slot(let address, let slot, _):
                slots.appendSlotKey(address, slot, partition: StateTree.userPartition)
            }
        }
        var accountKeys = accounts.hashed(runner).makeIterator()
        var recordDigests = records.hashed(runner).makeIterator()
        var slotKeys = slots.hashed(runner).makeIterator()
        return leaves.map { leaf in
            var key = PoseidonDigest.zero
            var value = Hash256.zero
            switch leaf.entry {
            case .empty(let known): key = known
            case .account:
                key = accountKeys.next() ?? .zero
                value = (recordDigests.next() ?? .zero).hash256
            case .slot(_, _, let word):
                key = slotKeys.next() ?? .zero
                value = Hash256(word)
            }
            return TreeLeaf(key: key, nextKey: leaf.nextKey, value: value)
        }
    }
}
