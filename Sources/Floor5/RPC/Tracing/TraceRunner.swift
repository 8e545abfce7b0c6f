// Floor 5, RPC: executes transactions of a block again, or a call, under a tracer.
import Consensus
import Engine
import Executor
import Primitives

/// The transactions of one block, executed again in order on the state of its parent. Confined to one thread.
struct BlockReplay {
    private let call: RPCCall
    private let environment: BlockEnvironment
    private let database: OverlayDatabase
    let transactions: [TransactionRecord]

    init(_ call: RPCCall, _ record: BlockRecord) throws(RPCError) {
        let height = record.header.height
        guard height > 0 else { throw .server("genesis is not traceable") }
        self.call = call
        environment = call.backend.environment(of: record)
        transactions = try call.transactions(height)
        database = try call.overlay(height: height - 1, deadline: call.deadline)
        let executor = TransactionExecutor(database: database, environment: environment)
        do throws(StateError) { try executor.beginBlock(parentHash: record.header.parentHash) } catch { throw unreadable }
        database.apply(executor.changes())
    }

    private var unreadable: RPCError { database.isTimeUp ? .timedOut : .stateUnreadable }

    /// Executes the next transaction without a trace.
    func skip(_ record: TransactionRecord) throws(RPCError) {
        let (_, executor) = try execute(record, DeadlineObserver(call.deadline)) { .timedOut }
        database.apply(executor.changes())
    }

    /// Executes the next transaction and writes its trace.
    func trace(_ record: TransactionRecord, _ options: TraceOptions, _ writer: inout JSONWriter) throws(RPCError) {
        let budget = options.budget(call, writtenByteCount: writer.count)
        let transaction = record.transaction
        let subject = TraceSubject(
            sender: record.sender,
            target: transaction.to ?? ContractAddress.create(sender: record.sender, nonce: transaction.nonce),
            gasLimit: transaction.gasLimit, authorities: transaction.authorizations.compactMap { $0.recoverAuthority() },
            environment: environment, firstLogIndex: UInt64(record.firstLogIndex), state: database)
        let tracer = options.choice.tracer(subject, budget)
        let (outcome, executor) = try execute(record, tracer) { budget.failure ?? .timedOut }
        try budget.check()
        try tracer.write(outcome, executor, &writer)
        try budget.check()
        database.apply(executor.changes())
    }

    private func execute(
        _ record: TransactionRecord, _ observer: ExecutionObserver, timeout: () -> RPCError
    ) throws(RPCError) -> (TransactionOutcome, TransactionExecutor) {
        let executor = TransactionExecutor(database: database, environment: environment)
        executor.observer = observer
        do throws(ExecutionError) {
            return (try executor.execute(record.transaction, sender: record.sender), executor)
        } catch {
            switch error {
            case .interrupted: throw timeout()
            case .state: throw unreadable
            case .invalid(let reason): throw RPCError(code: -32603, message: "tracing failed: \(reason.message)")
            }
        }
    }
}

/// `debug_traceCall`.
enum CallTrace {
    static func write(_ call: RPCCall, _ writer: inout JSONWriter) throws(RPCError) {
        let arguments = try CallArguments(try call.required(0), chainID: call.backend.chainID)
        let options = try TraceOptions(call, 2)
        var site = try CallSite(call, try call.block(1))
        try BlockOverrides(options.blockOverrides, argument: 2).apply(to: &site.environment)
        // As in `eth_call`: without a price BASEFEE reads zero.
        if arguments.maxFeePerGas.isZero { site.environment.baseFeePerGas = .zero }
        let budget = options.budget(call, writtenByteCount: writer.count)
        let database = try site.database(call, try StateOverrides(options.stateOverrides, argument: 2), deadline: budget.deadline)
        let gas = min(arguments.gas ?? call.limits.callGas, call.limits.callGas)
        let request = arguments.request(gas: gas)
        let nonce: UInt64
        do throws(StateError) { nonce = try database.account(request.from)?.nonce ?? 0 } catch { throw .stateUnreadable }
        let subject = TraceSubject(
            sender: request.from, target: request.to ?? ContractAddress.create(sender: request.from, nonce: nonce), gasLimit: gas,
            authorities: request.authorizations.compactMap { $0.recoverAuthority() }, environment: site.environment, firstLogIndex: 0,
            state: database)
        let tracer = options.choice.tracer(subject, budget)
        let executor = TransactionExecutor(database: database, environment: site.environment)
        executor.observer = tracer
        let outcome: TransactionOutcome
        do throws(ExecutionError) { outcome = try executor.apply(request) } catch {
            try budget.check()
            switch error {
            case .invalid(let reason): throw .server("tracing failed: \(reason.message)")
            case .interrupted, .state: throw .stateUnreadable
            }
        }
        try budget.check()
        try tracer.write(outcome, executor, &writer)
        try budget.check()
    }
}
