// Floor 5, RPC: the default tracer, one log for each instruction.
//
// The text is written while the transaction runs, so that nothing but the answer itself is kept.
import Engine
import Primitives

/// What clients choose of struct logs.
struct StructLogOptions {
    var hasStack = true
    var hasStorage = true
    var hasMemory = false
    var hasReturnData = false
    /// Logs beyond this many are left out; 0 for no limit.
    var limit = 0
}

final class StructLogger: TransactionTracer {
    private let options: StructLogOptions
    private var text = JSONWriter(capacity: 4096)
    private var count = 0
    private var isWriting = false
    /// Slots that each contract has read or written so far, in the order of first use.
    private var storage: [Address: ContractStorage] = [:]

    private struct ContractStorage {
        var keys: [UInt256] = []
        var values: [UInt256: UInt256] = [:]

        mutating func set(_ key: UInt256, _ value: UInt256) {
            if values.updateValue(value, forKey: key) == nil { keys.append(key) }
        }
    }

    init(_ subject: TraceSubject, _ budget: TraceBudget, _ options: StructLogOptions) {
        self.options = options
        super.init(subject, budget, opcodes: .all)
        text.beginArray()
    }

    override func step(_ step: Step) {
        isWriting = budget.failure == nil && (options.limit == 0 || count < options.limit)
        guard isWriting else { return }
        count += 1
        let mark = text.count
        text.element()
        text.beginObject()
        text.key("pc")
        text.integer(step.programCounter)
        text.field("op", OpcodeNames.name(step.opcode))
        text.key("gas")
        text.integer(Int(clamping: step.gas))
        text.key("depth")
        text.integer(step.depth + 1)
        if step.refund > 0 {
            text.key("refund")
            text.integer(Int(step.refund))
        }
        if options.hasStack { writeStack(step) }
        if options.hasMemory { writeMemory(step.memory) }
        if options.hasReturnData {
            let data = step.returnData
            if !data.isEmpty { text.field("returnData", data: data) }
        }
        if options.hasStorage { writeStorage(step) }
        budget.spend(text.count - mark)
    }

    override func stepEnded(costGas: UInt64, halt: HaltReason?) {
        guard isWriting else { return }
        text.key("gasCost")
        text.integer(Int(clamping: costGas))
        if let halt { text.field("error", halt.message) }
        text.endObject()
    }

    private func writeStack(_ step: Step) {
        text.key("stack")
        text.beginArray()
        for word in step.stack {
            text.element()
            text.quantity(word)
        }
        text.endArray()
    }

    private func writeMemory(_ memory: [UInt8]) {
        text.key("memory")
        text.beginArray()
        for start in stride(from: 0, to: memory.count, by: 32) {
            text.element()
            text.bareHex(memory[start..<start + 32])
        }
        text.endArray()
    }

    private func writeStorage(_ step: Step) {
        guard let key = step.word(0) else { return }
        let value: UInt256
        switch step.opcode {
        case 0x54: value = step.storage(key)
        case 0x55:
            guard let new = step.word(1) else { return }
            value = new
        default: return
        }
        storage[step.address, default: ContractStorage()].set(key, value)
        guard let known = storage[step.address] else { return }
        text.key("storage")
        text.beginObject()
        for key in known.keys {
            text.key(StructLogger.digits(key))
            text.bareHex((known.values[key] ?? .zero).bigEndianBytes)
        }
        text.endObject()
    }

    private static func digits(_ word: UInt256) -> [UInt8] { Array(Hash256(word).hex.utf8.dropFirst(2)) }

    override func write(_ outcome: TransactionOutcome, _ executor: TransactionExecutor, _ writer: inout JSONWriter) {
        text.endArray()
        writer.beginObject()
        writer.key("gas")
        writer.integer(Int(clamping: outcome.gasUsed))
        writer.field("failed", !outcome.succeeded)
        writer.field("returnValue", data: outcome.output)
        writer.key("structLogs")
        writer.raw(text.bytes)
        writer.endObject()
    }
}
