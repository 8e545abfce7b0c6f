// Giving up views: timeouts, the certificates they make, the pace, and attacks on both (C in the list of attacks).
import Consensus
import Primitives
import Testing

@Suite struct TimeoutRuleTests {
    let bench = Bench(weights: [1, 1, 1, 1, 1, 1, 1])
    var first: Block { bench.block(view: 1, on: testGenesis, parentView: 0) }
    /// A validator that does not lead the first views.
    var me: Int { (0..<7).first { index in (1...8 as ClosedRange<UInt64>).allSatisfy { Int(bench.set.leader(view: $0)) != index } }! }
    var others: [Int] { (0..<7).filter { $0 != me } }

    func timeout(_ view: UInt64, _ signer: Int) -> ConsensusMessage {
        .timeout(bench.timeout(view, by: signer, highQC: bench.genesisQC, entry: bench.opening(view)))
    }

    @Test func joinsAtMoreThanFAndLeavesAtAQuorum() throws {
        var driver = try Driver(bench, me)
        driver.receive(timeout(1, others[0]), from: others[0])
        driver.receive(timeout(1, others[1]), from: others[1])
        driver.receive(timeout(1, others[1]), from: others[1])
        #expect(driver.timeouts.isEmpty && !driver.replica.hasTimedOut)
        driver.receive(timeout(1, others[2]), from: others[2])
        #expect(driver.timeouts.count == 1 && driver.replica.hasTimedOut && driver.replica.view == 1)
        driver.receive(timeout(1, others[3]), from: others[3])
        #expect(driver.replica.view == 2)
        #expect(driver.record?.lastTimeoutView == 1)
        guard case .timeout(let certificate)? = driver.record?.entry else {
            Issue.record("entered without a timeout certificate")
            return
        }
        #expect(certificate.signers.count == 5 && certificate.view == 1)
    }

    @Test func badSignaturesDoNotMakeUsJoin() throws {
        var driver = try Driver(bench, me)
        for index in others.prefix(5) {
            var bad = bench.timeout(1, by: index, highQC: bench.genesisQC, entry: bench.opening(1))
            bad.signed.signature = bench.signed(bench.timeoutStatement(1, bench.genesisQC), me).signature
            driver.receive(.timeout(bad), from: index)
        }
        #expect(!driver.replica.hasTimedOut && driver.replica.view == 1)
    }

    @Test func malformedTimeoutsAreRefused() throws {
        let good = bench.timeout(1, by: others[0], highQC: bench.genesisQC, entry: bench.opening(1))
        typealias Change = (inout Timeout) -> Void
        let changes: [Change] = [
            { $0.signed.statement.epoch = 2 }, { $0.signed.statement.view = 0 }, { $0.signed.statement.highQCView = 1 },
            { $0.signed.statement.highQCHash = .zero }, { $0.signed.statement.tipHash = Keccak256.empty },
            { $0.signed.statement.tipView = 2 }, { $0.signed.statement.view = 2 }, { $0.signed.statement.view = .max },
            { $0.entry = .quorum(bench.certificate(bench.vote(first), others)) },
        ]
        for (number, change) in changes.enumerated() {
            var driver = try Driver(bench, me)
            var timeout = good
            change(&timeout)
            driver.receive(.timeout(timeout), from: others[0])
            #expect(driver.isBlamed, "change \(number)")
        }
    }

    @Test func theTipIsTheLastVote() throws {
        var driver = try Driver(bench, me)
        driver.propose(first, bench.opening(1))
        driver.wait(10_000)
        let statement = try #require(driver.timeouts.first).signed.statement
        #expect(statement.tipView == 1 && statement.tipHash == first.header.hash && statement.tipParentHash == testGenesis.hash)
        #expect(statement.highQCView == 0 && statement.isWellFormed)
    }

    @Test func theTimeoutIsSentAgainUntilTheViewEnds() throws {
        var driver = try Driver(bench, me)
        driver.step(.workAvailable(true))
        driver.wait(bench.timing.baseTimeoutMilliseconds)
        let sent = try #require(driver.timeouts.first)
        for _ in 0..<5 {
            let due = try #require(driver.timer)
            driver.now = due
            driver.step(.timer)
            #expect(driver.timeouts == [sent])
        }
    }

