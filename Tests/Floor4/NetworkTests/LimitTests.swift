// Token buckets, back-off, admission.

import Network
import Testing

@Suite struct LimitTests {
    @Test func bucketsRefillAtTheirRate() {
        var bucket = TokenBucket(ratePerSecond: 10, capacity: 20, nowMicroseconds: 0)
        let burst = bucket.take(20, nowMicroseconds: 0)
        #expect(burst)
        let atOnce = bucket.take(1, nowMicroseconds: 0)
        let early = bucket.take(1, nowMicroseconds: 99_999)
        let inTime = bucket.take(1, nowMicroseconds: 100_000)
        #expect(!atOnce && !early && inTime)
        // A clock that stands still or jumps far gives no more than the capacity.
        let tooMany = bucket.take(21, nowMicroseconds: .max)
        let full = bucket.take(20, nowMicroseconds: .max)
        let past = bucket.take(1, nowMicroseconds: 0)
        let negative = bucket.take(-1, nowMicroseconds: .max)
        #expect(!tooMany && full && !past && !negative)
        var extreme = TokenBucket(ratePerSecond: .max, capacity: .max, nowMicroseconds: 0)
        let huge = extreme.take(1 << 39, nowMicroseconds: .max)
        let overflow = extreme.take(.max, nowMicroseconds: .max)
        #expect(huge && !overflow)
    }

    @Test func backoffDoublesSaturatesAndResets() {
        var backoff = Backoff(minimumMilliseconds: 100, maximumMilliseconds: 5000)
        let longest = (0..<9).map { _ in backoff.next(random: 0) }
        #expect(longest == [100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000])
        backoff.reset()
        var generator = Generator(5)
        for step in [100, 200, 400, 800, 1600, 3200, 5000, 5000] as [UInt64] {
            let delay = backoff.next(random: generator.next())
            #expect(delay >= step / 2 && delay <= step)
        }
        for _ in 0..<100 { _ = backoff.next(random: .max) }
        var odd = Backoff(minimumMilliseconds: 0, maximumMilliseconds: 0)
        let least = odd.next(random: 7)
        #expect(least <= 1)
    }

    @Test func theGateCountsConcurrencyAndRate() {
        var gate = HandshakeGate(concurrent: 2, perSecond: 1, burst: 3)
        let first = (0..<3).map { _ in gate.admit("a", nowMicroseconds: 0) }
        #expect(first == [true, true, false] && gate.inProgress == 2)
        gate.finished()
        gate.finished()
        let second = (0..<2).map { _ in gate.admit("a", nowMicroseconds: 0) }
        #expect(second == [true, false])
        let other = gate.admit("b", nowMicroseconds: 0)
        #expect(other)
        gate.finished()
        let later = gate.admit("a", nowMicroseconds: 1_000_000)
        #expect(later)
        // More addresses than it remembers.
        for number in 0..<5000 {
            gate.finished()
            let admitted = gate.admit("c\(number)", nowMicroseconds: 0)
            #expect(admitted)
        }
    }

    @Test func inboundChannelsAreChargedApart() {
        var limits = NetworkLimits()
        limits.consensus.inboundMessagesPerSecond = 1
        limits.blocks.inboundBytesPerSecond = 1000
        let limiter = InboundLimiter(limits: limits, nowMicroseconds: 0)
        let votes = (0..<3).map { _ in
            limiter.charge(.message(.consensus, [1]), recordByteCount: 4, nowMicroseconds: 0)
        }
        #expect(votes == [nil, nil, "consensus messages per second"])
        let parts = (0..<3).map { _ in limiter.charge(.fragment(.blocks), recordByteCount: 900, nowMicroseconds: 0) }
        #expect(parts == [nil, nil, "blocks bytes per second"])
        let sync = limiter.charge(.message(.sync, [1]), recordByteCount: 4, nowMicroseconds: 0)
        #expect(sync == nil)
        let pings = (0..<101).map { _ in
            limiter.charge(.control(.ping(1)), recordByteCount: 11, nowMicroseconds: 0)
        }
        #expect(pings.dropLast().allSatisfy { $0 == nil } && pings.last == "control records per second")
    }
}
