// Floor 4, Storage: an LMDB environment: one folder, one writer at a time, any number of readers that never wait.
//
// Invariants: the folder is locked for this object; every table is opened in `init`; transactions keep the object alive.
import CLMDB

/// How much of a commit survives a power failure. In both modes the store stays intact.
package enum Durability: Sendable {
    /// A commit that returned is on the disk.
    case full
    /// Data pages are on the disk before the commit returns, the page that makes them current is not (MDB_NOMETASYNC):
    /// a power failure may undo the last commit, as a whole.
    case noMetaSync
}

/// A table of an environment, known by its place in the list given at opening.
package struct Table: Sendable {
    let handle: UInt32
    package let name: String
    /// Distinguishes equal records of different tables in their checksums.
    let seed: UInt64
}

/// An open LMDB environment. Usable from every thread.
@safe
package final class Environment: @unchecked Sendable {
    package struct Options: Sendable {
        /// What the store holds, with its version; written into the folder and compared at opening.
        package var kind: String
        /// What the version before was called and which of `tables` it did not have. Opening such a store makes these tables and
        /// then writes `kind` into the folder; only a store of `kind` in which one is missing is a damaged one.
        package var upgrade: (olderKind: String, newTables: [String])?
        package var tables: [String]
        package var durability: Durability
        /// Most bytes that the data file may take. Address space, not disk: the file grows with its content.
        package var mapSizeBytes: Int
        /// Most read transactions at one time; each open `StoredState` is one.
        package var maximumReaders: Int
        /// What the operator can do about damage.
        package var remedy: String

        package init(
            kind: String, upgrade: (olderKind: String, newTables: [String])? = nil, tables: [String], durability: Durability,
            mapSizeBytes: Int = 64 << 30, maximumReaders: Int = 1_024, remedy: String
        ) {
            self.kind = kind
            self.upgrade = upgrade
            self.tables = tables
            self.durability = durability
            self.mapSizeBytes = mapSizeBytes
            self.maximumReaders = maximumReaders
            self.remedy = remedy
        }
    }

    package let path: String
    package let options: Options
    /// In the order of `Options.tables`.
    package let tables: [Table]
    let handle: OpaquePointer
    private let lock: DirectoryLock
    private let mapping: DataMapping?

    /// Opens the store in this folder and makes what is missing.
    package init(path: String, options: Options) throws(StorageError) {
        let lock = try DirectoryLock(path: path)
        let files = StoreFiles(path: path, kind: options.kind, olderKind: options.upgrade?.olderKind, remedy: options.remedy)
        let condition = try files.check()
        let context = ErrorContext(path: path, mapSizeBytes: options.mapSizeBytes, remedy: options.remedy)
        let handle = unsafe try Environment.open(path, options, context)
        do throws(StorageError) {
            unsafe tables = try Environment.openTables(handle, options, condition, context)
            if condition != .current { try files.mark() }
        } catch {
            unsafe mdb_env_close(handle)
            throw error
        }
        self.lock = lock
        mapping = DataMapping(dataFile: path + "/data.mdb")
        self.path = path
        self.options = options
        unsafe self.handle = handle
    }

    deinit { unsafe mdb_env_close(handle) }

    private static func open(_ path: String, _ options: Options, _ context: ErrorContext) throws(StorageError) -> OpaquePointer {
        var created: OpaquePointer?
        unsafe try context.check(mdb_env_create(&created), "create the environment")
        guard let handle = unsafe created else { throw context.error(MDB_PANIC, "create the environment") }
        do throws(StorageError) {
            unsafe try context.check(mdb_env_set_mapsize(handle, options.mapSizeBytes), "set the size limit")
            unsafe try context.check(mdb_env_set_maxreaders(handle, UInt32(clamping: options.maximumReaders)), "set the number of readers")
            unsafe try context.check(mdb_env_set_maxdbs(handle, UInt32(clamping: options.tables.count)), "set the number of tables")
            // A transaction belongs to its object and not to a thread.
            var flags = UInt32(MDB_NOTLS)
            if case .noMetaSync = options.durability { flags |= UInt32(MDB_NOMETASYNC) }
            unsafe try context.check(mdb_env_open(handle, path, flags, 0o600), "open the data file")
            // Slots of readers that died with an earlier process.
            var dead: Int32 = 0
            unsafe try context.check(mdb_reader_check(handle, &dead), "clear the reader table")
        } catch {
            unsafe mdb_env_close(handle)
            throw error
        }
        return unsafe handle
    }

    private static func openTables(
        _ handle: OpaquePointer, _ options: Options, _ condition: StoreFiles.Condition, _ context: ErrorContext
    ) throws(StorageError) -> [Table] {
        var begun: OpaquePointer?
        unsafe try context.check(mdb_txn_begin(handle, nil, 0, &begun), "begin a write")
        guard let transaction = unsafe begun else { throw context.error(MDB_PANIC, "begin a write") }
        var tables: [Table] = []
        do throws(StorageError) {
            for name in options.tables {
                var table: MDB_dbi = 0
                // After a crash between the tables and the marker a new table of an older store exists already: that is fine.
                let creating =
                    switch condition {
                    case .new: true
                    case .older: options.upgrade?.newTables.contains(name) ?? false
                    case .current: false
                    }
                let code = unsafe mdb_dbi_open(transaction, name, creating ? UInt32(MDB_CREATE) : 0, &table)
                guard code != MDB_NOTFOUND else {
                    throw StorageError(
                        code: .missing, message: "the table \(name) is missing; \(context.remedy)", path: context.path)
                }
                try context.check(code, "open the table \(name)")
                tables.append(Table(handle: table, name: name, seed: Checksum.hash(Array(name.utf8))))
            }
        } catch {
            unsafe mdb_txn_abort(transaction)
            throw error
        }
        unsafe try context.check(mdb_txn_commit(transaction), "commit the tables")
        return tables
    }

    var context: ErrorContext { ErrorContext(path: path, mapSizeBytes: options.mapSizeBytes, remedy: options.remedy) }

    /// Flushes everything to the disk, also with `noMetaSync`.
    package func sync() throws(StorageError) { unsafe try context.check(mdb_env_sync(handle, 1), "sync") }

    /// Without, a commit is not on the disk before the next `sync`, and a power failure before it can leave a broken store: only for
    /// stores that are worth nothing until they are complete.
    package func setDurable(_ isDurable: Bool) throws(StorageError) {
        unsafe try context.check(mdb_env_set_flags(handle, UInt32(MDB_NOSYNC), isDurable ? 0 : 1), "change the durability")
    }

    /// Bytes of the data file that are in use.
    package func usedBytes() throws(StorageError) -> Int {
        var information = unsafe MDB_envinfo()
        var statistics = MDB_stat()
        unsafe try context.check(mdb_env_info(handle, &information), "read the size")
        unsafe try context.check(mdb_env_stat(handle, &statistics), "read the size")
        return unsafe (information.me_last_pgno + 1) * Int(statistics.ms_psize)
    }

    /// Runs `body` on one consistent view.
    package func read<R>(_ body: (borrowing ReadTransaction) throws(StorageError) -> R) throws(StorageError) -> R {
        let transaction = try ReadTransaction(self)
        return try body(transaction)
    }

    /// Runs `body` and commits when it returns; when it throws nothing is changed. Waits for the writer before it, if any,
    /// and must not be nested.
    package func write<R>(_ body: (borrowing WriteTransaction) throws(StorageError) -> R) throws(StorageError) -> R {
        let transaction = try WriteTransaction(self)
        let result = try body(transaction)
        try transaction.commit()
        if let mapping, let used = try? usedBytes() { mapping.committed(usedBytes: used) }
        return result
    }
}

