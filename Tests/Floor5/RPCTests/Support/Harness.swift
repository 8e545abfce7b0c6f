// A dispatcher over a fake node, and short access to its answers.
import Primitives
import RPC
import Testing

final class Harness: Sendable {
    let node: FakeNode
    let hub: EventHub
    let dispatcher: Dispatcher

    init(limits: RPCLimits = RPCLimits(), world: World = Fixtures.world()) {
        node = FakeNode(world)
        let filters = FilterStore(limits: limits)
        let hub = EventHub(backend: node, filters: filters) { $0() }
        self.hub = hub
        dispatcher = Dispatcher(context: RPCContext(backend: node, limits: limits, filters: filters, hub: hub))
        _ = node.subscribe { hub.handle($0) }
    }

    /// The parsed answer to a body, `nil` for an empty one.
    func send(_ body: String, session: (any RPCSession)? = nil) async throws -> JSONValue? {
        let answer = await dispatcher.respond(to: Array(body.utf8), session: session)
        return answer.isEmpty ? nil : try JSONParser.parse(answer)
    }

    func call(_ method: String, _ parameters: String = "", session: (any RPCSession)? = nil) async throws -> JSONValue {
        let answer = try await send("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\(method)\",\"params\":[\(parameters)]}", session: session)
        return try #require(answer)
    }

    func result(_ method: String, _ parameters: String = "", session: (any RPCSession)? = nil) async throws -> JSONValue {
        let answer = try await call(method, parameters, session: session)
        #expect(answer["error"] == nil, "\(method): \(answer.error?.message ?? "")")
        return try #require(answer["result"])
    }

    func error(_ method: String, _ parameters: String = "") async throws -> (code: Int, message: String, data: String?) {
        try #require(try await call(method, parameters).error)
    }

    /// Puts a transaction into the pool by RPC; the result is its hash in text.
    @discardableResult
    func submit(_ raw: [UInt8]) async throws -> String {
        try #require(try await result("eth_sendRawTransaction", "\"\(Hex.encode(raw))\"").string)
    }
}

extension JSONValue {
    var string: String? { text.map { String(decoding: $0, as: UTF8.self) } }
    var elements: [JSONValue]? {
        if case .array(let elements) = self { return elements }
        return nil
    }
    /// The value of a hexadecimal quantity.
    var quantity: UInt256? { string.flatMap { UInt256(quantityHex: $0) } }
    var names: [String] {
        guard case .object(let members) = self else { return [] }
        return members.map { String(decoding: $0.name, as: UTF8.self) }
    }
    var error: (code: Int, message: String, data: String?)? {
        guard let error = self["error"], case .number(let digits)? = error["code"], let message = error["message"]?.string else { return nil }
        return (Int(String(decoding: digits, as: UTF8.self)) ?? 0, message, error["data"]?.string)
    }
}

extension Address {
    var quoted: String { "\"\(hex)\"" }
}

extension Hash256 {
    var quoted: String { "\"\(hex)\"" }
}
