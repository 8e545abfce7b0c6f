// Floor 3, Executor: the state after the transactions that have had their turn; what a transaction meets that is executed in order.
import Engine
import Primitives

final class SettledState: StateDatabase {
    let base: CachedState
    var overlay = BlockOverlay()

    init(_ base: CachedState) {
        self.base = base
        super.init()
    }

    override func account(_ address: Address) throws(StateError) -> AccountRecord? {
        if let changed = overlay.accounts[address] { return changed }
        return try base.account(address)
    }

    override func storage(_ address: Address, _ slot: UInt256) throws(StateError) -> UInt256 {
        if let changed = overlay.slots[SlotKey(address: address, slot: slot)] { return changed }
        return try base.storage(address, slot)
    }

    override func code(_ hash: Hash256) throws(StateError) -> [UInt8] {
        if let new = overlay.codes[hash] { return new }
        return try base.code(hash)
    }

    override func blockHash(_ number: UInt64) throws(StateError) -> Hash256? { try base.blockHash(number) }

    override func hasStorage(_ address: Address) throws(StateError) -> Bool { try base.hasStorage(address) }

    /// Whether everything in `reads` is what would be read now.
    func confirms(_ reads: ReadSet) throws(StateError) -> Bool {
        for read in reads.accounts where try account(read.address) != read.record { return false }
        for read in reads.slots where try storage(read.key.address, read.key.slot) != read.value { return false }
        return true
    }
}
