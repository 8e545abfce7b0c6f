// Evidence as nodes keep and list it: with the culprit's address, so that a reader needs no validator set, and with a place in one order.
public import Primitives

/// Verified evidence and whom it convicts.
public struct EvidenceRecord: Equatable, Sendable {
    /// The address at the signer's index in the set of the evidence's epoch.
    public var validator: Address
    public var evidence: Evidence

    public init(validator: Address, evidence: Evidence) {
        self.validator = validator
        self.evidence = evidence
    }

    public var position: EvidencePosition {
        EvidencePosition(epoch: evidence.epoch, signer: evidence.signer, code: evidence.code.rawValue, view: evidence.view)
    }
}

/// The place of evidence among all other: two pieces with one position tell of one offence, so one of them is enough.
/// Its bytes are the fields big-endian, so they sort as the fields do.
public struct EvidencePosition: Equatable, Hashable, Sendable {
    public var epoch: UInt32
    public var signer: UInt16
    /// `Offence.Code`'s raw value; any value, since a position only says where to go on.
    public var code: UInt8
    /// The view of the first statement.
    public var view: UInt64

    public static let byteCount = 15

    public init(epoch: UInt32, signer: UInt16, code: UInt8, view: UInt64) {
        self.epoch = epoch
        self.signer = signer
        self.code = code
        self.view = view
    }

    public var encoded: [UInt8] {
        var writer = CanonicalWriter(capacity: EvidencePosition.byteCount)
        writer.write(epoch)
        writer.write(signer)
        writer.write(code)
        writer.write(view)
        return writer.bytes
    }

    /// The position of exactly these bytes.
    public static func decode(_ bytes: [UInt8]) throws(CanonicalError) -> EvidencePosition {
        var reader = CanonicalReader(bytes)
        let position = EvidencePosition(epoch: try reader.read(), signer: try reader.read(), code: try reader.read(), view: try reader.read())
        try reader.finish()
        return position
    }
}
