// Floor 3, Executor: what the transactions of a block have changed so far, over the state before the block.
//
// Invariants: `accountOrder` and `slotOrder` name each changed row once, so that nothing depends on a table's order; an account
// that is removed has no storage, as on every chain that begins at Cancun (see `TransactionExecutor.changes`).
import Engine
import Primitives

/// Names a storage slot.
struct SlotKey: Hashable {
    var address: Address
    var slot: UInt256
}

struct BlockOverlay {
    private(set) var accounts: [Address: AccountRecord?] = [:]
    private(set) var slots: [SlotKey: UInt256] = [:]
    private(set) var codes: [Hash256: [UInt8]] = [:]
    private var accountOrder: [Address] = []
    private var slotOrder: [SlotKey] = []

    /// Adds what a transaction has changed.
    mutating func apply(_ changes: StateChanges) {
        for change in changes.accounts { set(change.address, change.record) }
        for change in changes.storage {
            let key = SlotKey(address: change.address, slot: change.slot)
            if slots.updateValue(change.value, forKey: key) == nil { slotOrder.append(key) }
        }
        for change in changes.code { codes[change.hash] = change.code }
    }

    private mutating func set(_ address: Address, _ record: AccountRecord?) {
        if accounts.updateValue(record, forKey: address) == nil { accountOrder.append(address) }
    }

    /// Pays a tip; `before` is the recipient's record now.
    mutating func credit(_ address: Address, _ tip: UInt256, before: AccountRecord?) {
        guard !tip.isZero else { return }
        var record = before ?? AccountRecord()
        record.balance = record.balance &+ tip
        set(address, record)
    }

    mutating func removeAll() {
        accounts.removeAll(keepingCapacity: true)
        slots.removeAll(keepingCapacity: true)
        codes.removeAll(keepingCapacity: true)
        accountOrder.removeAll(keepingCapacity: true)
        slotOrder.removeAll(keepingCapacity: true)
    }

    /// The net changes against the state before the block: equal to those of one executor that executed all transactions.
    func changes(over base: StateDatabase) throws(StateError) -> StateChanges {
        var result = StateChanges()
        var hashes: Set<Hash256> = []
        for address in accountOrder {
            guard let record = accounts[address] else { continue }
            let before = try base.account(address)
            guard record != before else { continue }
            result.accounts.append(AccountChange(address: address, record: record))
            guard let hash = record?.codeHash, hash != before?.codeHash ?? Keccak256.empty, let code = codes[hash] else { continue }
            if hashes.insert(hash).inserted { result.code.append(CodeChange(hash: hash, code: code)) }
        }
        for key in slotOrder {
            guard let value = slots[key], try base.storage(key.address, key.slot) != value else { continue }
            result.storage.append(StorageChange(address: key.address, slot: key.slot, value: value))
        }
        result.accounts.sort { $0.address < $1.address }
        result.storage.sort { ($0.address, $0.slot) < ($1.address, $1.slot) }
        result.code.sort { $0.hash < $1.hash }
        return result
    }
}
