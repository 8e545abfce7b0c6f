// The clients of a run: they sign transfers and go on sending each until it is in a final block.
internal import Crypto
internal import Engine
internal import Mempool
internal import Primitives

struct Clients {
    private let chain: SimulatedChain
    private let transfersPerSecond: UInt64
    var random: SeededRandom
    private var nonces: [UInt64]
    private var open: [(transaction: PooledTransaction, sentAt: UInt64)] = []
    /// Thousandths of a transfer that are due.
    private var due: UInt64 = 0

    static let intervalMilliseconds: UInt64 = 20
    /// A client that has not seen its transaction final for so long sends it again, to another node.
    private static let patienceMilliseconds: UInt64 = 1_000

    init(plan: SimulationPlan, chain: SimulatedChain, random: SeededRandom) {
        self.chain = chain
        self.random = random
        transfersPerSecond = plan.load?.transfersPerSecond ?? 0
        nonces = Array(repeating: 0, count: chain.accounts.count)
    }

    /// What clients send now: new transfers, and those that are not final yet again.
    mutating func act(milliseconds: UInt64, signsNew: Bool, isFinal: (Hash256) -> Bool) -> [PooledTransaction] {
        var sent: [PooledTransaction] = []
        open.removeAll { isFinal($0.transaction.hash) }
        for index in open.indices where open[index].sentAt + Clients.patienceMilliseconds <= milliseconds {
            open[index].sentAt = milliseconds
            sent.append(open[index].transaction)
        }
        guard signsNew else { return sent }
        due += transfersPerSecond * Clients.intervalMilliseconds
        while due >= 1_000 {
            due -= 1_000
            let transfer = sign()
            open.append((transfer, milliseconds))
            sent.append(transfer)
        }
        return sent
    }

    private mutating func sign() -> PooledTransaction {
        let index = random.index(chain.accounts.count)
        let key = chain.accounts[index]
        let transaction = Transaction(
            type: .dynamicFee, chainID: SimulationPlan.chainID, nonce: nonces[index], gasLimit: 21_000,
            maxFeePerGas: SimulatedChain.gwei &* 10, maxPriorityFeePerGas: SimulatedChain.gwei, to: Address(small: 1_000 + UInt32(random.below(64))),
            value: UInt256(1 + random.below(1_000)), data: []
        ).signed(with: key)
        nonces[index] += 1
        let raw = transaction.encode()
        let hash = Keccak256.hash(raw)
        chain.known[hash] = PreparedTransaction(raw: raw, hash: hash, sender: key.address, transaction: transaction)
        return PooledTransaction(hash: hash, raw: raw, sender: key.address, transaction: transaction)
    }
}
