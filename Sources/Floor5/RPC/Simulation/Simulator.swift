// Floor 5, RPC: `eth_simulateV1`, a chain of blocks that nobody has ordered, on top of an existing one.
//
// Confined to one thread. Every block stands on the state and the hash of the one before it. The state root of a simulated
// block is zero: the tree is not computed.
import Consensus
import Engine
import Executor
import Primitives

struct Simulator {
    /// Seconds between blocks when the client gives no time.
    private static let blockIntervalSeconds: UInt64 = 12

    private let call: RPCCall
    private let request: SimulationRequest
    private let database: OverlayDatabase
    private let deadline: ContinuousClock.Instant
    private let observer: SimulationObserver
    /// Gas that the rest of the request may use.
    private var gasLeft: UInt64
    private let baseHeight: UInt64
    private var parent: BlockRecord

    init(_ call: RPCCall) throws(RPCError) {
        self.call = call
        request = try SimulationRequest(try call.required(0), chainID: call.backend.chainID)
        parent = try call.existingRecord(try call.block(1))
        baseHeight = parent.header.height
        deadline = call.executionDeadline
        database = try call.overlay(height: baseHeight, deadline: deadline)
        observer = SimulationObserver(deadline: deadline, tracesTransfers: request.tracesTransfers)
        gasLeft = call.limits.callGas
    }

    mutating func run(_ writer: inout JSONWriter) throws(RPCError) {
        writer.beginArray()
        for block in request.blocks {
            let height = block.overrides.number ?? parent.header.height &+ 1
            guard height > parent.header.height else { throw SimulationError.blockNumber(height, after: parent.header.height) }
            guard height - baseHeight <= SimulationRequest.blockLimit else { throw SimulationError.tooMuch("too many blocks") }
            while parent.header.height + 1 < height { try simulate(nil, &writer) }
            try simulate(block, &writer)
        }
        writer.endArray()
    }

    private func state<T>(_ body: () throws(StateError) -> T) throws(RPCError) -> T {
        do throws(StateError) { return try body() } catch { throw database.isTimeUp ? SimulationError.timeout : .stateUnreadable }
    }

    // MARK: - One block

    /// What the block's transactions leave behind.
    private struct Content {
        var records: [TransactionRecord] = []
        var results: [CallResult] = []
        var gasUsed: UInt64 = 0
        var logCount: UInt32 = 0
        var bloom = LogsBloom()
    }

    private struct CallResult {
        var outcome: TransactionOutcome
        var logs: [Log]
        var firstLogIndex: UInt32
    }

    /// Simulates the next block, an empty one for `nil`.
    private mutating func simulate(_ block: SimulatedBlock?, _ writer: inout JSONWriter) throws(RPCError) {
        guard ContinuousClock.now < deadline else { throw SimulationError.timeout }
        let environment = try environment(block?.overrides)
        if let block { try state { () throws(StateError) in try database.apply(block.stateOverrides) } }
        let executor = TransactionExecutor(database: database, environment: environment)
        try state { () throws(StateError) in try executor.beginBlock(parentHash: parent.hash) }
        executor.observer = observer
        var content = Content()
        for arguments in block?.calls ?? [] { try execute(arguments, executor, environment, &content) }
        database.apply(executor.changes())

        let record = record(environment, content)
        database.setBlockHash(environment.number, record.hash)
        for index in content.records.indices { content.records[index].blockHash = record.hash }
        writer.element()
        writer.block(record, transactions: request.hasFullTransactions ? content.records : nil) { writer in
            writer.key("calls")
            writer.beginArray()
            for (result, transaction) in zip(content.results, content.records) {
                writer.element()
                Simulator.write(result, transaction, &writer)
            }
            writer.endArray()
        }
        if writer.count > call.limits.responseByteCount { throw .responseTooLarge }
        parent = record
    }

    private func environment(_ overrides: BlockOverrides?) throws(RPCError) -> BlockEnvironment {
        var environment = call.backend.environment(after: parent)
        environment.timestampSeconds = parent.header.timestampMilliseconds / 1_000 &+ Simulator.blockIntervalSeconds
        environment.gasLimit = parent.gasLimit
        environment.coinbase = parent.header.proposer
        environment.prevRandao = .zero
        if !request.validates { environment.baseFeePerGas = .zero }
        overrides?.apply(to: &environment)
        let previous = parent.header.timestampMilliseconds / 1_000
        // Milliseconds of a time must fit 64 bits.
        environment.timestampSeconds = min(environment.timestampSeconds, UInt64.max / 1_000)
        guard environment.timestampSeconds > previous else {
            throw SimulationError.timestamp(environment.timestampSeconds, after: previous)
        }
        return environment
    }

