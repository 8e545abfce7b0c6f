// Any bytes as input of any precompiled contract, called by a transaction, in every fork that has it.
import Engine
import Primitives

func fuzzPrecompile(_ bytes: [UInt8]) {
    var input = FuzzInput(bytes)
    let number = UInt32(input.uint16()) % 0x101
    let fork = input.fork()
    let transaction = Transaction(
        type: .legacy, chainID: nil, nonce: 0, gasLimit: 3_000_000, maxFeePerGas: 2, maxPriorityFeePerGas: 2, to: Address(small: number),
        value: .zero, data: Array(input.rest))
    FuzzState().execute(transaction, fork)
}
