// Proofs that a quorum signed: of one statement (quorum and commit certificates), or of one view (timeout certificates).
// Invariant of a verified certificate: distinct signers of the set whose weight is at least Q, each signature valid.
public import Crypto
public import Primitives

/// Why a certificate proves nothing.
public enum CertificateError: Error, Equatable, Sendable {
    case wrongEpoch
    /// The bitmap names somebody outside the set.
    case unknownSigner
    /// The number of signatures is not that of the signers.
    case signatureCount
    case insufficientWeight
    case invalidSignature
    /// Fields that contradict each other.
    case malformed
}

/// One statement with the signatures of at least a quorum, in the order of validator indices.
public struct Certificate<S: Statement>: Equatable, Sendable {
    public var statement: S
    public var signers: SignerBitmap
    public var signatures: [RecoverableSignature]

    public init(statement: S, signers: SignerBitmap, signatures: [RecoverableSignature]) {
        self.statement = statement
        self.signers = signers
        self.signatures = signatures
    }

    public var view: UInt64 { statement.view }

    /// Checks everything that can be checked without the chain.
    public func verify(_ set: ValidatorSet, _ domain: SigningDomain, epoch: UInt32) throws(CertificateError) {
        guard statement.epoch == epoch else { throw .wrongEpoch }
        let needed = S.self == CommitStatement.self && set.breakage.is(.commitQuorumTooSmall) ? set.honestWeight : set.quorumWeight
        try checkSigners(signers, signatureCount: signatures.count, weight: needed, set)
        let digest = statement.digest(domain)
        var position = 0
        for index in signers.indices {
            guard set.verify(digest, signatures[position], by: index) else { throw .invalidSignature }
            position += 1
        }
    }

    public func encode(into writer: inout CanonicalWriter) {
        statement.encode(into: &writer)
        signers.encode(into: &writer)
        for signature in signatures { writer.writeRaw(signature.compact) }
    }

    public static func decode(from reader: inout CanonicalReader) throws(CanonicalError) -> Certificate {
        let statement = try S.decode(from: &reader)
        let signers = try SignerBitmap.decode(from: &reader)
        var signatures: [RecoverableSignature] = []
        for _ in 0..<signers.count { signatures.append(try reader.readSignature()) }
        return Certificate(statement: statement, signers: signers, signatures: signatures)
    }

    /// The canonical encoding, for storage.
    public var encoded: [UInt8] {
        var writer = CanonicalWriter()
        encode(into: &writer)
        return writer.bytes
    }

    /// The certificate of exactly these bytes; its signatures are not checked.
    public static func decode(_ bytes: [UInt8]) throws(CanonicalError) -> Certificate {
        var reader = CanonicalReader(bytes)
        let value = try decode(from: &reader)
        try reader.finish()
        return value
    }
}

/// Certifies a block: a quorum voted for it.
public typealias QuorumCertificate = Certificate<VoteStatement>
/// Finalises a block and its ancestors.
public typealias CommitCertificate = Certificate<CommitStatement>

extension Certificate where S == VoteStatement {
    public var blockHash: Hash256 { statement.blockHash }

    /// What stands for the certificate of the genesis block: view 0 and no signatures. Nobody votes in view 0.
    public static func genesis(epoch: UInt32, hash: Hash256) -> QuorumCertificate {
        QuorumCertificate(
            statement: VoteStatement(epoch: epoch, view: 0, blockHash: hash, parentView: 0), signers: SignerBitmap(), signatures: [])
    }
}

extension Certificate where S == CommitStatement {
    public var blockHash: Hash256 { statement.blockHash }
    /// The height that is final with all below it.
    public var height: UInt64 { statement.height }
}

/// Proves that a quorum gave up a view. Holds each signer's report and the highest certificate among them.
public struct TimeoutCertificate: Equatable, Sendable {
    public var epoch: UInt32
    public var view: UInt64
    public var signers: SignerBitmap
    /// In the order of validator indices; their epoch and view are those above.
    public var statements: [TimeoutStatement]
    public var signatures: [RecoverableSignature]
    public var highQC: QuorumCertificate

    public init(
        epoch: UInt32, view: UInt64, signers: SignerBitmap, statements: [TimeoutStatement], signatures: [RecoverableSignature],
        highQC: QuorumCertificate
    ) {
        self.epoch = epoch
        self.view = view
        self.signers = signers
        self.statements = statements
        self.signatures = signatures
        self.highQC = highQC
    }