    private func record(_ environment: BlockEnvironment, _ content: Content) -> BlockRecord {
        let transactionsRoot = MerklePatriciaTrie.root(ofList: content.records.map { $0.transaction.encode() })
        let header = BlockHeader(
            epoch: parent.header.epoch, view: parent.header.view, height: environment.number, parentHash: parent.hash,
            parentView: parent.header.view, payloadRoot: transactionsRoot, payloadByteCount: 0,
            timestampMilliseconds: environment.timestampSeconds * 1_000, proposer: environment.coinbase)
        return BlockRecord(
            hash: header.hash, header: header, gasLimit: environment.gasLimit, gasUsed: content.gasUsed,
            baseFeePerGas: environment.baseFeePerGas, prevRandao: environment.prevRandao, stateRoot: .zero,
            transactionsRoot: transactionsRoot,
            receiptsRoot: MerklePatriciaTrie.root(ofList: content.records.map { $0.receipt.encode() }),
            logsBloom: content.bloom.bytes, transactionHashes: content.records.map(\.hash))
    }

    // MARK: - One call

    private mutating func execute(
        _ arguments: CallArguments, _ executor: TransactionExecutor, _ environment: BlockEnvironment, _ content: inout Content
    ) throws(RPCError) {
        let room = environment.gasLimit - min(content.gasUsed, environment.gasLimit)
        let wanted = arguments.gas ?? room
        guard wanted <= room else {
            throw SimulationError.blockGas(content.gasUsed.addingReportingOverflow(wanted).partialValue, limit: environment.gasLimit)
        }
        guard gasLeft > 0 else { throw SimulationError.tooMuch("the request's gas limit of \(call.limits.callGas) is reached") }
        let gas = min(wanted, gasLeft)
        let nonce = try state { () throws(StateError) in try executor.account(arguments.from)?.nonce ?? 0 }
        let transaction = Transaction(
            type: arguments.authorizations.isEmpty ? .dynamicFee : .setCode, chainID: environment.chainID,
            nonce: arguments.nonce ?? nonce, gasLimit: gas, maxFeePerGas: arguments.maxFeePerGas,
            maxPriorityFeePerGas: arguments.maxPriorityFeePerGas, to: arguments.to, value: arguments.value, data: arguments.data,
            accessList: arguments.accessList, authorizations: arguments.authorizations)
        observer.reset()
        let outcome: TransactionOutcome
        do throws(ExecutionError) {
            if request.validates {
                outcome = try executor.execute(transaction, sender: arguments.from)
            } else {
                outcome = try executor.apply(arguments.request(gas: gas))
            }
        } catch {
            switch error {
            case .invalid(let reason): throw SimulationError.invalid(reason)
            case .interrupted: throw SimulationError.timeout
            case .state: throw database.isTimeUp ? SimulationError.timeout : .stateUnreadable
            }
        }
        gasLeft -= min(gasLeft, outcome.gasUsed)
        content.gasUsed += outcome.gasUsed
        for log in outcome.logs { content.bloom.insert(log) }
        let logs = outcome.succeeded ? observer.logs : []
        content.results.append(CallResult(outcome: outcome, logs: logs, firstLogIndex: content.logCount))
        content.records.append(
            TransactionRecord(
                hash: transaction.hash, sender: arguments.from, transaction: transaction, blockHash: .zero,
                blockHeight: environment.number, index: UInt32(content.records.count), firstLogIndex: content.logCount,
                receipt: Receipt(
                    type: transaction.type, succeeded: outcome.succeeded, cumulativeGasUsed: content.gasUsed, gasUsed: outcome.gasUsed,
                    effectiveGasPrice: outcome.effectiveGasPrice, contractAddress: outcome.createdAddress, logs: outcome.logs)))
        content.logCount += UInt32(logs.count)
    }

    private static func write(_ result: CallResult, _ record: TransactionRecord, _ writer: inout JSONWriter) {
        let outcome = result.outcome
        writer.beginObject()
        writer.field("returnData", data: outcome.succeeded ? outcome.output : [])
        writer.key("logs")
        writer.beginArray()
        for (offset, log) in result.logs.enumerated() {
            writer.element()
            writer.log(
                LogEntry(
                    log: log, blockHash: record.blockHash, blockHeight: record.blockHeight, transactionHash: record.hash,
                    transactionIndex: record.index, logIndex: UInt64(result.firstLogIndex) + UInt64(offset)), removed: false)
        }
        writer.endArray()
        writer.field("gasUsed", outcome.gasUsed)
        writer.field("maxUsedGas", outcome.gasUsed + outcome.gasRefunded)
        writer.field("status", UInt64(outcome.succeeded ? 1 : 0))
        switch outcome.status {
        case .success: break
        case .reverted:
            writer.key("error")
            RevertReason.error(outcome.output).write(to: &writer)
        case .halted(let reason):
            writer.key("error")
            RPCError(code: SimulationError.executionCode, message: reason.message).write(to: &writer)
        }
        writer.endObject()
    }
}
