// More than F of the weight lies and two contradicting blocks become final: at least F + 1 of the weight is named, and nobody honest (G in the list).
import Consensus
import Crypto
import Primitives
import Testing

@Suite struct AccountabilityTests {
    // MARK: Made by hand

    /// Two quorums of one view.
    @Test func twoFinalBlocksOfOneView() {
        let bench = Bench(weights: [1, 1, 1, 1])
        let first = bench.block(view: 1, on: testGenesis, parentView: 0)
        let second = bench.block(view: 1, on: testGenesis, parentView: 0, payload: [9])
        let file = CaseFile(commits: [bench.certificate(bench.commit(first), [0, 1, 2]), bench.certificate(bench.commit(second), [1, 2, 3])])
        let accusation = file.culprits(bench.set, bench.domain, epoch: 1)
        #expect(accusation.findings.map(\.offence.signer) == [1, 2] && accusation.weight == 2)
        #expect(accusation.findings.allSatisfy { $0.offence.code == .equivocatingCommitVotes })
    }

    /// The second branch grows from a double certificate of the first commit's view.
    @Test func aBranchOnASecondCertificateOfTheView() {
        let bench = Bench(weights: [1, 1, 1, 1])
        let first = bench.block(view: 1, on: testGenesis, parentView: 0)
        let second = bench.block(view: 1, on: testGenesis, parentView: 0, payload: [9])
        let child = bench.block(view: 2, on: second.header, parentView: 1)
        var file = CaseFile(commits: [bench.certificate(bench.commit(first), [0, 1, 2]), bench.certificate(bench.commit(child), [1, 2, 3])])
        #expect(file.culprits(bench.set, bench.domain, epoch: 1) == Accusation())
        file.add(.quorum(bench.certificate(bench.vote(first), [0, 1, 2])))
        file.add(.quorum(bench.certificate(bench.vote(second), [1, 2, 3])))
        let accusation = file.culprits(bench.set, bench.domain, epoch: 1)
        #expect(accusation.findings.map(\.offence.signer) == [1, 2])
        #expect(accusation.findings.allSatisfy { $0.offence.code == .equivocatingVotes })
    }

    /// For all remainders of W by 3 and any two quorums: those who committed in v and then signed a timeout certificate that hides it are named, they
    /// weigh more than F, and nobody else is named.
    @Test(arguments: 0..<40 as Range<UInt64>)
    func aBranchOnAHidingTimeoutCertificate(seed: UInt64) throws {
        var random = Random(seed: seed)
        let count = 3 + random.index(5)
        let bench = Bench(weights: (0..<count).map { _ in random.within(1...6) })
        func quorum() -> [Int] {
            var order = Array(0..<count)
            for index in order.indices { order.swapAt(index, index + random.index(count - index)) }
            var signers: [Int] = []
            while signers.reduce(0, { $0 + bench.set.validators[$1].weight }) < bench.set.quorumWeight { signers.append(order.removeLast()) }
            return signers.sorted()
        }
        let final = bench.block(view: 3, on: testGenesis, parentView: 0)
        let other = bench.block(view: 5, on: testGenesis, parentView: 0, payload: [9])
        let committers = quorum()
        let timers = quorum()
        var file = CaseFile(commits: [bench.certificate(bench.commit(final), committers), bench.certificate(bench.commit(other), timers)])
        file.add(.quorum(bench.certificate(bench.vote(final), committers)))
        file.add(.timeout(bench.timeoutCertificate(4, timers.map { ($0, bench.genesisQC) })))
        let accusation = file.culprits(bench.set, bench.domain, epoch: 1)
        let guilty = committers.filter { timers.contains($0) }
        #expect(accusation.findings.map { Int($0.offence.signer) } == guilty)
        #expect(accusation.weight >= bench.set.honestWeight)
        #expect(3 * accusation.weight >= bench.set.totalWeight)
        for finding in accusation.findings { #expect(try finding.evidence.verify(bench.set, bench.domain) == finding.offence) }
    }

    /// Forged certificates name nobody: a signature moved to another's place, a bitmap that claims more than there is.
    @Test func forgedCertificatesNameNobody() {
        let bench = Bench(weights: [1, 1, 1, 1])
        let first = bench.block(view: 1, on: testGenesis, parentView: 0)
        let second = bench.block(view: 1, on: testGenesis, parentView: 0, payload: [9])
        var moved = bench.certificate(bench.commit(second), [3])
        moved.signers = SignerBitmap()
        for index in [0, 1, 2] { moved.signers.insert(index) }
        var timeouts = bench.timeoutCertificate(4, [(3, bench.genesisQC)])
        timeouts.signers = moved.signers
        let file = CaseFile(commits: [bench.certificate(bench.commit(first), [0, 1, 2]), moved], quorums: [], timeouts: [timeouts])
        #expect(file.culprits(bench.set, bench.domain, epoch: 1) == Accusation())
        #expect(file.culprits(bench.set, bench.domain, epoch: 2) == Accusation())
    }

    // MARK: A network that breaks

    /// Two of four validators run twice, on both sides of a split. Each side makes its own blocks final. The second side loses its first proposals in
    /// half of the seeds, so that its branch begins in a later view. What two honest nodes keep convicts exactly the twins.
    @Test(arguments: 0..<12 as Range<UInt64>)
    func moreThanFTwins(seed: UInt64) throws {
        let cluster = Cluster(weights: [1, 1, 1, 1], seed: seed, twins: [0, 1])
        for node in [4, 5, 3] { cluster.nodes[node].group = 1 }
        let lost = seed % 2 == 0 ? 0 : 3 + seed % 4
        cluster.filter = { from, _, message in
            guard cluster.nodes[from].group == 1, case .proposal(let proposal) = message else { return true }
            return proposal.block.header.view > lost
        }
        cluster.startAll()
        cluster.run(until: 20_000) { cluster.finalisedHeight(2) >= 5 && cluster.finalisedHeight(3) >= 5 }
        #expect(cluster.finalisedHeight(2) >= 5 && cluster.finalisedHeight(3) >= 5)
        let conflict = try #require((1...5).first { cluster.nodes[2].disk.final[$0] != cluster.nodes[3].disk.final[$0] })
        var file = CaseFile()
        for node in [2, 3] {
            let disk = cluster.nodes[node].disk
            let height = try #require(disk.commits.keys.filter { $0 >= UInt64(conflict) }.min())
            file.commits.append(disk.commits[height]!)
            for justification in disk.justifications { file.add(justification) }
        }
        let accusation = file.culprits(cluster.set, cluster.domain, epoch: 1)
        #expect(accusation.findings.map(\.offence.signer) == [0, 1], "seed \(seed)")
        #expect(accusation.weight >= cluster.set.honestWeight)
        for finding in accusation.findings { #expect(try finding.evidence.verify(cluster.set, cluster.domain) == finding.offence) }
        // When the second branch begins in a later view, commit certificates and timeout certificates alone convict.
        if lost > 0 {
            let commits = CaseFile(commits: [file.commits[0]], timeouts: file.timeouts).culprits(cluster.set, cluster.domain, epoch: 1)
            #expect(commits.findings.map(\.offence.code) == [.hiddenCertificate, .hiddenCertificate], "seed \(seed)")
        }
    }
}
