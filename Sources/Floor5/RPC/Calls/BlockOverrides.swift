// Floor 5, RPC: block overrides, the fields of a block that a client wants executed with (execution-apis `BlockOverrides`).
import Engine
import Primitives

/// What a client changes of a block's environment.
struct BlockOverrides {
    var number: UInt64?
    var timestampSeconds: UInt64?
    var gasLimit: UInt64?
    var feeRecipient: Address?
    var prevRandao: Hash256?
    var baseFeePerGas: UInt256?
    var blobBaseFee: UInt256?

    /// - Parameter argument: the position of the parameter, for errors.
    init(_ value: JSONValue?, argument: Int) throws(RPCError) {
        guard let value else { return }
        guard case .object = value else { throw .invalidArgument(argument, "an object of block overrides is expected") }
        let reader = FieldReader(value, argument: argument)
        number = try reader.quantity("number").map(\.saturatedUInt64)
        timestampSeconds = try reader.quantity("time").map(\.saturatedUInt64)
        gasLimit = try reader.quantity("gasLimit").map(\.saturatedUInt64)
        feeRecipient = try reader.address("feeRecipient", or: "coinbase")
        prevRandao = try reader.hash("prevRandao", or: "random")
        baseFeePerGas = try reader.quantity("baseFeePerGas", or: "baseFee")
        blobBaseFee = try reader.quantity("blobBaseFee")
    }

    func apply(to environment: inout BlockEnvironment) {
        if let number { environment.number = number }
        if let timestampSeconds { environment.timestampSeconds = timestampSeconds }
        if let gasLimit { environment.gasLimit = gasLimit }
        if let feeRecipient { environment.coinbase = feeRecipient }
        if let prevRandao { environment.prevRandao = prevRandao }
        if let baseFeePerGas { environment.baseFeePerGas = baseFeePerGas }
        if let blobBaseFee { environment.blobBaseFee = blobBaseFee }
    }
}
