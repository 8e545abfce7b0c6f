// Any bytes as an encoded transaction, and what decodes is executed in every fork.
import Engine
import Primitives

func fuzzTransaction(_ bytes: [UInt8]) {
    guard var transaction = try? Transaction.decode(bytes) else { return }
    precondition(transaction.encode() == bytes, "decoding is not the inverse of encoding")
    let sender = transaction.recoverSender()
    _ = transaction.hash
    if transaction.chainID != nil { transaction.chainID = 1 }
    // A block's gas at most, else a loop of the called code takes minutes.
    transaction.gasLimit = min(transaction.gasLimit, 1_000_000)
    // Copies calldata to memory, stores its first word and calls the other contract with it.
    let code: [UInt8] = [
        0x36, 0x5f, 0x5f, 0x37, 0x5f, 0x35, 0x5f, 0x55, 0x5f, 0x5f, 0x36, 0x5f, 0x5f, 0x61, 0xc0, 0x02, 0x5a, 0xf1, 0x36, 0x5f, 0xf3,
    ]
    for fork in Fork.allCases {
        let state = FuzzState(senderNonce: transaction.nonce, contract: code, other: [0x5f, 0x35, 0x31, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xfd])
        state.execute(transaction, fork)
        if let sender { state.execute(transaction, fork, sender: sender) }
    }
}
