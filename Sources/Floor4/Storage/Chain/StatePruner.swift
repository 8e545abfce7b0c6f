// Floor 4, Storage: removes versions of accounts and slots that no height within the history needs any more.
//
// Of the versions of a row, all above the oldest kept height are needed, and the newest at or below it, unless that says that
// the row is gone. Everything happens in the transaction that appends a block: a crash undoes both or neither. Writing a version
// removes what it made superfluous, in the page that it touches anyway; what is not written again is found by a sweep, which goes
// round the tables with a bounded number of rows per block.
internal import Engine
internal import Primitives

struct StatePruner {
    /// Rows that a sweep looks at per append, beside one for every row written, so that a round ends while the store grows.
    private static let sweepRowCount = 64
    /// Most versions of one row that are removed at a time; the sweep comes back to the row for more.
    private static let rowVersionLimit = 256

    let store: ChainStore
    /// The oldest height whose state can be read afterwards.
    let oldest: UInt64

    /// Removes versions of the row that `key`, one of its versions, belongs to.
    func prune(_ table: Table, _ key: Key, _ transaction: borrowing WriteTransaction) throws(StorageError) {
        try transaction.withCursor(table) { (cursor) throws(StorageError) in
            let row = RowKey(key)
            guard try cursor.firstAtOrAfter(row.version(oldest)), row.contains(cursor) else { return }
            _ = try removeVersions(row, &cursor)
        }
    }

    /// Whether a row is done, and then whether there is a row behind it, on which the cursor stands.
    private enum Progress {
        case unfinished
        case finished(more: Bool)
    }

    /// The cursor stands on the row's newest version at or below `oldest`. Removes the older ones, and that one too when it is
    /// empty and nothing is left below.
    private func removeVersions(_ row: RowKey, _ cursor: inout Cursor) throws(StorageError) -> Progress {
        let holder = cursor.keyBytes
        let isGone = try isTombstone(cursor)
        var removed = 0
        var more = try cursor.next()
        while more, row.contains(cursor) {
            guard removed < StatePruner.rowVersionLimit else { return .unfinished }
            try cursor.delete()
            removed += 1
            more = try cursor.next()
        }
        if isGone, try cursor.firstAtOrAfter(holder), cursor.keyBytes == holder {
            try cursor.delete()
            more = try cursor.next()
        }
        return .finished(more: more)
    }

    /// An account that ceased to exist, or a slot that was cleared.
    private func isTombstone(_ cursor: borrowing Cursor) throws(StorageError) -> Bool {
        try unsafe cursor.withRecord { (content) throws(StorageError) in unsafe content.allSatisfy { $0 == 0 } }
    }

    /// Goes on with the round where the last call stopped.
    func sweep(writtenRows: Int, _ transaction: borrowing WriteTransaction) throws(StorageError) {
        var left = StatePruner.sweepRowCount + writtenRows
        let stored = try transaction.record(store.meta, ChainStore.sweepKey)
        var place = SweepPlace(stored ?? []) ?? SweepPlace()
        // Both tables at most once per call.
        for _ in 0..<2 {
            let table = place.isInSlots ? store.slots : store.accounts
            let next = try sweep(table, from: place.key, &left, transaction)
            guard let next else {
                place = SweepPlace(isInSlots: !place.isInSlots, key: [])
                continue
            }
            place.key = next
            break
        }
        try transaction.putRecord(store.meta, ChainStore.sweepKey, place.bytes)
    }

    /// Looks at up to `left` rows and returns where to go on; `nil` at the table's end.
    private func sweep(
        _ table: Table, from start: [UInt8], _ left: inout Int, _ transaction: borrowing WriteTransaction
    ) throws(StorageError) -> [UInt8]? {
        var count = left
        defer { left = count }
        return try transaction.withCursor(table) { (cursor) throws(StorageError) in
            var more = start.isEmpty ? try cursor.first() : try cursor.firstAtOrAfter(start)
            while more {
                guard let row = RowKey(cursor.keyBytes) else { throw store.environment.context.damaged(table, cursor.keyBytes) }
                guard count > 0 else { return cursor.keyBytes }
                count -= 1
                if row.height(of: cursor.keyBytes) > oldest {
                    more = try cursor.firstAtOrAfter(row.version(oldest))
                    guard more, row.contains(cursor) else { continue }
                }
                guard case .finished(let isMore) = try removeVersions(row, &cursor) else { return row.version(oldest) }
                more = isMore
            }
            return nil
        }
    }
}

/// The part that the keys of all versions of one row share: an address, or an address and a slot.
struct RowKey {
    private let prefix: [UInt8]
    private static let heightByteCount = 8
    private static let byteCounts = [Address.byteCount, Address.byteCount + Hash256.byteCount]

    init(_ version: Key) { prefix = Array(version.bytes.dropLast(RowKey.heightByteCount)) }

    /// `nil` when no version has such a key.
    init?(_ version: [UInt8]) {
        guard RowKey.byteCounts.contains(version.count - RowKey.heightByteCount) else { return nil }
        prefix = Array(version.dropLast(RowKey.heightByteCount))
    }

    /// Whether the cursor stands on one of the row's versions.
    func contains(_ cursor: borrowing Cursor) -> Bool {
        let key = unsafe cursor.key
        guard key.count == prefix.count + RowKey.heightByteCount else { return false }
        for index in prefix.indices where unsafe key[index] != prefix[index] { return false }
        return true
    }

    /// The height in a key of this row.
    func height(of key: [UInt8]) -> UInt64 { key.suffix(RowKey.heightByteCount).reduce(0) { $0 << 8 | UInt64(~$1) } }

    /// The first key that is not above a version of `height`.
    func version(_ height: UInt64) -> [UInt8] { prefix + Key(~height).bytes }
}

/// Where the sweep goes on.
private struct SweepPlace {
    var isInSlots = false
    /// Empty at the start of the table.
    var key: [UInt8] = []

    init() {}

    init(isInSlots: Bool, key: [UInt8]) {
        self.isInSlots = isInSlots
        self.key = key
    }

    init?(_ bytes: [UInt8]) {
        guard let first = bytes.first, first <= 1 else { return nil }
        isInSlots = first == 1
        key = Array(bytes.dropFirst())
    }

    var bytes: [UInt8] { [isInSlots ? 1 : 0] + key }
}
