// Nodes that missed much: final ranges while consensus goes on, from peers that may lie.
import Consensus
import Crypto
import Primitives
import Testing

@Suite struct CatchUpTests {
    let bench = Bench(weights: [1, 1, 1, 1])

    /// A chain of final blocks; its views are its heights.
    func chain(_ count: Int) -> [Block] {
        var blocks: [Block] = []
        var parent = testGenesis
        for height in 1...UInt64(count) {
            let block = bench.block(view: height, on: parent, parentView: height - 1, payload: [UInt8(truncatingIfNeeded: height)])
            blocks.append(block)
            parent = block.header
        }
        return blocks
    }

    func answer(_ chain: [Block], _ request: BlockRequest) -> BlockResponse {
        switch request {
        case .block(let hash):
            return BlockResponse(request: request, blocks: chain.filter { $0.header.hash == hash }, certificate: nil)
        case .range(let from, let count):
            guard from >= 1, from <= chain.count else { return BlockResponse(request: request, blocks: [], certificate: nil) }
            let blocks = Array(chain[(Int(from) - 1)..<min(chain.count, Int(from) - 1 + Int(count))])
            return BlockResponse(request: request, blocks: blocks, certificate: bench.certificate(bench.commit(blocks.last!), [0, 1, 2]))
        }
    }

    @Test func thousandsOfBlocks() throws {
        let chain = chain(3_000)
        var driver = try Driver(bench, 3)
        driver.receive(.commitCertificate(bench.certificate(bench.commit(chain[2_999]), [0, 1, 2])), from: 0)
        var pending = driver.requests
        #expect(pending.count == 4)
        var order: [Hash256] = []
        var rounds = 0
        while !pending.isEmpty, rounds < 200 {
            rounds += 1
            // Answers come in the wrong order.
            let request = pending.removeLast()
            driver.step(.blocks(answer(chain, request), from: PeerToken(0)))
            #expect(!driver.isBlamed)
            order += driver.finalised
            pending += driver.requests
        }
        #expect(order == chain.map(\.header.hash))
        #expect(driver.replica.finalisedHeight == 3_000 && driver.replica.catchUpTarget == nil)
        #expect(driver.stored.map(\.header.height) == Array(1...3_000))
    }

    @Test func badRangesAreRefusedAndAskedForAgain() throws {
        let chain = chain(100)
        typealias Change = (inout BlockResponse) -> Void
        let changes: [Change] = [
            { $0.certificate = nil }, { $0.blocks.removeLast() }, { $0.blocks.removeFirst() }, { $0.blocks.swapAt(3, 4) },
            { $0.blocks[5].payload = [0xff, 0xee] }, { $0.blocks[5].header.timestampMilliseconds += 1 }, { $0.blocks[0].header.height = .max },
            { $0.certificate?.signatures.swapAt(0, 1) }, { $0.certificate?.statement.height = 5 }, { $0.certificate?.statement.epoch = 9 },
        ]
        for (number, change) in changes.enumerated() {
            var driver = try Driver(bench, 3)
            driver.receive(.commitCertificate(bench.certificate(bench.commit(chain[99]), [0, 1, 2])), from: 0)
            let request = try #require(driver.requests.first)
            var response = answer(chain, request)
            change(&response)
            driver.step(.blocks(response, from: PeerToken(0)))
            #expect(driver.isBlamed && driver.finalised.isEmpty, "change \(number)")
            driver.wait(bench.timing.baseTimeoutMilliseconds)
            #expect(driver.requests.contains(request), "change \(number)")
            driver.step(.blocks(answer(chain, request), from: PeerToken(1)))
            #expect(driver.replica.finalisedHeight == 64)
        }
    }

    @Test func unaskedResponsesAreIgnored() throws {
        let chain = chain(100)
        var driver = try Driver(bench, 3)
        driver.step(.blocks(answer(chain, .range(fromHeight: 1, count: 64)), from: PeerToken(0)))
        driver.step(.blocks(answer(chain, .block(chain[0].header.hash)), from: PeerToken(0)))
        #expect(driver.effects.isEmpty && driver.replica.finalisedHeight == 0)
    }

    @Test func aPeerThatClaimsToHaveNothingDoesNotStopUs() throws {
        let chain = chain(100)
        var driver = try Driver(bench, 3)
        driver.receive(.commitCertificate(bench.certificate(bench.commit(chain[99]), [0, 1, 2])), from: 0)
        for request in driver.requests { driver.step(.blocks(BlockResponse(request: request, blocks: [], certificate: nil), from: PeerToken(0))) }
        driver.wait(bench.timing.baseTimeoutMilliseconds)
        #expect(driver.requests.count == 2)
        for request in driver.requests { driver.step(.blocks(answer(chain, request), from: PeerToken(1))) }
        #expect(driver.replica.finalisedHeight == 100)
    }

    /// A validator that was away catches up under load and votes again; there is no mode in which it could stick.
    @Test func anAbsentValidatorReturnsUnderLoad() {
        let cluster = Cluster(weights: [1, 1, 1, 1], seed: 11)
        cluster.faults.usesWire = false
        cluster.startAll()
        cluster.run(until: 200)
        cluster.crash(3)
        cluster.run(until: cluster.now + 8_000)
        let missed = cluster.highest - cluster.finalisedHeight(3)
        #expect(missed > 200)
        cluster.start(3)
        cluster.run(until: cluster.now + 2_000)
        #expect(cluster.highest - cluster.finalisedHeight(3) < 5)
        let height = cluster.lowest
        // Now it must be needed: with another one away the rest is no quorum without it.
        cluster.crash(0)
        cluster.run(until: cluster.now + 5_000)
        #expect(cluster.finalisedHeight(3) > height + 5)
        #expect(cluster.monitor.problems.isEmpty)
    }

    @Test func aFollowerNeedsOnlyCommitCertificates() {
        let cluster = Cluster(weights: [1, 1, 1, 1], seed: 12, followers: 1)
        cluster.filter = { _, to, message in
            if to != 4 { return true }
            switch message {
            case .commitCertificate, .blockResponse, .blockRequest: return true
            default: return false
            }
        }
        cluster.startAll()
        cluster.run(until: 2_000)
        #expect(cluster.finalisedHeight(4) + 10 > cluster.finalisedHeight(0))
        #expect(cluster.finalisedHeight(0) > 50 && cluster.monitor.problems.isEmpty)
    }

    /// The proposal never reaches one honest validator: it gets the block from the others and finalises it all the same.
    @Test func aWithheldProposal() {
        let cluster = Cluster(weights: [1, 1, 1, 1], seed: 13)
        cluster.filter = { _, to, message in if case .proposal = message, to == 2 { false } else { true } }
        cluster.startAll()
        cluster.run(until: 3_000)
        #expect(cluster.finalisedHeight(2) > 20 && cluster.monitor.problems.isEmpty)
    }
}
