// Floor 4, Storage: reads the whole state after the head as verifiable chunks. Rows come in order of their names and leaves in
// order of their position, so the rows are first sorted by position on the disk.
public import Engine
public import Primitives

/// Exports one state, seen in one view of the store.
public final class StateExporter {
    /// Longest content of a file of codes.
    private static let codeFileByteLimit = 1 << 20
    /// Rows whose keys are hashed together.
    private static let batchCount = 4_096
    /// position, tag, address, then nonce, balance and code hash, or slot and value.
    private static let recordByteCount = 8 + 1 + 20 + 72

    private let store: ChainStore
    private let state: StoredState
    private let runner: BatchRunner
    private let temporaryPath: String
    private var tree: StoredTree

    /// `temporaryPath` is the start of the names of temporary files.
    public init(_ store: ChainStore, temporaryPath: String, runner: BatchRunner = BatchRunner()) throws(StorageError) {
        guard let state = try StoredState.newest(store) else { throw store.invalid("the store holds no chain") }
        self.store = store
        self.state = state
        self.runner = runner
        self.temporaryPath = temporaryPath
        tree = try StoredTree(store)
    }

    /// What a snapshot says about itself.
    public func manifest() throws(StorageError) -> SnapshotManifest {
        guard let block = try store.block(height: state.height), let transactions = try store.transactions(height: state.height) else {
            throw store.environment.context.missing(store.blocks, "the head")
        }
        let leaves = try reading { (exporter) throws(StateError) in try exporter.tree.leafCount() }
        return SnapshotManifest(
            genesisHash: try store.genesisHash(), leafCount: leaves, block: block, transactions: transactions,
            ancestors: try store.ancestors(of: state.height))
    }

    /// Calls `body` with every chunk in order. Each has been checked against the root: a store that contradicts itself is an error.
    public func chunks(
        root: Hash256, progress: (_ done: UInt64, _ count: UInt64) -> Void = { _, _ in },
        _ body: (UnverifiedStateChunk) throws(StorageError) -> Void
    ) throws(StorageError) {
        let leafCount = try reading { (exporter) throws(StateError) in try exporter.tree.leafCount() }
        let chunkCount = UnverifiedStateChunk.count(leaves: leafCount)
        let chunksPerBucket = max(1, (chunkCount + UInt64(SortedSpill.bucketCount) - 1) / UInt64(SortedSpill.bucketCount))
        let spill = SortedSpill(path: temporaryPath, keyByteCount: 8, recordByteCount: StateExporter.recordByteCount)
        let span = chunksPerBucket * UInt64(UnverifiedStateChunk.leafCount)
        try spillRows(store.accounts, to: spill, span: span)
        try spillRows(store.slots, to: spill, span: span)
        var done: UInt64 = 0
        for bucket in 0..<SortedSpill.bucketCount {
            let first = UInt64(bucket) * span
            guard first < leafCount else { break }
            var entries: [UInt64: StateEntry] = [:]
            try spill.drain(bucket) { (records) throws(StorageError) in
                for start in stride(from: 0, to: records.count, by: StateExporter.recordByteCount) {
                    let (index, entry) = try decode(records, start)
                    entries[index] = entry
                }
            }
            for start in stride(from: first, to: min(first + span, leafCount), by: UnverifiedStateChunk.leafCount) {
                let end = min(start + UInt64(UnverifiedStateChunk.leafCount), leafCount)
                let chunk = try chunk(start..<end, entries)
                guard chunk.verified(root: root, runner: runner) != nil else {
                    throw StorageError(
                        code: .damaged,
                        message: "the state of chunk \(chunk.number) is not that of the state root; \(store.environment.options.remedy)",
                        path: store.environment.path)
                }
                try body(chunk)
                done += 1
                progress(done, chunkCount)
            }
        }
    }

    /// Calls `body` with lists of all codes.
    public func codes(_ body: ([[UInt8]]) throws(StorageError) -> Void) throws(StorageError) {
        try store.environment.read { (transaction) throws(StorageError) in
            try transaction.withCursor(store.codes) { (cursor) throws(StorageError) in
                var list: [[UInt8]] = []
                var byteCount = 0
                var more = try cursor.first()
                while more {
                    let code = try cursor.record()
                    if byteCount + code.count > StateExporter.codeFileByteLimit, !list.isEmpty {
                        try body(list)
                        list = []
                        byteCount = 0
                    }
                    list.append(code)
                    byteCount += code.count
                    more = try cursor.next()
                }
                if !list.isEmpty { try body(list) }
            }
        }
    }

    // MARK: - Rows

