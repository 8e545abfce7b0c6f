// Floor 5, RPC: the evidence against validators that the node has stored, page by page, ready for a slashing contract.
import Consensus
import Primitives

/// Method `hyperseq_evidence`.
enum EvidenceMethods {
    static let table: [Method] = [
        Method("hyperseq_evidence", .light, parameters: 1) { call, writer throws(RPCError) in
            let start: EvidencePosition? = call.optional(0) == nil ? nil : try position(call)
            let page: (records: [EvidenceRecord], next: EvidencePosition?)
            do throws(BackendError) {
                page = try call.backend.evidence(from: start, count: call.limits.evidenceCount)
            } catch {
                throw RPCError(error)
            }
            writer.beginObject()
            writer.key("evidence")
            writer.beginArray()
            for record in page.records {
                writer.element()
                writer.evidence(record)
            }
            writer.endArray()
            writer.key("next")
            if let next = page.next { writer.data(next.encoded) } else { writer.null() }
            writer.endObject()
        }
    ]

    private static func position(_ call: RPCCall) throws(RPCError) -> EvidencePosition {
        let bytes = try call.data(0)
        do throws(CanonicalError) {
            return try EvidencePosition.decode(bytes)
        } catch {
            throw .invalidArgument(0, "the `next` of an earlier answer is expected")
        }
    }
}

extension JSONWriter {
    fileprivate mutating func evidence(_ record: EvidenceRecord) {
        let evidence = record.evidence
        beginObject()
        field("code", UInt64(evidence.code.rawValue))
        field("offence", evidence.code.title)
        field("validator", record.validator)
        field("index", UInt64(evidence.signer))
        field("epoch", UInt64(evidence.epoch))
        key("views")
        beginArray()
        for view in [evidence.view, evidence.secondView] {
            element()
            quantity(view)
        }
        endArray()
        field("bytes", data: evidence.encoded)
        endObject()
    }
}
