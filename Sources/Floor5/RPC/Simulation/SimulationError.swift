// Floor 5, RPC: the errors of `eth_simulateV1`, with the codes of execution-apis.
import Engine

enum SimulationError {
    /// The code of a call that did not end well, in its result.
    static let executionCode = -32015

    static func blockNumber(_ number: UInt64, after previous: UInt64) -> RPCError {
        RPCError(code: -38020, message: "block numbers must be in order: \(number) <= \(previous)")
    }

    static func timestamp(_ timestamp: UInt64, after previous: UInt64) -> RPCError {
        RPCError(code: -38021, message: "block timestamps must be in order: \(timestamp) <= \(previous)")
    }

    static func blockGas(_ wanted: UInt64, limit: UInt64) -> RPCError {
        RPCError(code: -38015, message: "block gas limit reached: \(wanted) >= \(limit)")
    }

    static func tooMuch(_ message: String) -> RPCError { RPCError(code: -38026, message: message) }

    static var timeout: RPCError { RPCError(code: -32016, message: "execution aborted: timeout") }

    /// Why a call cannot be part of its block; the whole request fails with it.
    static func invalid(_ reason: TransactionInvalidity) -> RPCError {
        RPCError(code: code(reason), message: "err: \(reason.message)")
    }

    private static func code(_ reason: TransactionInvalidity) -> Int {
        switch reason {
        case .nonceTooLow: -38010
        case .nonceTooHigh, .nonceOverflow: -38011
        case .feeCapBelowBaseFee: -38012
        case .intrinsicGasTooLow, .floorGasTooLow: -38013
        case .insufficientFunds: -38014
        case .gasLimitAboveBlock, .gasLimitAboveTransactionLimit: -38015
        case .senderHasCode: -38024
        case .initCodeTooLarge: -38025
        default: -32602
        }
    }
}
