// Evidence as a value: what convicts, what does not, and its bytes.
import Consensus
import Crypto
import Primitives
import Testing

@Suite struct EvidenceTests {
    let bench = Bench(weights: [3, 2, 2, 1])

    func name(_ text: String) -> Hash256 { Keccak256.hash(Array(text.utf8)) }
    func proposal(_ view: UInt64, _ block: String) -> Signed<ProposalStatement> {
        bench.signed(ProposalStatement(epoch: 1, view: view, blockHash: name(block)), 1)
    }
    func vote(_ view: UInt64, _ block: String, parent: UInt64) -> Vote {
        bench.signed(VoteStatement(epoch: 1, view: view, blockHash: name(block), parentView: parent), 1)
    }
    func commit(_ view: UInt64, _ block: String) -> CommitVote {
        bench.signed(CommitStatement(epoch: 1, view: view, height: 5, blockHash: name(block)), 1)
    }
    func timeout(_ view: UInt64, high: UInt64, tip: UInt64 = 0) -> Signed<TimeoutStatement> {
        bench.signed(
            TimeoutStatement(
                epoch: 1, view: view, highQCView: high, highQCHash: name("high"), tipView: tip, tipHash: tip == 0 ? .zero : name("tip"),
                tipParentHash: tip == 0 ? .zero : name("high")), 1)
    }

    /// One of each code.
    var all: [Evidence] {
        [
            .proposals(proposal(7, "a"), proposal(7, "b")), .votes(vote(7, "a", parent: 6), vote(7, "b", parent: 6)),
            .commitVotes(commit(7, "a"), commit(7, "b")), .hiddenVote(vote(7, "a", parent: 3), timeout(9, high: 5, tip: 6)),
            .hiddenCertificate(commit(7, "a"), timeout(7, high: 6, tip: 7)), .hiddenParent(vote(7, "a", parent: 6), timeout(8, high: 5, tip: 7)),
        ]
    }

    @Test func eachCodeConvicts() throws {
        #expect(all.map(\.code) == Offence.Code.allCases)
        for evidence in all {
            let offence = try evidence.verify(bench.set, bench.domain)
            #expect(offence.code == evidence.code && offence.epoch == 1 && offence.view == 7 && offence.signer == 1)
            #expect(offence.validator == bench.set.validators[1].address && offence.weight == bench.set.validators[1].weight)
            #expect(offence.weight == 2)
        }
    }

    /// The bounds of every condition: one step inside convicts nobody.
    @Test func whatAnHonestValidatorSigns() {
        let innocent: [Evidence] = [
            .proposals(proposal(7, "a"), proposal(7, "a")), .proposals(proposal(7, "a"), proposal(8, "b")),
            .votes(vote(7, "a", parent: 6), vote(7, "a", parent: 6)), .votes(vote(7, "a", parent: 6), vote(8, "b", parent: 6)),
            .commitVotes(commit(7, "a"), commit(7, "a")), .commitVotes(commit(7, "a"), commit(8, "b")),
            // The timeout shows the vote as its tip, or a certificate of its view; or it is older than the vote.
            .hiddenVote(vote(7, "a", parent: 3), timeout(9, high: 5, tip: 7)), .hiddenVote(vote(7, "a", parent: 3), timeout(9, high: 7)),
            .hiddenVote(vote(7, "a", parent: 3), timeout(6, high: 3)),
            .hiddenCertificate(commit(7, "a"), timeout(8, high: 7)), .hiddenCertificate(commit(7, "a"), timeout(6, high: 3)),
            .hiddenParent(vote(7, "a", parent: 6), timeout(8, high: 6, tip: 7)), .hiddenParent(vote(7, "a", parent: 6), timeout(6, high: 3)),
        ]
        for evidence in innocent {
            #expect(throws: EvidenceError.noOffence) { try evidence.verify(bench.set, bench.domain) }
        }
    }

    @Test func whatProvesNothing() {
        var stranger = proposal(7, "a")
        stranger.signer = 4
        var second = proposal(7, "b")
        second.signer = 4
        #expect(throws: EvidenceError.unknownSigner) { try Evidence.proposals(stranger, second).verify(bench.set, bench.domain) }
        #expect(throws: EvidenceError.signersDiffer) { try Evidence.proposals(proposal(7, "a"), second).verify(bench.set, bench.domain) }
        let later = bench.signed(VoteStatement(epoch: 2, view: 7, blockHash: name("b"), parentView: 6), 1)
        #expect(throws: EvidenceError.epochsDiffer) { try Evidence.votes(vote(7, "a", parent: 6), later).verify(bench.set, bench.domain) }
        for (index, evidence) in all.enumerated() {
            for other in [SigningDomain(chainId: 271, genesisHash: testGenesis.hash), SigningDomain(chainId: 270, genesisHash: .zero)] {
                #expect(throws: EvidenceError.invalidSignature, "code \(index)") { try evidence.verify(bench.set, other) }
            }
        }
        // Each of the two signatures counts.
        var forged = vote(7, "b", parent: 6)
        forged.signature = vote(7, "a", parent: 6).signature
        #expect(throws: EvidenceError.invalidSignature) { try Evidence.votes(vote(7, "a", parent: 6), forged).verify(bench.set, bench.domain) }
        #expect(throws: EvidenceError.invalidSignature) { try Evidence.votes(forged, vote(7, "a", parent: 6)).verify(bench.set, bench.domain) }
    }

