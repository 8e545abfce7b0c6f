// Floor 4, Storage: what goes into and comes out of the consensus store.
public import Consensus
public import Primitives

/// The proof that a block and its ancestors are final, as the store keeps it: the encoding is opaque here.
public struct StoredCertificate: Equatable, Sendable {
    public var height: UInt64
    public var blockHash: Hash256
    /// The encoded commit certificate.
    public var bytes: [UInt8]

    public init(height: UInt64, blockHash: Hash256, bytes: [UInt8]) {
        self.height = height
        self.blockHash = blockHash
        self.bytes = bytes
    }
}

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
    /// The encoded safety record; `nil` leaves the stored one.
    public var safety: [UInt8]?
    /// New blocks, final or not. Those at or below the finalised height that are not final are dropped.
    public var blocks: [Block]
    /// Newly final blocks: consecutive heights from the one above the finalised head, each a child of the one before,
    /// their blocks and the certificate of the last stored before or in this batch.
    public var finalized: [FinalizedBlock]
    /// Commit certificates. One for a height that is final already must be of the final block there.
    public var certificates: [StoredCertificate]

    public init(
        safety: [UInt8]? = nil, blocks: [Block] = [], finalized: [FinalizedBlock] = [], certificates: [StoredCertificate] = []
    ) {
        self.safety = safety
        self.blocks = blocks
        self.finalized = finalized
        self.certificates = certificates
    }

    public var isEmpty: Bool { safety == nil && blocks.isEmpty && finalized.isEmpty && certificates.isEmpty }
}

/// A run of final blocks for a peer that catches up.
public struct FinalizedRange: Equatable, Sendable {
    /// Consecutive, ascending, at least one.
    public var blocks: [Block]
    /// Covers the last block: it is that block's own certificate, or, when none of the blocks that fit has one, the
    /// nearest certificate above; then the receiver must fetch on up to its height before it can check the run.
    public var certificate: StoredCertificate

    public init(blocks: [Block], certificate: StoredCertificate) {
        self.blocks = blocks
        self.certificate = certificate
    }
}

/// What a replica needs to go on where it stopped.
public struct ConsensusRecovery: Equatable, Sendable {
    /// `nil` when this store never held one.
    public var safety: [UInt8]?
    /// The newest final block; genesis at height 0.
    public var finalizedHeader: BlockHeader
    public var finalizedHash: Hash256
    /// `nil` at height 0.
    public var certificate: StoredCertificate?
    /// All stored blocks above the finalised head by ascending (height, hash); some may be on abandoned branches.
    public var unfinalized: [Block]

    public init(
        safety: [UInt8]?, finalizedHeader: BlockHeader, finalizedHash: Hash256, certificate: StoredCertificate?, unfinalized: [Block]
    ) {
        self.safety = safety
        self.finalizedHeader = finalizedHeader
        self.finalizedHash = finalizedHash
        self.certificate = certificate
        self.unfinalized = unfinalized
    }
}
