// Floor 5, RPC: one entry of the dispatcher's table.

/// A method: its name, what it costs and its body.
package struct Method: Sendable {
    /// Writes the result as JSON; what it wrote before an error is dropped.
    package typealias Body = @Sendable (RPCCall, inout JSONWriter) throws(RPCError) -> Void

    /// Where a method runs.
    package enum Cost: Comparable, Sendable {
        /// Answered on the event loop: touches no store and takes microseconds.
        case instant
        /// A few reads of the stores.
        case light
        /// Execution, or a scan of many blocks.
        case heavy
    }

    package enum Kind: Sendable {
        case read(Body)
        /// `eth_sendRawTransaction`: the only asynchronous method; runs of it in a batch are submitted together.
        case submit
    }

    package let name: StaticString
    package let cost: Cost
    /// More parameters than this are refused.
    package let parameterLimit: Int
    package let kind: Kind

    package init(_ name: StaticString, _ cost: Cost, parameters: Int, _ body: @escaping Body) {
        self.name = name
        self.cost = cost
        self.parameterLimit = parameters
        self.kind = .read(body)
    }

    package init(submit name: StaticString) {
        self.name = name
        cost = .light
        parameterLimit = 1
        kind = .submit
    }
}
