// Floor 5, RPC: executes what a client asks for on the state of a block, within gas and time.
import Engine
import Primitives

/// One call or estimate. Lives on one thread.
struct CallRunner {
    let arguments: CallArguments
    let environment: BlockEnvironment
    private let limits: RPCLimits
    private let database: OverlayDatabase
    private let executor: TransactionExecutor
    private let deadline: ContinuousClock.Instant
    private let timeout: RPCError

    /// Takes the parameters (transaction, block, state overrides, block overrides) of a call.
    init(_ call: RPCCall) throws(RPCError) {
        arguments = try CallArguments(try call.required(0), chainID: call.backend.chainID)
        let overrides = try StateOverrides(call.optional(2), argument: 2)
        var site = try CallSite(call, try call.block(1))
        try BlockOverrides(call.optional(3), argument: 3).apply(to: &site.environment)
        deadline = call.executionDeadline
        timeout = call.executionTimeout
        database = try site.database(call, overrides, deadline: deadline)
        environment = site.environment
        limits = call.limits
        executor = TransactionExecutor(database: database, environment: environment)
        executor.observer = DeadlineObserver(deadline)
    }

    // MARK: - Execution

    private enum Run {
        case done(TransactionOutcome)
        case invalid(TransactionInvalidity)
    }

    private func run(gas: UInt64) throws(RPCError) -> Run {
        guard ContinuousClock.now < deadline else { throw timeout }
        do throws(ExecutionError) {
            return .done(try executor.call(arguments.request(gas: gas)))
        } catch {
            switch error {
            case .invalid(let reason): return .invalid(reason)
            case .interrupted: throw timeout
            case .state: throw database.isTimeUp ? timeout : .stateUnreadable
            }
        }
    }

    /// The gas that the sender can pay for at the price given; `nil` without a price.
    private func allowance() throws(RPCError) -> UInt64? {
        guard !arguments.maxFeePerGas.isZero else { return nil }
        let balance: UInt256
        do throws(StateError) {
            balance = try database.account(arguments.from)?.balance ?? .zero
        } catch {
            throw database.isTimeUp ? timeout : .stateUnreadable
        }
        guard let available = balance.subtracting(arguments.value) else { throw .server("insufficient funds for transfer") }
        return available.dividedOrZero(by: arguments.maxFeePerGas).quotient.saturatedUInt64
    }

    /// `eth_call`.
    func call() throws(RPCError) -> [UInt8] {
        var gas = min(arguments.gas ?? limits.callGas, limits.callGas)
        // Without a gas limit of the caller's, a price must not demand funds for the server's limit.
        if arguments.gas == nil, let allowance = try allowance() { gas = min(gas, max(allowance, GasSearch.transferGas)) }
        switch try run(gas: gas) {
        case .invalid(let reason): throw .server(reason.message)
        case .done(let outcome):
            try CallRunner.check(outcome)
            return outcome.output
        }
    }

    private static func check(_ outcome: TransactionOutcome) throws(RPCError) {
        switch outcome.status {
        case .success: return
        case .reverted: throw RevertReason.error(outcome.output)
        case .halted(let reason): throw .server(reason.message)
        }
    }

    // MARK: - Estimate

    /// `eth_estimateGas`: the least gas, to about 1.5 %, with which the transaction does what it does with plenty.
    func estimate() throws(RPCError) -> UInt64 {
        var limit = environment.gasLimit
        if let gas = arguments.gas, gas >= GasSearch.transferGas { limit = gas }
        limit = min(limit, limits.callGas)
        if let allowance = try allowance() { limit = min(limit, allowance) }
        if try isPlainTransfer(), limit >= GasSearch.transferGas,
            case .done(let outcome) = try run(gas: GasSearch.transferGas), outcome.succeeded
        {
            return GasSearch.transferGas
        }
        let first: TransactionOutcome
        switch try run(gas: limit) {
        case .done(let outcome): first = outcome
        case .invalid(.intrinsicGasTooLow), .invalid(.floorGasTooLow): throw CallRunner.exceedsAllowance(limit)
        case .invalid(let reason): throw .server(reason.message)
        }
        if first.status == .halted(.outOfGas) { throw CallRunner.exceedsAllowance(limit) }
        try CallRunner.check(first)
        let comparesOutput = try GasSearch.hasStableOutput(first, run: { gas throws(RPCError) in try outcome(gas: gas) }, limit: limit)
        return try GasSearch.least(first, limit: limit) { gas throws(RPCError) in
            guard let outcome = try outcome(gas: gas), outcome.succeeded else { return false }
            return outcome.logs.count == first.logs.count && (!comparesOutput || outcome.output == first.output)
        }
    }

    private func outcome(gas: UInt64) throws(RPCError) -> TransactionOutcome? {
        if case .done(let outcome) = try run(gas: gas) { return outcome }
        return nil
    }

    private static func exceedsAllowance(_ limit: UInt64) -> RPCError { .server("gas required exceeds allowance (\(limit))") }

    private func isPlainTransfer() throws(RPCError) -> Bool {
        guard let to = arguments.to, arguments.data.isEmpty, arguments.accessList.isEmpty, arguments.authorizations.isEmpty else {
            return false
        }
        do throws(StateError) {
            return (try database.account(to)?.codeHash ?? Keccak256.empty) == Keccak256.empty
        } catch {
            throw database.isTimeUp ? timeout : .stateUnreadable
        }
    }
}

/// The search of `eth_estimateGas`, apart from execution.
enum GasSearch {
    /// What a transfer costs, the least of all transactions.
    static let transferGas: UInt64 = 21_000
    /// EIP-150: a call may pass on 63/64 of the gas left, so what was used is not enough by up to this share.
    private static let callShare: (UInt64, UInt64) = (64, 63)
    /// The stipend of a call with value must be there although it is given back.
    private static let stipend: UInt64 = 2_300
    /// The search ends when the bounds are nearer than this many thousandths.
    private static let toleranceThousandths: UInt64 = 15

    /// Whether the return data stays the same with one unit of gas less: that of a contract that returns `gasleft()` does not, and
    /// then tells nothing about inner calls that failed.
    static func hasStableOutput(
        _ first: TransactionOutcome, run: (UInt64) throws(RPCError) -> TransactionOutcome?, limit: UInt64
    ) throws(RPCError) -> Bool {
        if first.output.isEmpty || limit <= transferGas { return false }
        return try run(limit - 1)?.output == first.output
    }

    /// The least gas for which `succeeds` holds, between what the first run used and `limit`, for which it does hold.
    static func least(
        _ first: TransactionOutcome, limit: UInt64, succeeds: (UInt64) throws(RPCError) -> Bool
    ) throws(RPCError) -> UInt64 {
        var low = max(first.gasUsed, 1) - 1
        var high = limit
        let consumed = min(first.gasUsed &+ first.gasRefunded &+ stipend, limit)
        let likely = consumed.multipliedReportingOverflow(by: callShare.0).partialValue / callShare.1
        if likely < high, likely > low {
            if try succeeds(likely) { high = likely } else { low = likely }
        }
        while low + 1 < high {
            if (high - low) * 1_000 < high * toleranceThousandths { break }
            // Most transactions need little more than they use: look near the lower bound first.
            let middle = low > 0 ? min(low + (high - low) / 2, low * 2) : low + (high - low) / 2
            if try succeeds(middle) { high = middle } else { low = middle }
        }
        return high
    }
}