/// What an error of LMDB needs beside its code.
struct ErrorContext {
    var path: String
    var mapSizeBytes: Int
    var remedy: String

    func check(_ code: Int32, _ what: String) throws(StorageError) {
        if code != MDB_SUCCESS { throw error(code, what) }
    }

    func error(_ code: Int32, _ what: String) -> StorageError {
        switch code {
        case MDB_MAP_FULL:
            StorageError(
                code: .full,
                message: "cannot \(what): the store has reached its limit of \(mapSizeBytes >> 20) MiB; "
                    + "start the node with a larger limit (nothing is lost)", path: path)
        case MDB_READERS_FULL:
            StorageError(code: .tooManyReaders, message: "cannot \(what): too many reads at once; try again", path: path)
        case MDB_CORRUPTED, MDB_PAGE_NOTFOUND, MDB_INVALID, MDB_VERSION_MISMATCH, MDB_BAD_TXN, MDB_PANIC, MDB_INCOMPATIBLE:
            StorageError(code: .damaged, message: "cannot \(what): \(text(code)); \(remedy)", path: path)
        case 1...:
            StorageError.system("cannot \(what)", errno: code, path: path)
        default:
            StorageError(code: .database(code), message: "cannot \(what): \(text(code))", path: path)
        }
    }

    private func text(_ code: Int32) -> String { unsafe mdb_strerror(code).map { unsafe String(cString: $0) } ?? "LMDB error \(code)" }
}
