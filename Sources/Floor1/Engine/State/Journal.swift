// Floor 1, Engine: the state as a block's execution sees it.
//
// Every read goes to the database once and is then kept here. Every write appends an undo record; a checkpoint is a position in
// that log, and reverting plays the log backwards. Invariants: the undo log only holds records of the current transaction; after
// `failed` is set (the database could not answer) nothing here may be used any more.
import Primitives

/// One change that can be taken back.
struct UndoRecord {
    enum Kind: UInt8 {
        case balance, nonce, code, storage, transient, warmAccount, warmSlot, created, destroyed, touched
    }

    let kind: Kind
    /// Number of the account or slot.
    let index: UInt32
    /// The old stamp or code number.
    let number: UInt32
    let value: UInt256
}

/// A point that execution can return to.
struct Checkpoint {
    let undoCount: Int
    let logCount: Int
    let refund: Int64
    static var start: Checkpoint { Checkpoint(undoCount: 0, logCount: 0, refund: 0) }
}

@safe
struct Journal: ~Copyable {
    private var database: StateDatabase
    /// Before EIP-161 a touched account exists even when it is empty.
    let hasEmptyAccounts: Bool
    var accounts: AccountTable
    var slots: SlotTable
    var transient: SlotTable
    var codes: CodeStore
    /// Number of the current transaction, from 1.
    private(set) var stamp: UInt32 = 0
    var logs: [Log] = []
    var refund: Int64 = 0
    /// Whether the database has failed; then all results are void.
    private(set) var failed = false
    private var undo: UnsafeMutablePointer<UndoRecord>
    private var undoCount = 0
    private var undoCapacity = 256
    /// Accounts to be removed when the transaction ends.
    private var destroyed: [Int] = []
    /// What is warm in every transaction, and which accounts of these have been read. One that is read later is warm when it comes.
    private let alwaysWarm: AlwaysWarm
    private var warmNumbers: [Int] = []

    init(database: StateDatabase, seed: Hash256, hasEmptyAccounts: Bool, alwaysWarm: AlwaysWarm) {
        self.database = database
        self.hasEmptyAccounts = hasEmptyAccounts
        self.alwaysWarm = alwaysWarm
        let hasher = TableHash(seed: seed)
        accounts = AccountTable(hasher: hasher)
        slots = SlotTable(hasher: hasher)
        transient = SlotTable(hasher: hasher)
        codes = CodeStore()
        unsafe undo = UnsafeMutablePointer<UndoRecord>.allocate(capacity: 256)
    }

    deinit { unsafe undo.deallocate() }

    // MARK: - Transactions and checkpoints

    /// Forgets the state, but not the code, which is known by its hash, and goes on over another one.
    mutating func restart(over database: StateDatabase) {
        self.database = database
        accounts.removeAll()
        slots.removeAll()
        transient.removeAll()
        warmNumbers.removeAll(keepingCapacity: true)
        failed = false
    }

    mutating func beginTransaction() {
        stamp += 1
        undoCount = 0
        refund = 0
        logs.removeAll(keepingCapacity: false)
        destroyed.removeAll(keepingCapacity: true)
    }

    var checkpoint: Checkpoint {
        @inline(__always) get { Checkpoint(undoCount: undoCount, logCount: logs.count, refund: refund) }
    }

    mutating func revert(to checkpoint: Checkpoint) {
        while undoCount > checkpoint.undoCount {
            undoCount -= 1
            unsafe takeBack(undo[undoCount])
        }
        if logs.count > checkpoint.logCount { logs.removeLast(logs.count - checkpoint.logCount) }
        refund = checkpoint.refund
    }

    private mutating func takeBack(_ record: UndoRecord) {
        let index = Int(record.index)
        switch record.kind {
        case .balance: unsafe accounts.entries[index].current.balance = record.value
        case .nonce: unsafe accounts.entries[index].current.nonce = record.value.l0
        case .code:
            unsafe accounts.entries[index].current.codeHash = Hash256(record.value)
            unsafe accounts.entries[index].codeNumber = Int32(bitPattern: record.number)
        case .storage: unsafe slots.entries[index].present = record.value
        case .transient: unsafe transient.entries[index].present = record.value
        case .warmAccount: unsafe accounts.entries[index].warmStamp = record.number
        case .warmSlot: unsafe slots.entries[index].warmStamp = record.number
        case .created:
            unsafe accounts.entries[index].createdStamp = record.number
            unsafe accounts.entries[index].storageIsNew = !record.value.isZero
        case .destroyed:
            unsafe accounts.entries[index].destroyedStamp = record.number
            destroyed.removeLast()
        case .touched: unsafe accounts.entries[index].touched = false
        }
    }

    private mutating func remember(_ kind: UndoRecord.Kind, _ index: Int, number: UInt32 = 0, value: UInt256 = .zero) {
        if undoCount == undoCapacity {
            let grown = UnsafeMutablePointer<UndoRecord>.allocate(capacity: undoCapacity * 2)
            unsafe grown.moveInitialize(from: undo, count: undoCount)
            unsafe undo.deallocate()
            unsafe undo = grown
            undoCapacity *= 2
        }
        let record = UndoRecord(kind: kind, index: UInt32(truncatingIfNeeded: index), number: number, value: value)
        unsafe (undo + undoCount).initialize(to: record)
        undoCount += 1
    }

