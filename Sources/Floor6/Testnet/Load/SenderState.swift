// Floor 6, Testnet: one sender of the benchmark: its accounts, its connection, what it has signed and sent.
internal import Primitives
internal import Synchronization

/// A sender; its work is done by one thread at a time.
final class SenderState: Sendable {
    /// What a sender's thread works on.
    struct Work: ~Copyable {
        fileprivate let sender: TransferSender
        fileprivate var source: TransferSource
        /// Signed and not sent, in nonce order.
        fileprivate var ready: [SignedTransfer] = []
        fileprivate var readyIndex = 0
        /// Refused by a full pool, to be sent first.
        fileprivate var again: [SignedTransfer] = []
        fileprivate var sent: [(Hash256, UInt64)] = []
        fileprivate var resent = 0
    }

    private let work: Mutex<Work>
    private static let timeoutMilliseconds: UInt64 = 20_000

    init(port: UInt16, source: TransferSource) {
        let connection = HTTPConnection(port: port, timeoutMilliseconds: SenderState.timeoutMilliseconds)
        work = Mutex(Work(sender: TransferSender(connection: connection), source: source))
    }

    func withWork(_ body: (inout Work) throws(TestnetError) -> Void) throws(TestnetError) {
        try work.withLock { work throws(TestnetError) in try body(&work) }
    }

    /// Hash and time of everything sent one by one since the last call.
    func takeSent() -> [(Hash256, UInt64)] {
        work.withLock { work in
            defer { work.sent = [] }
            return work.sent
        }
    }

    var resent: Int { work.withLock { $0.resent } }
}

extension SenderState.Work {
    /// After a refusal the pool gets this long to drain.
    private static var refusalPauseMilliseconds: UInt64 { 20 }

    mutating func signAhead(_ count: Int) {
        ready.removeFirst(readyIndex)
        readyIndex = 0
        ready.reserveCapacity(count)
        while ready.count < count, !StopSignal.isRequested { ready.append(source.sign()) }
    }

    private mutating func next() -> SignedTransfer {
        if readyIndex < ready.count {
            readyIndex += 1
            return ready[readyIndex - 1]
        }
        return source.sign()
    }

    /// Sends one transfer and remembers when; a refused one is sent until it is taken.
    mutating func sendOne() throws(TestnetError) {
        let transfer = next()
        sent.append((transfer.hash, HostSystem.microseconds))
        while try !sender.send([transfer]).isEmpty, !StopSignal.isRequested {
            resent += 1
            HostSystem.sleep(milliseconds: SenderState.Work.refusalPauseMilliseconds)
        }
    }

    /// Sends a full batch, refused ones first.
    mutating func sendBatch() throws(TestnetError) {
        var batch = again
        while batch.count < RPCBatch.limit { batch.append(next()) }
        again = try sender.send(batch)
        if !again.isEmpty {
            resent += again.count
            HostSystem.sleep(milliseconds: SenderState.Work.refusalPauseMilliseconds)
        }
    }
}
