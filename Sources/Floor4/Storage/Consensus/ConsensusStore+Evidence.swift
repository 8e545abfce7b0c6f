// Floor 4, Storage: the evidence in the consensus store. It stays for the life of the chain: whoever slashes may come late.
//
// The number is bounded however often the node restarts: `EvidencePool.maximumFindingsPerCode` per epoch, validator and code.
public import Consensus
import Primitives

extension ConsensusStore {
    /// Stored evidence from a position on, in ascending order, and the position of the next that `count` cut off.
    public func evidence(
        from start: EvidencePosition? = nil, count: Int
    ) throws(StorageError) -> (records: [EvidenceRecord], next: EvidencePosition?) {
        try environment.read { (transaction) throws(StorageError) in
            try transaction.withCursor(evidence) { (cursor) throws(StorageError) in
                var found: [EvidenceRecord] = []
                var more = if let start { try cursor.firstAtOrAfter(start.encoded) } else { try cursor.first() }
                while more {
                    let key = cursor.keyBytes
                    let record = try cursor.record { (reader) throws(CanonicalError) in
                        try ConsensusRecords.decodeEvidence(&reader, position: key)
                    }
                    if found.count >= count { return (found, record.position) }
                    found.append(record)
                    more = try cursor.next()
                }
                return (found, nil)
            }
        }
    }

    /// Keeps evidence unless that of its offence is there or the validator has been caught often enough.
    func put(_ record: EvidenceRecord, _ transaction: borrowing WriteTransaction) throws(StorageError) {
        let key = record.position.encoded
        if try unsafe transaction.withValue(evidence, key, { _ in true }) != nil { return }
        // The view is the end of the key: what stands before it are the epoch, the validator and the code.
        let group = Array(key.dropLast(MemoryLayout<UInt64>.size))
        let known = try transaction.withCursor(evidence) { (cursor) throws(StorageError) in
            var count = 0
            var more = try cursor.firstAtOrAfter(group)
            while more, cursor.keyBytes.starts(with: group) {
                count += 1
                more = try cursor.next()
            }
            return count
        }
        guard known < EvidencePool.maximumFindingsPerCode else { return }
        try transaction.putRecord(evidence, key, ConsensusRecords.encode(record))
    }
}