    /// Removes the accounts that SELFDESTRUCT marked. Not undoable: the last act of a transaction.
    mutating func finishTransaction() {
        for index in destroyed {
            unsafe accounts.entries[index].current = AccountRecord()
            unsafe accounts.entries[index].codeNumber = 0
            unsafe accounts.entries[index].storageIsNew = true
            unsafe accounts.entries[index].touched = !hasEmptyAccounts
        }
        if !destroyed.isEmpty {
            for slot in 0..<slots.count where unsafe accounts.entries[Int(slots.entries[slot].account)].destroyedStamp == stamp {
                unsafe slots.entries[slot].present = .zero
            }
            destroyed.removeAll(keepingCapacity: true)
        }
        undoCount = 0
    }

    // MARK: - Accounts

    /// The account's number; reads it from the database on first touch.
    @inline(__always)
    mutating func account(_ address: Address) -> Int {
        let known = accounts.find(address)
        return known >= 0 ? known : loadAccount(address)
    }

    @inline(never)
    private mutating func loadAccount(_ address: Address) -> Int {
        var record: AccountRecord?
        do {
            record = try database.account(address)
        } catch {
            failed = true
        }
        let base = record ?? AccountRecord()
        let isAlwaysWarm = alwaysWarm.contains(address)
        if isAlwaysWarm { warmNumbers.append(accounts.count) }
        return accounts.add(
            AccountEntry(
                address: address, base: base, baseExists: record != nil, current: base,
                codeNumber: base.codeHash == Keccak256.empty ? 0 : -1, warmStamp: isAlwaysWarm ? stamp : 0, createdStamp: 0, destroyedStamp: 0,
                touched: false, storageIsNew: record == nil))
    }

    /// Begins a transaction for the accounts that are warm in every one.
    mutating func warmAlways() {
        for index in warmNumbers { _ = warmAccount(index) }
    }

    /// Marks the account as accessed in this transaction (EIP-2929); returns whether it was cold.
    @inline(__always)
    mutating func warmAccount(_ index: Int) -> Bool {
        let old = unsafe accounts.entries[index].warmStamp
        guard old != stamp else { return false }
        remember(.warmAccount, index, number: old)
        unsafe accounts.entries[index].warmStamp = stamp
        return true
    }

    @inline(__always)
    func record(_ index: Int) -> AccountRecord { unsafe accounts.entries[index].current }

    @inline(__always)
    func balance(_ index: Int) -> UInt256 { unsafe accounts.entries[index].current.balance }

    @inline(__always)
    func nonce(_ index: Int) -> UInt64 { unsafe accounts.entries[index].current.nonce }

    @inline(__always)
    func isEmpty(_ index: Int) -> Bool { unsafe accounts.entries[index].current.isEmpty }

    /// Whether the account is there. Before EIP-161 an empty one is, unless it was destroyed and not touched since.
    func exists(_ index: Int) -> Bool {
        let entry = unsafe accounts.entries[index]
        if !entry.current.isEmpty { return true }
        return hasEmptyAccounts && (entry.touched || (entry.baseExists && !entry.storageIsNew))
    }

    mutating func setBalance(_ index: Int, _ balance: UInt256) {
        touch(index)
        let old = unsafe accounts.entries[index].current.balance
        guard old != balance else { return }
        remember(.balance, index, value: old)
        unsafe accounts.entries[index].current.balance = balance
    }

    mutating func setNonce(_ index: Int, _ nonce: UInt64) {
        remember(.nonce, index, value: UInt256(unsafe accounts.entries[index].current.nonce))
        unsafe accounts.entries[index].current.nonce = nonce
    }

    /// Moves value between two accounts; the caller has checked the balance. A sum cannot overflow: all ether fits 128 bits.
    mutating func transfer(from: Int, to: Int, _ value: UInt256) {
        touch(to)
        guard !value.isZero, from != to else { return }
        setBalance(from, balance(from) &- value)
        setBalance(to, balance(to) &+ value)
    }

    /// EIP-161: an account that is touched and empty is deleted. Only matters for empty accounts that a test's pre-state holds.
    mutating func touch(_ index: Int) {
        guard unsafe !accounts.entries[index].touched else { return }
        remember(.touched, index)
        unsafe accounts.entries[index].touched = true
    }

    // MARK: - Code

    /// The account's code, read from the database when it is first needed.
    mutating func code(_ index: Int) -> CodeBlock {
        let known = unsafe accounts.entries[index].codeNumber
        if known >= 0 { return codes.blocks[Int(known)] }
        return loadCode(index)
    }

    @inline(never)
    private mutating func loadCode(_ index: Int) -> CodeBlock {
        let hash = unsafe accounts.entries[index].current.codeHash
        var number = codes.find(hash)
        if number == nil {
            do {
                number = codes.add(CodeBlock(try database.code(hash), hash: hash))
            } catch {
                failed = true
            }
        }
        let found = number ?? 0
        unsafe accounts.entries[index].codeNumber = Int32(truncatingIfNeeded: found)
        return codes.blocks[found]
    }

