// The wire form of messages: one kind byte, then the canonical encoding of the value.
// Decoding bounds everything and never traps; it does not verify signatures.
internal import Crypto
public import Primitives

extension Signed {
    func encode(into writer: inout CanonicalWriter) {
        statement.encode(into: &writer)
        writer.write(signer)
        writer.writeRaw(signature.compact)
    }

    static func decode(from reader: inout CanonicalReader) throws(CanonicalError) -> Signed {
        Signed(statement: try S.decode(from: &reader), signer: try reader.read(), signature: try reader.readSignature())
    }
}

extension Block {
    /// Header, then the payload behind its length.
    public func encode(into writer: inout CanonicalWriter) {
        header.encode(into: &writer)
        writer.write(payload)
    }

    /// Refuses payloads above the limit and those whose length is not the header's.
    public static func decode(from reader: inout CanonicalReader, maximumPayloadBytes: Int) throws(CanonicalError) -> Block {
        let header = try BlockHeader.decode(from: &reader)
        let payload = try reader.readBytes(limit: maximumPayloadBytes)
        guard payload.count == Int(header.payloadByteCount) else { throw .invalidValue }
        return Block(header: header, payload: payload)
    }
}

extension Proposal {
    func encode(into writer: inout CanonicalWriter) {
        block.encode(into: &writer)
        justification.encode(into: &writer)
        writer.writeRaw(signature.compact)
    }

    static func decode(from reader: inout CanonicalReader, maximumPayloadBytes: Int) throws(CanonicalError) -> Proposal {
        Proposal(
            block: try Block.decode(from: &reader, maximumPayloadBytes: maximumPayloadBytes),
            justification: try Justification.decode(from: &reader), signature: try reader.readSignature())
    }
}

extension Timeout {
    func encode(into writer: inout CanonicalWriter) {
        signed.encode(into: &writer)
        highQC.encode(into: &writer)
        entry.encode(into: &writer)
    }

    static func decode(from reader: inout CanonicalReader) throws(CanonicalError) -> Timeout {
        Timeout(
            signed: try Signed<TimeoutStatement>.decode(from: &reader), highQC: try QuorumCertificate.decode(from: &reader),
            entry: try Justification.decode(from: &reader))
    }
}

extension BlockRequest {
    func encode(into writer: inout CanonicalWriter) {
        switch self {
        case .block(let hash):
            writer.write(UInt8(1))
            writer.write(hash)
        case .range(let fromHeight, let count):
            writer.write(UInt8(2))
            writer.write(fromHeight)
            writer.write(count)
        }
    }

    static func decode(from reader: inout CanonicalReader) throws(CanonicalError) -> BlockRequest {
        switch try reader.read(UInt8.self) {
        case 1: return .block(try reader.readHash())
        case 2:
            let fromHeight: UInt64 = try reader.read()
            let count: UInt16 = try reader.read()
            guard (1...maximumCount).contains(count) else { throw .invalidValue }
            return .range(fromHeight: fromHeight, count: count)
        default: throw .invalidValue
        }
    }
}

extension BlockResponse {
    func encode(into writer: inout CanonicalWriter) {
        request.encode(into: &writer)
        writer.write(UInt32(blocks.count))
        for block in blocks { block.encode(into: &writer) }
        writer.write(certificate != nil)
        certificate?.encode(into: &writer)
    }

    static func decode(from reader: inout CanonicalReader, maximumPayloadBytes: Int) throws(CanonicalError) -> BlockResponse {
        let request = try BlockRequest.decode(from: &reader)
        let count = try reader.readCount(limit: maximumCount)
        var blocks: [Block] = []
        for _ in 0..<count { blocks.append(try Block.decode(from: &reader, maximumPayloadBytes: maximumPayloadBytes)) }
        let certificate = try reader.readBool() ? try CommitCertificate.decode(from: &reader) : nil
        return BlockResponse(request: request, blocks: blocks, certificate: certificate)
    }
}

extension ConsensusMessage {
    /// The first byte of the encoding; lets a network sort messages into queues without decoding them.
    public var kind: UInt8 {
        switch self {
        case .proposal: 1
        case .vote: 2
        case .commitVote: 3
        case .timeout: 4
        case .quorumCertificate: 5
        case .timeoutCertificate: 6
        case .commitCertificate: 7
        case .blockRequest: 8
        case .blockResponse: 9
        case .headerProposal: 10
        case .proposalRequest: 11
        }
    }

    /// The bytes to send.
    public var encoded: [UInt8] {
        var writer = CanonicalWriter(capacity: 256)
        writer.write(kind)
        switch self {
        case .proposal(let value): value.encode(into: &writer)
        case .vote(let value): value.encode(into: &writer)
        case .commitVote(let value): value.encode(into: &writer)
        case .timeout(let value): value.encode(into: &writer)
        case .quorumCertificate(let value): value.encode(into: &writer)
        case .timeoutCertificate(let value): value.encode(into: &writer)
        case .commitCertificate(let value): value.encode(into: &writer)
        case .blockRequest(let value): value.encode(into: &writer)
        case .blockResponse(let value): value.encode(into: &writer)
        case .headerProposal(let value): value.encode(into: &writer)
        case .proposalRequest(let value): value.encode(into: &writer)
        }
        return writer.bytes
    }

    /// The message of exactly these bytes, which may be hostile. Nothing is verified yet.
    public static func decode(_ bytes: [UInt8], maximumPayloadBytes: Int) throws(CanonicalError) -> ConsensusMessage {
        var reader = CanonicalReader(bytes)
        let message: ConsensusMessage
        switch try reader.read(UInt8.self) {
        case 1: message = .proposal(try Proposal.decode(from: &reader, maximumPayloadBytes: maximumPayloadBytes))
        case 2: message = .vote(try Vote.decode(from: &reader))
        case 3: message = .commitVote(try CommitVote.decode(from: &reader))
        case 4: message = .timeout(try Timeout.decode(from: &reader))
        case 5: message = .quorumCertificate(try QuorumCertificate.decode(from: &reader))
        case 6: message = .timeoutCertificate(try TimeoutCertificate.decode(from: &reader))
        case 7: message = .commitCertificate(try CommitCertificate.decode(from: &reader))
        case 8: message = .blockRequest(try BlockRequest.decode(from: &reader))
        case 9: message = .blockResponse(try BlockResponse.decode(from: &reader, maximumPayloadBytes: maximumPayloadBytes))
        case 10: message = .headerProposal(try HeaderProposal.decode(from: &reader))
        case 11: message = .proposalRequest(try ProposalRequest.decode(from: &reader))
        default: throw .invalidValue
        }
        try reader.finish()
        return message
    }
}
