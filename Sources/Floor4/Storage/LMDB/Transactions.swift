// Floor 4, Storage: transactions. They cannot be copied and end with their owner: a read closes, a write that was not
// committed is undone. Buffers lent to closures point into the map and must not outlive the call.
import CLMDB

/// What reads and writes share.
package protocol StoreTransaction: ~Copyable {
    var environment: Environment { get }
    /// `MDB_txn *`; valid as long as the transaction.
    var handle: OpaquePointer { get }
}

/// One consistent view of the store, taken when it was made. It may move between threads but serves one at a time.
/// While it lives, pages that later commits free are not reused: keep it short.
@safe
package struct ReadTransaction: StoreTransaction, ~Copyable {
    package let environment: Environment
    package let handle: OpaquePointer

    package init(_ environment: Environment) throws(StorageError) {
        var begun: OpaquePointer?
        unsafe try environment.context.check(
            mdb_txn_begin(environment.handle, nil, UInt32(MDB_RDONLY), &begun), "begin a read")
        guard let handle = unsafe begun else { throw environment.context.error(MDB_PANIC, "begin a read") }
        self.environment = environment
        unsafe self.handle = handle
    }

    deinit { unsafe mdb_txn_abort(handle) }
}

/// The one write of its time. Confined to its thread.
@safe
package struct WriteTransaction: StoreTransaction, ~Copyable {
    package let environment: Environment
    package let handle: OpaquePointer
    private var isOpen = true

    init(_ environment: Environment) throws(StorageError) {
        var begun: OpaquePointer?
        unsafe try environment.context.check(mdb_txn_begin(environment.handle, nil, 0, &begun), "begin a write")
        guard let handle = unsafe begun else { throw environment.context.error(MDB_PANIC, "begin a write") }
        self.environment = environment
        unsafe self.handle = handle
    }

    deinit { if isOpen { unsafe mdb_txn_abort(handle) } }

    /// LMDB frees the transaction whether or not it succeeds.
    consuming func commit() throws(StorageError) {
        isOpen = false
        unsafe try environment.context.check(mdb_txn_commit(handle), "commit")
    }

    /// Stores `value`, replacing what was there. `appending` is for a key above all keys of the table.
    package borrowing func put(
        _ table: Table, _ key: some StorageKey, _ value: [UInt8], appending: Bool = false
    ) throws(StorageError) {
        try unsafe put(table, key, count: value.count, appending: appending) { target in
            unsafe target.copyBytes(from: value)
        }
    }

    /// Stores a value of `count` bytes that `fill` writes in place; `fill` must write all of them.
    package borrowing func put(
        _ table: Table, _ key: some StorageKey, count: Int, appending: Bool = false, fill: (UnsafeMutableRawBufferPointer) -> Void
    ) throws(StorageError) {
        let flags = UInt32(MDB_RESERVE) | (appending ? UInt32(MDB_APPEND) : 0)
        var value = unsafe MDB_val(mv_size: count, mv_data: nil)
        let code = try unsafe key.withKeyBytes { (bytes) throws(StorageError) -> Int32 in
            var key = unsafe MDB_val(bytes)
            return unsafe mdb_put(handle, table.handle, &key, &value, flags)
        }
        try environment.context.check(code, "write to the table \(table.name)")
        unsafe fill(UnsafeMutableRawBufferPointer(start: value.mv_data, count: count))
    }

    /// Removes a key; `false` when there was none.
    @discardableResult
    package borrowing func delete(_ table: Table, _ key: some StorageKey) throws(StorageError) -> Bool {
        let code = try unsafe key.withKeyBytes { (bytes) throws(StorageError) -> Int32 in
            var key = unsafe MDB_val(bytes)
            return unsafe mdb_del(handle, table.handle, &key, nil)
        }
        if code == MDB_NOTFOUND { return false }
        try environment.context.check(code, "delete from the table \(table.name)")
        return true
    }
}

extension StoreTransaction where Self: ~Copyable {
    /// Lends the value of a key; `nil` when there is none.
    package borrowing func withValue<R>(
        _ table: Table, _ key: some StorageKey, _ body: (UnsafeRawBufferPointer) throws(StorageError) -> R
    ) throws(StorageError) -> R? {
        var value = unsafe MDB_val()
        let code = try unsafe key.withKeyBytes { (bytes) throws(StorageError) -> Int32 in
            var key = unsafe MDB_val(bytes)
            return unsafe mdb_get(handle, table.handle, &key, &value)
        }
        if code == MDB_NOTFOUND { return nil }
        try environment.context.check(code, "read the table \(table.name)")
        return try unsafe body(UnsafeRawBufferPointer(value))
    }

    /// The value of a key; `nil` when there is none.
    package borrowing func get(_ table: Table, _ key: some StorageKey) throws(StorageError) -> [UInt8]? {
        try unsafe withValue(table, key) { unsafe [UInt8]($0) }
    }

    /// Number of entries of a table.
    package borrowing func count(_ table: Table) throws(StorageError) -> Int {
        var statistics = MDB_stat()
        unsafe try environment.context.check(mdb_stat(handle, table.handle, &statistics), "count the table \(table.name)")
        return Int(statistics.ms_entries)
    }

    /// Runs `body` with a cursor on a table.
    package borrowing func withCursor<R>(
        _ table: Table, _ body: (inout Cursor) throws(StorageError) -> R
    ) throws(StorageError) -> R {
        var opened: OpaquePointer?
        unsafe try environment.context.check(
            mdb_cursor_open(handle, table.handle, &opened), "open a cursor on the table \(table.name)")
        guard let pointer = unsafe opened else { throw environment.context.error(MDB_PANIC, "open a cursor") }
        var cursor = unsafe Cursor(handle: pointer, table: table, context: environment.context)
        return try body(&cursor)
    }
}

extension MDB_val {
    /// LMDB does not write through keys and values that are handed in.
    init(_ bytes: UnsafeRawBufferPointer) {
        unsafe self.init(mv_size: bytes.count, mv_data: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
    }
}

extension UnsafeRawBufferPointer {
    init(_ value: MDB_val) { unsafe self.init(start: value.mv_data, count: value.mv_size) }
}
