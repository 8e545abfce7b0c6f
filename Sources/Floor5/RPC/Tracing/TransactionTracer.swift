// Floor 5, RPC: what all tracers of `debug_trace…` have in common.
import Engine
import Primitives

/// Time and bytes that one trace may take. Shared by the tracers of one request; confined to one thread.
final class TraceBudget {
    let deadline: ContinuousClock.Instant
    private let timeout: RPCError
    private var bytesLeft: Int
    /// Why the trace must end.
    private(set) var failure: RPCError?

    init(deadline: ContinuousClock.Instant, timeout: RPCError, byteCount: Int) {
        self.deadline = deadline
        self.timeout = timeout
        bytesLeft = byteCount
    }

    /// Counts bytes that a tracer keeps; about those of the answer.
    func spend(_ byteCount: Int) {
        bytesLeft -= byteCount
        if bytesLeft < 0, failure == nil { failure = .responseTooLarge }
    }

    /// Whether the execution must end.
    var isSpent: Bool {
        if failure == nil, ContinuousClock.now >= deadline { failure = timeout }
        return failure != nil
    }

    func check() throws(RPCError) {
        if isSpent, let failure { throw failure }
    }
}

/// The transaction or call that is about to run.
struct TraceSubject {
    let sender: Address
    /// The account that is called or created.
    let target: Address
    let gasLimit: UInt64
    /// Accounts whose authorizations it carries (EIP-7702).
    let authorities: [Address]
    let environment: BlockEnvironment
    /// Where in its block the first of its logs stands.
    let firstLogIndex: UInt64
    /// The state before it.
    let state: StateDatabase
}

/// Watches one transaction and then writes what it saw. The base class is the tracer that sees nothing (`noopTracer`).
class TransactionTracer: ExecutionObserver {
    let subject: TraceSubject
    let budget: TraceBudget

    init(_ subject: TraceSubject, _ budget: TraceBudget, opcodes: OpcodeSet = OpcodeSet(), seesFrames: Bool = false) {
        self.subject = subject
        self.budget = budget
        super.init(opcodes: opcodes, seesFrames: seesFrames)
    }

    override func shouldStop() -> Bool { budget.isSpent }

    /// Writes the result.
    /// - Parameter executor: in the state after the transaction.
    func write(_ outcome: TransactionOutcome, _ executor: TransactionExecutor, _ writer: inout JSONWriter) throws(RPCError) {
        writer.beginObject()
        writer.endObject()
    }

    /// A read of state for the trace.
    func read<T>(_ body: () throws(StateError) -> T) throws(RPCError) -> T {
        do throws(StateError) { return try body() } catch {
            try budget.check()
            throw .stateUnreadable
        }
    }
}

/// Several tracers over one execution (`muxTracer`).
final class MuxTracer: TransactionTracer {
    private let parts: [(name: StaticString, tracer: TransactionTracer)]
    /// Those that the running step was shown to.
    private var stepping: [TransactionTracer] = []

    init(_ subject: TraceSubject, _ budget: TraceBudget, _ parts: [(name: StaticString, tracer: TransactionTracer)]) {
        self.parts = parts
        var opcodes = OpcodeSet()
        for part in parts { opcodes.formUnion(part.tracer.opcodes) }
        super.init(subject, budget, opcodes: opcodes, seesFrames: parts.contains { $0.tracer.seesFrames })
    }

    override func step(_ step: Step) {
        stepping.removeAll(keepingCapacity: true)
        for part in parts where part.tracer.opcodes.contains(step.opcode) {
            part.tracer.step(step)
            stepping.append(part.tracer)
        }
    }

    override func stepEnded(costGas: UInt64, halt: HaltReason?) {
        for tracer in stepping { tracer.stepEnded(costGas: costGas, halt: halt) }
    }

    override func enter(_ frame: FrameStart) {
        for part in parts where part.tracer.seesFrames { part.tracer.enter(frame) }
    }

    override func leave(_ frame: FrameEnd) {
        for part in parts where part.tracer.seesFrames { part.tracer.leave(frame) }
    }

    override func logged(_ log: Log) {
        for part in parts { part.tracer.logged(log) }
    }

    override func selfDestructed(_ contract: Address, heir: Address, balance: UInt256) {
        for part in parts { part.tracer.selfDestructed(contract, heir: heir, balance: balance) }
    }

    override func write(_ outcome: TransactionOutcome, _ executor: TransactionExecutor, _ writer: inout JSONWriter) throws(RPCError) {
        writer.beginObject()
        for part in parts {
            writer.key(part.name)
            try part.tracer.write(outcome, executor, &writer)
        }
        writer.endObject()
    }
}
