// Floor 1, Engine: executes the transactions of one block over a state database.
//
// Invariants: one transaction at a time, on one thread; an invalid transaction changes nothing; `changes()` is the net effect of
// everything executed since `init`. After a `StateError` the executor is dead.
public import Primitives

@safe
public final class TransactionExecutor {
    let machine: MachinePointer
    public let environment: BlockEnvironment

    /// Whether the tips go to nobody.
    let withholdsFees: Bool

    /// - Parameters:
    ///   - database: the state before the block; it must not change while the executor lives.
    ///   - withholdingFees: leaves the fee recipient's account alone: whoever executes transactions out of order credits it, by
    ///     `tip(of:)`, in their order. Then the account is read only by transactions that look at it.
    public init(database: StateDatabase, environment: BlockEnvironment, withholdingFees: Bool = false) {
        self.environment = environment
        withholdsFees = withholdingFees
        // The seed only spreads table cells; see TableHash.
        let seed = Keccak256.hash(
            environment.prevRandao.bytes + UInt256(environment.number).bigEndianBytes + UInt256(environment.timestampSeconds).bigEndianBytes)
        unsafe machine = MachinePointer.allocate(capacity: 1)
        unsafe machine.initialize(to: Machine(database: database, environment: environment, seed: seed))
    }

    deinit {
        unsafe machine.deinitialize(count: 1)
        unsafe machine.deallocate()
    }

    // MARK: - State

    /// The account as the transactions so far have left it.
    public func account(_ address: Address) throws(StateError) -> AccountRecord? {
        let record = unsafe machine.pointee.journal.record(machine.pointee.journal.account(address))
        try checkState()
        return record.isEmpty ? nil : record
    }

    /// A storage slot as the transactions so far have left it.
    public func storage(_ address: Address, _ slot: UInt256) throws(StateError) -> UInt256 {
        let account = unsafe machine.pointee.journal.account(address)
        let index = unsafe machine.pointee.journal.slot(account, slot)
        try checkState()
        return unsafe machine.pointee.journal.slots.entries[index].present
    }

    /// An account's code as the transactions so far have left it.
    public func code(_ address: Address) throws(StateError) -> [UInt8] {
        let code = unsafe machine.pointee.journal.code(machine.pointee.journal.account(address)).copy
        try checkState()
        return code
    }

    /// The net changes against the database, in the order that `StateChanges` promises.
    ///
    /// An account whose `record` is `nil` has lost its storage too.
    public func changes() -> StateChanges { unsafe machine.pointee.journal.changes() }

    /// Forgets all transactions and goes on over another state of the same block.
    public func restart(over database: StateDatabase) { unsafe machine.pointee.journal.restart(over: database) }

    /// What the fee recipient gets for a transaction.
    public func tip(of outcome: TransactionOutcome) -> UInt256 {
        UInt256(outcome.gasUsed) &* (outcome.effectiveGasPrice &- environment.baseFeePerGas)
    }

    // MARK: - Observation

    /// Who watches the transactions and calls from now on; `nil`, the default, costs nothing.
    public var observer: ExecutionObserver? {
        get { unsafe machine.pointee.observation?.pointee.observer }
        set { unsafe machine.pointee.observe(newValue) }
    }

    /// Whether the observer gave up what was just executed.
    private func takeInterruption() -> Bool {
        guard let o = unsafe machine.pointee.observation, unsafe o.pointee.isInterrupted else { return false }
        unsafe o.pointee.isInterrupted = false
        return true
    }

    func checkState() throws(StateError) {
        if unsafe machine.pointee.journal.failed { throw .unavailable }
    }

    // MARK: - Transactions

    /// Executes a transaction whose signature gave `sender`. On `.invalid` and `.interrupted` nothing has changed.
    public func execute(_ transaction: Transaction, sender: Address) throws(ExecutionError) -> TransactionOutcome {
        let message = try begin { () throws(TransactionInvalidity) in try validate(transaction, sender: sender) }
        return try complete(message)
    }

    /// Executes a call as if it were a transaction: its effects stay. The sender needs no nonce and may have code; its balance must
    /// cover the value and, when a price is given, the fees. Without a price no fee is paid.
    public func apply(_ request: CallRequest) throws(ExecutionError) -> TransactionOutcome {
        let message = try begin { () throws(TransactionInvalidity) in try validate(request) }
        return try complete(message)
    }

    /// The same, but all effects are taken back, and without a price BASEFEE reads zero.
    public func call(_ request: CallRequest) throws(ExecutionError) -> TransactionOutcome {
        let baseFee = unsafe machine.pointee.environment.baseFeePerGas
        if request.maxFeePerGas.isZero { unsafe machine.pointee.environment.baseFeePerGas = .zero }
        defer {
            unsafe machine.pointee.environment.baseFeePerGas = baseFee
            unsafe machine.pointee.journal.revert(to: .start)
        }
        let message = try begin { () throws(TransactionInvalidity) in try validate(request) }
        let outcome = perform(message)
        try rethrow(checkState)
        if takeInterruption() { throw .interrupted }
        return outcome
    }

    private func begin(_ validate: () throws(TransactionInvalidity) -> Message) throws(ExecutionError) -> Message {
        try rethrow(checkState)
        unsafe machine.pointee.journal.beginTransaction()
        let message: Message
        do {
            message = try validate()
        } catch {
            try rethrow(checkState)
            throw .invalid(error)
        }
        try rethrow(checkState)
        return message
    }

    private func complete(_ message: Message) throws(ExecutionError) -> TransactionOutcome {
        let outcome = perform(message)
        try rethrow(checkState)
        if takeInterruption() {
            unsafe machine.pointee.journal.revert(to: .start)
            throw .interrupted
        }
        unsafe machine.pointee.journal.finishTransaction()
        return outcome
    }

    private func rethrow(_ body: () throws(StateError) -> Void) throws(ExecutionError) {
        do {
            try body()
        } catch {
            throw .state(error)
        }
    }
}
