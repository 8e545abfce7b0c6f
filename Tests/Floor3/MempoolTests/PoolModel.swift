// Helpers of the pool's tests: transactions without signatures (the pool trusts its caller with those) and a seeded generator.
import Engine
import Mempool
import Primitives

/// SplitMix64 (Steele, Lea, Flood 2014).
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

let gwei: UInt64 = 1_000_000_000
let richAccount = AccountRecord(nonce: 0, balance: UInt256(gwei) &* UInt256(gwei) &* 1_000)

func sender(_ number: UInt32) -> Address { Address(small: 0xa000_0000 + number) }

func makePool(
    maximumTransactions: Int = 1_000, maximumBytes: Int = 1 << 20, perAccount: Int = 64, baseFee: UInt64 = gwei
) -> Mempool {
    Mempool(
        limits: MempoolLimits(
            maximumTransactions: maximumTransactions, maximumBytes: maximumBytes, maximumTransactionsPerAccount: perAccount,
            minimumPriorityFeePerGas: 0),
        blockGasLimit: 30_000_000, baseFeePerGas: UInt256(baseFee))
}

func makeTransaction(
    from number: UInt32, nonce: UInt64, tip: UInt64 = gwei, maxFee: UInt64 = 10 * gwei, gasLimit: UInt64 = 21_000,
    value: UInt256 = 1
) -> PooledTransaction {
    let transaction = Transaction(
        type: .dynamicFee, chainID: 1, nonce: nonce, gasLimit: gasLimit, maxFeePerGas: UInt256(maxFee),
        maxPriorityFeePerGas: UInt256(tip), to: Address(small: 0xb0b), value: value)
    var raw = transaction.encode()
    raw.append(contentsOf: sender(number).bytes)
    return PooledTransaction(hash: Keccak256.hash(raw), raw: raw, sender: sender(number), transaction: transaction)
}

let wholeBlock = SelectionLimits(gas: 30_000_000, bytes: 1 << 20, count: 10_000, overheadBytes: 4)
