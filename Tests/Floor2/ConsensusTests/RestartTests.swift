// Crashes: what was signed is durable before it leaves, is sent again word for word, and nothing is ever signed twice (E in the list).
import Consensus
import Primitives
import Testing

@Suite struct RestartTests {
    let bench = Bench(weights: [1, 1, 1, 1])
    var leader: Int { Int(bench.set.leader(view: 1)) }
    var other: Int { (0..<4).first { $0 != leader }! }
    var first: Block { bench.block(view: 1, on: testGenesis, parentView: 0) }

    func restart(_ driver: Driver, _ index: Int) throws -> Driver {
        let record = try SafetyRecord.decode(try #require(driver.record).encoded)
        return try Driver(bench, index, recovered: RecoveredState(record: record, head: testGenesis, commit: nil, blocks: driver.stored))
    }

    /// Stored effects come before everything that is sent.
    @Test func storingComesFirst() throws {
        var driver = try Driver(bench, other)
        driver.propose(first, bench.opening(1))
        var hasSent = false
        for effect in driver.effects {
            switch effect {
            case .broadcast, .send: hasSent = true
            case .persist, .storeBlock, .storeCommit: #expect(!hasSent)
            default: break
            }
        }
        #expect(hasSent)
    }

    /// Crash between "persisted: I timed out" and "sent" (era-consensus 228).
    @Test func aTimeoutIsSentAgainWordForWord() throws {
        var driver = try Driver(bench, other)
        driver.propose(first, bench.opening(1))
        driver.wait(10_000)
        let sent = try #require(driver.timeouts.first)
        var again = try restart(driver, other)
        #expect(again.timeouts == [sent])
        again.propose(first, bench.opening(1))
        #expect(again.votes.isEmpty)
        again.wait(10_000)
        #expect(again.timeouts == [sent])
    }

    /// Asked for a value twice after a restart (malachite 850): the stored proposal goes out again, and no other is built.
    @Test func aProposalIsNeverBuiltTwice() throws {
        var driver = try Driver(bench, leader)
        #expect(driver.builds == [1])
        driver.step(.payloadBuilt(view: 1, payload: [1]))
        let sent = try #require(driver.proposals.first)
        let vote = try #require(driver.votes.first)
        var again = try restart(driver, leader)
        #expect(again.proposals == [sent] && again.votes == [vote] && again.builds.isEmpty)
        again.step(.payloadBuilt(view: 1, payload: [2]))
        #expect(again.proposals.isEmpty && again.votes.isEmpty)
    }

    @Test func aBuildRequestOutlivesACrash() throws {
        let driver = try Driver(bench, leader)
        #expect(driver.builds == [1] && driver.record == nil)
        let again = try Driver(bench, leader)
        #expect(again.builds == [1])
    }

    @Test func aVoteIsSentAgainAndBinds() throws {
        var driver = try Driver(bench, other)
        driver.propose(first, bench.opening(1))
        let vote = try #require(driver.votes.first)
        var again = try restart(driver, other)
        #expect(again.votes == [vote])
        again.propose(bench.block(view: 1, on: testGenesis, parentView: 0, payload: [8]), bench.opening(1))
        #expect(again.votes.isEmpty)
    }

    @Test func aCommitVoteIsSentAgain() throws {
        var driver = try Driver(bench, other)
        driver.propose(first, bench.opening(1))
        driver.receive(.quorumCertificate(bench.certificate(bench.vote(first), (0..<4).filter { $0 != other })), from: leader)
        #expect(driver.commitVotes == [bench.commit(first)])
        let again = try restart(driver, other)
        #expect(again.commitVotes == [bench.commit(first)])
        #expect(again.certified == [first.header.hash])
    }

    @Test func contradictingStoresAreRefused() throws {
        var driver = try Driver(bench, other)
        driver.propose(first, bench.opening(1))
        driver.wait(10_000)
        let good = try #require(driver.record)
        typealias Change = (inout SafetyRecord) -> Void
        let changes: [Change] = [
            { $0.epoch = 2 }, { $0.view = 0 }, { $0.view = 2 }, { $0.lastVotedView = 2 }, { $0.lastTimeoutView = 2 }, { $0.timeout = nil },
            { $0.lastProposedView = 9 }, { $0.lastCommitVotedView = 1 },
        ]
        for (number, change) in changes.enumerated() {
            var record = good
            change(&record)
            #expect(throws: RecoveryError.invalidRecord, "change \(number)") {
                try Driver(bench, other, recovered: RecoveredState(record: record, head: testGenesis, commit: nil, blocks: []))
            }
        }
        #expect(throws: RecoveryError.invalidHead) {
            try Driver(bench, other, recovered: RecoveredState(record: good, head: first.header, commit: nil, blocks: []))
        }
        var bytes = good.encoded
        bytes[0] = 9
        #expect(throws: CanonicalError.self) { try SafetyRecord.decode(bytes) }
    }

    // MARK: Whole networks

    /// All nodes crash at once after their timeouts were stored and before any was sent.
    @Test func allCrashBetweenStoringAndSendingTheirTimeouts() {
        let cluster = Cluster(weights: [1, 1, 1, 1], seed: 5)
        cluster.filter = { _, _, message in if case .proposal = message { false } else if case .timeout = message { false } else { true } }
        cluster.startAll()
        cluster.run(until: 300)
        #expect(cluster.nodes.allSatisfy { $0.replica?.hasTimedOut == true })
        for node in cluster.nodes.indices { cluster.crash(node) }
        cluster.filter = nil
        for node in cluster.nodes.indices {
            cluster.start(node)
            cluster.run(until: cluster.now + 37)
        }
        cluster.run(until: cluster.now + 5_000) { cluster.lowest >= 5 }
        #expect(cluster.lowest >= 5 && cluster.monitor.problems.isEmpty)
    }

    /// All crash with a certified block that is not final; it must not be lost, and become final.
    @Test func aCertifiedBlockOutlivesACrashOfAll() {
        let cluster = Cluster(weights: [2, 1, 1, 3], seed: 6)
        cluster.startAll()
        cluster.run(until: 100)
        cluster.filter = { _, _, message in if case .commitVote = message { false } else if case .commitCertificate = message { false } else { true } }
        cluster.run(until: 140)
        let certified = cluster.nodes.compactMap { $0.replica?.highQC }.max { $0.view < $1.view }!
        for node in cluster.nodes.indices { cluster.crash(node) }
        cluster.filter = nil
        for node in cluster.nodes.indices { cluster.start(node) }
        let goal = cluster.highest + 5
        cluster.run(until: cluster.now + 5_000) { cluster.lowest >= goal }
        #expect(cluster.lowest >= goal && cluster.monitor.problems.isEmpty)
        for node in cluster.nodes { #expect(node.disk.final.contains(certified.blockHash)) }
    }

    /// Staggered restarts leave the nodes in different views; they find together.
    @Test(arguments: 0..<10 as Range<UInt64>)
    func staggeredRestarts(seed: UInt64) {
        let cluster = Cluster(weights: [1, 1, 1], seed: seed)
        cluster.startAll()
        for round in 0..<6 {
            cluster.run(until: cluster.now + 150 + 40 * UInt64(round))
            let node = cluster.random.index(3)
            cluster.crash(node)
            cluster.run(until: cluster.now + cluster.random.within(1...900))
            cluster.start(node)
        }
        let goal = cluster.highest + 3
        cluster.run(until: cluster.now + 20_000) { cluster.lowest >= goal }
        #expect(cluster.lowest >= goal && cluster.monitor.problems.isEmpty)
    }
}
