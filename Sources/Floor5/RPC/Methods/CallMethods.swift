// Floor 5, RPC: execution without a transaction.

/// Methods that execute.
enum CallMethods {
    static let table: [Method] = [
        Method("eth_call", .heavy, parameters: 4) { call, writer throws(RPCError) in writer.data(try CallRunner(call).call()) },
        Method("eth_estimateGas", .heavy, parameters: 4) { call, writer throws(RPCError) in
            writer.quantity(try CallRunner(call).estimate())
        },
        Method("eth_createAccessList", .heavy, parameters: 3) { call, writer throws(RPCError) in
            try AccessListMethod.write(call, &writer)
        },
        Method("eth_simulateV1", .heavy, parameters: 2) { call, writer throws(RPCError) in
            var simulator = try Simulator(call)
            try simulator.run(&writer)
        },
    ]
}