    /// Timeouts just before the certificate: some gave up view 1 although it got certified. Nothing is lost.
    @Test func aCertificateAfterTheTimeoutStillCounts() throws {
        let certificate = bench.certificate(bench.vote(first), Array(others.prefix(5)))
        var driver = try Driver(bench, me)
        driver.propose(first, bench.opening(1))
        driver.wait(10_000)
        driver.receive(.timeout(bench.timeout(2, by: others[0], highQC: certificate, entry: .quorum(certificate))), from: others[0])
        #expect(driver.replica.view == 2 && driver.replica.highQC == certificate && driver.commitVotes.isEmpty)
        driver.wait(10_000)
        #expect(driver.timeouts.first?.signed.statement.highQCView == 1)
    }

    /// A certificate known only to liars comes out late: it moves us, and a later block of an honest leader still gets our vote.
    @Test func aHiddenCertificateReleasedLate() throws {
        let hidden = bench.certificate(bench.vote(first), Array(others.prefix(5)))
        var driver = try Driver(bench, me)
        driver.propose(first, bench.opening(1))
        driver.receive(.timeoutCertificate(bench.timeoutCertificate(1, others.prefix(5).map { ($0, bench.genesisQC) })), from: others[0])
        let second = bench.block(view: 2, on: testGenesis, parentView: 0)
        driver.propose(second, .timeout(bench.timeoutCertificate(1, others.prefix(5).map { ($0, bench.genesisQC) })))
        #expect(driver.votes.count == 1)
        driver.receive(.quorumCertificate(hidden), from: others[0])
        #expect(driver.replica.highQC == hidden && driver.replica.view == 2)
        let certificate = bench.certificate(bench.vote(second), Array(others.suffix(5)))
        let third = bench.block(view: 3, on: second.header, parentView: 2)
        driver.propose(third, .quorum(certificate))
        #expect(driver.votes == [bench.vote(third)] && driver.replica.highQC == certificate)
    }

    // MARK: Certificates

    @Test func badTimeoutCertificatesAreRefused() throws {
        let quorum = Array(others.prefix(5))
        let good = bench.timeoutCertificate(3, quorum.map { ($0, bench.genesisQC) })
        typealias Change = (inout TimeoutCertificate) -> Void
        let changes: [Change] = [
            { $0.epoch = 2 }, { $0.view = 4 }, { $0.signers.insert(100) }, { $0.statements.removeLast() }, { $0.signatures.removeLast() },
            { $0.signatures.swapAt(0, 1) }, { $0.statements[0].epoch = 2 }, { $0.statements[0].view = 2 },
            { $0.statements[0].highQCView = 2 }, { $0.highQC = bench.certificate(bench.vote(first), quorum) },
            { $0.statements[0].tipView = 9 }, { $0.view = .max }, { $0.view = 0 },
        ]
        for (number, change) in changes.enumerated() {
            var driver = try Driver(bench, me)
            var certificate = good
            change(&certificate)
            driver.receive(.timeoutCertificate(certificate), from: others[0])
            #expect(driver.replica.view == 1, "change \(number)")
        }
        var driver = try Driver(bench, me)
        driver.receive(.timeoutCertificate(bench.timeoutCertificate(3, others.prefix(4).map { ($0, bench.genesisQC) })), from: others[0])
        #expect(driver.replica.view == 1 && driver.isBlamed)
        driver.receive(.timeoutCertificate(good), from: others[0])
        #expect(driver.replica.view == 4)
        driver.receive(.timeoutCertificate(bench.timeoutCertificate(5, others.map { ($0, bench.genesisQC) })), from: others[0])
        #expect(driver.replica.view == 6)
    }

    // MARK: Laggards

    /// Nodes in different views come together: a timeout carries what opened its view (espresso-network 1930).
    @Test func aTimeoutMovesALaggard() throws {
        var driver = try Driver(bench, me)
        driver.receive(timeout(10_001, others[0]), from: others[0])
        #expect(driver.replica.view == 10_001)
        driver.receive(timeout(10_001, others[1]), from: others[1])
        driver.receive(timeout(10_001, others[2]), from: others[2])
        #expect(driver.replica.hasTimedOut)
    }

