// Offences, refusals that grow, and forgetting; then the same over sockets.

import Network
import Testing

@Suite struct PeerScoreTests {
    private let second: UInt64 = 1_000_000

    private func refusals(_ offence: Offence, count: Int) -> [UInt64] {
        var score = PeerScore()
        return (0..<count).map { _ in
            let now = 7 * second
            score.count(offence, penaltyMilliseconds: 5_000, maximumMilliseconds: 600_000, nowMicroseconds: now)
            return (score.refusedUntilMicroseconds - now) / second
        }
    }

    @Test func refusalsDoubleToTheirMaximum() {
        #expect(refusals(.protocolViolation, count: 10) == [5, 10, 20, 40, 80, 160, 320, 600, 600, 600])
        #expect(refusals(.rateExceeded, count: 6) == [5, 5, 10, 10, 20, 20])
    }

    @Test func aRefusalEndsAndOffencesAreForgotten() {
        var score = PeerScore()
        for _ in 0..<4 {
            score.count(.protocolViolation, penaltyMilliseconds: 5_000, maximumMilliseconds: 600_000, nowMicroseconds: 0)
        }
        #expect(score.isRefused(nowMicroseconds: 40 * second - 1) && !score.isRefused(nowMicroseconds: 40 * second))
        let half = PeerScore.halfLifeMicroseconds
        // Asking often forgets no faster than asking once.
        var asked = score
        for step in 0..<100 as Range<UInt64> { _ = asked.current(nowMicroseconds: half * step / 100) }
        let points = [half - 1, half, 2 * half, 11 * half, 16 * half].map { score.current(nowMicroseconds: $0) }
        #expect(points == [4_000, 2_000, 1_000, 1, 0])
        #expect(asked.current(nowMicroseconds: half) == 2_000)
        score.count(.protocolViolation, penaltyMilliseconds: 5_000, maximumMilliseconds: 600_000, nowMicroseconds: 20 * half)
        #expect(score.refusedUntilMicroseconds == 20 * half + 5 * second)
    }

    @Test func extremesDoNotTrap() {
        var score = PeerScore()
        for _ in 0..<100 {
            score.count(.protocolViolation, penaltyMilliseconds: .max, maximumMilliseconds: 1 << 40, nowMicroseconds: 1 << 50)
        }
        #expect(score.current(nowMicroseconds: 1 << 50) == PeerScore.maximumPoints)
        #expect(score.current(nowMicroseconds: .max) == 0 && score.current(nowMicroseconds: 0) == 0)
    }
}

@Suite(.serialized) struct PenaltyTests {
    @Test @LoopActor func aPenalisedPeerIsRefusedAndComesBack() async throws {
        let nodes = try await connectedNodes(2, limits: quickLimits { $0.penaltyMilliseconds = 300 })
        defer { for node in nodes { node.network.stop() } }
        let (a, b) = (nodes[0], nodes[1])
        a.network.penalise(b.id, reason: "a test")
        #expect(a.recorder.disconnected == ["a test"] && a.network.counters.offences == 1)
        try await eventually { b.recorder.disconnected.count == 1 }
        #expect(b.recorder.disconnected == ["the peer closed: it says we broke the protocol"])
        try await eventually { nodes.allSatisfy { $0.network.connectedPeers.count == 1 } }
        // To be told so is no offence of the other's.
        #expect(b.network.counters.offences == 0)
    }
}
