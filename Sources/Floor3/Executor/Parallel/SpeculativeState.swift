// Floor 3, Executor: the state as a transaction meets it that is executed before its turn, and a record of what it has read.
//
// Code and block hashes are named by what they are, and whether an account had storage before the block stays the same during
// it: so accounts and slots are all that a transaction's result depends on.
import Engine
import Primitives

/// What a transaction has read, each row once.
struct ReadSet {
    struct Account {
        var address: Address
        var record: AccountRecord?
    }

    struct Slot {
        var key: SlotKey
        var value: UInt256
    }

    var accounts: [Account] = []
    var slots: [Slot] = []
}

/// Confined to its lane while the lanes run.
final class SpeculativeState: StateDatabase {
    private let base: CachedState
    /// What the transactions before this window have changed.
    var settled = BlockOverlay()
    /// What this lane's transactions of the window have changed: they are earlier ones.
    private var own = BlockOverlay()
    /// Of the current transaction.
    private(set) var reads = ReadSet()

    init(_ base: CachedState) {
        self.base = base
        super.init()
    }

    func beginWindow(after settled: BlockOverlay) {
        self.settled = settled
        own.removeAll()
    }

    /// Lets go of the overlay, so that it can be changed in place.
    func endWindow() { settled = BlockOverlay() }

    func beginTransaction() { reads = ReadSet() }

    func apply(_ changes: StateChanges) { own.apply(changes) }

    override func account(_ address: Address) throws(StateError) -> AccountRecord? {
        let record: AccountRecord?
        if let changed = own.accounts[address] ?? settled.accounts[address] {
            record = changed
        } else {
            record = try base.account(address)
        }
        reads.accounts.append(ReadSet.Account(address: address, record: record))
        return record
    }

    override func storage(_ address: Address, _ slot: UInt256) throws(StateError) -> UInt256 {
        let key = SlotKey(address: address, slot: slot)
        let value: UInt256
        if let changed = own.slots[key] ?? settled.slots[key] {
            value = changed
        } else {
            value = try base.storage(address, slot)
        }
        reads.slots.append(ReadSet.Slot(key: key, value: value))
        return value
    }

    override func code(_ hash: Hash256) throws(StateError) -> [UInt8] {
        if let new = own.codes[hash] ?? settled.codes[hash] { return new }
        return try base.code(hash)
    }

    override func blockHash(_ number: UInt64) throws(StateError) -> Hash256? { try base.blockHash(number) }

    override func hasStorage(_ address: Address) throws(StateError) -> Bool { try base.hasStorage(address) }
}
