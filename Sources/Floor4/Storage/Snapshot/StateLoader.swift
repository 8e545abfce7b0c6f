// Floor 4, Storage: fills an empty chain store with a whole state. Leaves come chunk by chunk in their order, so the tree is
// appended; what is ordered by key is sorted on the disk first (`SortedSpill`) and then appended too.
//
// Invariant: until `finish` the store is marked as unfinished and opens with an error: there is nothing to recover, so commits
// need not be durable one by one.
public import Engine
public import Primitives

/// Loads one state.
public final class StateLoader {
    private let store: ChainStore
    private let height: UInt64
    private let accounts: SortedSpill
    private let slots: SortedSpill
    private let keys: SortedSpill
    private var leafCount: UInt64 = 0
    /// The digest of each chunk's own node.
    private var tops: [PoseidonDigest] = []
    private var neededCodes: Set<Hash256> = []
    private var codes: Set<Hash256> = []

    /// Starts to fill a folder that holds no state yet. `height` is that of the block after which the state is.
    public init(path: String, height: UInt64, mapSizeBytes: Int = ChainStore.defaultMapSizeBytes) throws(StorageError) {
        store = try ChainStore(path: path, mapSizeBytes: mapSizeBytes)
        guard try store.head() == nil else { throw store.invalid("the store already holds a chain") }
        self.height = height
        accounts = SortedSpill(path: path + "/accounts.tmp", keyByteCount: 20, recordByteCount: 20 + ChainRecords.accountByteCount)
        slots = SortedSpill(path: path + "/slots.tmp", keyByteCount: 52, recordByteCount: 84)
        keys = SortedSpill(path: path + "/keys.tmp", keyByteCount: 32, recordByteCount: 40)
        try store.environment.setDurable(false)
        try store.environment.write { (transaction) throws(StorageError) in
            try transaction.putRecord(store.meta, ChainStore.loadingKey, height)
        }
    }

    /// Adds the next chunk. Only the last may have fewer than `UnverifiedStateChunk.leafCount` leaves.
    public func add(_ chunk: HashedStateChunk) throws(StorageError) {
        guard Int(chunk.number) == tops.count, leafCount == UInt64(tops.count) * UInt64(UnverifiedStateChunk.leafCount) else {
            throw store.invalid("chunk \(chunk.number) does not follow chunk \(tops.count - 1)")
        }
        var update = TreeUpdate(root: .zero, leafCount: 0, leaves: [], nodes: [], newKeys: [])
        for (place, leaf) in chunk.treeLeaves.enumerated() {
            let index = leafCount + UInt64(place)
            update.leaves.append(IndexedLeaf(index: index, leaf: leaf))
            try keys.add(leaf.key.hash256.bytes + Key(index).bytes)
            try spill(chunk.leaves[place].entry)
        }
        for level in 0..<UnverifiedStateChunk.levels {
            for (place, digest) in chunk.digests[level].enumerated() {
                update.nodes.append(TreeNode(level: level, index: leafCount >> UInt64(level) + UInt64(place), digest: digest))
            }
        }
        let old = leafCount
        let complete = update
        try store.environment.write { (transaction) throws(StorageError) in
            try TreeWriter(store: store).writeBundles(complete, old, transaction)
        }
        leafCount += UInt64(chunk.treeLeaves.count)
        tops.append(chunk.top)
    }

    private func spill(_ entry: StateEntry) throws(StorageError) {
        switch entry {
        case .empty: break
        case .account(let address, let record):
            try accounts.add(Key(address).bytes + ChainRecords.encode(record))
            if record.codeHash != Keccak256.empty { neededCodes.insert(record.codeHash) }
        case .slot(let address, let slot, let value):
            try slots.add(Key(address).bytes + slot.bigEndianBytes + value.bigEndianBytes)
        }
    }

