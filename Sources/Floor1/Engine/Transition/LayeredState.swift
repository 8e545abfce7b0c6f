// Floor 1, Engine: the state above a stored one (or a witness), as the blocks executed since then left it.
public import Primitives

/// Reads through the changes of blocks, newest first, to the state below them.
///
/// Invariant: `layers` ascends by height; every layer's lists are sorted as `StateChanges` demands.
public final class LayeredState: StateDatabase {
    private let base: StateDatabase
    private let layers: [ExecutedBlock]

    public init(base: StateDatabase, layers: [ExecutedBlock]) {
        self.base = base
        self.layers = layers
        super.init()
    }

    public override func account(_ address: Address) throws(StateError) -> AccountRecord? {
        for layer in layers.reversed() {
            let changes = layer.changes.accounts
            let index = Self.firstIndex(changes.count) { changes[$0].address >= address }
            if index < changes.count, changes[index].address == address { return changes[index].record }
        }
        return try base.account(address)
    }

    public override func storage(_ address: Address, _ slot: UInt256) throws(StateError) -> UInt256 {
        for layer in layers.reversed() {
            let changes = layer.changes.storage
            let index = Self.firstIndex(changes.count) { (changes[$0].address, changes[$0].slot) >= (address, slot) }
            if index < changes.count, changes[index].address == address, changes[index].slot == slot {
                return changes[index].value
            }
        }
        return try base.storage(address, slot)
    }

    public override func code(_ hash: Hash256) throws(StateError) -> [UInt8] {
        for layer in layers.reversed() {
            let changes = layer.changes.code
            let index = Self.firstIndex(changes.count) { changes[$0].hash >= hash }
            if index < changes.count, changes[index].hash == hash { return changes[index].code }
        }
        return try base.code(hash)
    }

    public override func blockHash(_ number: UInt64) throws(StateError) -> Hash256? {
        for layer in layers where layer.record.header.height == number { return layer.record.hash }
        return try base.blockHash(number)
    }

    public override func hasStorage(_ address: Address) throws(StateError) -> Bool {
        for layer in layers {
            let changes = layer.changes.storage
            var index = Self.firstIndex(changes.count) { changes[$0].address >= address }
            while index < changes.count, changes[index].address == address {
                if !changes[index].value.isZero { return true }
                index += 1
            }
        }
        return try base.hasStorage(address)
    }

    /// Binary search: the first of `count` indices for which `predicate` holds, or `count`.
    private static func firstIndex(_ count: Int, where predicate: (Int) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if predicate(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