    // MARK: Bytes

    @Test func bytesComeBack() throws {
        #expect(all.map(\.encoded.count) == [386, 450, 450, 546, 546, 546])
        #expect(Evidence.maximumByteCount == 546)
        for evidence in all {
            #expect(try Evidence.decode(evidence.encoded) == evidence)
            #expect(evidence.encoded[31] == evidence.code.rawValue)
        }
    }

    /// Each statement's words are what EIP-712 hashes behind the type hash, and each signature recovers the signer: as a contract checks it.
    @Test func aContractCanCheckTheBytes() throws {
        let types = [
            "Proposal(uint32 epoch,uint64 view,bytes32 blockHash)", "Vote(uint32 epoch,uint64 view,bytes32 blockHash,uint64 parentView)",
            "CommitVote(uint32 epoch,uint64 view,uint64 height,bytes32 blockHash)",
            "Timeout(uint32 epoch,uint64 view,uint64 highQcView,bytes32 highQcHash,uint64 tipView,bytes32 tipHash,bytes32 tipParentHash)",
        ]
        let words = [3, 4, 4, 7]
        let layout: [Offence.Code: (Int, Int)] = [
            .equivocatingProposals: (0, 0), .equivocatingVotes: (1, 1), .equivocatingCommitVotes: (2, 2), .hiddenVote: (1, 3),
            .hiddenCertificate: (2, 3), .hiddenParent: (1, 3),
        ]
        for evidence in all {
            let bytes = evidence.encoded
            var offset = 64
            let kinds = try #require(layout[evidence.code])
            for kind in [kinds.0, kinds.1] {
                let fields = Array(bytes[offset..<offset + 32 * words[kind]])
                offset += fields.count
                let structHash = Keccak256.hash(Keccak256.hash(Array(types[kind].utf8)).bytes + fields)
                let digest = Keccak256.hash([0x19, 0x01] + bench.domain.separator.bytes + structHash.bytes)
                let signer = Secp256k1.recoverAddress(
                    hash: digest, r: UInt256(Hash256(bytes[offset..<offset + 32])!), s: UInt256(Hash256(bytes[offset + 32..<offset + 64])!),
                    yParity: bytes[offset + 64] - 27)
                offset += 65
                #expect(signer == bench.set.validators[1].address)
            }
            #expect(offset == bytes.count)
        }
    }

    /// Bytes made outside of this project, signatures with eth-account 0.14.0 (Python): fields, order, width, r, s, v.
    @Test func goldenVectors() {
        let expected = [
            "0xd7a71790f93d0c94b3801c2d4694c4191e286f3951e9350efb4288dc9ce3ce47",
            "0xb2ad24e2d0744871bbf8b5d8c9c8212ee8f2195b8d1deebf4b627729b9ee044f",
            "0x72aa5391f1a9702e117720827a43fd1287d750246789adad81ae613272f22211",
            "0x5be600b359f1c75ee4fd5db8fe9e944cf77cfd7bcdd77ed712c778243f8690aa",
            "0x3e50b2d2a1c829823082bd81243f44caa0d305c15c95e8529befbdd667b5cd64",
            "0xe75a1d8451a01622635a83c3519c9a7dd75e16827e4ddccf71b89056ff8a7081",
        ]
        for (evidence, hash) in zip(all, expected) { #expect(Keccak256.hash(evidence.encoded).hex == hash) }
    }

    @Test func hostileBytes() throws {
        var random = Random(seed: 4)
        for evidence in all {
            let bytes = evidence.encoded
            for length in 0..<bytes.count { #expect(throws: CanonicalError.self) { try Evidence.decode(Array(bytes.prefix(length))) } }
            #expect(throws: CanonicalError.self) { try Evidence.decode(bytes + [0]) }
            for _ in 0..<3_000 {
                var broken = bytes
                for _ in 0...random.below(2) { broken[random.index(broken.count)] = UInt8(truncatingIfNeeded: random.next()) }
                guard broken != bytes, let decoded = try? Evidence.decode(broken) else { continue }
                #expect(decoded.encoded == broken)
                #expect(throws: EvidenceError.self) { try decoded.verify(bench.set, bench.domain) }
            }
        }
        #expect(throws: CanonicalError.tooLong) { try Evidence.decode([UInt8](repeating: 0, count: 1 << 20)) }
        // Code 4 and 0, a signer of more than 16 bits, v = 0, high s.
        let bytes = all[0].encoded
        for (position, value) in [(31, 4), (31, 0), (30, 1), (61, 1), (64 + 96 + 64, 0), (64 + 96 + 32, 0xff)] as [(Int, UInt8)] {
            var broken = bytes
            broken[position] = value
            #expect(throws: CanonicalError.invalidValue, "byte \(position)") { try Evidence.decode(broken) }
        }
    }
}