    /// Adds the code of a contract.
    public func add(code: [UInt8]) throws(StorageError) {
        let hash = Keccak256.hash(code)
        codes.insert(hash)
        try store.environment.write { (transaction) throws(StorageError) in
            try transaction.putRecord(store.codes, Key(hash), code)
        }
    }

    /// The root over the chunks added so far.
    public var root: Hash256 {
        var level = tops.isEmpty ? [StateTree.emptySubtree(level: UnverifiedStateChunk.levels)] : tops
        for height in UnverifiedStateChunk.levels..<StateTree.depth { level = StateTree.parents(of: level, level: height) }
        return level[0].hash256
    }

    /// Completes the store and makes it durable. Throws `missing` when a contract's code was not added.
    ///
    /// - Parameters:
    ///   - ancestors: the headers below the block, newest first, for BLOCKHASH.
    ///   - progress: told how much of the sorted part is written, in 256ths.
    public func finish(
        genesisHash: Hash256, block: BlockRecord, transactions: [TransactionRecord], ancestors: [BlockHeader],
        progress: (Int) -> Void = { _ in }
    ) throws(StorageError) {
        guard block.header.height == height, block.stateRoot == root else { throw store.invalid("the state is not that of the block") }
        guard neededCodes.isSubset(of: codes) else {
            throw StorageError(code: .missing, message: "the code of a contract is missing from the state", path: store.environment.path)
        }
        for bucket in 0..<SortedSpill.bucketCount {
            try drain(bucket)
            progress(bucket + 1)
        }
        try writeTop()
        try store.environment.write { (transaction) throws(StorageError) in
            try ChainWriter(store: store, pruner: nil).writeBlock(block, transactions, transaction)
            try transaction.putRecord(store.meta, ChainStore.genesisKey, genesisHash.bytes)
            try transaction.putRecord(store.meta, ChainStore.headKey, height)
            try transaction.putRecord(store.meta, ChainStore.leafCountKey, leafCount)
            try transaction.putRecord(store.meta, ChainStore.oldestStateKey, height)
            try transaction.putRecord(store.meta, ChainStore.ancestorsKey, ChainRecords.encode(ancestors))
            try transaction.delete(store.meta, ChainStore.loadingKey)
        }
        try store.environment.setDurable(true)
        try store.environment.sync()
    }

    private func drain(_ bucket: Int) throws(StorageError) {
        let inverted = Key(~height).bytes
        try append(keys, bucket, to: store.treeKeys, keyByteCount: 32, suffix: [])
        try append(accounts, bucket, to: store.accounts, keyByteCount: 20, suffix: inverted)
        try append(slots, bucket, to: store.slots, keyByteCount: 52, suffix: inverted)
    }

    private func append(
        _ spill: SortedSpill, _ bucket: Int, to table: Table, keyByteCount: Int, suffix: [UInt8]
    ) throws(StorageError) {
        try spill.drain(bucket) { (records) throws(StorageError) in
            try store.environment.write { (transaction) throws(StorageError) in
                for start in stride(from: 0, to: records.count, by: spill.recordByteCount) {
                    let key = records[start..<start + keyByteCount] + suffix
                    try transaction.putRecord(
                        table, Array(key), Array(records[start + keyByteCount..<start + spill.recordByteCount]), appending: true)
                }
            }
        }
    }

    /// Writes the levels above the chunks.
    private func writeTop() throws(StorageError) {
        var nodes: [TreeNode] = []
        var level = tops
        for height in UnverifiedStateChunk.levels...StateTree.depth {
            for (index, digest) in level.enumerated() { nodes.append(TreeNode(level: height, index: UInt64(index), digest: digest)) }
            if height < StateTree.depth { level = StateTree.parents(of: level, level: height) }
        }
        let update = TreeUpdate(root: root, leafCount: leafCount, leaves: [], nodes: nodes, newKeys: [])
        try store.environment.write { (transaction) throws(StorageError) in
            try TreeWriter(store: store).writeBundles(update, leafCount, transaction)
        }
    }
}
