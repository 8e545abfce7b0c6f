// Floor 5, RPC: a log with its place in the chain.
package import Engine
package import Primitives

/// A log and where it stands.
package struct LogEntry: Equatable, Sendable {
    package var log: Log
    package var blockHash: Hash256
    package var blockHeight: UInt64
    package var transactionHash: Hash256
    package var transactionIndex: UInt32
    /// Position among all logs of the block.
    package var logIndex: UInt64

    /// The logs of one included transaction.
    package static func all(of record: TransactionRecord) -> [LogEntry] {
        record.receipt.logs.enumerated().map { offset, log in
            LogEntry(
                log: log, blockHash: record.blockHash, blockHeight: record.blockHeight, transactionHash: record.hash,
                transactionIndex: record.index, logIndex: UInt64(record.firstLogIndex) + UInt64(offset))
        }
    }
}

extension JSONWriter {
    /// `removed` marks a log whose block was undone.
    package mutating func log(_ entry: LogEntry, removed: Bool) {
        beginObject()
        field("address", entry.log.address)
        key("topics")
        beginArray()
        for topic in entry.log.topics {
            element()
            hash(topic)
        }
        endArray()
        field("data", data: entry.log.data)
        field("blockNumber", entry.blockHeight)
        field("blockHash", entry.blockHash)
        field("transactionHash", entry.transactionHash)
        field("transactionIndex", UInt64(entry.transactionIndex))
        field("logIndex", entry.logIndex)
        field("removed", removed)
        endObject()
    }
}
