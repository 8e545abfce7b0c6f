// Floor 3, Mempool: transactions that wait to be ordered. A pure value: no clock, no I/O, no order taken from a hash table.
//
// Invariants: within an account transactions are unique by nonce and ascend; `order` lists every account that has
// transactions exactly once, in order of arrival; the totals equal the sums over the content.
public import Engine
public import Primitives

/// Bounds of the pool.
public struct MempoolLimits: Equatable, Sendable {
    public var maximumTransactions: Int
    public var maximumBytes: Int
    public var maximumTransactionsPerAccount: Int
    public var minimumPriorityFeePerGas: UInt256

    public init(
        maximumTransactions: Int, maximumBytes: Int, maximumTransactionsPerAccount: Int, minimumPriorityFeePerGas: UInt256
    ) {
        self.maximumTransactions = maximumTransactions
        self.maximumBytes = maximumBytes
        self.maximumTransactionsPerAccount = maximumTransactionsPerAccount
        self.minimumPriorityFeePerGas = minimumPriorityFeePerGas
    }

    /// A replacement pays at least this much more, in percent, as go-ethereum demands.
    public static let replacementPercent: UInt64 = 10
    /// How far above the account's nonce a transaction may be; farther ones would only fill the pool.
    public static let nonceGapLimit: UInt64 = 4_096
}

/// One transaction of the pool. Its signature has been checked.
public struct PooledTransaction: Equatable, Sendable {
    public var hash: Hash256
    public var raw: [UInt8]
    public var sender: Address
    public var transaction: Transaction

    public init(hash: Hash256, raw: [UInt8], sender: Address, transaction: Transaction) {
        self.hash = hash
        self.raw = raw
        self.sender = sender
        self.transaction = transaction
    }

    /// The most that this transaction can take from its sender; `nil` above 2^256.
    var maximumCost: UInt256? {
        transaction.maxFeePerGas.multiplied(by: UInt256(transaction.gasLimit))?.adding(transaction.value)
    }
}

public struct Mempool: Sendable {
    struct Account: Sendable {
        /// Nonce and balance in the newest executed state.
        var nonce: UInt64
        var balance: UInt256
        /// Ascending by nonce.
        var transactions: [PooledTransaction] = []
    }

    public let limits: MempoolLimits
    public let blockGasLimit: UInt64
    var accounts: [Address: Account] = [:]
    var order: [Address] = []
    var byHash: [Hash256: Address] = [:]
    public private(set) var byteCount = 0
    var nextBaseFee: UInt256

    public init(limits: MempoolLimits, blockGasLimit: UInt64, baseFeePerGas: UInt256) {
        self.limits = limits
        self.blockGasLimit = blockGasLimit
        nextBaseFee = baseFeePerGas
    }

    public var count: Int { byHash.count }

    public func contains(_ hash: Hash256) -> Bool { byHash[hash] != nil }

    /// A waiting transaction by its hash.
    public func transaction(_ hash: Hash256) -> PooledTransaction? {
        guard let sender = byHash[hash] else { return nil }
        return accounts[sender]?.transactions.first { $0.hash == hash }
    }

    /// The nonce after the gapless run of the account's transactions; `nil` when it has none here.
    public func nextNonce(of address: Address) -> UInt64? {
        guard let account = accounts[address], !account.transactions.isEmpty else { return nil }
        var next = account.nonce
        for pooled in account.transactions {
            guard pooled.transaction.nonce == next else { break }
            next += 1
        }
        return next
    }

    /// Everything: what can be ordered, and what waits for a transaction with a lower nonce. By account in the order of arrival,
    /// ascending by nonce.
    public var content: (ready: [PooledTransaction], waiting: [PooledTransaction]) {
        var ready: [PooledTransaction] = []
        var waiting: [PooledTransaction] = []
        for address in order {
            guard let account = accounts[address] else { continue }
            var next = account.nonce
            for pooled in account.transactions {
                if pooled.transaction.nonce == next {
                    ready.append(pooled)
                    next += 1
                } else {
                    waiting.append(pooled)
                }
            }
        }
        return (ready, waiting)
    }

    // MARK: - Admission

    /// Puts a transaction into the pool. `account` is its sender in the newest executed state; it counts only when the pool
    /// has nothing of this sender, else `update` has told the pool better. Returns the hash of a transaction that it replaced.
    @discardableResult
    public mutating func add(_ pooled: PooledTransaction, account given: AccountRecord) throws(MempoolError) -> Hash256? {
        guard byHash[pooled.hash] == nil else { throw .alreadyKnown }
        let state = accounts[pooled.sender].map { AccountRecord(nonce: $0.nonce, balance: $0.balance) } ?? given
        try checkAlone(pooled, state: state)
        let place = try place(of: pooled, account: state)

        // From here on nothing throws; the account is changed in place, so that its array is not copied.
        if accounts[pooled.sender] == nil { order.append(pooled.sender) }
        byHash[pooled.hash] = pooled.sender
        byteCount += pooled.raw.count
        if let replaced = place.replaced {
            byHash[replaced.hash] = nil
            byteCount -= replaced.raw.count
            accounts[pooled.sender]?.transactions[place.index] = pooled
        } else {
            accounts[pooled.sender, default: Account(nonce: state.nonce, balance: state.balance)].transactions
                .insert(pooled, at: place.index)
        }
        return place.replaced?.hash
    }

