// Floor 5, RPC: what a client wants traced and how (go-ethereum's `TraceConfig`).
import Engine
import Primitives

/// A tracer with its options.
indirect enum TracerChoice {
    case structLogs(StructLogOptions)
    case call(CallTracerOptions)
    case prestate(PrestateOptions)
    case selectors
    case nothing
    case several([(name: StaticString, choice: TracerChoice)])

    /// The tracers that have a name.
    private static let names: [StaticString] = ["callTracer", "prestateTracer", "4byteTracer", "noopTracer", "muxTracer"]

    init(_ name: [UInt8], _ options: JSONValue?, argument: Int) throws(RPCError) {
        let reader = FieldReader(options ?? .object([]), argument: argument)
        if JSONValue.equal(name, "callTracer") {
            self = .call(CallTracerOptions(hasOnlyTopCall: try reader.flag("onlyTopCall"), hasLogs: try reader.flag("withLog")))
        } else if JSONValue.equal(name, "prestateTracer") {
            self = .prestate(
                PrestateOptions(
                    isDifference: try reader.flag("diffMode"), hasCode: try !reader.flag("disableCode"),
                    hasStorage: try !reader.flag("disableStorage"), hasEmptyAccounts: try reader.flag("includeEmpty")))
        } else if JSONValue.equal(name, "4byteTracer") {
            self = .selectors
        } else if JSONValue.equal(name, "noopTracer") {
            self = .nothing
        } else if JSONValue.equal(name, "muxTracer") {
            self = try TracerChoice.several(options, argument: argument)
        } else {
            throw .server("tracer not found: \(String(decoding: name.prefix(100), as: UTF8.self))")
        }
    }

    /// Each tracer once, and none inside another.
    private static func several(_ options: JSONValue?, argument: Int) throws(RPCError) -> TracerChoice {
        guard case .object(let members)? = options else {
            throw .invalidArgument(argument, "muxTracer: tracerConfig must be an object of tracers")
        }
        var parts: [(name: StaticString, choice: TracerChoice)] = []
        for member in members {
            guard let name = names.first(where: { JSONValue.equal(member.name, $0) }), !JSONValue.equal(member.name, "muxTracer") else {
                throw .server("tracer not found: \(String(decoding: member.name.prefix(100), as: UTF8.self))")
            }
            guard !parts.contains(where: { JSONValue.equal(member.name, $0.name) }) else {
                throw .invalidArgument(argument, "muxTracer: \(name) is given twice")
            }
            parts.append((name, try TracerChoice(member.name, member.value.isNull ? nil : member.value, argument: argument)))
        }
        return .several(parts)
    }

    func tracer(_ subject: TraceSubject, _ budget: TraceBudget) -> TransactionTracer {
        switch self {
        case .structLogs(let options): StructLogger(subject, budget, options)
        case .call(let options): CallTracer(subject, budget, options)
        case .prestate(let options): PrestateTracer(subject, budget, options)
        case .selectors: SelectorTracer(subject, budget)
        case .nothing: TransactionTracer(subject, budget)
        case .several(let parts): MuxTracer(subject, budget, parts.map { ($0.name, $0.choice.tracer(subject, budget)) })
        }
    }
}

/// The options of one trace request.
struct TraceOptions {
    var choice = TracerChoice.structLogs(StructLogOptions())
    /// Wall time of each transaction; nil for the server's limit.
    var timeoutMilliseconds: Int64?
    /// Only for calls.
    var stateOverrides: JSONValue?
    var blockOverrides: JSONValue?

    /// Takes the parameter at `index`; without one, struct logs.
    init(_ call: RPCCall, _ index: Int) throws(RPCError) {
        guard let value = call.optional(index) else { return }
        guard case .object = value else { throw .invalidArgument(index, "an object of trace options is expected, not \(value.kind)") }
        let reader = FieldReader(value, argument: index)
        if let name = reader.member("tracer") {
            guard let text = name.text else { throw .invalidArgument(index, "tracer: a string is expected, not \(name.kind)") }
            choice = try TracerChoice(text, reader.member("tracerConfig"), argument: index)
        } else {
            choice = .structLogs(
                StructLogOptions(
                    hasStack: try !reader.flag("disableStack"), hasStorage: try !reader.flag("disableStorage"),
                    hasMemory: try reader.flag("enableMemory"), hasReturnData: try reader.flag("enableReturnData"),
                    limit: try reader.count("limit") ?? 0))
        }
        if let timeout = reader.member("timeout") {
            guard let text = timeout.text, let milliseconds = TraceOptions.milliseconds(text) else {
                throw .invalidArgument(index, "timeout: a duration such as 10s or 500ms is expected")
            }
            timeoutMilliseconds = milliseconds
        }
        stateOverrides = reader.member("stateOverrides")
        blockOverrides = reader.member("blockOverrides")
    }

    /// A whole number of minutes, seconds or milliseconds.
    private static func milliseconds(_ text: [UInt8]) -> Int64? {
        let digits = text.prefix { (0x30...0x39).contains($0) }
        guard digits.count <= 9, let number = Int64(String(decoding: digits, as: UTF8.self)) else { return nil }
        switch String(decoding: text.dropFirst(digits.count), as: UTF8.self) {
        case "ms": return number
        case "s": return number * 1_000
        case "m": return number * 60_000
        default: return nil
        }
    }

    /// The budget of one transaction that is traced from now on.
    func budget(_ call: RPCCall, writtenByteCount: Int) -> TraceBudget {
        let limit = call.limits.callTimeMilliseconds
        let milliseconds = min(timeoutMilliseconds ?? limit, limit)
        return TraceBudget(
            deadline: min(call.deadline, .now + .milliseconds(milliseconds)),
            timeout: .server("execution timeout (\(milliseconds)ms)"), byteCount: call.limits.responseByteCount - writtenByteCount)
    }
}
