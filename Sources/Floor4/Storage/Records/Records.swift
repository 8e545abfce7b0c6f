// Floor 4, Storage: records: values behind a checksum that covers table, key and content, so that neither a flipped bit nor
// a value under a wrong key passes for a record.
package import Primitives

extension WriteTransaction {
    /// Stores `content` behind its checksum.
    package borrowing func putRecord(
        _ table: Table, _ key: some StorageKey, _ content: [UInt8], appending: Bool = false
    ) throws(StorageError) {
        try unsafe putRecord(table, key, count: content.count, appending: appending) { target in
            unsafe target.copyBytes(from: content)
        }
    }

    /// Stores `count` bytes that `fill` writes in place, behind their checksum.
    package borrowing func putRecord(
        _ table: Table, _ key: some StorageKey, count: Int, appending: Bool = false, fill: (UnsafeMutableRawBufferPointer) -> Void
    ) throws(StorageError) {
        let seed = try keySeed(table, key)
        try unsafe put(table, key, count: RecordFormat.checksumByteCount + count, appending: appending) { target in
            let content = unsafe UnsafeMutableRawBufferPointer(rebasing: target[RecordFormat.checksumByteCount...])
            unsafe fill(content)
            let checksum = unsafe Checksum.hash(UnsafeRawBufferPointer(content), seed: seed)
            unsafe target.storeBytes(of: checksum.bigEndian, as: UInt64.self)
        }
    }
}

extension WriteTransaction {
    /// Stores a number as a record.
    package borrowing func putRecord(_ table: Table, _ key: some StorageKey, _ number: UInt64) throws(StorageError) {
        try putRecord(table, key, Key(number).bytes)
    }
}

extension StoreTransaction where Self: ~Copyable {
    /// Lends the content of a record after checking it; `nil` when there is none.
    package borrowing func withRecord<R>(
        _ table: Table, _ key: some StorageKey, _ body: (UnsafeRawBufferPointer) throws(StorageError) -> R
    ) throws(StorageError) -> R? {
        let seed = try keySeed(table, key)
        let context = environment.context
        return try unsafe withValue(table, key) { (value) throws(StorageError) in
            guard let content = unsafe RecordFormat.content(value, seed: seed) else {
                throw context.damaged(table, try unsafe key.withKeyBytes { unsafe [UInt8]($0) })
            }
            return try unsafe body(content)
        }
    }

    /// The content of a record after checking it; `nil` when there is none.
    package borrowing func record(_ table: Table, _ key: some StorageKey) throws(StorageError) -> [UInt8]? {
        try unsafe withRecord(table, key) { unsafe [UInt8]($0) }
    }

    /// A record decoded by `decode`, which must use up the content; `nil` when there is none.
    package borrowing func record<R>(
        _ table: Table, _ key: some StorageKey, _ decode: (inout CanonicalReader) throws(CanonicalError) -> R
    ) throws(StorageError) -> R? {
        guard let content = try record(table, key) else { return nil }
        return try environment.context.decode(table, try unsafe key.withKeyBytes { unsafe [UInt8]($0) }, content, decode)
    }
}

extension Cursor {
    /// Lends the content of the record under the cursor after checking it.
    package func withRecord<R>(_ body: (UnsafeRawBufferPointer) throws(StorageError) -> R) throws(StorageError) -> R {
        let seed = unsafe Checksum.hash(key, seed: table.seed)
        guard let content = unsafe RecordFormat.content(value, seed: seed) else { throw context.damaged(table, keyBytes) }
        return try unsafe body(content)
    }

    /// The content of the record under the cursor after checking it.
    package func record() throws(StorageError) -> [UInt8] { try unsafe withRecord { unsafe [UInt8]($0) } }

    /// The record under the cursor, decoded by `decode`, which must use up the content.
    package func record<R>(_ decode: (inout CanonicalReader) throws(CanonicalError) -> R) throws(StorageError) -> R {
        try context.decode(table, keyBytes, try record(), decode)
    }
}

enum RecordFormat {
    static let checksumByteCount = 8

    /// The content behind a valid checksum.
    static func content(_ value: UnsafeRawBufferPointer, seed: UInt64) -> UnsafeRawBufferPointer? {
        guard value.count >= checksumByteCount else { return nil }
        let content = unsafe UnsafeRawBufferPointer(rebasing: value[checksumByteCount...])
        let stored = unsafe UInt64(bigEndian: value.loadUnaligned(as: UInt64.self))
        return unsafe stored == Checksum.hash(content, seed: seed) ? content : nil
    }
}

private func keySeed(_ table: Table, _ key: some StorageKey) throws(StorageError) -> UInt64 {
    try unsafe key.withKeyBytes { unsafe Checksum.hash($0, seed: table.seed) }
}

extension ErrorContext {
    func damaged(_ table: Table, _ key: Key) -> StorageError { damaged(table, key.bytes) }

    func damaged(_ table: Table, _ key: [UInt8]) -> StorageError {
        StorageError(
            code: .damaged, message: "the record \(Hex.encode(key)) of the table \(table.name) is damaged; \(remedy)", path: path)
    }

    func missing(_ table: Table, _ what: String) -> StorageError {
        StorageError(code: .missing, message: "\(what) is missing from the table \(table.name); \(remedy)", path: path)
    }

    func decode<R>(
        _ table: Table, _ key: [UInt8], _ content: [UInt8], _ decode: (inout CanonicalReader) throws(CanonicalError) -> R
    ) throws(StorageError) -> R {
        var reader = CanonicalReader(content)
        do throws(CanonicalError) {
            let value = try decode(&reader)
            try reader.finish()
            return value
        } catch {
            throw damaged(table, key)
        }
    }
}
