// Floor 5, RPC: `callTracer`, the tree of calls and creations of a transaction.
import Engine
import Primitives

struct CallTracerOptions {
    var hasOnlyTopCall = false
    var hasLogs = false
}

final class CallTracer: TransactionTracer {
    /// One frame of the tree.
    private struct Node {
        var kind: StaticString
        var start: FrameStart
        var end: FrameEnd?
        var children: [Int] = []
        var logs: [Entry] = []
        /// Whether its effects are undone, its own failure or that of a frame around it.
        var isVoid = false
    }

    private struct Entry {
        var log: Log
        /// Inner frames of its frame that came before it.
        var position: Int
        /// The order of emission.
        var number: Int
    }

    /// What a frame costs of the answer beside its input and output.
    private static let frameByteCount = 320
    private static let logByteCount = 160

    private let options: CallTracerOptions
    private var nodes: [Node] = []
    private var open: [Int] = []
    private var depth = 0
    private var logCount = 0
    /// Place in the block by number of emission; void logs have none.
    private var logPlaces: [UInt64?] = []

    init(_ subject: TraceSubject, _ budget: TraceBudget, _ options: CallTracerOptions) {
        self.options = options
        super.init(subject, budget, seesFrames: true)
    }

    private var isKept: Bool { budget.failure == nil && (!options.hasOnlyTopCall || depth == 1) }

    override func enter(_ frame: FrameStart) {
        depth += 1
        guard isKept else { return open.append(-1) }
        var frame = frame
        if depth == 1 { frame.gas = subject.gasLimit }
        add(Node(kind: CallTracer.kind(frame.origin), start: frame))
    }

    private func add(_ node: Node) {
        budget.spend(CallTracer.frameByteCount + 2 * node.start.input.count)
        let index = nodes.count
        nodes.append(node)
        if let parent = open.last, parent >= 0 { nodes[parent].children.append(index) }
        open.append(index)
    }

    override func leave(_ frame: FrameEnd) {
        depth -= 1
        guard let index = open.popLast(), index >= 0 else { return }
        budget.spend(2 * frame.output.count)
        nodes[index].end = frame
        nodes[index].isVoid = frame.result != .success
    }

    override func selfDestructed(_ contract: Address, heir: Address, balance: UInt256) {
        guard budget.failure == nil, !options.hasOnlyTopCall else { return }
        let start = FrameStart(
            origin: .call, depth: depth, from: contract, to: heir, value: balance, gas: 0, input: [], isPrecompile: false)
        add(Node(kind: "SELFDESTRUCT", start: start, end: FrameEnd(result: .success, gasLeft: 0, output: [])))
        open.removeLast()
    }

    override func logged(_ log: Log) {
        guard options.hasLogs else { return }
        defer { logCount += 1 }
        guard isKept, let index = open.last, index >= 0 else { return }
        budget.spend(CallTracer.logByteCount + 2 * log.data.count + 70 * log.topics.count)
        nodes[index].logs.append(Entry(log: log, position: nodes[index].children.count, number: logCount))
    }

    // MARK: - Result

    override func write(_ outcome: TransactionOutcome, _ executor: TransactionExecutor, _ writer: inout JSONWriter) {
        guard !nodes.isEmpty else { return writer.null() }
        // Parents precede children.
        for index in nodes.indices {
            for child in nodes[index].children where nodes[index].isVoid { nodes[child].isVoid = true }
        }
        placeLogs()
        write(0, gasUsed: outcome.gasUsed, &writer)
    }

    /// Numbers the logs that stay, in the order of their emission.
    private func placeLogs() {
        logPlaces = [UInt64?](repeating: nil, count: logCount)
        for node in nodes where !node.isVoid {
            for entry in node.logs { logPlaces[entry.number] = 0 }
        }
        var next = subject.firstLogIndex
        for index in logPlaces.indices where logPlaces[index] != nil {
            logPlaces[index] = next
            next += 1
        }
    }

    /// At most 1,026 frames deep.
    private func write(_ index: Int, gasUsed: UInt64?, _ writer: inout JSONWriter) {
        let node = nodes[index]
        let start = node.start
        let end = node.end ?? FrameEnd(result: .success, gasLeft: start.gas, output: [])
        writer.beginObject()
        writer.field("from", start.from)
        writer.field("gas", start.gas)
        writer.field("gasUsed", gasUsed ?? (start.gas - min(start.gas, end.gasLeft)))
        if !(start.origin.isCreation && end.result != .success) { writer.field("to", start.to) }
        writer.field("input", data: start.input)
        writeEnd(end, &writer)
        if !node.children.isEmpty {
            writer.key("calls")
            writer.beginArray()
            for child in node.children {
                writer.element()
                write(child, gasUsed: nil, &writer)
            }
            writer.endArray()
        }
        if !node.isVoid, !node.logs.isEmpty { writeLogs(node.logs, &writer) }
        if start.origin != .staticCall { writer.field("value", start.value) }
        writer.field("type", text: node.kind)
        writer.endObject()
    }

    private func writeEnd(_ end: FrameEnd, _ writer: inout JSONWriter) {
        switch end.result {
        case .success:
            if !end.output.isEmpty { writer.field("output", data: end.output) }
        case .reverted:
            if !end.output.isEmpty { writer.field("output", data: end.output) }
            writer.field("error", "execution reverted")
            if let reason = RevertReason.text(end.output) { writer.field("revertReason", reason) }
        case .halted(let reason): writer.field("error", reason.message)
        case .refused(let reason): writer.field("error", reason.message)
        }
    }

    private func writeLogs(_ logs: [Entry], _ writer: inout JSONWriter) {
        writer.key("logs")
        writer.beginArray()
        for entry in logs {
            writer.element()
            writer.beginObject()
            writer.field("address", entry.log.address)
            writer.key("topics")
            writer.beginArray()
            for topic in entry.log.topics {
                writer.element()
                writer.hash(topic)
            }
            writer.endArray()
            writer.field("data", data: entry.log.data)
            writer.field("index", logPlaces[entry.number] ?? 0)
            writer.field("position", UInt64(entry.position))
            writer.endObject()
        }
        writer.endArray()
    }

    private static func kind(_ origin: FrameOrigin) -> StaticString {
        switch origin {
        case .call: "CALL"
        case .callCode: "CALLCODE"
        case .delegateCall: "DELEGATECALL"
        case .staticCall: "STATICCALL"
        case .create: "CREATE"
        case .create2: "CREATE2"
        }
    }
}
