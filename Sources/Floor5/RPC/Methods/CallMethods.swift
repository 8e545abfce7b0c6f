// Floor 5, RPC: execution without a transaction.

/// Methods that execute.
enum CallMethods {
    static let table: [Method] = [
        Method("eth_call", .heavy, parameters: 4) { call, writer throws(RPCError) in writer.data(try CallRunner(call).call()) },
        Method("eth_estimateGas", .heavy, parameters: 4) { call, writer throws(RPCError) in
            writer.quantity(try CallRunner(call).estimate())
        },
    ]
}
