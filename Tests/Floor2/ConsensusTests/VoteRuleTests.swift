// Votes, commit votes and certificates of others: attacks on the tallies (B in the list of attacks).
import Consensus
import Crypto
import Primitives
import Testing

@Suite struct VoteRuleTests {
    let bench = Bench(weights: [1, 1, 1, 1])
    let me = 0
    var first: Block { bench.block(view: 1, on: testGenesis, parentView: 0) }

    func driver(_ bench: Bench) throws -> Driver {
        var driver = try Driver(bench, nil)
        driver.propose(bench.block(view: 1, on: testGenesis, parentView: 0), bench.opening(1))
        return driver
    }

    /// Weights at the exact threshold: Q - 1 does nothing, Q certifies.
    @Test(arguments: [[1, 1, 1, 1], [2, 3, 4], [1, 1], [5, 5, 5, 5, 5, 5], [1, 1, 1, 1, 1, 1, 1], [7, 2, 2, 1]] as [[UInt64]])
    func exactThresholds(weights: [UInt64]) throws {
        let bench = Bench(weights: weights)
        let block = bench.block(view: 1, on: testGenesis, parentView: 0)
        var driver = try driver(bench)
        var weight: UInt64 = 0
        for index in weights.indices {
            driver.receive(.vote(bench.signed(bench.vote(block), index)), from: index)
            weight += weights[index]
            #expect((driver.replica.view == 2) == (weight >= bench.set.quorumWeight))
            if weight >= bench.set.quorumWeight { break }
        }
        weight = 0
        for index in weights.indices {
            driver.receive(.commitVote(bench.signed(bench.commit(block), index)), from: index)
            weight += weights[index]
            #expect((driver.replica.finalisedHeight == 1) == (weight >= bench.set.quorumWeight))
            if weight >= bench.set.quorumWeight { break }
        }
        #expect(driver.replica.finalisedHash == block.header.hash)
    }

    @Test func aSignerCountsOnce() throws {
        var driver = try driver(bench)
        for _ in 0..<10 { driver.receive(.vote(bench.signed(bench.vote(first), 1)), from: 1) }
        driver.receive(.vote(bench.signed(bench.vote(first), 2)), from: 2)
        #expect(driver.replica.view == 1)
    }

    @Test func votesOfOthersAreNotRelayed() throws {
        var driver = try driver(bench)
        for index in 1...3 { driver.receive(.vote(bench.signed(bench.vote(first), index)), from: 0) }
        #expect(driver.replica.view == 1)
    }

    @Test func doubleVotesAreEvidence() throws {
        var driver = try driver(bench)
        var other = bench.vote(first)
        other.blockHash = Keccak256.empty
        driver.receive(.vote(bench.signed(bench.vote(first), 1)), from: 1)
        driver.receive(.vote(bench.signed(other, 1)), from: 1)
        guard case .equivocation(1, .votes(let a, let b))? = driver.misbehaviour.first else {
            Issue.record("no evidence")
            return
        }
        #expect(a.statement != b.statement)
        driver.receive(.vote(bench.signed(other, 1)), from: 1)
        #expect(driver.misbehaviour.isEmpty)
        var commit = bench.commit(first)
        driver.receive(.commitVote(bench.signed(commit, 2)), from: 2)
        commit.height = 2
        driver.receive(.commitVote(bench.signed(commit, 2)), from: 2)
        guard case .equivocation(2, .commitVotes)? = driver.misbehaviour.first else {
            Issue.record("no evidence")
            return
        }
    }

    @Test func aWrongParentViewCertifiesNothing() throws {
        var driver = try driver(bench)
        var wrong = bench.vote(first)
        wrong.parentView = 7
        driver.receive(.vote(bench.signed(wrong, 1)), from: 1)
        driver.receive(.vote(bench.signed(bench.vote(first), 2)), from: 2)
        driver.receive(.vote(bench.signed(bench.vote(first), 3)), from: 3)
        #expect(driver.replica.view == 1)
        driver.receive(.vote(bench.signed(bench.vote(first), 0)), from: 0)
        #expect(driver.replica.view == 2)
    }

