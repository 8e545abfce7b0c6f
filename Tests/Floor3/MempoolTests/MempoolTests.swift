import Engine
import Mempool
import Primitives
import Testing

@Suite struct MempoolAdmissionTests {
    @Test func acceptsAndFindsATransaction() throws {
        var pool = makePool()
        let pooled = makeTransaction(from: 1, nonce: 0)
        #expect(try pool.add(pooled, account: richAccount) == nil)
        #expect(pool.count == 1)
        #expect(pool.byteCount == pooled.raw.count)
        #expect(pool.transaction(pooled.hash) == pooled)
        #expect(pool.nextNonce(of: sender(1)) == 1)
        #expect(pool.nextNonce(of: sender(2)) == nil)
        #expect(throws: MempoolError.alreadyKnown) { try pool.add(pooled, account: richAccount) }
    }

    @Test func nextNonceStopsAtAGap() throws {
        var pool = makePool()
        for nonce: UInt64 in [0, 1, 3] { try pool.add(makeTransaction(from: 1, nonce: nonce), account: richAccount) }
        #expect(pool.nextNonce(of: sender(1)) == 2)
        try pool.add(makeTransaction(from: 1, nonce: 2), account: richAccount)
        #expect(pool.nextNonce(of: sender(1)) == 4)
    }

    @Test func refusesWithTheWordsOfWallets() throws {
        var pool = makePool()
        let used = AccountRecord(nonce: 5, balance: richAccount.balance)
        #expect(throws: MempoolError.nonceTooLow(next: 5, got: 4)) {
            try pool.add(makeTransaction(from: 1, nonce: 4), account: used)
        }
        #expect(MempoolError.nonceTooLow(next: 5, got: 4).message == "nonce too low: next nonce 5, tx nonce 4")
        #expect(throws: MempoolError.nonceTooHigh) {
            try pool.add(makeTransaction(from: 1, nonce: 5 + MempoolLimits.nonceGapLimit), account: used)
        }
        #expect(throws: MempoolError.intrinsicGas(have: 20_999, want: 21_000)) {
            try pool.add(makeTransaction(from: 1, nonce: 5, gasLimit: 20_999), account: used)
        }
        #expect(throws: MempoolError.gasLimit(30_000_000)) {
            try pool.add(makeTransaction(from: 1, nonce: 5, gasLimit: 30_000_001), account: used)
        }
        #expect(throws: MempoolError.tipAboveFeeCap) {
            try pool.add(makeTransaction(from: 1, nonce: 5, tip: 11 * gwei), account: used)
        }
        let poor = AccountRecord(nonce: 0, balance: UInt256(21_000 * 10 * gwei))
        #expect(throws: MempoolError.self) { try pool.add(makeTransaction(from: 1, nonce: 0, value: 1), account: poor) }
        #expect(pool.count == 0)
        try pool.add(makeTransaction(from: 1, nonce: 0, value: 0), account: poor)
        #expect(throws: MempoolError.self, "the first transaction has claimed the funds") {
            try pool.add(makeTransaction(from: 1, nonce: 1, value: 0), account: poor)
        }
    }

    @Test func costsNearTheTopOfTheRangeDoNotTrap() {
        var pool = makePool()
        var pooled = makeTransaction(from: 1, nonce: 0)
        pooled.transaction.maxFeePerGas = .max
        pooled.transaction.value = .max
        #expect(throws: MempoolError.self) { try pool.add(pooled, account: richAccount) }
        #expect(throws: MempoolError.nonceTooHigh) {
            try pool.add(makeTransaction(from: 1, nonce: .max), account: AccountRecord(nonce: .max - 1, balance: .max))
        }
    }

    @Test func replacesOnlyForTenPercentMore() throws {
        var pool = makePool()
        let old = makeTransaction(from: 1, nonce: 0, tip: gwei, maxFee: 10 * gwei)
        try pool.add(old, account: richAccount)
        #expect(throws: MempoolError.replacementUnderpriced) {
            try pool.add(makeTransaction(from: 1, nonce: 0, tip: gwei, maxFee: 11 * gwei), account: richAccount)
        }
        let new = makeTransaction(from: 1, nonce: 0, tip: 2 * gwei, maxFee: 11 * gwei)
        #expect(try pool.add(new, account: richAccount) == old.hash)
        #expect(pool.count == 1)
        #expect(pool.byteCount == new.raw.count)
        #expect(!pool.contains(old.hash))
    }

    @Test func isBounded() throws {
        var pool = makePool(maximumTransactions: 3, perAccount: 2)
        try pool.add(makeTransaction(from: 1, nonce: 0), account: richAccount)
        try pool.add(makeTransaction(from: 1, nonce: 1), account: richAccount)
        #expect(throws: MempoolError.accountLimit) { try pool.add(makeTransaction(from: 1, nonce: 2), account: richAccount) }
        try pool.add(makeTransaction(from: 2, nonce: 0), account: richAccount)
        #expect(throws: MempoolError.poolFull) { try pool.add(makeTransaction(from: 3, nonce: 0), account: richAccount) }
        var small = makePool(maximumBytes: 200)
        try small.add(makeTransaction(from: 1, nonce: 0), account: richAccount)
        #expect(throws: MempoolError.poolFull) {
            for number: UInt32 in 2..<10 { try small.add(makeTransaction(from: number, nonce: 0), account: richAccount) }
        }
        #expect(small.byteCount <= 200)
    }
}

