// Which proposals get a vote: attacks of a leader (A in the list of attacks), and the leader's own rules.
import Consensus
import Primitives
import Testing

@Suite struct ProposalRuleTests {
    let bench = Bench(weights: [1, 1, 1, 1])
    /// The validator under test does not lead the first views.
    var me: Int { (0..<4).first { index in (1...4 as ClosedRange<UInt64>).allSatisfy { Int(bench.set.leader(view: $0)) != index } } ?? 0 }
    var others: [Int] { (0..<4).filter { $0 != me } }

    func driver() throws -> Driver { try Driver(bench, me) }
    var first: Block { bench.block(view: 1, on: testGenesis, parentView: 0) }

    @Test func aValidProposalGetsOneVote() throws {
        var driver = try driver()
        driver.propose(first, bench.opening(1))
        #expect(driver.votes == [bench.vote(first)])
        #expect(driver.stored == [first])
        driver.propose(first, bench.opening(1))
        #expect(driver.votes.isEmpty)
    }

    @Test func anEquivocatingLeaderGetsOneVoteAndIsConvicted() throws {
        var driver = try driver()
        driver.propose(first, bench.opening(1))
        driver.propose(bench.block(view: 1, on: testGenesis, parentView: 0, payload: [9]), bench.opening(1))
        #expect(driver.votes.isEmpty)
        guard case .equivocation(let validator, .proposals(let a, let b))? = driver.misbehaviour.first else {
            Issue.record("no evidence")
            return
        }
        #expect(validator == bench.set.leader(view: 1))
        #expect(a.statement.view == b.statement.view && a.statement.blockHash != b.statement.blockHash)
    }

    @Test func aWithheldOrInvalidPayloadGetsNoVote() throws {
        var driver = try driver()
        driver.receive(.proposal(bench.proposal(first, bench.opening(1))), from: others[0])
        #expect(driver.votes.isEmpty && driver.checks == [first.header.hash])
        driver.step(.payloadChecked(blockHash: first.header.hash, isValid: false))
        #expect(driver.votes.isEmpty)
        #expect(driver.misbehaviour == [.invalidPayload(validator: bench.set.leader(view: 1), blockHash: first.header.hash)])
        driver.step(.payloadChecked(blockHash: first.header.hash, isValid: true))
        #expect(driver.votes.isEmpty)
    }

    @Test func wrongHeadersGetNoVote() throws {
        typealias Change = (inout Block) -> Void
        let blamed: [Change] = [
            { $0.header.epoch = 2 }, { $0.header.parentView = 1 }, { $0.header.parentHash = Keccak256.empty }, { $0.header.proposer = .zero },
            { $0.payload = [1, 2, 4] }, { $0.header.payloadRoot = .zero }, { $0.header.height = 0 },
            { $0.payload = Array(repeating: 0, count: Cluster.maximumPayloadBytes + 1); $0.header.payloadByteCount = UInt32($0.payload.count)
                $0.header.payloadRoot = Keccak256.hash($0.payload) },
        ]
        for (number, change) in blamed.enumerated() {
            var driver = try driver()
            var block = first
            change(&block)
            driver.propose(block, bench.opening(1))
            #expect(driver.votes.isEmpty && driver.isBlamed, "change \(number)")
        }
        let silent: [Change] = [
            { $0.header.height = 2 }, { $0.header.height = .max }, { $0.header.timestampMilliseconds = 0 },
            { $0.header.timestampMilliseconds = .max },
            { $0.header.timestampMilliseconds = bench.wallClock + 1 + ConsensusConfiguration.maximumClockDriftMilliseconds + 1 },
        ]
        for (number, change) in silent.enumerated() {
            var driver = try driver()
            var block = first
            change(&block)
            driver.propose(block, bench.opening(1))
            #expect(driver.votes.isEmpty, "change \(number)")
        }
        var driver = try driver()
        var block = first
        block.header.timestampMilliseconds = bench.wallClock + 1 + ConsensusConfiguration.maximumClockDriftMilliseconds
        driver.propose(block, bench.opening(1))
        #expect(driver.votes.count == 1)
    }

    @Test func onlyTheLeaderProposes() throws {
        var driver = try driver()
        let impostor = others.first { $0 != Int(bench.set.leader(view: 1)) }!
        driver.receive(.proposal(bench.proposal(first, bench.opening(1), by: impostor)), from: impostor)
        #expect(driver.isBlamed && driver.checks.isEmpty)
    }

    @Test func aStaleCertificateJustifiesNothing() throws {
        var driver = try driver()
        driver.receive(.timeoutCertificate(bench.timeoutCertificate(1, others.map { ($0, bench.genesisQC) })), from: others[0])
        #expect(driver.replica.view == 2)
        let block = bench.block(view: 2, on: testGenesis, parentView: 0)
        driver.propose(block, .quorum(bench.genesisQC))
        #expect(driver.votes.isEmpty && driver.isBlamed)
    }

    /// The rule that makes view changes safe: after a timeout certificate, only a child of its highest certified block.
    @Test func afterATimeoutTheHighestCertificateIsExtended() throws {
        let certificate = bench.certificate(bench.vote(first), others)
        let timeout = bench.timeoutCertificate(2, [(others[0], bench.genesisQC), (others[1], certificate), (others[2], bench.genesisQC)])
        var driver = try driver()
        driver.propose(first, bench.opening(1))
        driver.propose(bench.block(view: 3, on: testGenesis, parentView: 0), .timeout(timeout))
        #expect(driver.votes.isEmpty && driver.isBlamed)
        let good = bench.block(view: 3, on: first.header, parentView: 1)
        driver.propose(good, .timeout(timeout))
        #expect(driver.votes == [bench.vote(good)])
        #expect(driver.replica.highQC == certificate)
    }

