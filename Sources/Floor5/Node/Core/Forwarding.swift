// Floor 5, Node: passing our clients' transactions on to the coming leaders, again after a while if they are still waiting.
import Engine
import Mempool
import Network
import Primitives

@LoopActor
final class Forwarding {
    /// Leaders of this many coming views get a new transaction.
    nonisolated static let leaderCount = 3
    /// How long a transaction waits before it is passed on again: longer than a few views, shorter than a user's patience.
    private static let retryMilliseconds: UInt64 = 2_000
    /// Bytes of one message; the channel takes 256 KiB.
    nonisolated private static let messageLimitBytes = 192 << 10
    /// Transactions remembered for passing on again; beyond it they go once and then wait for our own turn to lead.
    private static let waitingLimit = 20_000

    private let pool: SharedPool
    private var waiting: [(hash: Hash256, due: UInt64)] = []
    private var timer: LoopTimer?
    private var send: (@LoopActor ([[UInt8]]) -> Void)?

    init(pool: SharedPool) { self.pool = pool }

    func start(_ send: @escaping @LoopActor ([[UInt8]]) -> Void) {
        self.send = send
        timer = LoopTimer { [weak self] in self?.retry() }
        timer?.schedule(afterMilliseconds: Self.retryMilliseconds)
    }

    func stop() {
        timer = nil
        send = nil
    }

    /// The new transactions of our clients.
    func drain() -> [[UInt8]] {
        let raws = pool.drainOutbound()
        let due = monotonicMilliseconds() + Self.retryMilliseconds
        for raw in raws where waiting.count < Self.waitingLimit { waiting.append((Keccak256.hash(raw), due)) }
        return raws
    }

    private func retry() {
        let now = monotonicMilliseconds()
        var again: [[UInt8]] = []
        var kept: [(hash: Hash256, due: UInt64)] = []
        for item in waiting {
            guard item.due <= now else {
                kept.append(item)
                continue
            }
            guard let pooled = pool.transaction(item.hash) else { continue }
            again.append(pooled.raw)
            kept.append((item.hash, now + Self.retryMilliseconds))
        }
        waiting = kept
        if !again.isEmpty { send?(again) }
        timer?.schedule(afterMilliseconds: Self.retryMilliseconds)
    }

    /// Messages of bounded size that hold the transactions in order.
    nonisolated static func messages(for raws: [[UInt8]]) -> [[UInt8]] {
        var messages: [[UInt8]] = []
        var group: [[UInt8]] = []
        var size = 0
        for raw in raws {
            if size + raw.count > messageLimitBytes, !group.isEmpty {
                messages.append(Payload.encode(group))
                group = []
                size = 0
            }
            group.append(raw)
            size += raw.count + Payload.perTransactionOverheadBytes
        }
        if !group.isEmpty { messages.append(Payload.encode(group)) }
        return messages
    }
}
