// Floor 4, Storage: reading the consensus store, for recovery and for peers.
public import Consensus
public import Primitives

extension ConsensusStore {
    /// A stored block, final or not.
    public func block(hash: Hash256) throws(StorageError) -> Block? {
        try environment.read { (transaction) throws(StorageError) in
            guard let height = try height(of: hash, transaction) else { return nil }
            guard let block = try block(height, hash, transaction) else {
                throw environment.context.missing(blocks, "block \(hash.hex)")
            }
            return block
        }
    }

    /// The newest final block's name.
    public func finalizedHead() throws(StorageError) -> FinalizedBlock {
        try environment.read { (transaction) throws(StorageError) in try head(transaction) }
    }

    /// The hash of the final block at a height; `nil` above the head.
    public func finalizedHash(height: UInt64) throws(StorageError) -> Hash256? {
        try environment.read { (transaction) throws(StorageError) in try finalizedHash(height, transaction) }
    }

    /// The final block at a height; `nil` above the head and for genesis, which is not kept here.
    public func finalizedBlock(height: UInt64) throws(StorageError) -> Block? {
        try environment.read { (transaction) throws(StorageError) in
            guard height > genesis.height, let hash = try finalizedHash(height, transaction) else { return nil }
            guard let block = try block(height, hash, transaction) else {
                throw environment.context.missing(blocks, "final block \(height)")
            }
            return block
        }
    }

    /// The certificate of the final block at exactly this height, if there is one.
    public func certificate(height: UInt64) throws(StorageError) -> CommitCertificate? {
        try environment.read { (transaction) throws(StorageError) in
            try certificate(height, transaction)
        }
    }

    /// The lowest certificate at or above a height; `nil` above the head.
    public func nearestCertificate(atOrAbove height: UInt64) throws(StorageError) -> CommitCertificate? {
        try environment.read { (transaction) throws(StorageError) in try nearestCertificate(height, transaction) }
    }

    /// Final blocks from a height on for `BlockRequest.range`: at most `count` blocks of at most `limitBytes` in total, cut so
    /// that the last one has a certificate; when none of them has one, on to the next that has. `nil` above the head, and
    /// when that would take more than `BlockResponse.maximumCount` blocks. Genesis is left out.
    public func finalizedRange(from height: UInt64, count: Int, limitBytes: Int) throws(StorageError) -> FinalizedRange? {
        try environment.read { (transaction) throws(StorageError) in
            let head = try head(transaction)
            let first = max(height, genesis.height + 1)
            guard first <= head.height else { return nil }
            var found: [Block] = []
            var end: (count: Int, certificate: CommitCertificate)?
            var bytes = 0
            while found.count < BlockResponse.maximumCount, first + UInt64(found.count) <= head.height {
                let next = first + UInt64(found.count)
                guard let hash = try finalizedHash(next, transaction), let block = try block(next, hash, transaction) else {
                    throw environment.context.missing(blocks, "final block \(next)")
                }
                bytes += BlockHeader.byteCount + block.payload.count
                if end != nil, bytes > limitBytes || found.count >= count { break }
                found.append(block)
                if let certificate = try certificate(next, transaction) { end = (found.count, certificate) }
                // The first certificate beyond the limits ends the run as well.
                if end != nil, bytes >= limitBytes || found.count >= count { break }
            }
            guard let end else { return nil }
            found.removeLast(found.count - end.count)
            return FinalizedRange(blocks: found, certificate: end.certificate)
        }
    }

    /// Reads what a replica needs to go on, and checks it; `nil` for a store in which nothing has happened yet.
    ///
    /// `asValidator` refuses a store with blocks and without a safety record: voting on it could contradict earlier votes.
    /// A node that only follows starts with an empty record then.
    public func recover(asValidator: Bool) throws(StorageError) -> RecoveredState? {
        try environment.read { (transaction) throws(StorageError) in
            let head = try head(transaction)
            guard try finalizedHash(head.height, transaction) == head.hash else {
                throw environment.context.missing(finalized, "the finalised head \(head.height)")
            }
            let safety = try safety(transaction)
            let blocks = try unfinalized(above: head.height, transaction)
            let fresh = SafetyRecord(epoch: genesis.epoch, genesisHash: genesisHash)
            if head.height == genesis.height {
                if safety == nil, blocks.isEmpty { return nil }
                if asValidator, safety == nil { throw environment.context.missing(meta, "the safety record of a validator") }
                return RecoveredState(record: safety ?? fresh, head: genesis, commit: nil, blocks: blocks)
            }
            guard let block = try block(head.height, head.hash, transaction) else {
                throw environment.context.missing(self.blocks, "the finalised head \(head.height)")
            }
            try checkContent(block, hash: head.hash)
            guard let certificate = try certificate(head.height, transaction), certificate.blockHash == head.hash else {
                throw environment.context.missing(certificates, "the certificate of the finalised head")
            }
            if asValidator, safety == nil { throw environment.context.missing(meta, "the safety record of a validator") }
            return RecoveredState(record: safety ?? fresh, head: block.header, commit: certificate, blocks: blocks)
        }
    }

    private func safety(_ transaction: borrowing ReadTransaction) throws(StorageError) -> SafetyRecord? {
        if let bytes = try transaction.record(meta, ConsensusStore.safetyKey) {
            do throws(CanonicalError) {
                return try SafetyRecord.decode(bytes)
            } catch {
                throw environment.context.damaged(meta, ConsensusStore.safetyKey)
            }
        }
        guard try transaction.record(meta, ConsensusStore.votedKey) == nil else {
            throw environment.context.missing(meta, "the safety record")
        }
        return nil
    }

