// Floor 5, RPC: the parameters of `eth_simulateV1` (execution-apis `EthSimulatePayload`).
import Primitives

/// One block to be simulated.
struct SimulatedBlock {
    var overrides: BlockOverrides
    var stateOverrides: StateOverrides
    var calls: [CallArguments]
}

struct SimulationRequest {
    /// Blocks of one request, the empty ones between them included.
    static let blockLimit: UInt64 = 256
    /// Calls of one request.
    static let callLimit = 10_000

    var blocks: [SimulatedBlock] = []
    /// Whether transfers of ether are shown as logs.
    var tracesTransfers: Bool
    /// Whether transactions must be valid, not only executable.
    var validates: Bool
    var hasFullTransactions: Bool

    init(_ value: JSONValue, chainID: UInt64) throws(RPCError) {
        guard case .object = value else { throw .invalidArgument(0, "an object is expected, not \(value.kind)") }
        let reader = FieldReader(value)
        tracesTransfers = try reader.flag("traceTransfers")
        validates = try reader.flag("validation")
        hasFullTransactions = try reader.flag("returnFullTransactions")
        let list = try reader.list("blockStateCalls")
        guard !list.isEmpty else { throw .invalidParameters("empty input") }
        guard UInt64(list.count) <= SimulationRequest.blockLimit else { throw SimulationError.tooMuch("too many blocks") }
        var callCount = 0
        for element in list {
            guard case .object = element else { throw .invalidArgument(0, "blockStateCalls: objects are expected, not \(element.kind)") }
            let block = FieldReader(element)
            let calls = try block.list("calls")
            callCount += calls.count
            guard callCount <= SimulationRequest.callLimit else { throw SimulationError.tooMuch("too many calls") }
            blocks.append(
                SimulatedBlock(
                    overrides: try BlockOverrides(block.member("blockOverrides"), argument: 0),
                    stateOverrides: try StateOverrides(block.member("stateOverrides"), argument: 0),
                    calls: try calls.map { call throws(RPCError) in try CallArguments(call, chainID: chainID) }))
        }
    }
}
