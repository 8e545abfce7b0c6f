// The bytes of evidence as a contract reads them (`Specs/evidence.md`): a word with the code, a word with the signer's index, then twice the fields
// of a statement as EIP-712 encodes them, a 32-byte word each, and its signature as r, s, v (65 bytes, v is 27 or 28).
// The length follows from the code alone. Decoding never traps and accepts exactly what encoding makes.
internal import Crypto
public import Primitives

extension Evidence {
    /// The most bytes of any evidence.
    public static let maximumByteCount = 2 * 32 + (VoteStatement.wordCount + TimeoutStatement.wordCount) * 32 + 2 * signatureByteCount
    /// r, s and v.
    static let signatureByteCount = 65

    /// The canonical encoding.
    public var encoded: [UInt8] {
        var writer = CanonicalWriter(capacity: Evidence.maximumByteCount)
        writer.writeWord(UInt64(code.rawValue))
        writer.writeWord(UInt64(signer))
        switch self {
        case .proposals(let first, let second): writer.write(pair: first, second)
        case .votes(let first, let second): writer.write(pair: first, second)
        case .commitVotes(let first, let second): writer.write(pair: first, second)
        case .hiddenVote(let first, let second), .hiddenParent(let first, let second): writer.write(pair: first, second)
        case .hiddenCertificate(let first, let second): writer.write(pair: first, second)
        }
        return writer.bytes
    }

    /// The evidence of exactly these bytes, which may be hostile. Nothing is verified yet.
    public static func decode(_ bytes: [UInt8]) throws(CanonicalError) -> Evidence {
        guard bytes.count <= maximumByteCount else { throw .tooLong }
        var reader = CanonicalReader(bytes)
        guard let code = Offence.Code(rawValue: UInt8(try reader.readWord(below: 256))) else { throw .invalidValue }
        let signer = UInt16(try reader.readWord(below: 1 << 16))
        let evidence: Evidence
        switch code {
        case .equivocatingProposals: evidence = .proposals(try reader.readSigned(by: signer), try reader.readSigned(by: signer))
        case .equivocatingVotes: evidence = .votes(try reader.readSigned(by: signer), try reader.readSigned(by: signer))
        case .equivocatingCommitVotes: evidence = .commitVotes(try reader.readSigned(by: signer), try reader.readSigned(by: signer))
        case .hiddenVote: evidence = .hiddenVote(try reader.readSigned(by: signer), try reader.readSigned(by: signer))
        case .hiddenCertificate: evidence = .hiddenCertificate(try reader.readSigned(by: signer), try reader.readSigned(by: signer))
        case .hiddenParent: evidence = .hiddenParent(try reader.readSigned(by: signer), try reader.readSigned(by: signer))
        }
        try reader.finish()
        return evidence
    }
}

/// A statement whose EIP-712 fields can be written and read as words.
protocol WordStatement: Statement {
    /// Number of fields.
    static var wordCount: Int { get }
    /// The fields in the order of the EIP-712 type.
    func encodeWords(into writer: inout CanonicalWriter)
    static func decodeWords(from reader: inout CanonicalReader) throws(CanonicalError) -> Self
}

extension ProposalStatement: WordStatement {
    static let wordCount = 3

    func encodeWords(into writer: inout CanonicalWriter) {
        writer.writeWord(UInt64(epoch))
        writer.writeWord(view)
        writer.write(blockHash)
    }

    static func decodeWords(from reader: inout CanonicalReader) throws(CanonicalError) -> ProposalStatement {
        ProposalStatement(epoch: try reader.readEpochWord(), view: try reader.readWord(), blockHash: try reader.readHash())
    }
}

extension VoteStatement: WordStatement {
    static let wordCount = 4

    func encodeWords(into writer: inout CanonicalWriter) {
        writer.writeWord(UInt64(epoch))
        writer.writeWord(view)
        writer.write(blockHash)
        writer.writeWord(parentView)
    }

    static func decodeWords(from reader: inout CanonicalReader) throws(CanonicalError) -> VoteStatement {
        VoteStatement(
            epoch: try reader.readEpochWord(), view: try reader.readWord(), blockHash: try reader.readHash(), parentView: try reader.readWord())
    }
}

extension CommitStatement: WordStatement {
    static let wordCount = 4

    func encodeWords(into writer: inout CanonicalWriter) {
        writer.writeWord(UInt64(epoch))
        writer.writeWord(view)
        writer.writeWord(height)
        writer.write(blockHash)
    }

    static func decodeWords(from reader: inout CanonicalReader) throws(CanonicalError) -> CommitStatement {
        CommitStatement(
            epoch: try reader.readEpochWord(), view: try reader.readWord(), height: try reader.readWord(), blockHash: try reader.readHash())
    }
}

extension TimeoutStatement: WordStatement {
    static let wordCount = 7

    func encodeWords(into writer: inout CanonicalWriter) {
        writer.writeWord(UInt64(epoch))
        writer.writeWord(view)
        writer.writeWord(highQCView)
        writer.write(highQCHash)
        writer.writeWord(tipView)
        writer.write(tipHash)
        writer.write(tipParentHash)
    }

    static func decodeWords(from reader: inout CanonicalReader) throws(CanonicalError) -> TimeoutStatement {
        TimeoutStatement(
            epoch: try reader.readEpochWord(), view: try reader.readWord(), highQCView: try reader.readWord(), highQCHash: try reader.readHash(),
            tipView: try reader.readWord(), tipHash: try reader.readHash(), tipParentHash: try reader.readHash())
    }
}

extension CanonicalWriter {
    /// A number as a 32-byte word, as EIP-712 encodes integers.
    fileprivate mutating func writeWord(_ value: UInt64) { write(Hash256(w0: 0, w1: 0, w2: 0, w3: value)) }

    fileprivate mutating func write<S: WordStatement, T: WordStatement>(pair first: Signed<S>, _ second: Signed<T>) {
        write(first)
        write(second)
    }

    private mutating func write<S: WordStatement>(_ signed: Signed<S>) {
        signed.statement.encodeWords(into: &self)
        write(signed.signature.r)
        write(signed.signature.s)
        write(27 + (signed.signature.yParity & 1))
    }
}

extension CanonicalReader {
    /// A number in a word; `invalidValue` when it is not below `bound` (2^64 without one).
    fileprivate mutating func readWord(below bound: UInt64? = nil) throws(CanonicalError) -> UInt64 {
        let word = try readHash()
        guard word.w0 == 0, word.w1 == 0, word.w2 == 0 else { throw .invalidValue }
        if let bound, word.w3 >= bound { throw .invalidValue }
        return word.w3
    }

    fileprivate mutating func readEpochWord() throws(CanonicalError) -> UInt32 { UInt32(try readWord(below: 1 << 32)) }

    fileprivate mutating func readSigned<S: WordStatement>(by signer: UInt16) throws(CanonicalError) -> Signed<S> {
        let statement = try S.decodeWords(from: &self)
        let r = try readUInt256()
        let s = try readUInt256()
        let v = try read(UInt8.self)
        guard v == 27 || v == 28 else { throw .invalidValue }
        let signature = RecoverableSignature(r: r, s: s, yParity: v - 27)
        guard signature.isCanonical else { throw .invalidValue }
        return Signed(statement: statement, signer: signer, signature: signature)
    }
}
