// Floor 4, Storage: reading blocks and transactions, each call in a view of its own.
internal import Consensus
public import Engine
public import Primitives

extension ChainStore {
    /// The newest stored block; `nil` before genesis is stored.
    public func head() throws(StorageError) -> BlockRecord? {
        try environment.read { (transaction) throws(StorageError) in try head(transaction) }
    }

    /// The block at a height; `nil` above the head.
    public func block(height: UInt64) throws(StorageError) -> BlockRecord? {
        try environment.read { (transaction) throws(StorageError) in try block(height, transaction) }
    }

    /// The block with a hash.
    public func block(hash: Hash256) throws(StorageError) -> BlockRecord? {
        try environment.read { (transaction) throws(StorageError) in
            let height = try transaction.record(blockHeights, Key(hash)) { (reader) throws(CanonicalError) in try reader.read(UInt64.self) }
            guard let height else { return nil }
            guard let block = try block(height, transaction) else { throw environment.context.missing(blocks, "block \(height)") }
            return block
        }
    }

    /// The included transactions of a block in order; `nil` above the head.
    public func transactions(height: UInt64) throws(StorageError) -> [TransactionRecord]? {
        try environment.read { (transaction) throws(StorageError) in
            guard let block = try block(height, transaction) else { return nil }
            return try transaction.withCursor(transactions) { (cursor) throws(StorageError) in
                var found: [TransactionRecord] = []
                found.reserveCapacity(block.transactionHashes.count)
                var more = try cursor.firstAtOrAfter(TransactionPlace(height: height, index: 0).key)
                for (index, hash) in block.transactionHashes.enumerated() {
                    let place = TransactionPlace(height: height, index: UInt32(truncatingIfNeeded: index))
                    guard more, cursor.keyBytes == place.key.bytes else {
                        throw environment.context.missing(transactions, "transaction \(index) of block \(height)")
                    }
                    let record = try cursor.record { (reader) throws(CanonicalError) in
                        try ChainRecords.decodeTransaction(&reader, at: place)
                    }
                    guard record.hash == hash else { throw environment.context.damaged(transactions, place.key) }
                    found.append(record)
                    more = try cursor.next()
                }
                return found
            }
        }
    }

    /// An included transaction.
    public func transaction(hash: Hash256) throws(StorageError) -> TransactionRecord? {
        try environment.read { (transaction) throws(StorageError) in
            guard let place = try transaction.record(transactionPlaces, Key(hash), ChainRecords.decodePlace) else { return nil }
            let record = try transaction.record(transactions, place.key) { (reader) throws(CanonicalError) in
                try ChainRecords.decodeTransaction(&reader, at: place)
            }
            guard let record else { throw environment.context.missing(transactions, "transaction \(hash.hex)") }
            guard record.hash == hash else { throw environment.context.damaged(transactions, place.key) }
            return record
        }
    }

    /// Why a transaction of some payload was not included; `nil` when it was included or never seen.
    public func skipped(hash: Hash256) throws(StorageError) -> SkippedRecord? {
        try environment.read { (transaction) throws(StorageError) in
            try transaction.record(skipped, Key(hash), ChainRecords.decodeSkipped)
        }
    }

    /// The state after the block of a height, to be used by one thread at a time. It holds a view of the store until it is
    /// released: let it go within the call that asked for it, for the file grows while old views are held.
    public func state(height: UInt64) throws(StorageError) -> sending StoredState {
        try StoredState(self, height: height)
    }

    /// The hash of the chain's first header.
    package func genesisHash() throws(StorageError) -> Hash256 {
        try environment.read { (transaction) throws(StorageError) in
            let stored = try transaction.record(meta, ChainStore.genesisKey) { (r) throws(CanonicalError) in try r.readHash() }
            guard let stored else { throw environment.context.missing(meta, "the chain's identity") }
            return stored
        }
    }

    /// The headers below a height, newest first, as far as BLOCKHASH looks.
    func ancestors(of height: UInt64) throws(StorageError) -> [BlockHeader] {
        try environment.read { (transaction) throws(StorageError) in
            var headers: [BlockHeader] = []
            var next = height
            let count = Int(min(height, UInt64(SnapshotManifest.ancestorLimit)))
            while headers.count < count, next > 0, let block = try block(next - 1, transaction) {
                headers.append(block.header)
                next -= 1
            }
            // `next` is now the first stored block.
            if headers.count < count { headers += try loadedAncestors(transaction).prefix(count - headers.count) }
            guard headers.count == count else { throw environment.context.missing(blocks, "a block below \(height)") }
            return headers
        }
    }

    /// The headers below the first stored block.
    func loadedAncestors(_ transaction: borrowing some (StoreTransaction & ~Copyable)) throws(StorageError) -> [BlockHeader] {
        try transaction.record(meta, ChainStore.ancestorsKey, ChainRecords.decodeHeaders) ?? []
    }

    // MARK: - Within a transaction

    func headHeight(_ transaction: borrowing some (StoreTransaction & ~Copyable)) throws(StorageError) -> UInt64? {
        try transaction.record(meta, ChainStore.headKey) { (reader) throws(CanonicalError) in try reader.read() }
    }

    func head(_ transaction: borrowing some (StoreTransaction & ~Copyable)) throws(StorageError) -> BlockRecord? {
        guard let height = try headHeight(transaction) else {
            if try transaction.record(meta, ChainStore.loadingKey) != nil {
                throw StorageError(
                    code: .missing, message: "loading a state into this store was interrupted; remove this folder and load it again",
                    path: environment.path)
            }
            for table in environment.tables where try transaction.count(table) != 0 {
                throw environment.context.missing(meta, "the head")
            }
            return nil
        }
        guard let block = try block(height, transaction) else { throw environment.context.missing(blocks, "the head \(height)") }
        return block
    }

    func block(_ height: UInt64, _ transaction: borrowing some (StoreTransaction & ~Copyable)) throws(StorageError) -> BlockRecord? {
        try transaction.record(blocks, Key(height), ChainRecords.decodeBlock)
    }
}