@Suite struct MempoolSelectionTests {
    @Test func takesTheHighestTipFirstAndKeepsNonceOrder() throws {
        var pool = makePool()
        let low = makeTransaction(from: 1, nonce: 0, tip: 1)
        let high = makeTransaction(from: 2, nonce: 0, tip: 3)
        let behind = makeTransaction(from: 1, nonce: 1, tip: 5)
        for pooled in [low, high, behind] { try pool.add(pooled, account: richAccount) }
        #expect(pool.select(wholeBlock, excluding: []).map(\.hash) == [high.hash, low.hash, behind.hash])
        #expect(pool.select(wholeBlock, excluding: [low.hash]).map(\.hash) == [behind.hash, high.hash])
    }

    @Test func stopsAtGapsFeesAndBounds() throws {
        var pool = makePool()
        try pool.add(makeTransaction(from: 1, nonce: 1), account: richAccount)
        #expect(!pool.hasSelectable(excluding: []))
        try pool.add(makeTransaction(from: 2, nonce: 0, tip: 0, maxFee: gwei - 1), account: richAccount)
        #expect(pool.select(wholeBlock, excluding: []).isEmpty, "the base fee is not met")
        pool.update(accounts: [], baseFeePerGas: UInt256(gwei - 1))
        #expect(pool.select(wholeBlock, excluding: []).count == 1)
        for nonce: UInt64 in 0..<5 { try pool.add(makeTransaction(from: 3, nonce: nonce), account: richAccount) }
        var bounds = wholeBlock
        bounds.gas = 2 * 21_000 + 1
        #expect(pool.select(bounds, excluding: []).count == 2)
        bounds = wholeBlock
        bounds.count = 3
        #expect(pool.select(bounds, excluding: []).count == 3)
        bounds = wholeBlock
        bounds.bytes = 2 * (makeTransaction(from: 3, nonce: 1).raw.count + 4)
        #expect(pool.select(bounds, excluding: []).count == 2)
    }

    @Test func forgetsWhatTheChainHasUsed() throws {
        var pool = makePool()
        for nonce: UInt64 in 0..<4 { try pool.add(makeTransaction(from: 1, nonce: nonce), account: richAccount) }
        let after = AccountRecord(nonce: 2, balance: richAccount.balance)
        #expect(pool.update(accounts: [AccountChange(address: sender(1), record: after)], baseFeePerGas: 1) == 2)
        #expect(pool.select(wholeBlock, excluding: []).map(\.transaction.nonce) == [2, 3])
        #expect(pool.nextNonce(of: sender(1)) == 4)
        // An older view of the account, as a client's thread may have read it, does not count any more.
        try pool.add(makeTransaction(from: 1, nonce: 4), account: richAccount)
        #expect(pool.nextNonce(of: sender(1)) == 5)
        let last = AccountRecord(nonce: 9, balance: .zero)
        pool.update(accounts: [AccountChange(address: sender(1), record: last)], baseFeePerGas: 1)
        #expect(pool.count == 0)
        #expect(pool.byteCount == 0)
        #expect(!pool.hasSelectable(excluding: []))
    }

    /// The selection equals that of a plain reading of the rule, and the books balance, for random histories.
    @Test(arguments: 0..<100 as Range<UInt64>) func agreesWithAPlainModel(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var pool = makePool(maximumTransactions: 40, perAccount: 8)
        var nonces = [UInt64](repeating: 0, count: 6)
        var alive: [Hash256: PooledTransaction] = [:]
        for _ in 0..<300 {
            let number = UInt32(random.next() % 6)
            switch random.next() % 8 {
            case 0:
                nonces[Int(number)] += random.next() % 3
                let record = AccountRecord(nonce: nonces[Int(number)], balance: richAccount.balance)
                pool.update(accounts: [AccountChange(address: sender(number), record: record)], baseFeePerGas: UInt256(gwei))
                alive = alive.filter { $0.value.sender != sender(number) || $0.value.transaction.nonce >= record.nonce }
            case 1:
                if let hash = alive.keys.sorted().first {
                    pool.remove(hash)
                    alive[hash] = nil
                }
            default:
                let pooled = makeTransaction(
                    from: number, nonce: nonces[Int(number)] + random.next() % 5, tip: random.next() % 4 * gwei,
                    maxFee: (4 + random.next() % 8) * gwei)
                let record = AccountRecord(nonce: nonces[Int(number)], balance: richAccount.balance)
                if let replaced = try? pool.add(pooled, account: record) { alive[replaced] = nil }
                if pool.contains(pooled.hash) { alive[pooled.hash] = pooled }
            }
            #expect(pool.count == alive.count)
            #expect(pool.byteCount == alive.values.reduce(0) { $0 + $1.raw.count })
        }
        let selected = pool.select(wholeBlock, excluding: [])
        // Each account's run is gapless from its nonce, and nothing selectable is left out.
        for number: UInt32 in 0..<6 {
            let run = selected.filter { $0.sender == sender(number) }.map(\.transaction.nonce)
            let waiting = alive.values.filter { $0.sender == sender(number) }.map(\.transaction.nonce).sorted()
            var expected: [UInt64] = []
            for nonce in waiting where nonce == nonces[Int(number)] + UInt64(expected.count) { expected.append(nonce) }
            #expect(run == expected)
        }
        // At every step the pick was the best of the accounts' next ones.
        var next = nonces
        for pick in selected {
            let tips = alive.values.filter { other in
                (0..<6).contains { sender(UInt32($0)) == other.sender && next[$0] == other.transaction.nonce }
            }.map { min($0.transaction.maxPriorityFeePerGas, $0.transaction.maxFeePerGas &- UInt256(gwei)) }
            #expect(min(pick.transaction.maxPriorityFeePerGas, pick.transaction.maxFeePerGas &- UInt256(gwei)) == tips.max())
            for number in 0..<6 where sender(UInt32(number)) == pick.sender { next[number] += 1 }
        }
    }
}
