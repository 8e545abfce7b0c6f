// Floor 4, Storage: the executed chain: blocks, transactions, receipts, every version of the state, and the newest state
// tree. Everything here follows from the final blocks of the consensus store and can be made again from them.
//
// Invariants: blocks stand at every height from genesis, or the block of the loaded state, to the head without gaps; all that
// belongs to a block is written in the same transaction as the block; the tree is the one after the head; the state can be read at
// every height from the oldest kept one to the head.
internal import Consensus
public import Engine
internal import Primitives

/// The store of the executed chain. One thread appends (the executor's); any thread reads.
public final class ChainStore: Sendable {
    /// Blocks, transactions and receipts are kept; the file grows as they come.
    public static let defaultMapSizeBytes = 1 << 40

    static let kind = "chain 2"
    static let remedy = "stop the node and remove this folder: it is made again from the consensus store"

    package let environment: Environment
    /// The state can be read at the head and so many blocks below; `nil` keeps every version.
    public let historyBlocks: UInt64?

    // Tables, with their keys.
    /// By name.
    var meta: Table { environment.tables[0] }
    /// Height.
    var blocks: Table { environment.tables[1] }
    /// Block hash; holds the height.
    var blockHeights: Table { environment.tables[2] }
    /// Height, index.
    var transactions: Table { environment.tables[3] }
    /// Transaction hash; holds height and index.
    var transactionPlaces: Table { environment.tables[4] }
    /// Transaction hash.
    var skipped: Table { environment.tables[5] }
    /// Address, complement of the height.
    var accounts: Table { environment.tables[6] }
    /// Address, slot, complement of the height.
    var slots: Table { environment.tables[7] }
    /// Code hash.
    var codes: Table { environment.tables[8] }
    /// Position of eight leaves (see `TreeBundle`).
    var treeLeaves: Table { environment.tables[9] }
    /// Group of levels, position.
    var treeNodes: Table { environment.tables[10] }
    /// Key; holds the position of its leaf.
    var treeKeys: Table { environment.tables[11] }

    private static let tableNames = [
        "meta", "blocks", "blockHeights", "transactions", "transactionPlaces", "skipped", "accounts", "slots", "codes",
        "treeLeaves", "treeNodes", "treeKeys",
    ]

    static let genesisKey = Key("genesis")
    static let headKey = Key("head")
    static let leafCountKey = Key("leafCount")
    /// The oldest height whose state can be read; absent while that is genesis.
    static let oldestStateKey = Key("oldestState")
    /// Headers below the first stored block, when that is not genesis.
    static let ancestorsKey = Key("ancestors")
    /// There while a state is being loaded.
    static let loadingKey = Key("loading")
    /// Where the pruner's sweep goes on.
    static let sweepKey = Key("sweep")

    /// Opens the store in `path`, which is made when missing.
    ///
    /// - Parameter historyBlocks: how far below the head the state is kept; `nil` for ever. What is gone stays gone when it grows.
    public init(
        path: String, historyBlocks: UInt64? = nil, mapSizeBytes: Int = ChainStore.defaultMapSizeBytes
    ) throws(StorageError) {
        self.historyBlocks = historyBlocks
        environment = try Environment(
            path: path,
            options: .init(
                kind: ChainStore.kind, tables: ChainStore.tableNames, durability: .noMetaSync, mapSizeBytes: mapSizeBytes,
                remedy: ChainStore.remedy))
        _ = try head()
    }

    /// Stores the chain's first block with the state it defines, or checks that the store belongs to this chain.
    public func initialize(genesis: ExecutedBlock) throws(StorageError) {
        try environment.write { (transaction) throws(StorageError) in
            if let stored = try transaction.record(meta, ChainStore.genesisKey, { (r) throws(CanonicalError) in try r.readHash() }) {
                guard stored == genesis.record.hash else {
                    throw StorageError(
                        code: .wrongStore,
                        message: "the store belongs to the chain with genesis \(stored.hex), not \(genesis.record.hash.hex); "
                            + "use another folder for this chain", path: environment.path)
                }
                return
            }
            guard try headHeight(transaction) == nil else { throw environment.context.missing(meta, "the chain's identity") }
            try transaction.putRecord(meta, ChainStore.genesisKey, genesis.record.hash.bytes)
            try ChainWriter(store: self, pruner: nil).write(genesis, transaction)
            try transaction.putRecord(meta, ChainStore.headKey, genesis.record.header.height)
        }
        try environment.sync()
    }

    /// Appends blocks of consecutive heights above the head, all or, when it throws, none.
    public func append(_ blocks: [ExecutedBlock]) throws(StorageError) {
        guard let newest = blocks.last else { return }
        try environment.write { (transaction) throws(StorageError) in
            guard let height = try headHeight(transaction), var head = try block(height, transaction) else {
                throw invalid("blocks cannot be appended before genesis is stored")
            }
            let pruner = try pruner(head: newest.record.header.height, transaction)
            let writer = ChainWriter(store: self, pruner: pruner)
            for block in blocks {
                let header = block.record.header
                guard head.header.height < .max, header.height == head.header.height + 1, header.parentHash == head.hash else {
                    throw invalid("block \(header.height) does not follow the head \(head.header.height)")
                }
                try writer.write(block, transaction)
                head = block.record
            }
            try transaction.putRecord(meta, ChainStore.headKey, newest.record.header.height)
            if let pruner {
                try transaction.putRecord(meta, ChainStore.oldestStateKey, pruner.oldest)
                let rows = blocks.reduce(0) { $0 + $1.changes.accounts.count + $1.changes.storage.count }
                try pruner.sweep(writtenRows: rows, transaction)
            }
        }
    }

    /// The pruner for a new head; `nil` when nothing is to be pruned. The oldest height never falls.
    private func pruner(head: UInt64, _ transaction: borrowing WriteTransaction) throws(StorageError) -> StatePruner? {
        guard let historyBlocks, head > historyBlocks else { return nil }
        return StatePruner(store: self, oldest: max(head - historyBlocks, try oldestState(transaction)))
    }

    /// The oldest height whose state can be read.
    func oldestState(_ transaction: borrowing some (StoreTransaction & ~Copyable)) throws(StorageError) -> UInt64 {
        try transaction.record(meta, ChainStore.oldestStateKey) { (reader) throws(CanonicalError) in try reader.read() } ?? 0
    }

    /// Bytes of the data file that are in use or free for later blocks.
    public func usedBytes() throws(StorageError) -> Int { try environment.usedBytes() }

    /// Flushes the last commit to the disk. Without it a power failure may undo the last `append`, as a whole.
    public func sync() throws(StorageError) { try environment.sync() }

    func invalid(_ message: String) -> StorageError {
        StorageError(code: .invalidWrite, message: message, path: environment.path)
    }
}
