// Any bytes as code: of the contract that is called, of another that it may call, and as init code; with any calldata, in any fork.
import Engine
import Primitives

/// Enough for every price and for a few thousand instructions, so that a loop costs a millisecond.
private let gasLimits: [UInt64] = [25_000, 60_000, 200_000, 500_000]

func fuzzBytecode(_ bytes: [UInt8]) {
    var input = FuzzInput(bytes)
    let fork = input.fork()
    let choice = input.byte()
    let value = UInt256(UInt64(input.byte()))
    let otherCount = input.uint16()
    let dataCount = Int(input.byte())
    let other = input.take(otherCount % 512)
    let data = input.take(dataCount)
    let code = Array(input.rest)
    let isCreation = choice & 4 != 0
    var transaction = Transaction(
        type: .legacy, chainID: nil, nonce: 0, gasLimit: gasLimits[Int(choice & 3)], maxFeePerGas: 2, maxPriorityFeePerGas: 2,
        to: isCreation ? nil : FuzzState.contract, value: value, data: isCreation ? code : data)
    if isCreation { transaction.gasLimit += UInt64(code.count) * 20 + 32_000 }
    FuzzState(contract: isCreation ? data : code, other: other).execute(transaction, fork)
}
