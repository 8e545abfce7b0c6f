// Floor 4, Storage: what a replica must not forget: its votes (the safety record), blocks, commit certificates and which
// blocks are final; and the evidence it has found. Each commit is on the disk when it returns, before anything that depends on it is sent.
//
// Invariants: `finalized` holds every height from 0 to the head without gaps; each final block above 0 is stored and is the
// parent of the next; the head has its certificate; below the head only final blocks are stored;
// of a validator and a code at most `EvidencePool.maximumFindingsPerCode` pieces of evidence of an epoch, each of another view.
internal import Consensus
public import Primitives

/// The durable memory of a consensus replica. One thread commits (the loop thread); any thread reads.
public final class ConsensusStore: Sendable {
    /// Blocks are kept for the life of the chain; the file grows as they come.
    public static let defaultMapSizeBytes = 256 << 30

    static let kind = "consensus 2"
    /// Had no table `evidence`.
    static let olderKind = "consensus 1"
    static let remedy =
        "stop the node and restore this folder from a backup made after the node's last vote, or remove it and let the node "
        + "follow the chain without its validator key: a validator that forgot its votes can be slashed"

    package let environment: Environment
    public let genesis: BlockHeader
    public let genesisHash: Hash256

    // Tables. `meta`: by name. `blocks`: height, hash. `heights`: hash. `finalized` and `certificates`: height.
    // `evidence`: `EvidencePosition`.
    var meta: Table { environment.tables[0] }
    var blocks: Table { environment.tables[1] }
    var heights: Table { environment.tables[2] }
    var finalized: Table { environment.tables[3] }
    var certificates: Table { environment.tables[4] }
    var evidence: Table { environment.tables[5] }

    static let genesisKey = Key("genesis")
    static let headKey = Key("head")
    static let safetyKey = Key("safety")
    /// Present since the first safety record, so that the loss of that record is noticed.
    static let votedKey = Key("voted")

    /// Opens the store in `path`, which is made when missing, for the chain that starts with `genesis`.
    public init(
        path: String, genesis: BlockHeader, mapSizeBytes: Int = ConsensusStore.defaultMapSizeBytes
    ) throws(StorageError) {
        environment = try Environment(
            path: path,
            options: .init(
                kind: ConsensusStore.kind, upgrade: (ConsensusStore.olderKind, ["evidence"]),
                tables: ["meta", "blocks", "heights", "finalized", "certificates", "evidence"],
                durability: .full, mapSizeBytes: mapSizeBytes, remedy: ConsensusStore.remedy))
        self.genesis = genesis
        genesisHash = genesis.hash
        try initializeIfEmpty()
    }

    private func initializeIfEmpty() throws(StorageError) {
        let isNew = try environment.read { (transaction) throws(StorageError) -> Bool in
            if let stored = try transaction.record(meta, ConsensusStore.genesisKey, { (r) throws(CanonicalError) in try r.readHash() }) {
                guard stored == genesisHash else {
                    throw StorageError(
                        code: .wrongStore,
                        message: "the store belongs to the chain with genesis \(stored.hex), not \(genesisHash.hex); "
                            + "use another folder for this chain", path: environment.path)
                }
                return false
            }
            for table in environment.tables where try transaction.count(table) != 0 {
                throw environment.context.missing(meta, "the chain's identity")
            }
            return true
        }
        guard isNew else { return }
        let head = FinalizedBlock(height: genesis.height, hash: genesisHash)
        try environment.write { (transaction) throws(StorageError) in
            try transaction.putRecord(meta, ConsensusStore.genesisKey, genesisHash.bytes)
            try transaction.putRecord(meta, ConsensusStore.headKey, ConsensusRecords.encode(head))
            try transaction.putRecord(finalized, Key(head.height), head.hash.bytes)
        }
    }

    // MARK: - Writing

    /// Makes a batch durable, as a whole or, when it throws, not at all.
    public func commit(_ batch: ConsensusBatch) throws(StorageError) {
        if batch.isEmpty { return }
        try environment.write { (transaction) throws(StorageError) in
            let old = try head(transaction)
            for block in batch.blocks { try put(block, above: old, transaction) }
            for certificate in batch.certificates { try put(certificate, transaction) }
            for record in batch.evidence { try put(record, transaction) }
            var head = old
            for next in batch.finalized {
                try finalize(next, after: head, transaction)
                head = next
            }
            if head != old {
                guard try certificate(head.height, transaction)?.blockHash == head.hash else {
                    throw invalid("the newest final block comes without its certificate")
                }
                try transaction.putRecord(meta, ConsensusStore.headKey, ConsensusRecords.encode(head))
            }
            if let safety = batch.safety {
                try transaction.putRecord(meta, ConsensusStore.safetyKey, safety.encoded)
                if try transaction.record(meta, ConsensusStore.votedKey) == nil {
                    try transaction.putRecord(meta, ConsensusStore.votedKey, [1])
                }
            }
        }
    }

    private func put(_ block: Block, above head: FinalizedBlock, _ transaction: borrowing WriteTransaction) throws(StorageError) {
        guard block.payload.count == Int(block.header.payloadByteCount) else {
            throw invalid("a block's payload has not the length that its header states")
        }
        // Late: at this height only the final block may stand, and it is there.
        if block.header.height <= head.height { return }
        let hash = block.header.hash
        let key = blockKey(block.header.height, hash)
        if try unsafe transaction.withValue(blocks, key, { _ in true }) != nil { return }
        try transaction.putRecord(blocks, key, ConsensusRecords.encode(block))
        try transaction.putRecord(heights, Key(hash), block.header.height)
    }

    private func finalize(
        _ next: FinalizedBlock, after head: FinalizedBlock, _ transaction: borrowing WriteTransaction
    ) throws(StorageError) {
        guard head.height < .max, next.height == head.height + 1 else {
            throw invalid("height \(next.height) cannot become final after \(head.height)")
        }
        guard let header = try header(next.height, next.hash, transaction) else {
            throw invalid("block \(next.hash.hex) cannot become final: it is not stored")
        }
        guard header.parentHash == head.hash else {
            throw invalid("block \(next.hash.hex) cannot become final: it is not a child of \(head.hash.hex)")
        }
        for hash in try hashes(at: next.height, transaction) where hash != next.hash {
            try transaction.delete(blocks, blockKey(next.height, hash))
            try transaction.delete(heights, Key(hash))
        }
        try transaction.putRecord(finalized, Key(next.height), next.hash.bytes, appending: true)
    }

    private func put(_ certificate: CommitCertificate, _ transaction: borrowing WriteTransaction) throws(StorageError) {
        let final = try finalizedHash(certificate.height, transaction)
        guard certificate.height > genesis.height, final == nil || final == certificate.blockHash else {
            throw invalid("a certificate at height \(certificate.height) is not one of the final block there")
        }
        try transaction.putRecord(certificates, Key(certificate.height), certificate.encoded)
    }

    private func invalid(_ message: String) -> StorageError {
        StorageError(code: .invalidWrite, message: message, path: environment.path)
    }
}
