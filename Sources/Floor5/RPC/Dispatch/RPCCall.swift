// Floor 5, RPC: one call on its way through a method: its parameters, decoded with go-ethereum's error words, and its bounds.
package import Primitives

/// What all methods share.
package struct RPCContext: Sendable {
    package let backend: any NodeBackend
    package let limits: RPCLimits
    package let filters: FilterStore
    package let hub: EventHub

    package init(backend: any NodeBackend, limits: RPCLimits, filters: FilterStore, hub: EventHub) {
        self.backend = backend
        self.limits = limits
        self.filters = filters
        self.hub = hub
    }
}

/// One call of a method. Parameters that a client leaves out and those given as `null` are the same.
package struct RPCCall: Sendable {
    package let context: RPCContext
    package let parameters: [JSONValue]
    /// The connection, when it can carry subscriptions.
    package let session: (any RPCSession)?
    /// When the whole request must be done.
    package let deadline: ContinuousClock.Instant

    package var backend: any NodeBackend { context.backend }
    package var limits: RPCLimits { context.limits }

    /// The parameter at `index`, `nil` when it is absent or null.
    package func optional(_ index: Int) -> JSONValue? {
        guard index < parameters.count, !parameters[index].isNull else { return nil }
        return parameters[index]
    }

    package func required(_ index: Int) throws(RPCError) -> JSONValue {
        guard let value = optional(index) else {
            throw .invalidParameters("missing value for required argument \(index)")
        }
        return value
    }

    /// Fails once the deadline has passed: long scans call it between steps.
    package func checkTime() throws(RPCError) {
        if ContinuousClock.now >= deadline { throw .timedOut }
    }

    // MARK: - Typed parameters

    package func text(_ index: Int) throws(RPCError) -> [UInt8] {
        let value = try required(index)
        guard let text = value.text else { throw .invalidArgument(index, "a string is expected, not \(value.kind)") }
        return text
    }

    private func decode<T>(_ index: Int, _ body: ([UInt8]) throws(HexText.Failure) -> T) throws(RPCError) -> T {
        let text = try text(index)
        do throws(HexText.Failure) {
            return try body(text)
        } catch {
            throw .invalidArgument(index, error.message)
        }
    }

    package func address(_ index: Int) throws(RPCError) -> Address {
        try decode(index) { text throws(HexText.Failure) in try HexText.address(text) }
    }

    package func hash(_ index: Int) throws(RPCError) -> Hash256 {
        try decode(index) { text throws(HexText.Failure) in try HexText.hash(text) }
    }

    package func data(_ index: Int) throws(RPCError) -> [UInt8] {
        try decode(index) { text throws(HexText.Failure) in try HexText.data(text) }
    }

    package func word(_ index: Int) throws(RPCError) -> UInt256 {
        try decode(index) { text throws(HexText.Failure) in try HexText.word(text) }
    }

    package func quantity64(_ index: Int) throws(RPCError) -> UInt64 {
        try decode(index) { text throws(HexText.Failure) in try HexText.quantity64(text) }
    }

    /// A count that clients send as a number or as a quantity (feeHistory).
    package func count(_ index: Int) throws(RPCError) -> UInt64 {
        if case .number(let digits) = try required(index) {
            guard let value = UInt64(String(decoding: digits, as: UTF8.self)) else {
                throw .invalidArgument(index, "a non-negative integer is expected")
            }
            return value
        }
        return try quantity64(index)
    }

    package func bool(_ index: Int, default fallback: Bool) throws(RPCError) -> Bool {
        guard let value = optional(index) else { return fallback }
        guard case .bool(let flag) = value else { throw .invalidArgument(index, "a boolean is expected, not \(value.kind)") }
        return flag
    }

    /// A block tag, number, hash or EIP-1898 object; `latest` when absent.
    package func block(_ index: Int) throws(RPCError) -> BlockSelector {
        guard let value = optional(index) else { return .latest }
        do throws(HexText.Failure) {
            return try BlockSelector(value)
        } catch {
            throw .invalidArgument(index, error.message)
        }
    }
}

/// A connection that can be sent notifications.
package protocol RPCSession: AnyObject, Sendable {
    /// Registers a subscription; the returned text is its id.
    func subscribe(_ kind: SubscriptionKind) throws(RPCError) -> String
    /// False when the connection has no such subscription.
    func unsubscribe(_ id: String) -> Bool
}
