// Floor 5, RPC: `4byteTracer`, how often each function selector is called with how many bytes of arguments.
import Engine
import Primitives

final class SelectorTracer: TransactionTracer {
    private static let entryByteCount = 32
    private var counts: [[UInt8]: Int] = [:]

    init(_ subject: TraceSubject, _ budget: TraceBudget) { super.init(subject, budget, seesFrames: true) }

    override func enter(_ frame: FrameStart) {
        guard !frame.origin.isCreation, !frame.isPrecompile, frame.input.count >= 4, budget.failure == nil else { return }
        let name = Array("\(Hex.encode(Array(frame.input[0..<4])))-\(frame.input.count - 4)".utf8)
        if counts[name] == nil { budget.spend(SelectorTracer.entryByteCount) }
        counts[name, default: 0] += 1
    }

    override func write(_ outcome: TransactionOutcome, _ executor: TransactionExecutor, _ writer: inout JSONWriter) {
        writer.beginObject()
        for (name, count) in counts.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            writer.key(name)
            writer.integer(count)
        }
        writer.endObject()
    }
}
