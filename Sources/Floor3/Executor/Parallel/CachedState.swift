// Floor 3, Executor: the state before a block, read once per row. The transactions of a block, each executed by itself, ask for
// the same contracts again and again.
import Engine
import Primitives

/// Confined to one thread at a time.
final class CachedState: StateDatabase {
    private let base: StateDatabase
    private var accounts: [Address: AccountRecord?] = [:]
    private var slots: [SlotKey: UInt256] = [:]

    init(_ base: StateDatabase) {
        self.base = base
        super.init()
    }

    override func account(_ address: Address) throws(StateError) -> AccountRecord? {
        if let known = accounts[address] { return known }
        let record = try base.account(address)
        accounts[address] = .some(record)
        return record
    }

    override func storage(_ address: Address, _ slot: UInt256) throws(StateError) -> UInt256 {
        let key = SlotKey(address: address, slot: slot)
        if let known = slots[key] { return known }
        let value = try base.storage(address, slot)
        slots[key] = value
        return value
    }

    /// Executors keep code themselves.
    override func code(_ hash: Hash256) throws(StateError) -> [UInt8] { try base.code(hash) }

    override func blockHash(_ number: UInt64) throws(StateError) -> Hash256? { try base.blockHash(number) }

    override func hasStorage(_ address: Address) throws(StateError) -> Bool { try base.hasStorage(address) }
}
