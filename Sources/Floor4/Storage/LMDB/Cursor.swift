// Floor 4, Storage: a place in a table, lent by a transaction for a call. Keys ascend in byte order.
import CLMDB

/// A cursor. After a move that returned `true` it stands on an entry; `key` and `value` point into the map and are valid
/// until the cursor moves or the transaction writes.
@safe
package struct Cursor: ~Copyable {
    private let handle: OpaquePointer
    package let table: Table
    let context: ErrorContext
    private var currentKey = unsafe MDB_val()
    private var currentValue = unsafe MDB_val()

    init(handle: OpaquePointer, table: Table, context: ErrorContext) {
        unsafe self.handle = handle
        self.table = table
        self.context = context
    }

    deinit { unsafe mdb_cursor_close(handle) }

    package var key: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(currentKey) }
    package var value: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(currentValue) }
    package var keyBytes: [UInt8] { unsafe [UInt8](key) }
    package var valueBytes: [UInt8] { unsafe [UInt8](value) }

    private mutating func move(_ operation: MDB_cursor_op) throws(StorageError) -> Bool {
        let code = unsafe mdb_cursor_get(handle, &currentKey, &currentValue, operation)
        if code == MDB_NOTFOUND { return false }
        try context.check(code, "read the table \(table.name)")
        return true
    }

    package mutating func first() throws(StorageError) -> Bool { try move(MDB_FIRST) }
    package mutating func last() throws(StorageError) -> Bool { try move(MDB_LAST) }
    package mutating func next() throws(StorageError) -> Bool { try move(MDB_NEXT) }
    package mutating func previous() throws(StorageError) -> Bool { try move(MDB_PREV) }

    /// Moves to the smallest key that is not below `key`.
    package mutating func firstAtOrAfter(_ key: some StorageKey) throws(StorageError) -> Bool {
        var found = unsafe MDB_val()
        var value = unsafe MDB_val()
        let code = try unsafe key.withKeyBytes { (bytes) throws(StorageError) -> Int32 in
            unsafe found = MDB_val(bytes)
            return unsafe mdb_cursor_get(handle, &found, &value, MDB_SET_RANGE)
        }
        if code == MDB_NOTFOUND { return false }
        try context.check(code, "search the table \(table.name)")
        unsafe currentKey = found
        unsafe currentValue = value
        return true
    }

    /// Moves to the largest key below `key`.
    package mutating func lastBefore(_ key: some StorageKey) throws(StorageError) -> Bool {
        try firstAtOrAfter(key) ? previous() : last()
    }

    /// Removes the entry under the cursor; a following `next` moves to the entry behind it.
    package mutating func delete() throws(StorageError) {
        unsafe try context.check(mdb_cursor_del(handle, 0), "delete from the table \(table.name)")
    }
}
