// Random states and a naive tree to compare with.
import Engine
import Primitives

/// A population of accounts from which changes are drawn, so that updates, clearings and re-creations are common.
struct TreePopulation {
    var random: SeededGenerator
    let size: UInt64

    init(seed: UInt64, size: UInt64) {
        random = SeededGenerator(seed: seed)
        self.size = size
    }

    func address(_ number: UInt64) -> Address { Address(w0: number &* 0x9e37_79b9_7f4a_7c15, w1: number, w2: 7) }

    /// Changes of distinct accounts and slots, sorted as `StateChanges` wants them.
    mutating func changes(accounts: Int, slots: Int) -> StateChanges {
        var records: [Address: AccountRecord?] = [:]
        for _ in 0..<accounts {
            let record = AccountRecord(nonce: random.below(1000), balance: random.word())
            records.updateValue(random.below(6) == 0 ? nil : record, forKey: address(random.below(size)))
        }
        var values: [Address: [UInt256: UInt256]] = [:]
        for _ in 0..<slots {
            let value: UInt256 = random.below(4) == 0 ? .zero : random.word()
            values[address(random.below(size)), default: [:]][UInt256(random.below(8))] = value
        }
        var storage: [StorageChange] = []
        for address in values.keys.sorted() {
            for slot in (values[address] ?? [:]).keys.sorted() {
                storage.append(StorageChange(address: address, slot: slot, value: values[address]?[slot] ?? .zero))
            }
        }
        return StateChanges(
            accounts: records.keys.sorted().map { AccountChange(address: $0, record: records[$0] ?? nil) }, storage: storage)
    }

    /// New accounts only, with numbers from `first` on.
    mutating func newAccounts(first: UInt64, count: UInt64) -> StateChanges {
        let addresses = (first..<first + count).map { address($0) }.sorted()
        return StateChanges(
            accounts: addresses.map { AccountChange(address: $0, record: AccountRecord(nonce: 1, balance: UInt256(random.next()))) })
    }
}

/// The tree by its definition: a plain list of leaves, hashed from scratch, without sharing code with the real one
/// but for the leaf digest and keys.
struct NaiveTree {
    var leaves: [TreeLeaf] = [.sentinel]

    mutating func apply(_ changes: StateChanges) {
        var values: [(PoseidonDigest, Hash256)] = []
        for change in changes.accounts {
            values.append((StateTree.accountKey(change.address), change.record.map(StateTree.accountValue) ?? .zero))
        }
        for change in changes.storage {
            values.append((StateTree.slotKey(change.address, change.slot), Hash256(change.value)))
        }
        for (key, value) in values.sorted(by: { $0.0 < $1.0 }) { set(key, value) }
    }

    mutating func set(_ key: PoseidonDigest, _ value: Hash256) {
        if let index = leaves.firstIndex(where: { $0.key == key }) {
            leaves[index].value = value
        } else if value != .zero {
            leaves.append(TreeLeaf(key: key, nextKey: .zero, value: value))
        }
    }

    var linked: [TreeLeaf] {
        let keys = leaves.map(\.key).sorted()
        var next: [Hash256: PoseidonDigest] = [:]
        for (key, follower) in zip(keys, keys.dropFirst()) { next[key.hash256] = follower }
        return leaves.map { TreeLeaf(key: $0.key, nextKey: next[$0.key.hash256] ?? .zero, value: $0.value) }
    }

    var root: Hash256 {
        var digests = linked.map(\.digest)
        var empty = PoseidonDigest.zero
        for _ in 0..<StateTree.depth {
            if digests.count % 2 == 1 { digests.append(empty) }
            digests = stride(from: 0, to: digests.count, by: 2).map { Poseidon2.compress(digests[$0], digests[$0 + 1]) }
            empty = Poseidon2.compress(empty, empty)
        }
        return digests[0].hash256
    }
}
