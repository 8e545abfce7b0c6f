// hyperseq_evidence: content, pages, bad positions.
import Consensus
import Crypto
import Primitives
import RPC
import Testing

@Suite struct EvidenceMethodTests {
    private func signed<S: Statement>(_ statement: S, _ signer: UInt16) -> Signed<S> {
        Signed(statement: statement, signer: signer, signature: RecoverableSignature(r: 3, s: 4, yParity: 1))
    }

    private func record(view: UInt64) -> EvidenceRecord {
        let vote = signed(VoteStatement(epoch: 2, view: view, blockHash: Keccak256.hash([1]), parentView: view - 1), 6)
        let timeout = signed(
            TimeoutStatement(
                epoch: 2, view: view + 3, highQCView: view - 1, highQCHash: .zero, tipView: 0, tipHash: .zero, tipParentHash: .zero), 6)
        return EvidenceRecord(validator: Address(small: 0xabc), evidence: .hiddenVote(vote, timeout))
    }

    @Test func whatAPieceSays() async throws {
        let harness = Harness()
        let empty = try await harness.result("hyperseq_evidence")
        #expect(empty["evidence"]?.elements?.isEmpty == true && empty["next"]?.isNull == true)

        let record = record(view: 16)
        harness.node.state.withLock { $0.evidence = [record] }
        let answer = try await harness.result("hyperseq_evidence")
        let pieces = try #require(answer["evidence"]?.elements)
        #expect(pieces.count == 1 && answer["next"]?.isNull == true)
        let piece = try #require(pieces.first)
        #expect(piece["code"]?.string == "0x5")
        #expect(piece["offence"]?.string == "E5 a timeout that hides a vote")
        #expect(piece["validator"]?.string == Address(small: 0xabc).hex)
        #expect(piece["index"]?.string == "0x6" && piece["epoch"]?.string == "0x2")
        #expect(piece["views"]?.elements?.map(\.string) == ["0x10", "0x13"])
        let bytes = try #require(piece["bytes"]?.string)
        #expect(bytes == Hex.encode(record.evidence.encoded) && bytes.count == 2 + 2 * 546)
    }

    /// Following `next` shows every piece once, whatever their number.
    @Test func pages() async throws {
        var limits = RPCLimits()
        limits.evidenceCount = 3
        for count in 0..<8 {
            let harness = Harness(limits: limits)
            let records = (0..<count).map { record(view: UInt64($0) + 250) }
            harness.node.state.withLock { $0.evidence = records }
            var seen: [String?] = []
            var from = "null"
            for _ in 0...count {
                let answer = try await harness.result("hyperseq_evidence", from)
                let pieces = try #require(answer["evidence"]?.elements)
                #expect(pieces.count <= 3)
                seen += pieces.map { $0["bytes"]?.string }
                guard let next = answer["next"]?.string else { break }
                from = "\"\(next)\""
            }
            #expect(seen == records.map { Hex.encode($0.evidence.encoded) })
        }
    }

    @Test func badPositionsAreRefused() async throws {
        let harness = Harness()
        let long = "\"0x" + String(repeating: "00", count: 16) + "\""
        for bad in ["\"0x\"", "\"0x00\"", long, "\"zz\"", "7", "{}"] {
            #expect(try await harness.error("hyperseq_evidence", bad).code == -32602, "\(bad)")
        }
        let all = "\"0x" + String(repeating: "ff", count: 15) + "\""
        #expect(try await harness.result("hyperseq_evidence", all)["next"]?.isNull == true)
        #expect(try await harness.error("hyperseq_evidence", "null, null").code == -32602)
    }
}
