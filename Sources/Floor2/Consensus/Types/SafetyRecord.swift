// What a replica must not forget. Durable before any message of the same turn leaves; a replica that lost it must not vote.
public import Crypto
public import Primitives

/// The safety-critical state (`Specs/consensus.md`). One record per node, replaced as a whole.
public struct SafetyRecord: Equatable, Sendable {
    public var epoch: UInt32
    public var view: UInt64
    public var lastVotedView: UInt64 = 0
    public var lastVotedHash: Hash256 = .zero
    public var lastVotedParentHash: Hash256 = .zero
    public var lastVotedParentView: UInt64 = 0
    public var lastCommitVotedView: UInt64 = 0
    public var lastTimeoutView: UInt64 = 0
    public var lastProposedView: UInt64 = 0
    public var highQC: QuorumCertificate
    /// What let us enter `view`.
    public var entry: Justification
    /// Our timeout of `view`, sent again word for word after a restart.
    public var timeout: Timeout?
    /// Our proposal of `view`; its payload is in the stored block and its justification is `entry`.
    public var proposal: SignedHeader?
    /// With the tip rule: the proposal last voted for, and those it rests on. Whoever gets our report of it may ask for them.
    public var tipProof: [HeaderProposal] = []

    /// A header with its leader's signature over the `ProposalStatement`.
    public struct SignedHeader: Equatable, Sendable {
        public var header: BlockHeader
        public var signature: RecoverableSignature
        /// That of the `HeaderProposal` when the block was proposed again, else 0.
        public var tipView: UInt64

        public init(header: BlockHeader, signature: RecoverableSignature, tipView: UInt64 = 0) {
            self.header = header
            self.signature = signature
            self.tipView = tipView
        }
    }

    /// The record of a node that has done nothing yet.
    public init(epoch: UInt32, genesisHash: Hash256) {
        self.epoch = epoch
        view = 1
        highQC = .genesis(epoch: epoch, hash: genesisHash)
        entry = .quorum(highQC)
    }

    static let formatVersion: UInt8 = 2

    /// The canonical encoding.
    public var encoded: [UInt8] {
        var writer = CanonicalWriter(capacity: 512)
        writer.write(SafetyRecord.formatVersion)
        writer.write(epoch)
        writer.write(view)
        writer.write(lastVotedView)
        writer.write(lastVotedHash)
        writer.write(lastVotedParentHash)
        writer.write(lastVotedParentView)
        writer.write(lastCommitVotedView)
        writer.write(lastTimeoutView)
        writer.write(lastProposedView)
        highQC.encode(into: &writer)
        entry.encode(into: &writer)
        writer.write(timeout != nil)
        timeout?.encode(into: &writer)
        writer.write(proposal != nil)
        if let proposal {
            proposal.header.encode(into: &writer)
            writer.writeRaw(proposal.signature.compact)
            writer.write(proposal.tipView)
        }
        writer.write(UInt8(truncatingIfNeeded: tipProof.count))
        for proposal in tipProof { proposal.encode(into: &writer) }
        return writer.bytes
    }

    /// The record of exactly these bytes. On an error the node must not start as a validator. Format 1, from before the tip rule, is format 2
    /// without its tip fields; the next `persist` replaces it.
    public static func decode(_ bytes: [UInt8]) throws(CanonicalError) -> SafetyRecord {
        var reader = CanonicalReader(bytes)
        let format = try reader.read(UInt8.self)
        guard format == formatVersion || format == 1 else { throw .invalidValue }
        var record = SafetyRecord(epoch: try reader.read(), genesisHash: .zero)
        record.view = try reader.read()
        record.lastVotedView = try reader.read()
        record.lastVotedHash = try reader.readHash()
        record.lastVotedParentHash = try reader.readHash()
        record.lastVotedParentView = try reader.read()
        record.lastCommitVotedView = try reader.read()
        record.lastTimeoutView = try reader.read()
        record.lastProposedView = try reader.read()
        record.highQC = try QuorumCertificate.decode(from: &reader)
        record.entry = try Justification.decode(from: &reader)
        if try reader.readBool() { record.timeout = try Timeout.decode(from: &reader) }
        if try reader.readBool() {
            record.proposal = SignedHeader(
                header: try BlockHeader.decode(from: &reader), signature: try reader.readSignature(),
                tipView: format == 1 ? 0 : try reader.read())
        }
        let proofCount = format == 1 ? 0 : try reader.read(UInt8.self)
        for _ in 0..<proofCount { record.tipProof.append(try HeaderProposal.decode(from: &reader)) }
        try reader.finish()
        return record
    }
}

/// What a node found in its store at the start.
public struct RecoveredState: Sendable {
    public var record: SafetyRecord
    /// The newest final header; the genesis header when nothing is final yet.
    public var head: BlockHeader
    /// The certificate that made `head` final; `nil` for genesis.
    public var commit: CommitCertificate?
    /// Stored blocks above `head`, in any order.
    public var blocks: [Block]

    public init(record: SafetyRecord, head: BlockHeader, commit: CommitCertificate?, blocks: [Block]) {
        self.record = record
        self.head = head
        self.commit = commit
        self.blocks = blocks
    }
}

/// Why a replica refuses to start from a store.
public enum RecoveryError: Error, Equatable, Sendable {
    /// The record is of another epoch, or contradicts itself.
    case invalidRecord
    /// The head does not fit its certificate or the genesis block.
    case invalidHead
}