    @Test func aTimeoutCertificateMustCarryItsHighestCertificate() throws {
        let certificate = bench.certificate(bench.vote(first), others)
        var timeout = bench.timeoutCertificate(2, [(others[0], bench.genesisQC), (others[1], certificate), (others[2], bench.genesisQC)])
        timeout.highQC = bench.genesisQC
        var driver = try driver()
        driver.propose(bench.block(view: 3, on: testGenesis, parentView: 0), .timeout(timeout))
        #expect(driver.votes.isEmpty && driver.isBlamed && driver.replica.view == 1)
    }

    @Test func noVoteAfterTheTimeout() throws {
        var driver = try driver()
        driver.step(.workAvailable(true))
        driver.wait(bench.timing.baseTimeoutMilliseconds)
        #expect(driver.timeouts.count == 1)
        driver.propose(first, bench.opening(1))
        #expect(driver.votes.isEmpty)
    }

    /// The proposal came in time, the verdict on its payload did not.
    @Test func noVoteWhenThePayloadIsCheckedTooLate() throws {
        var driver = try driver()
        driver.receive(.proposal(bench.proposal(first, bench.opening(1))), from: others[0])
        driver.wait(10_000)
        #expect(driver.timeouts.first?.signed.statement.tipView == 0)
        driver.step(.payloadChecked(blockHash: first.header.hash, isValid: true))
        #expect(driver.votes.isEmpty)
    }

    @Test func aVoteWaitsForTheAncestors() throws {
        var driver = try driver()
        let certificate = bench.certificate(bench.vote(first), others)
        let second = bench.block(view: 2, on: first.header, parentView: 1)
        driver.propose(second, .quorum(certificate))
        #expect(driver.votes.isEmpty && driver.requests == [.block(first.header.hash)])
        let wrong = bench.block(view: 1, on: testGenesis, parentView: 0, payload: [7])
        driver.step(.blocks(BlockResponse(request: .block(first.header.hash), blocks: [wrong], certificate: nil), from: PeerToken(0)))
        #expect(driver.votes.isEmpty && driver.isBlamed)
        driver.wait(bench.timing.baseTimeoutMilliseconds - 1)
        #expect(driver.requests.isEmpty)
        driver.step(.blocks(BlockResponse(request: .block(first.header.hash), blocks: [first], certificate: nil), from: PeerToken(0)))
        #expect(driver.votes == [bench.vote(second)])
        #expect(driver.commitVotes == [bench.commit(first)])
        #expect(driver.certified == [first.header.hash])
    }

    @Test func aLostRequestIsRepeated() throws {
        var driver = try driver()
        driver.receive(.quorumCertificate(bench.certificate(bench.vote(first), others)), from: others[1])
        #expect(driver.requests == [.block(first.header.hash)])
        driver.step(.blocks(BlockResponse(request: .block(first.header.hash), blocks: [], certificate: nil), from: PeerToken(0)))
        #expect(driver.requests == [.block(first.header.hash)])
        for _ in 0..<5 {
            driver.step(.blocks(BlockResponse(request: .block(first.header.hash), blocks: [], certificate: nil), from: PeerToken(0)))
        }
        #expect(driver.requests.isEmpty)
        driver.wait(bench.timing.baseTimeoutMilliseconds)
        #expect(driver.requests == [.block(first.header.hash)])
    }

    // MARK: The leader's own rules

    @Test func theLeaderKeepsTheBlockInterval() throws {
        var bench = bench
        bench.timing.minimumBlockIntervalMilliseconds = 50
        let view = bench.view(from: 2) { $0 != bench.set.leader(view: 1) }
        let leader = Int(bench.set.leader(view: view))
        var driver = try Driver(bench, leader)
        let voters = (0..<4).filter { $0 != leader }
        let block = bench.block(view: view - 1, on: testGenesis, parentView: 0)
        driver.propose(block, bench.opening(view - 1))
        driver.receive(.quorumCertificate(bench.certificate(bench.vote(block), voters)), from: voters[0])
        #expect(driver.replica.view == view && driver.builds.isEmpty)
        let due = try #require(driver.timer)
        #expect(due == 50)
        driver.now = due
        driver.step(.timer)
        #expect(driver.builds == [view])
        driver.step(.payloadBuilt(view: view, payload: [5]))
        let proposal = try #require(driver.proposals.first)
        #expect(proposal.block.header.timestampMilliseconds >= block.header.timestampMilliseconds + 50)
        #expect(driver.votes.count == 1)
        driver.step(.payloadBuilt(view: view, payload: [6]))
        #expect(driver.proposals.isEmpty)
    }

    @Test func payloadsForOtherViewsOrTooLargeOnesAreIgnored() throws {
        let leader = Int(bench.set.leader(view: 1))
        var driver = try Driver(bench, leader)
        #expect(driver.builds == [1])
        driver.step(.payloadBuilt(view: 2, payload: []))
        #expect(driver.proposals.isEmpty)
        driver.step(.payloadBuilt(view: 1, payload: Array(repeating: 0, count: Cluster.maximumPayloadBytes + 1)))
        #expect(driver.proposals.isEmpty)
        driver.step(.payloadBuilt(view: 1, payload: []))
        #expect(driver.proposals.count == 1)
    }

    @Test func aSingleValidatorFinalisesAtOnce() throws {
        let bench = Bench(weights: [3])
        var driver = try Driver(bench, 0)
        #expect(driver.builds == [1])
        for view in 1...5 as ClosedRange<UInt64> {
            driver.step(.payloadBuilt(view: view, payload: [UInt8(view)]))
            #expect(driver.finalised.count == 1)
            #expect(driver.builds == [view + 1])
            #expect(driver.replica.finalisedHeight == view)
        }
    }
}
