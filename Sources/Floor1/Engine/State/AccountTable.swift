// Floor 1, Engine: the accounts that a block's execution has touched, by small numbers in the order of first touch.
import Primitives

/// One account in the journal: what the database holds, what holds now, and what happened in the current transaction.
///
/// Stamps are transaction numbers: a stamp equal to the current one means "in this transaction", so nothing is cleared between them.
struct AccountEntry {
    let address: Address
    /// What the database holds; `baseExists` is false when it has no such account.
    let base: AccountRecord
    let baseExists: Bool
    var current: AccountRecord
    /// Number in the code store, or -1 when the code has not been read.
    var codeNumber: Int32
    var warmStamp: UInt32
    /// Transaction in which the account was created (EIP-6780).
    var createdStamp: UInt32
    /// Transaction in which it was marked for destruction.
    var destroyedStamp: UInt32
    /// Whether an EIP-161 touch deletes it when it is empty.
    var touched: Bool
    /// Whether its stored slots are gone: destroyed in an earlier transaction, or created in this block.
    var storageIsNew: Bool
}

@safe
struct AccountTable: ~Copyable {
    private(set) var entries: UnsafeMutablePointer<AccountEntry>
    private(set) var count = 0
    private var capacity = 64
    private var index: IndexTable
    private let hasher: TableHash

    init(hasher: TableHash) {
        self.hasher = hasher
        unsafe entries = UnsafeMutablePointer<AccountEntry>.allocate(capacity: 64)
        index = IndexTable(capacity: 64)
    }

    deinit { unsafe entries.deallocate() }

    /// Forgets all entries and keeps the memory.
    mutating func removeAll() {
        count = 0
        index.removeAll()
    }

    /// The account's number, or -1.
    @inline(__always)
    func find(_ address: Address) -> Int {
        var cell = index.start(hasher.hash(address))
        while true {
            let entry = index.entry(at: cell)
            if entry < 0 { return -1 }
            if unsafe entries[entry].address == address { return entry }
            cell = index.next(cell)
        }
    }

    /// Adds an account that is not here yet.
    mutating func add(_ entry: AccountEntry) -> Int {
        if count == capacity {
            let grown = UnsafeMutablePointer<AccountEntry>.allocate(capacity: capacity * 2)
            unsafe grown.moveInitialize(from: entries, count: count)
            unsafe entries.deallocate()
            unsafe entries = grown
            capacity *= 2
        }
        unsafe (entries + count).initialize(to: entry)
        var cell = index.start(hasher.hash(entry.address))
        while index.entry(at: cell) >= 0 { cell = index.next(cell) }
        index.put(count, at: cell)
        count += 1
        if index.needsGrowth {
            let all = unsafe entries
            let hasher = hasher
            index.grow { unsafe hasher.hash(all[$0].address) }
        }
        return count - 1
    }
}
