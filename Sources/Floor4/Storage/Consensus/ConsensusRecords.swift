// Floor 4, Storage: the content of the records of the consensus store. Decoding never traps, whatever the bytes.
package import Consensus
package import Primitives

package enum ConsensusRecords {
    package static func encode(_ block: Block) -> [UInt8] {
        var writer = CanonicalWriter(capacity: BlockHeader.byteCount + 4 + block.payload.count)
        block.header.encode(into: &writer)
        writer.write(block.payload)
        return writer.bytes
    }

    package static func decodeBlock(_ reader: inout CanonicalReader) throws(CanonicalError) -> Block {
        let header = try BlockHeader.decode(from: &reader)
        let payload = try reader.readBytes(limit: reader.remaining)
        guard payload.count == Int(header.payloadByteCount) else { throw .invalidValue }
        return Block(header: header, payload: payload)
    }

    package static func decodeCertificate(
        _ reader: inout CanonicalReader, height: UInt64
    ) throws(CanonicalError) -> CommitCertificate {
        let certificate = try CommitCertificate.decode(from: &reader)
        guard certificate.height == height else { throw .invalidValue }
        return certificate
    }

    package static func encode(_ block: FinalizedBlock) -> [UInt8] {
        var writer = CanonicalWriter(capacity: 40)
        writer.write(block.height)
        writer.write(block.hash)
        return writer.bytes
    }

    package static func decodeFinalized(_ reader: inout CanonicalReader) throws(CanonicalError) -> FinalizedBlock {
        FinalizedBlock(height: try reader.read(), hash: try reader.readHash())
    }

    package static func encode(_ record: EvidenceRecord) -> [UInt8] {
        var writer = CanonicalWriter(capacity: 20 + Evidence.maximumByteCount)
        writer.write(record.validator)
        writer.writeRaw(record.evidence.encoded)
        return writer.bytes
    }

    package static func decodeEvidence(
        _ reader: inout CanonicalReader, position: [UInt8]
    ) throws(CanonicalError) -> EvidenceRecord {
        let validator = try reader.readAddress()
        let record = EvidenceRecord(validator: validator, evidence: try Evidence.decode(try reader.readRaw(reader.remaining)))
        guard record.position.encoded == position else { throw .invalidValue }
        return record
    }
}
