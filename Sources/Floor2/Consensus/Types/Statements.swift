// What validators sign. Each statement has one canonical encoding and one EIP-712 struct hash.
public import Primitives

/// Something a validator signs.
public protocol Statement: Equatable, Sendable {
    var epoch: UInt32 { get }
    var view: UInt64 { get }
    /// EIP-712 hashStruct.
    var structHash: Hash256 { get }
    func encode(into writer: inout CanonicalWriter)
    static func decode(from reader: inout CanonicalReader) throws(CanonicalError) -> Self
}

extension Statement {
    /// The digest a signature is made over.
    public func digest(_ domain: SigningDomain) -> Hash256 { domain.digest(structHash) }
}

/// A leader's word that `blockHash` is its block of `view`.
public struct ProposalStatement: Statement {
    public var epoch: UInt32
    public var view: UInt64
    public var blockHash: Hash256

    static let typeHash = Keccak256.hash(Array("Proposal(uint32 epoch,uint64 view,bytes32 blockHash)".utf8))

    public init(epoch: UInt32, view: UInt64, blockHash: Hash256) {
        self.epoch = epoch
        self.view = view
        self.blockHash = blockHash
    }

    public var structHash: Hash256 {
        var hasher = StructHasher()
        hasher.absorb(ProposalStatement.typeHash)
        hasher.absorb(UInt64(epoch))
        hasher.absorb(view)
        hasher.absorb(blockHash)
        return hasher.finish()
    }

    public func encode(into writer: inout CanonicalWriter) {
        writer.write(epoch)
        writer.write(view)
        writer.write(blockHash)
    }

    public static func decode(from reader: inout CanonicalReader) throws(CanonicalError) -> ProposalStatement {
        ProposalStatement(epoch: try reader.read(), view: try reader.read(), blockHash: try reader.readHash())
    }
}

/// A vote that certifies a block. `parentView` is that of the block's header.
public struct VoteStatement: Statement {
    public var epoch: UInt32
    public var view: UInt64
    public var blockHash: Hash256
    public var parentView: UInt64

    static let typeHash = Keccak256.hash(Array("Vote(uint32 epoch,uint64 view,bytes32 blockHash,uint64 parentView)".utf8))

    public init(epoch: UInt32, view: UInt64, blockHash: Hash256, parentView: UInt64) {
        self.epoch = epoch
        self.view = view
        self.blockHash = blockHash
        self.parentView = parentView
    }

    public var structHash: Hash256 {
        var hasher = StructHasher()
        hasher.absorb(VoteStatement.typeHash)
        hasher.absorb(UInt64(epoch))
        hasher.absorb(view)
        hasher.absorb(blockHash)
        hasher.absorb(parentView)
        return hasher.finish()
    }

    public func encode(into writer: inout CanonicalWriter) {
        writer.write(epoch)
        writer.write(view)
        writer.write(blockHash)
        writer.write(parentView)
    }

    public static func decode(from reader: inout CanonicalReader) throws(CanonicalError) -> VoteStatement {
        VoteStatement(epoch: try reader.read(), view: try reader.read(), blockHash: try reader.readHash(), parentView: try reader.read())
    }
}

/// A vote that finalises a block, cast by those who saw its quorum certificate.
public struct CommitStatement: Statement {
    public var epoch: UInt32
    public var view: UInt64
    public var height: UInt64
    public var blockHash: Hash256

    static let typeHash = Keccak256.hash(Array("CommitVote(uint32 epoch,uint64 view,uint64 height,bytes32 blockHash)".utf8))

    public init(epoch: UInt32, view: UInt64, height: UInt64, blockHash: Hash256) {
        self.epoch = epoch
        self.view = view
        self.height = height
        self.blockHash = blockHash
    }

    public var structHash: Hash256 {
        var hasher = StructHasher()
        hasher.absorb(CommitStatement.typeHash)
        hasher.absorb(UInt64(epoch))
        hasher.absorb(view)
        hasher.absorb(height)
        hasher.absorb(blockHash)
        return hasher.finish()
    }

    public func encode(into writer: inout CanonicalWriter) {
        writer.write(epoch)
        writer.write(view)
        writer.write(height)
        writer.write(blockHash)
    }

    public static func decode(from reader: inout CanonicalReader) throws(CanonicalError) -> CommitStatement {
        CommitStatement(epoch: try reader.read(), view: try reader.read(), height: try reader.read(), blockHash: try reader.readHash())
    }
}

/// A validator's word that it gives up `view`, with the highest certificate it knows. The tip is the block it last voted for when that is
/// newer than the certificate, else all zero.
public struct TimeoutStatement: Statement {
    public var epoch: UInt32
    public var view: UInt64
    public var highQCView: UInt64
    public var highQCHash: Hash256
    public var tipView: UInt64
    public var tipHash: Hash256
    public var tipParentHash: Hash256

    static let typeHash = Keccak256.hash(
        Array(
            ("Timeout(uint32 epoch,uint64 view,uint64 highQcView,bytes32 highQcHash,uint64 tipView,bytes32 tipHash,bytes32 tipParentHash)")
                .utf8))

    public init(
        epoch: UInt32, view: UInt64, highQCView: UInt64, highQCHash: Hash256, tipView: UInt64, tipHash: Hash256, tipParentHash: Hash256
    ) {
        self.epoch = epoch
        self.view = view
        self.highQCView = highQCView
        self.highQCHash = highQCHash
        self.tipView = tipView
        self.tipHash = tipHash
        self.tipParentHash = tipParentHash
    }

    /// Certificate and tip lie in the order that an honest validator's do.
    public var isWellFormed: Bool {
        guard view >= 1, highQCView < view else { return false }
        if tipView == 0 { return tipHash == .zero && tipParentHash == .zero }
        return tipView > highQCView && tipView <= view
    }

    public var structHash: Hash256 {
        var hasher = StructHasher()
        hasher.absorb(TimeoutStatement.typeHash)
        hasher.absorb(UInt64(epoch))
        hasher.absorb(view)
        hasher.absorb(highQCView)
        hasher.absorb(highQCHash)
        hasher.absorb(tipView)
        hasher.absorb(tipHash)
        hasher.absorb(tipParentHash)
        return hasher.finish()
    }

    public func encode(into writer: inout CanonicalWriter) {
        writer.write(epoch)
        writer.write(view)
        encodeReport(into: &writer)
    }

    public static func decode(from reader: inout CanonicalReader) throws(CanonicalError) -> TimeoutStatement {
        let epoch: UInt32 = try reader.read()
        let view: UInt64 = try reader.read()
        return try decodeReport(epoch: epoch, view: view, from: &reader)
    }

    /// All but epoch and view, which a timeout certificate states once for all its signers.
    func encodeReport(into writer: inout CanonicalWriter) {
        writer.write(highQCView)
        writer.write(highQCHash)
        writer.write(tipView)
        writer.write(tipHash)
        writer.write(tipParentHash)
    }

    static func decodeReport(epoch: UInt32, view: UInt64, from reader: inout CanonicalReader) throws(CanonicalError) -> TimeoutStatement {
        TimeoutStatement(
            epoch: epoch, view: view, highQCView: try reader.read(), highQCHash: try reader.readHash(), tipView: try reader.read(),
            tipHash: try reader.readHash(), tipParentHash: try reader.readHash())
    }
}
