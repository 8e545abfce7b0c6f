// Floor 3, Executor: the transactions of a block on several threads, with the result of executing them in order.
//
// Optimistic and in windows: lanes execute the window's transactions before their turn, over the state after the window before,
// each transaction by itself, and note what it reads. Then each has its turn: if everything it has read is still so, its changes
// are taken; else it is executed again. Tips go to the fee recipient at a transaction's turn, so that they conflict with
// nothing; a transaction that looks at the fee recipient is executed again always.
//
// Invariants: results and changes are equal to those of one executor that executes the same transactions in order; nothing
// depends on the lanes' timing, because a lane's work is fixed before it starts.
public import Engine
public import Primitives

public struct ParallelExecution {
    /// Transactions of a window per lane: enough that lanes wait little for each other, few enough that a block of conflicts
    /// is recognised early.
    private static let windowPerLane = 32

    /// What a lane has found.
    private struct Speculation {
        var result: TransactionResult
        var changes: StateChanges
        var reads: ReadSet
        var tip: UInt256
    }

    private struct Lane {
        let state: SpeculativeState
        let executor: TransactionExecutor
        /// Positions in the block, ascending.
        var work: [Int] = []
        var gas: UInt64 = 0
    }

    private let environment: BlockEnvironment
    private let transactions: [PreparedTransaction]
    private let runner: BatchRunner
    private var lanes: [Lane] = []
    private let settled: SettledState
    private let serial: TransactionExecutor
    private var results: [TransactionResult] = []
    /// How many transactions were executed a second time.
    private var repetitions = 0

    /// What a block's transactions came to.
    public struct Outcome: Equatable, Sendable {
        public var run: BlockOutcome
        /// How many transactions had to be executed a second time; it affects nothing.
        public var repetitions: Int
    }

    /// Each transaction by itself costs some 5 µs more than in one executor, whatever it does. From this gas limit on, on average,
    /// that is a twentieth of what it costs at most (measured, see `Specs/engine.md`).
    private static let leastMeanGasLimit: UInt64 = 100_000

    /// Whether several threads are worth their cost for this block. It affects pace, not the result.
    static func pays(_ transactions: [PreparedTransaction], _ environment: BlockEnvironment, _ runner: BatchRunner) -> Bool {
        guard runner.width > 1, environment.fork >= .cancun, transactions.count > 1 else { return false }
        var gas: UInt64 = 0
        for transaction in transactions { gas &+= min(transaction.transaction.gasLimit, environment.gasLimit) }
        return gas / UInt64(transactions.count) >= leastMeanGasLimit
    }

    /// - Parameter database: makes a reader of the state before the block; each is used by one thread at a time.
    public static func run(
        _ transactions: [PreparedTransaction], parentHash: Hash256, environment: BlockEnvironment, runner: BatchRunner,
        database: () throws(StateError) -> StateDatabase
    ) throws(StateError) -> Outcome {
        var execution = try ParallelExecution(transactions, environment, runner, database)
        return try execution.run(parentHash: parentHash)
    }

    private init(
        _ transactions: [PreparedTransaction], _ environment: BlockEnvironment, _ runner: BatchRunner,
        _ database: () throws(StateError) -> StateDatabase
    ) throws(StateError) {
        precondition(environment.fork >= .cancun, "before Cancun the changes of a transaction do not tell all")
        self.transactions = transactions
        self.environment = environment
        self.runner = runner
        settled = SettledState(CachedState(try database()))
        serial = TransactionExecutor(database: settled, environment: environment)
        for _ in 0..<max(1, runner.width) {
            let state = SpeculativeState(CachedState(try database()))
            lanes.append(
                Lane(state: state, executor: TransactionExecutor(database: state, environment: environment, withholdingFees: true)))
        }
        results.reserveCapacity(transactions.count)
    }

    private mutating func run(parentHash: Hash256) throws(StateError) -> Outcome {
        try serial.beginBlock(parentHash: parentHash)
        settled.overlay.apply(serial.changes())
        var isWorthwhile = true
        while results.count < transactions.count {
            if isWorthwhile {
                isWorthwhile = try runWindow()
            } else {
                results.append(try execute(transactions[results.count]))
            }
        }
        return Outcome(
            run: BlockOutcome(results: results, changes: try settled.overlay.changes(over: settled.base)), repetitions: repetitions)
    }

    // MARK: - Windows

    /// Returns whether most of what the lanes did could be used.
    private mutating func runWindow() throws(StateError) -> Bool {
        let start = results.count
        let window = start..<min(transactions.count, start + ParallelExecution.windowPerLane * lanes.count)
        assign(window)
        let found = speculate(window)
        let before = repetitions
        for position in window {
            results.append(try settle(transactions[position], found[position - start]))
        }
        return (repetitions - before) * 2 <= window.count
    }

    /// Transactions of one sender go to one lane, because each needs the nonce that the one before leaves.
    private mutating func assign(_ window: Range<Int>) {
        for lane in lanes.indices {
            lanes[lane].work.removeAll(keepingCapacity: true)
            lanes[lane].gas = 0
        }
        var laneOfSender: [Address: Int] = [:]
        for position in window {
            let transaction = transactions[position]
            var lane = 0
            if let known = laneOfSender[transaction.sender] {
                lane = known
            } else {
                for other in lanes.indices where lanes[other].gas < lanes[lane].gas { lane = other }
                laneOfSender[transaction.sender] = lane
            }
            lanes[lane].work.append(position)
            lanes[lane].gas &+= transaction.transaction.gasLimit
        }
    }

    private func speculate(_ window: Range<Int>) -> [Speculation?] {
        for lane in lanes { lane.state.beginWindow(after: settled.overlay) }
        defer { for lane in lanes { lane.state.endWindow() } }
        return unsafe [Speculation?](unsafeUninitializedCapacity: window.count) { found, count in
            unsafe found.initialize(repeating: nil)
            count = window.count
            let places = unsafe found
            runner.run(parts: lanes.count) { number in
                let lane = lanes[number]
                for position in lane.work { unsafe places[position - window.lowerBound] = speculation(position, lane) }
            }
        }
    }

    /// `nil` when the transaction must wait for its turn.
    private func speculation(_ position: Int, _ lane: Lane) -> Speculation? {
        let transaction = transactions[position]
        lane.state.beginTransaction()
        lane.executor.restart(over: lane.state)
        guard let result = try? lane.executor.attempt(transaction.transaction, sender: transaction.sender) else { return nil }
        let reads = lane.state.reads
        if reads.accounts.contains(where: { $0.address == environment.coinbase }) { return nil }
        var tip = UInt256.zero
        if case .included(let outcome) = result { tip = lane.executor.tip(of: outcome) }
        let changes = lane.executor.changes()
        lane.state.apply(changes)
        return Speculation(result: result, changes: changes, reads: reads, tip: tip)
    }

    // MARK: - Turns

    private mutating func settle(_ transaction: PreparedTransaction, _ found: Speculation?) throws(StateError) -> TransactionResult {
        guard let found, try settled.confirms(found.reads) else {
            repetitions += 1
            return try execute(transaction)
        }
        settled.overlay.apply(found.changes)
        settled.overlay.credit(environment.coinbase, found.tip, before: try settled.account(environment.coinbase))
        return found.result
    }

    private func execute(_ transaction: PreparedTransaction) throws(StateError) -> TransactionResult {
        serial.restart(over: settled)
        let result = try serial.attempt(transaction.transaction, sender: transaction.sender)
        settled.overlay.apply(serial.changes())
        return result
    }
}
