// Floor 6, Testnet: the transfers of a run. An account stays with its node while that answers; when it does not, the account goes
// to the next and gives it again what may have been lost, as a wallet would. So every transfer that was made must become final.
internal import Primitives
internal import Synchronization

/// A transfer that was sent.
struct SentTransfer: Sendable {
    var transfer: SignedTransfer
    /// When it was first sent, by the host's clock.
    var microseconds: UInt64
    /// The position of the node that took it.
    var node: Int
}

/// Sends transfers at a rate until it is stopped.
final class LoadGenerator: Sendable {
    private struct Account {
        var source: TransferSource
        var node: Int
        var sent: [SentTransfer] = []
    }

    private let ports: [UInt16]
    private let accounts: Mutex<[Account]>
    private let stopped = Atomic<Bool>(false)
    private let repeated = Atomic<Int>(0)
    private let stepMicroseconds: UInt64

    private static let timeoutMilliseconds: UInt64 = 1_000
    /// A node that does not take a transfer is left alone for this long.
    private static let pauseMilliseconds: UInt64 = 50

    /// - Parameters:
    ///   - ports: of the nodes of the manifest, in its order.
    ///   - nodes: positions of those that take transfers.
    init(_ load: LoadConfiguration, chainID: UInt64, accounts: [DevelopmentAccount], ports: [UInt16], nodes: [Int]) {
        self.ports = ports
        stepMicroseconds = 1_000_000 / max(1, load.ratePerSecond)
        self.accounts = Mutex(
            accounts.prefix(load.senders).enumerated().map { index, account in
                Account(source: TransferSource(chainID: chainID, accounts: [account]), node: nodes[index % nodes.count])
            })
    }

    func stop() { stopped.store(true, ordering: .relaxed) }

    /// Transfers that were given to a node again.
    var repeatedCount: Int { repeated.load(ordering: .relaxed) }

    /// Everything sent, account by account in nonce order.
    var sent: [[SentTransfer]] { accounts.withLock { $0.map { $0.sent } } }

    /// Runs on a thread of its own until `stop`.
    func run() {
        let senders = ports.map { TransferSender(connection: HTTPConnection(port: $0, timeoutMilliseconds: LoadGenerator.timeoutMilliseconds)) }
        let start = HostSystem.microseconds
        var number: UInt64 = 0
        while !stopped.load(ordering: .relaxed) {
            let due = start + number * stepMicroseconds
            let now = HostSystem.microseconds
            if now < due {
                HostSystem.sleep(microseconds: min(due - now, 20_000))
                continue
            }
            let turn = Int(number)
            accounts.withLock { accounts in send(&accounts[turn % accounts.count], senders) }
            number += 1
        }
    }

    private func send(_ account: inout Account, _ senders: [TransferSender]) {
        let transfer = account.source.sign()
        account.sent.append(SentTransfer(transfer: transfer, microseconds: HostSystem.microseconds, node: account.node))
        while !stopped.load(ordering: .relaxed) {
            if let refused = try? senders[account.node].send([transfer]), refused.isEmpty { return }
            HostSystem.sleep(milliseconds: LoadGenerator.pauseMilliseconds)
            account.node = (account.node + 1) % senders.count
            account.sent[account.sent.count - 1].node = account.node
            repeatAll(account.sent.dropLast().map { $0.transfer }, senders[account.node])
        }
    }

    private func repeatAll(_ transfers: [SignedTransfer], _ sender: TransferSender) {
        for first in stride(from: 0, to: transfers.count, by: RPCBatch.limit) {
            let batch = Array(transfers[first..<min(first + RPCBatch.limit, transfers.count)])
            repeated.add(batch.count, ordering: .relaxed)
            _ = try? sender.send(batch)
        }
    }

    /// Gives a node again what is in no final block yet, in nonce order.
    func sendAgain(missing isMissing: (Hash256) -> Bool, port: UInt16) {
        let sender = TransferSender(connection: HTTPConnection(port: port, timeoutMilliseconds: 5_000))
        for list in sent { repeatAll(list.map { $0.transfer }.filter { isMissing($0.hash) }, sender) }
    }
}