    private func unfinalized(above height: UInt64, _ transaction: borrowing ReadTransaction) throws(StorageError) -> [Block] {
        guard height < .max else { return [] }
        return try transaction.withCursor(blocks) { (cursor) throws(StorageError) in
            var found: [Block] = []
            var more = try cursor.firstAtOrAfter(Key(height + 1))
            while more {
                let block = try cursor.record(ConsensusRecords.decodeBlock)
                guard let key = BlockKey(cursor.keyBytes), key.height == block.header.height else {
                    throw environment.context.damaged(blocks, cursor.keyBytes)
                }
                try checkContent(block, hash: key.hash)
                found.append(block)
                more = try cursor.next()
            }
            return found
        }
    }

    /// The header must have the hash under which the block is stored, and the payload the root that the header states.
    private func checkContent(_ block: Block, hash: Hash256) throws(StorageError) {
        guard block.header.hash == hash, Keccak256.hash(block.payload) == block.header.payloadRoot else {
            throw environment.context.damaged(blocks, blockKey(block.header.height, hash))
        }
    }

    // MARK: - Within a transaction

    func head(_ transaction: borrowing some (StoreTransaction & ~Copyable)) throws(StorageError) -> FinalizedBlock {
        guard let head = try transaction.record(meta, ConsensusStore.headKey, ConsensusRecords.decodeFinalized) else {
            throw environment.context.missing(meta, "the finalised head")
        }
        return head
    }

    func finalizedHash(
        _ height: UInt64, _ transaction: borrowing some (StoreTransaction & ~Copyable)
    ) throws(StorageError) -> Hash256? {
        try transaction.record(finalized, Key(height)) { (reader) throws(CanonicalError) in try reader.readHash() }
    }

    func height(of hash: Hash256, _ transaction: borrowing some (StoreTransaction & ~Copyable)) throws(StorageError) -> UInt64? {
        try transaction.record(heights, Key(hash)) { (reader) throws(CanonicalError) in try reader.read() }
    }

    func block(
        _ height: UInt64, _ hash: Hash256, _ transaction: borrowing some (StoreTransaction & ~Copyable)
    ) throws(StorageError) -> Block? {
        try transaction.record(blocks, blockKey(height, hash), ConsensusRecords.decodeBlock)
    }

    /// The header alone, without a copy of the payload.
    func header(
        _ height: UInt64, _ hash: Hash256, _ transaction: borrowing some (StoreTransaction & ~Copyable)
    ) throws(StorageError) -> BlockHeader? {
        let key = blockKey(height, hash)
        return try unsafe transaction.withRecord(blocks, key) { (content) throws(StorageError) in
            var reader = unsafe CanonicalReader([UInt8](content.prefix(BlockHeader.byteCount)))
            do throws(CanonicalError) {
                return try BlockHeader.decode(from: &reader)
            } catch {
                throw environment.context.damaged(blocks, key)
            }
        }
    }

    /// The hashes of all blocks stored at a height.
    func hashes(at height: UInt64, _ transaction: borrowing some (StoreTransaction & ~Copyable)) throws(StorageError) -> [Hash256] {
        try transaction.withCursor(blocks) { (cursor) throws(StorageError) in
            var found: [Hash256] = []
            var more = try cursor.firstAtOrAfter(Key(height))
            while more {
                guard let key = BlockKey(cursor.keyBytes) else { throw environment.context.damaged(blocks, cursor.keyBytes) }
                if key.height != height { break }
                found.append(key.hash)
                more = try cursor.next()
            }
            return found
        }
    }

    func nearestCertificate(
        _ height: UInt64, _ transaction: borrowing some (StoreTransaction & ~Copyable)
    ) throws(StorageError) -> CommitCertificate? {
        try transaction.withCursor(certificates) { (cursor) throws(StorageError) in
            try cursor.firstAtOrAfter(Key(height)) ? try certificate(under: cursor) : nil
        }
    }

    /// The certificate of exactly this height.
    func certificate(
        _ height: UInt64, _ transaction: borrowing some (StoreTransaction & ~Copyable)
    ) throws(StorageError) -> CommitCertificate? {
        try transaction.record(certificates, Key(height)) { (reader) throws(CanonicalError) in
            try ConsensusRecords.decodeCertificate(&reader, height: height)
        }
    }

    private func certificate(under cursor: borrowing Cursor) throws(StorageError) -> CommitCertificate {
        let key = cursor.keyBytes
        guard let height = UInt64(bigEndianKey: key) else { throw environment.context.damaged(certificates, key) }
        return try cursor.record { (reader) throws(CanonicalError) in
            try ConsensusRecords.decodeCertificate(&reader, height: height)
        }
    }

    func blockKey(_ height: UInt64, _ hash: Hash256) -> Key {
        var key = Key(height)
        key.append(hash)
        return key
    }
}

/// A key of the table `blocks`, read back.
private struct BlockKey {
    var height: UInt64
    var hash: Hash256

    init?(_ bytes: [UInt8]) {
        guard bytes.count == 40, let height = UInt64(bigEndianKey: Array(bytes[0..<8])), let hash = Hash256(bytes[8...]) else {
            return nil
        }
        self.height = height
        self.hash = hash
    }
}