    /// Verification is lazy: a bad signature is found when it could decide, costs its sender, and does not count.
    @Test func badSignaturesDoNotCount() throws {
        var driver = try driver(bench)
        var bad = bench.signed(bench.vote(first), 1)
        bad.signature = bench.signed(bench.vote(first), 2).signature
        driver.receive(.vote(bad), from: 1)
        #expect(driver.misbehaviour.isEmpty)
        driver.receive(.vote(bench.signed(bench.vote(first), 2)), from: 2)
        driver.receive(.vote(bench.signed(bench.vote(first), 3)), from: 3)
        #expect(driver.misbehaviour == [.invalidSignature(validator: 1)])
        #expect(driver.replica.view == 1)
        driver.receive(.vote(bench.signed(bench.vote(first), 1)), from: 1)
        #expect(driver.replica.view == 2)
    }

    @Test func parityIsPartOfTheSignature() throws {
        var driver = try driver(bench)
        for index in 1...3 {
            var vote = bench.signed(bench.vote(first), index)
            vote.signature.yParity ^= 1
            driver.receive(.vote(vote), from: index)
        }
        #expect(driver.replica.view == 1)
    }

    @Test func votesOfOtherEpochsAndChainsDoNotCount() throws {
        var foreign = bench
        foreign.chainId = 271
        var driver = try driver(bench)
        for index in 1...3 { driver.receive(.vote(foreign.signed(bench.vote(first), index)), from: index) }
        #expect(driver.replica.view == 1)
        var later = bench
        later.epoch = 2
        for index in 1...3 {
            driver.receive(.vote(later.signed(later.vote(first), index)), from: index)
            #expect(driver.isBlamed)
        }
        driver.receive(.quorumCertificate(foreign.certificate(bench.vote(first), [1, 2, 3])), from: 1)
        #expect(driver.isBlamed && driver.replica.view == 1)
    }

    @Test func farFutureVotesAreDropped() throws {
        var driver = try driver(bench)
        for view in [3, 1_000, UInt64.max - 1, UInt64.max] {
            var vote = bench.vote(first)
            vote.view = view
            for index in 0..<4 { driver.receive(.vote(bench.signed(vote, index)), from: index) }
            var commit = bench.commit(first)
            commit.view = view
            for index in 0..<4 { driver.receive(.commitVote(bench.signed(commit, index)), from: index) }
            #expect(driver.replica.view == 1 && driver.replica.finalisedHeight == 0)
        }
    }

    @Test func votesOfTheNextViewAreKept() throws {
        var driver = try driver(bench)
        let second = bench.block(view: 2, on: first.header, parentView: 1)
        for index in 1...3 { driver.receive(.vote(bench.signed(bench.vote(second), index)), from: index) }
        #expect(driver.replica.view == 3)
    }

    @Test func aFloodOfUnknownHashesKeepsTheFirstVote() throws {
        var driver = try driver(bench)
        for number in 0..<200 as Range<UInt64> {
            var vote = bench.vote(first)
            vote.blockHash = Hash256(w0: number, w1: 0, w2: 0, w3: 0)
            driver.receive(.vote(bench.signed(vote, 3)), from: 3)
        }
        for index in 0...2 { driver.receive(.vote(bench.signed(bench.vote(first), index)), from: index) }
        #expect(driver.replica.view == 2)
    }

    // MARK: Certificates