    /// Where a transaction goes among those of its sender, if the pool's bounds and the sender's funds allow it.
    private func place(
        of pooled: PooledTransaction, account state: AccountRecord
    ) throws(MempoolError) -> (index: Int, replaced: PooledTransaction?) {
        let transactions = accounts[pooled.sender]?.transactions ?? []
        let nonce = pooled.transaction.nonce
        let index = transactions.firstIndex { $0.transaction.nonce >= nonce } ?? transactions.count
        var replaced: PooledTransaction?
        if index < transactions.count, transactions[index].transaction.nonce == nonce {
            guard Mempool.outbids(pooled.transaction, transactions[index].transaction) else { throw .replacementUnderpriced }
            replaced = transactions[index]
        } else {
            guard transactions.count < limits.maximumTransactionsPerAccount else { throw .accountLimit }
            guard count < limits.maximumTransactions else { throw .poolFull }
        }
        var cost = pooled.maximumCost
        for earlier in transactions[..<index] {
            guard let sum = cost, let other = earlier.maximumCost else { break }
            cost = sum.adding(other)
        }
        guard let cost, cost <= state.balance else {
            throw .insufficientFunds(balance: state.balance, cost: cost ?? .max)
        }
        guard byteCount - (replaced?.raw.count ?? 0) + pooled.raw.count <= limits.maximumBytes else { throw .poolFull }
        return (index, replaced)
    }

    /// The checks that need no other transaction of the pool.
    private func checkAlone(_ pooled: PooledTransaction, state: AccountRecord) throws(MempoolError) {
        let transaction = pooled.transaction
        guard transaction.gasLimit <= blockGasLimit else { throw .gasLimit(blockGasLimit) }
        guard transaction.maxPriorityFeePerGas <= transaction.maxFeePerGas else { throw .tipAboveFeeCap }
        guard transaction.maxPriorityFeePerGas >= limits.minimumPriorityFeePerGas else { throw .underpriced }
        let (intrinsic, floor) = GasRules.intrinsicGas(of: transaction, fork: .prague)
        guard transaction.gasLimit >= max(intrinsic, floor) else {
            throw .intrinsicGas(have: transaction.gasLimit, want: max(intrinsic, floor))
        }
        guard transaction.nonce >= state.nonce else {
            throw .nonceTooLow(next: state.nonce, got: transaction.nonce)
        }
        guard transaction.nonce - state.nonce < MempoolLimits.nonceGapLimit, transaction.nonce != .max else { throw .nonceTooHigh }
    }

    private static func outbids(_ new: Transaction, _ old: Transaction) -> Bool {
        func raised(_ value: UInt256) -> UInt256 {
            guard let scaled = value.multiplied(by: UInt256(100 + MempoolLimits.replacementPercent)) else { return .max }
            return scaled / 100
        }
        return new.maxFeePerGas >= raised(old.maxFeePerGas) && new.maxPriorityFeePerGas >= raised(old.maxPriorityFeePerGas)
            && new.maxFeePerGas > old.maxFeePerGas
    }

    // MARK: - The chain moved

    /// Takes the executed state of accounts: transactions below an account's nonce leave the pool.
    /// `baseFeePerGas` is that of the next block. Returns how many transactions left.
    @discardableResult
    public mutating func update(accounts changes: [AccountChange], baseFeePerGas: UInt256) -> Int {
        nextBaseFee = baseFeePerGas
        var removed = 0
        var emptied = false
        for change in changes {
            let nonce = change.record?.nonce ?? 0
            // The binding ends before the account is changed, so that its array is not copied.
            guard let stale = accounts[change.address]?.transactions.prefix(while: { $0.transaction.nonce < nonce }) else {
                continue
            }
            for pooled in stale { forget(pooled) }
            let staleCount = stale.count
            removed += staleCount
            dropFirst(staleCount, of: change.address, nonce: nonce, balance: change.record?.balance ?? .zero)
            if accounts[change.address]?.transactions.isEmpty == true {
                accounts[change.address] = nil
                emptied = true
            }
        }
        if emptied { order.removeAll { accounts[$0] == nil } }
        return removed
    }

    private mutating func dropFirst(_ count: Int, of address: Address, nonce: UInt64, balance: UInt256) {
        accounts[address]?.nonce = nonce
        accounts[address]?.balance = balance
        accounts[address]?.transactions.removeFirst(count)
    }

    /// Takes a transaction out, for instance one that was ordered and skipped.
    public mutating func remove(_ hash: Hash256) {
        guard let sender = byHash[hash] else { return }
        if let index = accounts[sender]?.transactions.firstIndex(where: { $0.hash == hash }),
            let removed = accounts[sender]?.transactions.remove(at: index)
        {
            forget(removed)
        }
        if accounts[sender]?.transactions.isEmpty == true {
            accounts[sender] = nil
            order.removeAll { $0 == sender }
        }
    }

    private mutating func forget(_ pooled: PooledTransaction) {
        byHash[pooled.hash] = nil
        byteCount -= pooled.raw.count
    }
}
