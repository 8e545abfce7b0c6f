// Floor 4, Storage: the state after one block, read from its versions. Holds one view of the store for its lifetime, so all
// reads agree; confined to one thread at a time.
public import Engine
public import Primitives

/// The state after the block of one height.
public final class StoredState: StateDatabase {
    /// How far BLOCKHASH looks back.
    static let blockHashDepth: UInt64 = 256

    private let store: ChainStore
    private let transaction: ReadTransaction
    public let height: UInt64
    /// Why the last read threw `unavailable`.
    public private(set) var failure: StorageError?

    init(_ store: ChainStore, height: UInt64) throws(StorageError) {
        let transaction = try ReadTransaction(store.environment)
        guard let head = try store.headHeight(transaction), height <= head else {
            throw StorageError(
                code: .unknownHeight(height), message: "the state of height \(height) is not stored", path: store.environment.path)
        }
        let oldest = try store.oldestState(transaction)
        guard height >= oldest else {
            let window = store.historyBlocks ?? head - oldest
            throw StorageError(
                code: .statePruned(height: height, historyBlocks: window),
                message: "state at height \(height) is pruned (window is \(window) blocks)", path: store.environment.path)
        }
        self.store = store
        self.transaction = transaction
        self.height = height
        super.init()
    }

    /// The state after the head; `nil` before genesis is stored.
    static func newest(_ store: ChainStore) throws(StorageError) -> StoredState? {
        guard let head = try store.environment.read({ (transaction) throws(StorageError) in try store.headHeight(transaction) }) else {
            return nil
        }
        return try StoredState(store, height: head)
    }

    public override func account(_ address: Address) throws(StateError) -> AccountRecord? {
        try reading { (state) throws(StorageError) in
            let key = ChainRecords.accountKey(address, state.height)
            let found = try state.version(state.store.accounts, key, ChainRecords.decodeAccount)
            return found ?? nil
        }
    }

    public override func storage(_ address: Address, _ slot: UInt256) throws(StateError) -> UInt256 {
        try reading { (state) throws(StorageError) in
            let key = ChainRecords.slotKey(address, slot, state.height)
            return try state.version(state.store.slots, key, ChainRecords.decodeValue) ?? .zero
        }
    }

    public override func code(_ hash: Hash256) throws(StateError) -> [UInt8] {
        try reading { (state) throws(StorageError) in
            guard let code = try state.transaction.record(state.store.codes, Key(hash)) else {
                throw state.store.environment.context.missing(state.store.codes, "code \(hash.hex)")
            }
            return code
        }
    }

    public override func blockHash(_ number: UInt64) throws(StateError) -> Hash256? {
        guard number <= height, height - number < StoredState.blockHashDepth else { return nil }
        return try reading { (state) throws(StorageError) in
            let found = try unsafe state.transaction.withRecord(state.store.blocks, Key(number)) { (content) throws(StorageError) in
                guard content.count >= Hash256.byteCount, let base = content.baseAddress else {
                    throw state.store.environment.context.damaged(state.store.blocks, Key(number))
                }
                return unsafe Hash256(loading: base)
            }
            if let found { return found }
            return try state.loadedBlockHash(number)
        }
    }

    /// The hash of a block below the first stored one: the parent hash of the header above it.
    private func loadedBlockHash(_ number: UInt64) throws(StorageError) -> Hash256 {
        var headers = try store.loadedAncestors(transaction)
        if let newest = headers.first, let first = try store.block(newest.height + 1, transaction) { headers.insert(first.header, at: 0) }
        guard let above = headers.first(where: { $0.height == number + 1 }) else {
            throw store.environment.context.missing(store.blocks, "block \(number)")
        }
        return above.parentHash
    }

    /// Looks at the newest version of each slot until one is not zero.
    public override func hasStorage(_ address: Address) throws(StateError) -> Bool {
        try reading { (state) throws(StorageError) in
            try state.transaction.withCursor(state.store.slots) { (cursor) throws(StorageError) in
                var more = try cursor.firstAtOrAfter(Key(address))
                while more {
                    let key = cursor.keyBytes
                    guard let place = SlotPlace(key) else { throw state.store.environment.context.damaged(state.store.slots, key) }
                    guard place.address == address else { return false }
                    if place.height > state.height {
                        more = try cursor.firstAtOrAfter(ChainRecords.slotKey(address, place.slot, state.height))
                        continue
                    }
                    if try !cursor.record(ChainRecords.decodeValue).isZero { return true }
                    // On to the next slot: behind the oldest version of this one.
                    more = try cursor.firstAtOrAfter(ChainRecords.slotKey(address, place.slot, 0))
                    if more, cursor.keyBytes == ChainRecords.slotKey(address, place.slot, 0).bytes { more = try cursor.next() }
                }
                return false
            }
        }
    }

    /// The newest version of a row that is not above our height: `key` ends in the complement of the height.
    private func version<R>(
        _ table: Table, _ key: Key, _ decode: (inout CanonicalReader) throws(CanonicalError) -> R
    ) throws(StorageError) -> R? {
        try transaction.withCursor(table) { (cursor) throws(StorageError) in
            guard try cursor.firstAtOrAfter(key) else { return nil }
            let isSameRow = try unsafe key.withKeyBytes { (wanted) throws(StorageError) in
                let found = unsafe cursor.key
                let rowCount = wanted.count - 8
                return unsafe found.count == wanted.count && found.prefix(rowCount).elementsEqual(wanted.prefix(rowCount))
            }
            return isSameRow ? try cursor.record(decode) : nil
        }
    }

    /// Runs a read and keeps the reason of a failure, for which `StateError` has no room.
    private func reading<R>(_ body: (StoredState) throws(StorageError) -> R) throws(StateError) -> R {
        do throws(StorageError) {
            return try body(self)
        } catch {
            failure = error
            throw .unavailable
        }
    }
}

/// A key of the table `slots`, read back.
private struct SlotPlace {
    var address: Address
    var slot: UInt256
    var height: UInt64

    init?(_ key: [UInt8]) {
        guard key.count == 60, let address = Address(key[0..<20]), let slot = Hash256(key[20..<52]),
            let inverted = UInt64(bigEndianKey: Array(key[52...]))
        else { return nil }
        self.address = address
        self.slot = UInt256(slot)
        height = ~inverted
    }
}
