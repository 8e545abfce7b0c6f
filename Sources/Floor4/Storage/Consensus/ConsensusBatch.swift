// Floor 4, Storage: what goes into and comes out of the consensus store.
public import Consensus
public import Primitives

/// The name of a block that became final.
public struct FinalizedBlock: Equatable, Sendable {
    public var height: UInt64
    public var hash: Hash256

    public init(height: UInt64, hash: Hash256) {
        self.height = height
        self.hash = hash
    }
}

/// Everything that one turn of the consensus loop makes durable, at once or not at all.
public struct ConsensusBatch: Equatable, Sendable {
    /// `nil` leaves the stored one.
    public var safety: SafetyRecord?
    /// New blocks, final or not. Those at or below the finalised height that are not final are dropped.
    public var blocks: [Block]
    /// Newly final blocks: consecutive heights from the one above the finalised head, each a child of the one before,
    /// their blocks and the certificate of the last stored before or in this batch.
    public var finalized: [FinalizedBlock]
    /// Commit certificates. One for a height that is final already must be of the final block there.
    public var certificates: [CommitCertificate]
    /// Verified evidence. What is stored already, and what exceeds the number kept of a validator and a code, is dropped.
    public var evidence: [EvidenceRecord]

    public init(
        safety: SafetyRecord? = nil, blocks: [Block] = [], finalized: [FinalizedBlock] = [], certificates: [CommitCertificate] = [],
        evidence: [EvidenceRecord] = []
    ) {
        self.safety = safety
        self.blocks = blocks
        self.finalized = finalized
        self.certificates = certificates
        self.evidence = evidence
    }

    /// Adds what `Effect.finalised` tells: these blocks, ascending, became final with the certificate of the last one.
    public mutating func finalize(_ hashes: [Hash256], _ certificate: CommitCertificate) {
        for (index, hash) in hashes.enumerated() {
            // A wrong count wraps here and is refused by `commit`, because the heights do not follow the head.
            finalized.append(FinalizedBlock(height: certificate.height &- UInt64(hashes.count - 1 - index), hash: hash))
        }
        if certificates.last != certificate { certificates.append(certificate) }
    }

    public var isEmpty: Bool {
        safety == nil && blocks.isEmpty && finalized.isEmpty && certificates.isEmpty && evidence.isEmpty
    }
}

/// A run of final blocks for a peer that catches up.
public struct FinalizedRange: Equatable, Sendable {
    /// Consecutive, ascending, at least one.
    public var blocks: [Block]
    /// That of the last block.
    public var certificate: CommitCertificate

    public init(blocks: [Block], certificate: CommitCertificate) {
        self.blocks = blocks
        self.certificate = certificate
    }
}
