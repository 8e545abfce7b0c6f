// Floor 4, Storage: writes all that belongs to one executed block.
internal import Consensus
internal import Engine
internal import Primitives

/// Writes blocks into an open transaction. The caller has checked that the block follows the head.
struct ChainWriter {
    let store: ChainStore
    /// `nil` keeps every version of the state.
    let pruner: StatePruner?

    func write(_ block: ExecutedBlock, _ transaction: borrowing WriteTransaction) throws(StorageError) {
        let height = block.record.header.height
        try writeBlock(block.record, block.transactions, transaction)
        for skipped in block.skipped { try write(skipped, height, transaction) }
        try write(block.changes, height, transaction)
        try TreeWriter(store: store).write(block.tree, transaction)
    }

    /// Writes a block and its transactions without what they did.
    func writeBlock(
        _ record: BlockRecord, _ transactions: [TransactionRecord], _ transaction: borrowing WriteTransaction
    ) throws(StorageError) {
        try check(record, transactions)
        let height = record.header.height
        try transaction.putRecord(store.blocks, Key(height), ChainRecords.encode(record), appending: true)
        try transaction.putRecord(store.blockHeights, Key(record.hash), height)
        for entry in transactions { try write(entry, transaction) }
    }

    /// What readers rely on and what a wrong caller could break.
    private func check(_ record: BlockRecord, _ transactions: [TransactionRecord]) throws(StorageError) {
        guard record.hash == record.header.hash else { throw store.invalid("a block's hash is not that of its header") }
        guard record.logsBloom.count == ChainRecords.bloomByteCount else { throw store.invalid("a block's bloom has not 256 bytes") }
        guard record.transactionHashes.count == transactions.count, record.transactionHashes.count <= Int(UInt32.max) else {
            throw store.invalid("a block's hashes do not match its transactions")
        }
        for (index, entry) in transactions.enumerated() {
            guard entry.hash == record.transactionHashes[index], Int(entry.index) == index, entry.blockHash == record.hash,
                entry.blockHeight == record.header.height
            else { throw store.invalid("transaction \(index) of block \(record.header.height) has a wrong place") }
            guard entry.receipt.logs.allSatisfy({ $0.topics.count <= 4 }) else { throw store.invalid("a log has too many topics") }
        }
    }

    private func write(_ record: TransactionRecord, _ transaction: borrowing WriteTransaction) throws(StorageError) {
        let place = TransactionPlace(height: record.blockHeight, index: record.index)
        try transaction.putRecord(store.transactions, place.key, ChainRecords.encode(record), appending: true)
        try transaction.putRecord(store.transactionPlaces, Key(record.hash), ChainRecords.encode(place))
        try transaction.delete(store.skipped, Key(record.hash))
    }

    /// A transaction that was included before and is skipped as a repetition stays what it is: included.
    private func write(
        _ skipped: SkippedTransaction, _ height: UInt64, _ transaction: borrowing WriteTransaction
    ) throws(StorageError) {
        let key = Key(skipped.hash)
        if try unsafe transaction.withValue(store.transactionPlaces, key, { _ in true }) != nil { return }
        try transaction.putRecord(
            store.skipped, key, ChainRecords.encode(SkippedRecord(blockHeight: height, reason: skipped.reason)))
    }

    private func write(_ changes: StateChanges, _ height: UInt64, _ transaction: borrowing WriteTransaction) throws(StorageError) {
        for change in changes.accounts {
            let key = ChainRecords.accountKey(change.address, height)
            let count = change.record == nil ? 0 : ChainRecords.accountByteCount
            try unsafe transaction.putRecord(store.accounts, key, count: count) { target in
                guard let record = change.record, let base = target.baseAddress else { return }
                unsafe base.storeBytes(of: record.nonce.bigEndian, as: UInt64.self)
                unsafe record.balance.storeBigEndian(to: base + 8)
                unsafe record.codeHash.store(to: base + 40)
            }
            try pruner?.prune(store.accounts, key, transaction)
        }
        for change in changes.storage {
            let key = ChainRecords.slotKey(change.address, change.slot, height)
            try unsafe transaction.putRecord(store.slots, key, count: 32) { target in
                guard let base = target.baseAddress else { return }
                unsafe change.value.storeBigEndian(to: base)
            }
            try pruner?.prune(store.slots, key, transaction)
        }
        for change in changes.code { try transaction.putRecord(store.codes, Key(change.hash), change.code) }
    }
}