    @Test func badCertificatesAreRefused() throws {
        let good = bench.certificate(bench.vote(first), [0, 1, 2])
        func error(_ certificate: QuorumCertificate) -> CertificateError? {
            do {
                try certificate.verify(bench.set, bench.domain, epoch: 1)
                return nil
            } catch { return error }
        }
        #expect(error(good) == nil)
        #expect(error(bench.certificate(bench.vote(first), [0, 1])) == .insufficientWeight)
        var changed = good
        changed.signatures.swapAt(0, 1)
        #expect(error(changed) == .invalidSignature)
        changed = good
        changed.signers.insert(4)
        changed.signatures.append(good.signatures[0])
        #expect(error(changed) == .unknownSigner)
        changed = good
        changed.signers.insert(127)
        #expect(error(changed) == .unknownSigner)
        changed = good
        changed.signatures.append(good.signatures[0])
        #expect(error(changed) == .signatureCount)
        changed = good
        changed.signatures = []
        #expect(error(changed) == .signatureCount)
        changed = good
        changed.statement.epoch = 2
        #expect(error(changed) == .wrongEpoch)
        changed = good
        changed.statement.view = 2
        #expect(error(changed) == .invalidSignature)
        // One signer cannot stand for three.
        changed = good
        changed.signatures = Array(repeating: good.signatures[0], count: 3)
        #expect(error(changed) == .invalidSignature)
    }

    @Test func forgedGenesisCertificatesAreRefused() throws {
        var driver = try driver(bench)
        var forged = bench.genesisQC
        forged.statement.blockHash = first.header.hash
        let block = bench.block(view: 1, on: first.header, parentView: 0)
        driver.propose(block, .quorum(forged))
        #expect(driver.isBlamed)
        driver.receive(.timeout(bench.timeout(1, by: 1, highQC: forged, entry: .quorum(bench.genesisQC))), from: 1)
        #expect(driver.isBlamed)
    }

    @Test func certificatesOfAnyViewAreTaken() throws {
        var driver = try driver(bench)
        var vote = bench.vote(first)
        vote.view = 10_000
        vote.parentView = 9_999
        driver.receive(.quorumCertificate(bench.certificate(vote, [1, 2, 3])), from: 1)
        #expect(driver.replica.view == 10_001)
        vote.view = .max - 1
        driver.receive(.quorumCertificate(bench.certificate(vote, [1, 2, 3])), from: 1)
        #expect(driver.replica.view == .max)
        vote.view = .max
        driver.receive(.quorumCertificate(bench.certificate(vote, [1, 2, 3])), from: 1)
        #expect(driver.replica.view == .max && driver.isBlamed)
        driver.now = .max - 1
        driver.step(.timer)
        driver.now = .max
        driver.step(.timer)
    }

    @Test func aConflictingCommitCertificateIsReported() throws {
        var driver = try driver(bench)
        driver.receive(.commitCertificate(bench.certificate(bench.commit(first), [0, 1, 2])), from: 1)
        #expect(driver.replica.finalisedHeight == 1)
        var other = bench.commit(first)
        other.blockHash = Keccak256.empty
        let conflicting = bench.certificate(other, [0, 1, 2])
        driver.receive(.commitCertificate(conflicting), from: 1)
        // Its signers committed to another block of the view before: they are named, and the conflict is told.
        #expect(driver.misbehaviour.last == .conflictingFinality(conflicting) && driver.misbehaviour.count == 4)
        for (signer, what) in driver.misbehaviour.dropLast().enumerated() {
            guard case .equivocation(let validator, .commitVotes) = what else { Issue.record("\(what)"); continue }
            #expect(Int(validator) == signer)
        }
        #expect(driver.replica.finalisedHash == first.header.hash)
    }

    // MARK: Own commit votes

    @Test func aCommitVoteFollowsTheCertificateButNotTheTimeout() throws {
        var driver = try Driver(bench, me)
        driver.propose(first, bench.opening(1))
        driver.receive(.quorumCertificate(bench.certificate(bench.vote(first), [1, 2, 3])), from: 1)
        #expect(driver.commitVotes == [bench.commit(first)])
        driver.receive(.quorumCertificate(bench.certificate(bench.vote(first), [0, 1, 2])), from: 1)
        #expect(driver.commitVotes.isEmpty)

        driver = try Driver(bench, me)
        driver.propose(first, bench.opening(1))
        driver.wait(10_000)
        #expect(driver.timeouts.count == 1)
        driver.receive(.quorumCertificate(bench.certificate(bench.vote(first), [1, 2, 3])), from: 1)
        #expect(driver.replica.view == 2 && driver.commitVotes.isEmpty)
    }
}
