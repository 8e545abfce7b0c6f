// Floor 1, Engine: the storage slots (and, in a second table, the transient slots) that execution has touched.
import Primitives

/// One slot: its value in the database, before this transaction, and now.
struct SlotEntry {
    let key: UInt256
    let account: UInt32
    /// Transaction for which `original` holds.
    var originalStamp: UInt32
    var warmStamp: UInt32
    let base: UInt256
    var original: UInt256
    var present: UInt256
}

@safe
struct SlotTable: ~Copyable {
    private(set) var entries: UnsafeMutablePointer<SlotEntry>
    private(set) var count = 0
    private var capacity = 128
    private var index: IndexTable
    private let hasher: TableHash

    init(hasher: TableHash) {
        self.hasher = hasher
        unsafe entries = UnsafeMutablePointer<SlotEntry>.allocate(capacity: 128)
        index = IndexTable(capacity: 128)
    }

    deinit { unsafe entries.deallocate() }

    /// Forgets all entries and keeps the memory.
    mutating func removeAll() {
        count = 0
        index.removeAll()
    }

    /// The slot's number, or -1.
    @inline(__always)
    func find(_ account: Int, _ key: UInt256) -> Int {
        var cell = index.start(hasher.hash(key, UInt32(truncatingIfNeeded: account)))
        while true {
            let entry = index.entry(at: cell)
            if entry < 0 { return -1 }
            if unsafe entries[entry].key == key && entries[entry].account == UInt32(truncatingIfNeeded: account) { return entry }
            cell = index.next(cell)
        }
    }

    /// Adds a slot that is not here yet.
    mutating func add(_ entry: SlotEntry) -> Int {
        if count == capacity {
            let grown = UnsafeMutablePointer<SlotEntry>.allocate(capacity: capacity * 2)
            unsafe grown.moveInitialize(from: entries, count: count)
            unsafe entries.deallocate()
            unsafe entries = grown
            capacity *= 2
        }
        unsafe (entries + count).initialize(to: entry)
        var cell = index.start(hasher.hash(entry.key, entry.account))
        while index.entry(at: cell) >= 0 { cell = index.next(cell) }
        index.put(count, at: cell)
        count += 1
        if index.needsGrowth {
            let all = unsafe entries
            let hasher = hasher
            index.grow { unsafe hasher.hash(all[$0].key, all[$0].account) }
        }
        return count - 1
    }
}