    /// Sends the newest version of every row of a table to the bucket of its leaf.
    private func spillRows(_ table: Table, to spill: SortedSpill, span: UInt64) throws(StorageError) {
        var rows: [StateLeaf] = []
        try store.environment.read { (transaction) throws(StorageError) in
            try transaction.withCursor(table) { (cursor) throws(StorageError) in
                var more = try cursor.first()
                var last: RowKey?
                while more {
                    if let known = last, known.contains(cursor) {
                        more = try cursor.next()
                        continue
                    }
                    guard let row = RowKey(cursor.keyBytes) else { throw store.environment.context.damaged(table, cursor.keyBytes) }
                    guard row.height(of: cursor.keyBytes) <= state.height else {
                        // Written after this export began.
                        more = try cursor.firstAtOrAfter(row.version(state.height))
                        continue
                    }
                    last = row
                    if let entry = try entry(table, cursor) { rows.append(StateLeaf(entry: entry, nextKey: .zero)) }
                    if rows.count == StateExporter.batchCount {
                        try place(rows, spill, span)
                        rows = []
                    }
                    more = try cursor.next()
                }
            }
        }
        try place(rows, spill, span)
    }

    /// The row under the cursor; `nil` when it is gone.
    private func entry(_ table: Table, _ cursor: borrowing Cursor) throws(StorageError) -> StateEntry? {
        let key = cursor.keyBytes
        guard let address = Address(key[0..<20]) else { throw store.environment.context.damaged(table, key) }
        if table.name == store.accounts.name {
            return try cursor.record(ChainRecords.decodeAccount).map { .account(address, $0) }
        }
        guard let slot = Hash256(key[20..<52]) else { throw store.environment.context.damaged(table, key) }
        let value = try cursor.record(ChainRecords.decodeValue)
        return value.isZero ? nil : .slot(address, UInt256(slot), value)
    }

    /// Finds the leaves of rows.
    private func place(_ rows: [StateLeaf], _ spill: SortedSpill, _ span: UInt64) throws(StorageError) {
        let leaves = StateLeaf.treeLeaves(rows, runner: runner)
        for (row, leaf) in zip(rows, leaves) {
            guard let index = try reading({ (exporter) throws(StateError) in try exporter.tree.find(leaf.key) }) else {
                throw store.environment.context.missing(store.treeKeys, "the key of a row")
            }
            try spill.add(encode(row.entry, index), bucket: Int(index / span))
        }
    }

    private func encode(_ entry: StateEntry, _ index: UInt64) -> [UInt8] {
        var writer = CanonicalWriter(capacity: StateExporter.recordByteCount)
        writer.write(index)
        switch entry {
        case .account(let address, let record):
            writer.write(UInt8(1))
            writer.write(address)
            writer.writeRaw(ChainRecords.encode(record))
        case .slot(let address, let slot, let value):
            writer.write(UInt8(2))
            writer.write(address)
            writer.write(slot)
            writer.write(value)
            writer.write(UInt64(0))
        case .empty: preconditionFailure("rows have values")
        }
        return writer.bytes
    }

    private func decode(_ records: [UInt8], _ start: Int) throws(StorageError) -> (UInt64, StateEntry) {
        do throws(CanonicalError) {
            var reader = CanonicalReader(records, offset: start)
            let index: UInt64 = try reader.read()
            let isAccount = try reader.read(UInt8.self) == 1
            let address = try reader.readAddress()
            guard isAccount else { return (index, .slot(address, try reader.readUInt256(), try reader.readUInt256())) }
            return (index, .account(address, AccountRecord(nonce: try reader.read(), balance: try reader.readUInt256(), codeHash: try reader.readHash())))
        } catch {
            throw StorageError(code: .damaged, message: "a temporary file is damaged", path: temporaryPath)
        }
    }

    // MARK: - Chunks

    private func chunk(_ range: Range<UInt64>, _ entries: [UInt64: StateEntry]) throws(StorageError) -> UnverifiedStateChunk {
        let number = range.lowerBound >> UInt64(UnverifiedStateChunk.levels)
        return try reading { (exporter) throws(StateError) in
            var leaves: [StateLeaf] = []
            leaves.reserveCapacity(range.count)
            for index in range {
                guard let leaf = try exporter.tree.leaf(index) else { throw .unavailable }
                leaves.append(StateLeaf(entry: entries[index] ?? .empty(key: leaf.key), nextKey: leaf.nextKey))
            }
            var places: [TreePlace] = []
            for level in UnverifiedStateChunk.levels..<StateTree.depth {
                places.append(TreePlace(level: level, index: (number >> UInt64(level - UnverifiedStateChunk.levels)) ^ 1))
            }
            let siblings = try exporter.tree.nodes(places)
            return UnverifiedStateChunk(
                number: UInt32(number), leaves: leaves,
                siblings: zip(places, siblings).map { $1 ?? StateTree.emptySubtree(level: $0.level) })
        }
    }

    private func reading<R>(_ body: (StateExporter) throws(StateError) -> R) throws(StorageError) -> R {
        do throws(StateError) {
            return try body(self)
        } catch {
            throw tree.failure ?? store.environment.context.missing(store.treeLeaves, "a leaf")
        }
    }
}
