// Floor 5, RPC: eth_subscribe and eth_unsubscribe, for connections that can be sent notifications.

/// Methods about subscriptions.
enum SubscriptionMethods {
    static let table: [Method] = [
        Method("eth_subscribe", .light, parameters: 2) { call, writer throws(RPCError) in
            guard let session = call.session else { throw RPCError(code: -32601, message: "notifications not supported") }
            writer.string(try session.subscribe(try kind(call)))
        },
        Method("eth_unsubscribe", .light, parameters: 1) { call, writer throws(RPCError) in
            guard let session = call.session else { throw RPCError(code: -32601, message: "notifications not supported") }
            guard session.unsubscribe(String(decoding: try call.text(0), as: UTF8.self)) else { throw .server("subscription not found") }
            writer.bool(true)
        },
    ]

    private static func kind(_ call: RPCCall) throws(RPCError) -> SubscriptionKind {
        let name = try call.text(0)
        if JSONValue.equal(name, "newHeads") { return .newHeads }
        if JSONValue.equal(name, "syncing") { return .syncing }
        if JSONValue.equal(name, "newPendingTransactions") {
            if case .bool(true)? = call.optional(1) {
                throw .invalidArgument(1, "only hashes of pending transactions are offered")
            }
            return .newPendingTransactions
        }
        if JSONValue.equal(name, "logs") { return .logs(try LogFilter(call.optional(1), limits: call.limits)) }
        let shown = String(decoding: name.prefix(100), as: UTF8.self)
        throw RPCError(code: -32601, message: "no \"\(shown)\" subscription in eth namespace")
    }
}