    mutating func setCode(_ index: Int, _ source: UnsafePointer<UInt8>?, count: Int) {
        let hash = unsafe Keccak256.hash(UnsafeRawBufferPointer(start: source, count: count))
        let number = unsafe codes.find(hash) ?? codes.add(CodeBlock(copying: source, count: count, hash: hash))
        let old = unsafe accounts.entries[index].current.codeHash
        let oldNumber = unsafe accounts.entries[index].codeNumber
        remember(.code, index, number: UInt32(bitPattern: oldNumber), value: UInt256(old))
        unsafe accounts.entries[index].current.codeHash = hash
        unsafe accounts.entries[index].codeNumber = Int32(truncatingIfNeeded: number)
    }

    // MARK: - Creation and destruction

    /// EIP-684 and EIP-7610: whether no contract may be created at this account.
    mutating func collides(_ index: Int) -> Bool {
        let record = record(index)
        if record.nonce != 0 || record.codeHash != Keccak256.empty { return true }
        if unsafe accounts.entries[index].storageIsNew && accounts.entries[index].baseExists { return false }
        do {
            return try database.hasStorage(unsafe accounts.entries[index].address)
        } catch {
            failed = true
            return true
        }
    }

    mutating func markCreated(_ index: Int) {
        let wasNew = unsafe accounts.entries[index].storageIsNew
        remember(.created, index, number: unsafe accounts.entries[index].createdStamp, value: wasNew ? 1 : 0)
        unsafe accounts.entries[index].createdStamp = stamp
        unsafe accounts.entries[index].storageIsNew = true
    }

    @inline(__always)
    func wasCreatedNow(_ index: Int) -> Bool { unsafe accounts.entries[index].createdStamp == stamp }

    /// Returns whether the account was not marked in this transaction yet.
    mutating func markDestroyed(_ index: Int) -> Bool {
        let old = unsafe accounts.entries[index].destroyedStamp
        guard old != stamp else { return false }
        remember(.destroyed, index, number: old)
        unsafe accounts.entries[index].destroyedStamp = stamp
        destroyed.append(index)
        return true
    }

    // MARK: - Storage

    /// The slot's number, with `original` set for this transaction.
    @inline(__always)
    mutating func slot(_ account: Int, _ key: UInt256) -> Int {
        let known = slots.find(account, key)
        let index = known >= 0 ? known : loadSlot(account, key)
        if unsafe slots.entries[index].originalStamp != stamp {
            unsafe slots.entries[index].originalStamp = stamp
            unsafe slots.entries[index].original = slots.entries[index].present
        }
        return index
    }

    @inline(never)
    private mutating func loadSlot(_ account: Int, _ key: UInt256) -> Int {
        var value = UInt256.zero
        if unsafe !accounts.entries[account].storageIsNew {
            do {
                value = try database.storage(unsafe accounts.entries[account].address, key)
            } catch {
                failed = true
            }
        }
        return slots.add(
            SlotEntry(
                key: key, account: UInt32(truncatingIfNeeded: account), originalStamp: 0, warmStamp: 0, base: value, original: value,
                present: value))
    }

    /// Marks the slot as accessed in this transaction (EIP-2929); returns whether it was cold.
    @inline(__always)
    mutating func warmSlot(_ index: Int) -> Bool {
        let old = unsafe slots.entries[index].warmStamp
        guard old != stamp else { return false }
        remember(.warmSlot, index, number: old)
        unsafe slots.entries[index].warmStamp = stamp
        return true
    }

    @inline(__always)
    mutating func setStorage(_ slot: Int, _ value: UInt256) {
        remember(.storage, slot, value: unsafe slots.entries[slot].present)
        unsafe slots.entries[slot].present = value
    }

    /// EIP-1153.
    @inline(__always)
    func transientValue(_ account: Int, _ key: UInt256) -> UInt256 {
        let index = transient.find(account, key)
        guard index >= 0, unsafe transient.entries[index].originalStamp == stamp else { return .zero }
        return unsafe transient.entries[index].present
    }

    mutating func setTransient(_ account: Int, _ key: UInt256, _ value: UInt256) {
        var index = transient.find(account, key)
        if index < 0 {
            index = transient.add(
                SlotEntry(
                    key: key, account: UInt32(truncatingIfNeeded: account), originalStamp: 0, warmStamp: 0, base: .zero, original: .zero,
                    present: .zero))
        }
        if unsafe transient.entries[index].originalStamp != stamp {
            unsafe transient.entries[index].originalStamp = stamp
            unsafe transient.entries[index].present = .zero
        }
        remember(.transient, index, value: unsafe transient.entries[index].present)
        unsafe transient.entries[index].present = value
    }

    // MARK: - Blocks

    mutating func blockHash(_ number: UInt64) -> Hash256 {
        do {
            return try database.blockHash(number) ?? .zero
        } catch {
            failed = true
            return .zero
        }
    }
}