    /// Checks all but the signatures of `highQC`, which the caller may have verified before.
    public func verifyReports(_ set: ValidatorSet, _ domain: SigningDomain, epoch: UInt32) throws(CertificateError) {
        guard self.epoch == epoch, highQC.statement.epoch == epoch else { throw .wrongEpoch }
        guard statements.count == signatures.count else { throw .signatureCount }
        let needed = set.breakage.is(.timeoutQuorumTooSmall) ? set.honestWeight : set.quorumWeight
        try checkSigners(signers, signatureCount: signatures.count, weight: needed, set)
        var highest: UInt64 = 0
        for statement in statements {
            guard statement.epoch == epoch, statement.view == view, statement.isWellFormed else { throw .malformed }
            highest = max(highest, statement.highQCView)
        }
        guard highQC.view == highest || set.breakage.is(.takesLowestQCFromTimeouts) else { throw .malformed }
        for statement in statements where statement.highQCView == highQC.view {
            guard statement.highQCHash == highQC.blockHash else { throw .malformed }
        }
        for (position, index) in signers.indices.enumerated() {
            guard set.verify(statements[position].digest(domain), signatures[position], by: index) else { throw .invalidSignature }
        }
    }

    public func encode(into writer: inout CanonicalWriter) {
        writer.write(epoch)
        writer.write(view)
        signers.encode(into: &writer)
        for (statement, signature) in zip(statements, signatures) {
            statement.encodeReport(into: &writer)
            writer.writeRaw(signature.compact)
        }
        highQC.encode(into: &writer)
    }

    public static func decode(from reader: inout CanonicalReader) throws(CanonicalError) -> TimeoutCertificate {
        let epoch: UInt32 = try reader.read()
        let view: UInt64 = try reader.read()
        let signers = try SignerBitmap.decode(from: &reader)
        var statements: [TimeoutStatement] = []
        var signatures: [RecoverableSignature] = []
        for _ in 0..<signers.count {
            statements.append(try TimeoutStatement.decodeReport(epoch: epoch, view: view, from: &reader))
            signatures.append(try reader.readSignature())
        }
        return TimeoutCertificate(
            epoch: epoch, view: view, signers: signers, statements: statements, signatures: signatures,
            highQC: try QuorumCertificate.decode(from: &reader))
    }
}

/// What lets a validator enter view v and a leader propose in it: a certificate of view v - 1.
public enum Justification: Equatable, Sendable {
    case quorum(QuorumCertificate)
    indirect case timeout(TimeoutCertificate)

    public var view: UInt64 {
        switch self {
        case .quorum(let certificate): certificate.view
        case .timeout(let certificate): certificate.view
        }
    }

    /// The certificate of the block that a proposal under this justification extends.
    public var parentCertificate: QuorumCertificate {
        switch self {
        case .quorum(let certificate): certificate
        case .timeout(let certificate): certificate.highQC
        }
    }

    func encode(into writer: inout CanonicalWriter) {
        switch self {
        case .quorum(let certificate):
            writer.write(UInt8(1))
            certificate.encode(into: &writer)
        case .timeout(let certificate):
            writer.write(UInt8(2))
            certificate.encode(into: &writer)
        }
    }

    static func decode(from reader: inout CanonicalReader) throws(CanonicalError) -> Justification {
        switch try reader.read(UInt8.self) {
        case 1: return .quorum(try QuorumCertificate.decode(from: &reader))
        case 2: return .timeout(try TimeoutCertificate.decode(from: &reader))
        default: throw .invalidValue
        }
    }
}

/// Signers inside the set, as many signatures as signers, and the weight needed.
private func checkSigners(_ signers: SignerBitmap, signatureCount: Int, weight needed: UInt64, _ set: ValidatorSet) throws(CertificateError) {
    guard signers.fits(set.count) else { throw .unknownSigner }
    guard signers.count == signatureCount else { throw .signatureCount }
    var weight: UInt64 = 0
    for index in signers.indices { weight += set.weight(index) }
    guard weight >= needed else { throw .insufficientWeight }
}

extension CanonicalReader {
    /// 64 bytes of EIP-2098; refuses high s and anything else that is not canonical.
    mutating func readSignature() throws(CanonicalError) -> RecoverableSignature {
        guard let signature = RecoverableSignature(compact: try readRaw(RecoverableSignature.compactByteCount)) else { throw .invalidValue }
        return signature
    }
}
