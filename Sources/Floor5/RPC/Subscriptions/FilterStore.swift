// Floor 5, RPC: filters that clients install and poll. A filter holds its position in the chain, not its results, so that
// an unpolled filter costs nothing.
import Engine
import Synchronization

/// The installed filters of all clients.
package final class FilterStore: Sendable {
    package enum Kind: Sendable {
        case logs(LogFilter)
        case blocks
        case pendingTransactions
    }

    /// What one poll covers.
    package struct Poll: Sendable {
        package var kind: Kind
        /// First height (or place in the pool's stream) that was not yet reported.
        package var start: UInt64
        /// First height that this poll leaves for the next one.
        package var end: UInt64
        /// Logs reported earlier whose blocks were undone since.
        package var removed: [LogEntry]
        fileprivate var revision: UInt64
    }

    private struct Filter {
        var kind: Kind
        var next: UInt64
        var removed: [LogEntry] = []
        var lastPoll: ContinuousClock.Instant
        /// Counts the reverts that this filter went through.
        var revision: UInt64 = 0
    }

    private let limits: RPCLimits
    private let filters = Mutex<[String: Filter]>([:])

    package init(limits: RPCLimits) { self.limits = limits }

    /// Installs a filter that reports from `next` on; the result is its id.
    package func add(_ kind: Kind, next: UInt64) throws(RPCError) -> String {
        let now = ContinuousClock.now
        let id = RandomID.make()
        let added = filters.withLock { filters in
            if filters.count >= limits.filterCount { dropExpired(&filters, now) }
            guard filters.count < limits.filterCount else { return false }
            filters[id] = Filter(kind: kind, next: next, lastPoll: now)
            return true
        }
        guard added else { throw .limitExceeded("too many filters: the limit is \(limits.filterCount)") }
        return id
    }

    private func dropExpired(_ filters: inout [String: Filter], _ now: ContinuousClock.Instant) {
        let expiry = Duration.milliseconds(limits.filterExpiryMilliseconds)
        filters = filters.filter { now - $0.value.lastPoll < expiry }
    }

    private func isAlive(_ filter: Filter?, _ now: ContinuousClock.Instant) -> Bool {
        guard let filter else { return false }
        return now - filter.lastPoll < .milliseconds(limits.filterExpiryMilliseconds)
    }

    /// Drops the filters that nobody polled in time; the server calls it now and then.
    package func dropExpired() {
        let now = ContinuousClock.now
        filters.withLock { dropExpired(&$0, now) }
    }

    package func remove(_ id: String) -> Bool { filters.withLock { $0.removeValue(forKey: id) != nil } }

    /// The kind of an installed filter; counts as a poll for its expiry.
    package func kind(_ id: String) -> Kind? {
        let now = ContinuousClock.now
        return filters.withLock { filters in
            guard isAlive(filters[id], now) else { return nil }
            filters[id]?.lastPoll = now
            return filters[id]?.kind
        }
    }

    /// Takes what a poll is to report, so that a second poll at the same time does not report it again.
    package func beginPoll(_ id: String, limits: RPCLimits, heads: ChainHeads) -> Poll? {
        let now = ContinuousClock.now
        return filters.withLock { filters in
            guard isAlive(filters[id], now), var filter = filters[id] else { return nil }
            filter.lastPoll = now
            let start = filter.next
            var end = start
            if case .pendingTransactions = filter.kind {
            } else if heads.latest >= start {
                end = start + min(heads.latest - start + 1, limits.logBlockCount)
            }
            let poll = Poll(kind: filter.kind, start: start, end: end, removed: filter.removed, revision: filter.revision)
            filter.next = end
            filter.removed = []
            filters[id] = filter
            return poll
        }
    }

    /// Notes how far a poll came, unless the chain was rolled back under it.
    package func endPoll(_ id: String, _ poll: Poll, resumeAt next: UInt64) {
        filters.withLock { filters in
            guard var filter = filters[id], filter.revision == poll.revision else { return }
            switch filter.kind {
            case .pendingTransactions: filter.next = max(filter.next, next)
            default: if next < poll.end { filter.next = min(filter.next, next) }
            }
            filters[id] = filter
        }
    }

    /// Blocks above a height were undone: what they had is reported as removed, and their successors count as new.
    package func revert(toHeight height: UInt64, removed: [LogEntry]) {
        filters.withLock { filters in
            for id in Array(filters.keys) {
                guard var filter = filters[id] else { continue }
                if case .pendingTransactions = filter.kind { continue }
                guard filter.next > height + 1 else { continue }
                if case .logs(let criteria) = filter.kind {
                    let reported = removed.filter { $0.blockHeight < filter.next && criteria.matches($0.log) }
                    filter.removed.append(contentsOf: reported.prefix(max(0, limits.logResultCount - filter.removed.count)))
                }
                filter.next = height + 1
                filter.revision += 1
                filters[id] = filter
            }
        }
    }
}

/// Identifiers of filters and subscriptions: unguessable, since whoever has one may read and remove what it names.
enum RandomID {
    /// `0x` and 32 hexadecimal digits.
    static func make() -> String {
        let high = UInt64.random(in: .min ... .max)
        let low = UInt64.random(in: .min ... .max)
        return "0x" + padded(high) + padded(low)
    }

    private static func padded(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
