// Floor 6, Testnet: signed transfers for the benchmark. Every account belongs to one sender, whose transfers keep nonce order.
internal import Crypto
internal import Engine
internal import Foundation
internal import Primitives

/// The accounts of one sender and their next nonces.
struct TransferSource {
    private let chainID: UInt64
    private let accounts: [DevelopmentAccount]
    private var nonces: [UInt64]
    private var next = 0

    private static let gas: UInt64 = 21_000
    /// Far above any base fee that transfers can bring about.
    private static let maximumFee = UInt256(1_000_000_000_000)
    private static let tip = UInt256(1_000_000_000)

    init(chainID: UInt64, accounts: [DevelopmentAccount]) {
        self.chainID = chainID
        self.accounts = accounts
        nonces = [UInt64](repeating: 0, count: accounts.count)
    }

    /// The next transfer, of the account whose turn it is, to its neighbour.
    mutating func sign() -> SignedTransfer {
        let index = next
        next = (next + 1) % accounts.count
        let transaction = Transaction(
            type: .dynamicFee, chainID: chainID, nonce: nonces[index], gasLimit: TransferSource.gas,
            maxFeePerGas: TransferSource.maximumFee, maxPriorityFeePerGas: TransferSource.tip,
            to: accounts[(index + 1) % accounts.count].address, value: 1)
        nonces[index] += 1
        let raw = transaction.signed(with: accounts[index].key).encode()
        return SignedTransfer(hash: Keccak256.hash(raw), parameters: "[\"\(Hex.encode(raw))\"]")
    }
}

/// A transfer ready to be sent.
struct SignedTransfer: Sendable {
    var hash: Hash256
    /// The parameters of `eth_sendRawTransaction`.
    var parameters: String
}

/// Sends transfers to one node over one connection.
struct TransferSender {
    let connection: HTTPConnection

    /// Sends a batch and returns those that the node refused and that may be sent again.
    func send(_ transfers: [SignedTransfer]) throws(TestnetError) -> [SignedTransfer] {
        let request = RPCBatch.request("eth_sendRawTransaction", transfers.map { $0.parameters })
        let body: [UInt8]
        do { body = try connection.post(request) } catch { throw .failed("a node did not take transfers: \(error)") }
        guard TransferSender.mentionsError(body) else { return [] }
        var refused: [SignedTransfer] = []
        for (transfer, reply) in zip(transfers, RPCBatch.answers(body, count: transfers.count, as: String.self)) {
            guard let reply else { throw .failed("a node answered a batch incompletely") }
            guard let error = reply.error else { continue }
            if error.message.contains("already known") || error.message.contains("nonce too low") { continue }
            guard TransferSender.passes(error.message) else { throw .failed("a node refused a transfer: \(error.message)") }
            refused.append(transfer)
        }
        return refused
    }

    /// Whether the reason for a refusal goes away by itself.
    private static func passes(_ message: String) -> Bool {
        let text = message.lowercased()
        return ["full", "limit", "too many", "nonce too high", "gap", "queue", "underpriced"].contains { text.contains($0) }
    }

    /// A cheap look before the answer is parsed.
    private static func mentionsError(_ body: [UInt8]) -> Bool {
        let word = Array("\"error\"".utf8)
        guard body.count >= word.count else { return true }
        var index = 0
        while index + word.count <= body.count {
            if body[index] == word[0], body[index + 1] == word[1], body[index + 2] == word[2], body[index..<(index + word.count)].elementsEqual(word) {
                return true
            }
            index += 1
        }
        return false
    }
}

/// Threads that are joined.
enum Workers {
    /// Starts `count` threads with indices from 0; call the result to wait for their end.
    static func start(count: Int, _ body: @escaping @Sendable (Int) -> Void) -> () -> Void {
        let group = DispatchGroup()
        for index in 0..<count {
            group.enter()
            let thread = Thread {
                body(index)
                group.leave()
            }
            thread.start()
        }
        return { group.wait() }
    }
}
