// Floor 5, RPC: JSON-RPC 2.0 over bytes. HTTP, WebSocket and the tests all come through here; it knows no sockets.

/// Answers JSON-RPC requests from a table of methods.
package final class Dispatcher: Sendable {
    /// A body on its way: answered at once, or parsed and to be run where its cost says.
    package enum Prepared: Sendable {
        case response([UInt8])
        case work(JSONValue, cost: Method.Cost)
    }

    package let context: RPCContext
    package let metrics: RPCMetrics
    private let methods: [Method]
    /// From the UTF-8 of a name to its place in `methods`.
    private let indices: [[UInt8]: Int]
    private let jsonLimits = JSONLimits()

    package init(context: RPCContext) {
        self.context = context
        let methods = MethodTable.all
        var indices: [[UInt8]: Int] = [:]
        for (index, method) in methods.enumerated() {
            indices[Array(method.name.description.utf8)] = index
        }
        self.methods = methods
        self.indices = indices
        metrics = RPCMetrics(methodNames: methods.map { $0.name.description })
    }

    /// The whole answer to a body; empty when nothing is to be sent (notifications only).
    package func respond(to body: [UInt8], session: (any RPCSession)? = nil) async -> [UInt8] {
        switch prepare(body, session: session) {
        case .response(let response): return response
        case .work(let value, _): return await run(value, session: session)
        }
    }

    /// Parses a body, answers it when that takes no time, else tells its cost.
    package func prepare(_ body: [UInt8], session: (any RPCSession)?) -> Prepared {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONParser.parse(body, limits: jsonLimits)
        } catch {
            metrics.refused()
            return .response(Dispatcher.failure(.parse("\(error.message) at byte \(error.offset)")))
        }
        guard case .array(let entries) = value else {
            let request = request(value)
            guard cost(request) == .instant else { return .work(value, cost: cost(request)) }
            var writer = JSONWriter()
            answer(request, session: session, deadline: deadline(), &writer)
            return .response(writer.bytes)
        }
        if entries.isEmpty {
            metrics.refused()
            return .response(Dispatcher.failure(.invalidRequest("empty batch")))
        }
        guard entries.count <= context.limits.batchCount else {
            metrics.refused()
            let message = "batch too large: \(entries.count) requests, the limit is \(context.limits.batchCount)"
            return .response(Dispatcher.failure(.invalidRequest(message)))
        }
        return .work(value, cost: entries.reduce(.light) { max($0, cost(request($1))) })
    }

    /// Runs parsed requests one after the other.
    package func run(_ value: JSONValue, session: (any RPCSession)?) async -> [UInt8] {
        let deadline = deadline()
        guard case .array(let entries) = value else {
            var writer = JSONWriter(capacity: 1_024)
            let request = request(value)
            if request.isSubmission {
                await submit([request], deadline: deadline, &writer)
            } else {
                answer(request, session: session, deadline: deadline, &writer)
            }
            return writer.bytes
        }
        var writer = JSONWriter(capacity: entries.count * 128)
        writer.beginArray()
        var index = 0
        while index < entries.count, !Task.isCancelled {
            let request = request(entries[index])
            index += 1
            if request.isSubmission {
                var run = [request]
                while index < entries.count {
                    let next = self.request(entries[index])
                    guard next.isSubmission else { break }
                    run.append(next)
                    index += 1
                }
                await submit(run, deadline: deadline, &writer)
            } else {
                answer(request, session: session, deadline: deadline, &writer)
                if request.cost == .heavy { await Task.yield() }
            }
        }
        if writer.count == 1 { return [] }
        writer.endArray()
        return writer.bytes
    }

    private func deadline() -> ContinuousClock.Instant {
        ContinuousClock.now + .milliseconds(context.limits.requestTimeMilliseconds)
    }

    // MARK: - Requests

    /// One entry of a body, checked for form.
    private struct Request {
        enum Target {
            case method(Int, Method)
            case failure(RPCError)
        }

        /// `nil` for a notification.
        var id: JSONValue?
        var parameters: [JSONValue]
        var target: Target

        var cost: Method.Cost {
            if case .method(_, let method) = target { return method.cost }
            return .instant
        }

        var isSubmission: Bool {
            if case .method(_, let method) = target, case .submit = method.kind { return true }
            return false
        }
    }

    private func cost(_ request: Request) -> Method.Cost { request.cost }

    private func request(_ value: JSONValue) -> Request {
        func refuse(_ error: RPCError, _ id: JSONValue? = .null) -> Request {
            Request(id: id, parameters: [], target: .failure(error))
        }
        guard case .object = value else { return refuse(.invalidRequest("a request is an object, not \(value.kind)")) }
        let id = value["id"]
        switch id {
        case .none, .null, .number, .string: break
        default: return refuse(.invalidRequest("an id is a string, a number or null"))
        }
        guard let version = value["jsonrpc"], version.isText("2.0") else {
            return refuse(.invalidRequest("jsonrpc must be \"2.0\""), id ?? .null)
        }
        guard let name = value["method"]?.text else {
            return refuse(.invalidRequest("method must be a string"), id ?? .null)
        }
        var parameters: [JSONValue] = []
        switch value["params"] {
        case .none, .null: break
        case .array(let list): parameters = list
        default: return refuse(.invalidParameters("non-array args"), id)
        }
        guard let index = indices[name] else {
            return refuse(.methodNotFound(String(decoding: name.prefix(100), as: UTF8.self)), id)
        }
        let method = methods[index]
        guard parameters.count <= method.parameterLimit else {
            return refuse(.invalidParameters("too many arguments, want at most \(method.parameterLimit)"), id)
        }
        return Request(id: id, parameters: parameters, target: .method(index, method))
    }

    // MARK: - Answers

    private func answer(
        _ request: Request, session: (any RPCSession)?, deadline: ContinuousClock.Instant, _ writer: inout JSONWriter
    ) {
        let start = ContinuousClock.now
        let mark = writer.count
        begin(request, &writer)
        let resultMark = writer.count
        var failure: RPCError?
        var place: Int?
        switch request.target {
        case .failure(let error): failure = error
        case .method(let index, let method):
            place = index
            guard case .read(let body) = method.kind else { break }
            if mark >= context.limits.responseByteCount {
                failure = .responseTooLarge
            } else if start >= deadline {
                failure = .timedOut
            } else {
                let call = RPCCall(context: context, parameters: request.parameters, session: session, deadline: deadline)
                writer.key("result")
                do throws(RPCError) {
                    try body(call, &writer)
                    if writer.count > context.limits.responseByteCount { failure = .responseTooLarge }
                } catch {
                    failure = error
                }
            }
        }
        finish(request, failure, mark: mark, resultMark: resultMark, &writer)
        metrics.record(method: place, failed: failure != nil, duration: ContinuousClock.now - start)
    }

    /// Submits a run of raw transactions in order and answers each.
    private func submit(_ requests: [Request], deadline: ContinuousClock.Instant, _ writer: inout JSONWriter) async {
        let start = ContinuousClock.now
        var transactions: [[UInt8]] = []
        var failures: [RPCError?] = []
        for request in requests {
            let call = RPCCall(context: context, parameters: request.parameters, session: nil, deadline: deadline)
            do throws(RPCError) {
                transactions.append(try call.data(0))
                failures.append(nil)
            } catch {
                failures.append(error)
            }
        }
        var results = await context.backend.submit(batch: transactions)[...]
        let share = (ContinuousClock.now - start) / max(1, requests.count)
        for (request, failure) in zip(requests, failures) {
            let mark = writer.count
            begin(request, &writer)
            let resultMark = writer.count
            var failure = failure
            if failure == nil {
                switch results.popFirst() {
                case .success(let hash)?:
                    writer.key("result")
                    writer.hash(hash)
                case .failure(let rejection)?: failure = .server(rejection.message)
                case nil: failure = RPCError(code: -32603, message: "the pool gave no answer")
                }
            }
            finish(request, failure, mark: mark, resultMark: resultMark, &writer)
            if case .method(let index, _) = request.target {
                metrics.record(method: index, failed: failure != nil, duration: share)
            }
        }
    }

    private func begin(_ request: Request, _ writer: inout JSONWriter) {
        // An opening bracket is the first byte of a batch; a single answer starts an empty buffer.
        if writer.count > 0 { writer.element() }
        writer.raw("{\"jsonrpc\":\"2.0\",\"id\":")
        Dispatcher.write(id: request.id, &writer)
    }

    private func finish(_ request: Request, _ failure: RPCError?, mark: Int, resultMark: Int, _ writer: inout JSONWriter) {
        guard request.id != nil else { return writer.truncate(to: mark) }
        if let failure {
            writer.truncate(to: resultMark)
            writer.key("error")
            failure.write(to: &writer)
        }
        writer.endObject()
    }

    private static func write(id: JSONValue?, _ writer: inout JSONWriter) {
        switch id {
        case .number(let digits)?: writer.raw(digits)
        case .string(let text)?: writer.string(utf8: text)
        default: writer.null()
        }
    }

    /// The answer to a body that is no request at all.
    package static func failure(_ error: RPCError) -> [UInt8] {
        var writer = JSONWriter()
        writer.raw("{\"jsonrpc\":\"2.0\",\"id\":null")
        writer.key("error")
        error.write(to: &writer)
        writer.endObject()
        return writer.bytes
    }
}
