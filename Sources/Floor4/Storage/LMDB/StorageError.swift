// Floor 4, Storage: why a store could not be opened, read or written.

/// A failure of a store. The message is written for the operator and names the remedy where there is one.
public struct StorageError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What kind of failure it is, for code that reacts to it.
    public enum Code: Equatable, Sendable {
        /// The operating system refused; the value is `errno`.
        case system(Int32)
        /// LMDB refused with this code (negative, see `lmdb.h`).
        case database(Int32)
        /// The store has reached its size limit.
        case full
        /// Too many reads at once.
        case tooManyReaders
        /// Another process, or another part of this one, has the store open.
        case locked
        /// A file or a record is not what was written.
        case damaged
        /// A record that must be there is not.
        case missing
        /// The folder holds a store of another kind, version or chain.
        case wrongStore
        /// The caller asked for a write that would break an invariant of the store.
        case invalidWrite
        /// The height is above the head, or was never stored.
        case unknownHeight(UInt64)
        /// The state of the height was removed: only so many blocks below the head have theirs.
        case statePruned(height: UInt64, historyBlocks: UInt64)
    }

    public var code: Code
    public var message: String
    /// The folder of the store.
    public var path: String

    public init(code: Code, message: String, path: String) {
        self.code = code
        self.message = message
        self.path = path
    }

    public var description: String { "\(message) [store \(path)]" }
}
