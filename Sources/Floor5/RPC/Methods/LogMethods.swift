// Floor 5, RPC: logs by range, and filters that clients poll.
import Engine
import Consensus
import Primitives

/// Methods about logs and filters.
enum LogMethods {
    static let table: [Method] = [
        Method("eth_getLogs", .heavy, parameters: 1) { call, writer throws(RPCError) in
            let filter = try LogFilter(try call.required(0), limits: call.limits)
            try query(call, filter, &writer)
        },
        Method("eth_newFilter", .light, parameters: 1) { call, writer throws(RPCError) in
            let filter = try LogFilter(call.optional(0), limits: call.limits)
            writer.string(try call.context.filters.add(.logs(filter), next: call.backend.heads().latest &+ 1))
        },
        Method("eth_newBlockFilter", .light, parameters: 0) { call, writer throws(RPCError) in
            writer.string(try call.context.filters.add(.blocks, next: call.backend.heads().latest &+ 1))
        },
        Method("eth_newPendingTransactionFilter", .light, parameters: 1) { call, writer throws(RPCError) in
            if try call.bool(0, default: false) {
                throw .invalidArgument(0, "only hashes of pending transactions are offered")
            }
            writer.string(try call.context.filters.add(.pendingTransactions, next: call.context.hub.pendingSequence))
        },
        Method("eth_uninstallFilter", .light, parameters: 1) { call, writer throws(RPCError) in
            writer.bool(call.context.filters.remove(String(decoding: try call.text(0), as: UTF8.self)))
        },
        Method("eth_getFilterLogs", .heavy, parameters: 1) { call, writer throws(RPCError) in
            guard case .logs(let filter)? = call.context.filters.kind(String(decoding: try call.text(0), as: UTF8.self)) else {
                throw .server("filter not found")
            }
            try query(call, filter, &writer)
        },
        Method("eth_getFilterChanges", .heavy, parameters: 1) { call, writer throws(RPCError) in
            try changes(call, String(decoding: try call.text(0), as: UTF8.self), &writer)
        },
    ]

    // MARK: - Queries

    private static func query(_ call: RPCCall, _ filter: LogFilter, _ writer: inout JSONWriter) throws(RPCError) {
        writer.beginArray()
        switch filter.range {
        case .block(let hash):
            guard let block = try call.record(.hash(hash)) else { throw .server("unknown block") }
            _ = try write(call, filter, block, count: 0, &writer)
        case .blocks(let from, let to):
            let latest = call.backend.heads().latest
            let first = call.height(from ?? .latest) ?? latest
            let last = min(call.height(to ?? .latest) ?? latest, latest)
            if first > latest { return writer.endArray() }
            guard first <= last else { throw .invalidParameters("invalid block range params") }
            guard last - first < call.limits.logBlockCount else {
                throw .limitExceeded("query exceeds the limit of \(call.limits.logBlockCount) blocks: \(first) to \(last)")
            }
            _ = try scan(call, filter, first, last, stopWhenFull: false, &writer)
        }
        writer.endArray()
    }

    /// Writes the matches of blocks `first` to `last`; returns the last height scanned.
    private static func scan(
        _ call: RPCCall, _ filter: LogFilter, _ first: UInt64, _ last: UInt64, stopWhenFull: Bool, _ writer: inout JSONWriter
    ) throws(RPCError) -> UInt64 {
        var count = 0
        for height in first...last {
            if height & 63 == 0 { try call.checkTime() }
            guard let block = try call.record(.number(height)) else { continue }
            count = try write(call, filter, block, count: count, &writer)
            if stopWhenFull, count >= call.limits.logResultCount { return height }
        }
        return last
    }

    /// Writes the matches of one block and returns how many there are now.
    private static func write(
        _ call: RPCCall, _ filter: LogFilter, _ block: BlockRecord, count: Int, _ writer: inout JSONWriter
    ) throws(RPCError) -> Int {
        guard !block.transactionHashes.isEmpty, filter.mayMatch(block) else { return count }
        var count = count
        for entry in filter.matches(in: try call.transactions(block.header.height)) {
            count += 1
            guard count <= call.limits.logResultCount else {
                throw .limitExceeded("query returned more than \(call.limits.logResultCount) results")
            }
            writer.element()
            writer.log(entry, removed: false)
            if writer.count > call.limits.responseByteCount { throw .responseTooLarge }
        }
        return count
    }

    // MARK: - Polling

    private static func changes(_ call: RPCCall, _ id: String, _ writer: inout JSONWriter) throws(RPCError) {
        let filters = call.context.filters
        guard let poll = filters.beginPoll(id, limits: call.limits, heads: call.backend.heads()) else { throw .server("filter not found") }
        writer.beginArray()
        var resumed = poll.end
        switch poll.kind {
        case .pendingTransactions:
            let (hashes, sequence) = call.context.hub.pending(since: poll.start)
            resumed = sequence
            for hash in hashes {
                writer.element()
                writer.hash(hash)
            }
        case .blocks:
            for height in poll.start..<max(poll.start, poll.end) {
                guard let block = try call.record(.number(height)) else { continue }
                writer.element()
                writer.hash(block.hash)
            }
        case .logs(let filter):
            for entry in poll.removed {
                writer.element()
                writer.log(entry, removed: true)
            }
            if let (first, last) = clip(call, filter, poll) {
                resumed = try scan(call, filter, first, last, stopWhenFull: true, &writer) &+ 1
            }
        }
        filters.endPoll(id, poll, resumeAt: resumed)
        writer.endArray()
    }

    /// The new blocks that the filter's own range allows.
    private static func clip(_ call: RPCCall, _ filter: LogFilter, _ poll: FilterStore.Poll) -> (UInt64, UInt64)? {
        guard poll.end > poll.start else { return nil }
        var (first, last) = (poll.start, poll.end - 1)
        guard case .blocks(let from, let to) = filter.range else { return nil }
        if case .number(let number)? = from { first = max(first, number) }
        if case .number(let number)? = to { last = min(last, number) }
        return first <= last ? (first, last) : nil
    }
}
