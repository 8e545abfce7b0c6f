// The watch: it finds what convicts, once, with little memory, and forged statements neither convict nor hide anybody.
import Consensus
import Crypto
import Primitives
import Testing

@Suite struct EvidencePoolTests {
    let bench = Bench(weights: [1, 1, 1, 1])

    func pool() -> EvidencePool { EvidencePool(bench.set, bench.domain, epoch: 1) }
    func hash(_ number: UInt64) -> Hash256 { Hash256(w0: 0, w1: 0, w2: 0, w3: number) }
    func vote(_ view: UInt64, _ block: UInt64 = 1, parent: UInt64 = 0, by signer: Int = 2) -> Vote {
        bench.signed(VoteStatement(epoch: 1, view: view, blockHash: hash(block), parentView: parent), signer)
    }
    func commit(_ view: UInt64, _ block: UInt64 = 1, by signer: Int = 2) -> CommitVote {
        bench.signed(CommitStatement(epoch: 1, view: view, height: 1, blockHash: hash(block)), signer)
    }
    func timeout(_ view: UInt64, high: UInt64, by signer: Int = 2) -> Signed<TimeoutStatement> {
        bench.signed(
            TimeoutStatement(
                epoch: 1, view: view, highQCView: high, highQCHash: hash(9), tipView: 0, tipHash: .zero, tipParentHash: .zero), signer)
    }
    func codes(_ observation: Observation) -> [Offence.Code] { observation.findings.map(\.offence.code) }

    @Test func equivocationIsFoundOnce() throws {
        var pool = pool()
        #expect(pool.observe(vote(5, 1)).findings.isEmpty)
        #expect(pool.observe(vote(5, 1)).findings.isEmpty)
        let found = pool.observe(vote(5, 2))
        #expect(codes(found) == [.equivocatingVotes])
        #expect(try found.findings[0].evidence.verify(bench.set, bench.domain) == found.findings[0].offence)
        #expect(pool.observe(vote(5, 2)).findings.isEmpty && pool.observe(vote(5, 3)).findings.isEmpty)
        _ = pool.observe(commit(5, 1))
        #expect(codes(pool.observe(commit(5, 2))) == [.equivocatingCommitVotes])
        let proposals = [1, 2].map { bench.signed(ProposalStatement(epoch: 1, view: 5, blockHash: hash($0)), 2) }
        _ = pool.observe(proposals[0])
        #expect(codes(pool.observe(proposals[1])) == [.equivocatingProposals])
    }

    /// Whichever of the two statements comes first.
    @Test func hidingIsFoundInEitherOrder() throws {
        var first = pool()
        _ = first.observe(vote(5, parent: 4))
        _ = first.observe(commit(4))
        let late = first.observe(timeout(6, high: 3))
        #expect(codes(late) == [.hiddenVote, .hiddenParent, .hiddenCertificate])
        var second = pool()
        _ = second.observe(timeout(6, high: 3))
        #expect(codes(second.observe(vote(5, parent: 4))) == [.hiddenVote, .hiddenParent])
        #expect(codes(second.observe(commit(4))) == [.hiddenCertificate])
        for finding in late.findings { #expect(try finding.evidence.verify(bench.set, bench.domain) == finding.offence) }
        #expect(first.observe(timeout(6, high: 3)).findings.isEmpty)
    }

    /// A second, honest looking timeout of the view does not cover the first.
    @Test func theSecondTimeoutOfAViewCountsToo() {
        var pool = pool()
        _ = pool.observe(vote(5, parent: 4))
        var honest = timeout(6, high: 4).statement
        (honest.tipView, honest.tipHash, honest.tipParentHash) = (5, hash(1), hash(9))
        #expect(pool.observe(bench.signed(honest, 2)).findings.isEmpty)
        #expect(codes(pool.observe(timeout(6, high: 3))) == [.hiddenVote, .hiddenParent])
    }

    @Test func forgedStatementsNeitherConvictNorHide() {
        var pool = pool()
        var forged = vote(5, 7, by: 3)
        forged.signer = 2
        // The forged one first: it is found out when the true ones come.
        _ = pool.observe(forged)
        #expect(pool.observe(vote(5, 1)) == Observation())
        #expect(pool.observe(forged).isForged)
        #expect(codes(pool.observe(vote(5, 2))) == [.equivocatingVotes])
        // A forged timeout convicts nobody.
        var lie = timeout(8, high: 0, by: 3)
        lie.signer = 2
        #expect(pool.observe(lie).findings.isEmpty)
        #expect(pool.observe(commit(6)).findings.isEmpty)
        // Other epochs and strangers are none of its business.
        let other = bench.signed(VoteStatement(epoch: 2, view: 5, blockHash: hash(3), parentView: 0), 2)
        var stranger = vote(5, 3)
        stranger.signer = 4
        #expect(pool.observe(other) == Observation() && pool.observe(stranger) == Observation())
    }

    @Test func certificatesAreSearched() {
        var pool = pool()
        let statement = vote(5, 1).statement
        _ = pool.observe(bench.certificate(statement, [0, 1, 2]))
        #expect(codes(pool.observe(vote(5, 2, by: 1))) == [.equivocatingVotes])
        _ = pool.observe(bench.certificate(commit(5).statement, [0, 2, 3]))
        let timeouts = bench.timeoutCertificate(5, [0, 1, 2].map { ($0, bench.genesisQC) })
        let found = pool.observe(timeouts).findings
        #expect(found.map(\.offence.signer) == [0, 0, 1, 2, 2])
        #expect(found.map(\.offence.code) == [.hiddenVote, .hiddenCertificate, .hiddenVote, .hiddenVote, .hiddenCertificate])
    }

    /// A liar of many views fills neither memory nor disk.
    @Test func findingsAreBounded() {
        var pool = pool()
        var count = 0
        for view in 1...200 as ClosedRange<UInt64> {
            for block in 1...3 as ClosedRange<UInt64> {
                count += pool.observe(vote(view, block)).findings.count + pool.observe(commit(view, block)).findings.count
            }
        }
        #expect(count == 2 * EvidencePool.maximumFindingsPerCode)
        // Another's offences are still told.
        _ = pool.observe(vote(200, 1, by: 1))
        #expect(codes(pool.observe(vote(200, 2, by: 1))) == [.equivocatingVotes])
    }
}
