// Broken bytes: mutated messages of a real run go through every decoder and into a running replica. Nothing may trap, and nothing that no
// quorum signed may move it.
import Consensus
import Primitives
import Testing

@Suite struct FuzzTests {
    static let mutationsPerCase = 50_000

    /// Messages of all kinds from a network with view changes, crashes and a follower, and a replica in the midst of it.
    func corpus() -> (messages: [[UInt8]], cluster: Cluster) {
        let cluster = Cluster(weights: [1, 2, 3, 1], seed: 21, followers: 1)
        var byKind = [[[UInt8]]](repeating: [], count: 12)
        cluster.filter = { _, _, message in
            let kind = Int(message.kind)
            if byKind[kind].count < 40 { byKind[kind].append(message.encoded) }
            return true
        }
        cluster.faults.lossPercent = 25
        cluster.startAll()
        cluster.run(until: 6_000)
        cluster.crash(0)
        cluster.run(until: cluster.now + 4_000)
        cluster.start(0)
        cluster.run(until: cluster.now + 3_000)
        for kind in 1...9 { precondition(!byKind[kind].isEmpty, "no message of kind \(kind)") }
        return (byKind.flatMap { $0 }, cluster)
    }

    func mutate(_ bytes: [UInt8], with other: [UInt8], _ random: inout Random) -> [UInt8] {
        var result = bytes
        for _ in 0...random.below(3) {
            guard !result.isEmpty else { break }
            let position = random.index(result.count)
            switch random.below(8) {
            case 0: result[position] ^= 1 << UInt8(random.below(8))
            case 1: result[position] = [0, 1, 0x7f, 0x80, 0xff][random.index(5)]
            case 2: result.remove(at: position)
            case 3: result.insert(UInt8(truncatingIfNeeded: random.next()), at: position)
            case 4: result.removeLast(random.index(result.count))
            case 5:
                let end = min(result.count, position + 8)
                for index in position..<end { result[index] = 0xff }
            case 6:
                let count = min(result.count - position, 32, other.count)
                let start = random.index(other.count - count + 1)
                result.replaceSubrange(position..<position + count, with: other[start..<start + count])
            default:
                let end = min(result.count, position + 8)
                for index in position..<end { result[index] = index == end - 1 ? UInt8(random.below(3)) : 0 }
            }
        }
        return result
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func mutatedMessages(seed: UInt64) throws {
        let (messages, cluster) = corpus()
        #expect(cluster.monitor.problems.isEmpty)
        var random = Random(seed: seed)
        let final = cluster.nodes.map(\.disk.final).max { $0.count < $1.count }!
        var decoded = 0
        var driven = 0
        var node = 0
        var replica = cluster.nodes[0].replica!
        for round in 0..<FuzzTests.mutationsPerCase {
            if round % 500 == 0 {
                node = random.index(cluster.nodes.count)
                replica = cluster.nodes[node].replica!
            }
            let bytes = mutate(messages[random.index(messages.count)], with: messages[random.index(messages.count)], &random)
            _ = try? SafetyRecord.decode(bytes)
            _ = try? CommitCertificate.decode(bytes)
            guard let message = try? ConsensusMessage.decode(bytes, maximumPayloadBytes: 1_000) else { continue }
            decoded += 1
            #expect(message.encoded == bytes)
            let before = replica.finalisedHeight
            let signer = UInt16(random.below(4))
            let now = cluster.now + UInt64(round % 500)
            let effects = replica.step(
                .message(message, from: random.chance(80) ? claimed(message) ?? signer : nil, peer: PeerToken(UInt64(signer))), now: now,
                wallClockMilliseconds: Cluster.wallClockStart + now)
            driven += 1
            #expect(effects.count < 200)
            if replica.finalisedHeight > before { #expect(final.contains(replica.finalisedHash)) }
        }
        #expect(decoded > FuzzTests.mutationsPerCase / 10)
        #expect(driven == decoded)
    }

    func claimed(_ message: ConsensusMessage) -> UInt16? {
        switch message {
        case .vote(let vote): vote.signer
        case .commitVote(let vote): vote.signer
        case .timeout(let timeout): timeout.signed.signer
        default: nil
        }
    }

    /// Values that no bytes can spell but a caller could hand over, and bytes without any form.
    @Test func nonsense() throws {
        var random = Random(seed: 99)
        var accepted = 0
        for count in 0..<3_000 {
            let bytes = (0..<count % 300).map { index in index == 0 ? UInt8(random.below(11)) : UInt8(truncatingIfNeeded: random.next()) }
            if (try? ConsensusMessage.decode(bytes, maximumPayloadBytes: 1_000)) != nil { accepted += 1 }
            _ = try? SafetyRecord.decode([1] + bytes)
        }
        #expect(accepted < 100)
        let bench = Bench(weights: [1, 1, 1, 1])
        var driver = try Driver(bench, 0)
        let block = bench.block(view: 1, on: testGenesis, parentView: 0)
        for signer in [4, 127, 128, UInt16.max] {
            let vote = Vote(statement: bench.vote(block), signer: signer, signature: bench.signed(bench.vote(block), 1).signature)
            driver.step(.message(.vote(vote), from: signer, peer: PeerToken(9)))
            let commit = CommitVote(statement: bench.commit(block), signer: signer, signature: vote.signature)
            driver.step(.message(.commitVote(commit), from: signer, peer: PeerToken(9)))
            let timeout = bench.timeout(1, by: 1, highQC: bench.genesisQC, entry: bench.opening(1))
            let moved = Timeout(signed: Signed(statement: timeout.signed.statement, signer: signer, signature: vote.signature), highQC: timeout.highQC, entry: timeout.entry)
            driver.step(.message(.timeout(moved), from: signer, peer: PeerToken(9)))
        }
        driver.step(.payloadChecked(blockHash: .zero, isValid: true))
        driver.step(.payloadBuilt(view: .max, payload: []))
        #expect(driver.replica.view == 1 && driver.replica.finalisedHeight == 0)
    }
}