    @Test func aLaggardIsHelped() throws {
        var driver = try Driver(bench, me)
        driver.receive(.timeoutCertificate(bench.timeoutCertificate(8, others.map { ($0, bench.genesisQC) })), from: others[0])
        driver.receive(timeout(5, others[1]), from: others[1])
        let sent = driver.effects.compactMap { if case .send(.timeoutCertificate(let certificate), let to) = $0, Int(to) == others[1] { certificate.view } else { nil } }
        #expect(sent == [8])
        driver.receive(timeout(5, others[1]), from: others[1])
        #expect(driver.messages.isEmpty)
    }

    // MARK: Pace

    /// The timeout doubles up to its limit and never overflows (era-consensus 88).
    @Test(arguments: [1, UInt64.max - 400])
    func timeoutsGrowAndSaturate(start: UInt64) throws {
        var driver = try Driver(bench, me)
        driver.step(.workAvailable(true))
        var longest: UInt64 = 0
        for step in 0..<100 as Range<UInt64> {
            let view = start + step
            driver.receive(.timeoutCertificate(bench.timeoutCertificate(view, others.prefix(5).map { ($0, bench.genesisQC) })), from: others[0])
            #expect(driver.replica.view == view + 1)
            let due = try #require(driver.timer)
            longest = max(longest, due - driver.now)
            #expect(due - driver.now <= bench.timing.maximumTimeoutMilliseconds)
        }
        #expect(longest == bench.timing.maximumTimeoutMilliseconds)
    }

    @Test func extremeTimingsDoNotTrap() throws {
        var bench = bench
        bench.timing = ConsensusTiming(
            baseTimeoutMilliseconds: .max, maximumTimeoutMilliseconds: 0, minimumBlockIntervalMilliseconds: .max,
            idleBlockIntervalMilliseconds: .max)
        var driver = try Driver(bench, me)
        driver.step(.workAvailable(true))
        driver.wait(1 << 62)
        driver.propose(first, bench.opening(1))
        driver.receive(.timeoutCertificate(bench.timeoutCertificate(1, others.prefix(5).map { ($0, bench.genesisQC) })), from: others[0])
        #expect(driver.replica.view == 2)
    }

    @Test func idleViewsWaitLonger() throws {
        var driver = try Driver(bench, me)
        let base = bench.timing.baseTimeoutMilliseconds
        let idle = bench.timing.idleBlockIntervalMilliseconds
        #expect(driver.timer == 1 + base + idle)
        driver.wait(base)
        #expect(driver.timeouts.isEmpty)
        driver.step(.workAvailable(true))
        #expect(driver.timer == 1 + base + base)
        driver.step(.workAvailable(false))
        #expect(driver.timer == 1 + base + idle)
        driver.propose(first, bench.opening(1))
        #expect(driver.timer == 1 + base + base)
        driver.wait(base)
        #expect(driver.timeouts.count == 1)
    }

    /// A leader that was silent twice gets a quarter of the time, until it speaks.
    @Test func silentLeadersGetLessTime() throws {
        var bench = Bench(weights: [1, 1, 1, 1])
        bench.timing.maximumTimeoutMilliseconds = 1 << 50
        let silent = bench.set.leader(view: 1)
        let me = Int(bench.set.leader(view: bench.view { $0 != silent }))
        var driver = try Driver(bench, me)
        driver.step(.workAvailable(true))
        var turns = 0
        var view: UInt64 = 1
        while turns < 4 {
            if bench.set.leader(view: view) == silent {
                turns += 1
                let base = bench.timing.baseTimeoutMilliseconds << (view - 1)
                #expect(driver.timer == driver.now + (turns <= 2 ? base : base / 4))
            }
            driver.receive(.timeoutCertificate(bench.timeoutCertificate(view, [0, 1, 2].map { ($0, bench.genesisQC) })), from: (me + 1) % 4)
            driver.step(.workAvailable(true))
            view += 1
        }
        #expect(driver.replica.view == view)
    }
}
