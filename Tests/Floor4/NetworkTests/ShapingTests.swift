// Faults put on links: the shaper alone, and whole networks on loopback.

import Network
import Primitives
import Testing

@Suite struct LinkShaperTests {
    private func item(_ value: Int, _ channel: Channel = .consensus, bytes: Int = 4) -> LinkShaper.Item {
        var message = [UInt8](repeating: 0, count: bytes)
        for shift in 0..<4 { message[shift] = UInt8(truncatingIfNeeded: value >> (8 * shift)) }
        return LinkShaper.Item(message, channel)
    }

    private func value(_ item: LinkShaper.Item) -> Int {
        (0..<4).reduce(0) { $0 | Int(item.message[$1]) << (8 * $1) }
    }

    @Test func delayAndJitterKeepTheOrderOfAChannel() {
        var shaper = LinkShaper(shape: LinkShape(delayMilliseconds: 40, jitterMilliseconds: 30), seed: 1)
        for number in 0..<1_000 { shaper.push(item(number), nowMicroseconds: UInt64(number) * 100) }
        var out: [Int] = []
        while let due = shaper.nextDueMicroseconds {
            let early = shaper.popDue(nowMicroseconds: due - 1)
            #expect(early.isEmpty)
            for item in shaper.popDue(nowMicroseconds: due) {
                let sent = UInt64(value(item)) * 100
                #expect(due >= sent + 40_000 && due <= 1_000 * 100 + 70_000)
                out.append(value(item))
            }
        }
        #expect(out == Array(0..<1_000))
        #expect(shaper.heldBytes == 0 && shaper.heldMessages == 0 && shaper.lost == 0)
    }

    @Test func lossAndDuplicationHappenAsOftenAsAsked() {
        var shaper = LinkShaper(shape: LinkShape(lossPerMille: 300, duplicatePerMille: 100), seed: 2)
        for number in 0..<20_000 { shaper.push(item(number), nowMicroseconds: 0) }
        let out = shaper.popDue(nowMicroseconds: 0).map(value)
        let distinct = Set(out).count
        #expect(distinct + Int(shaper.lost) == 20_000)
        #expect(abs(Int(shaper.lost) - 6_000) < 300)
        #expect(abs(out.count - distinct - 1_400) < 200)
    }

    @Test func reorderedMessagesAreOvertakenAndNotLost() {
        var shaper = LinkShaper(shape: LinkShape(delayMilliseconds: 1, reorderPerMille: 100), seed: 3)
        for number in 0..<2_000 { shaper.push(item(number), nowMicroseconds: UInt64(number) * 1_000) }
        let out = shaper.popDue(nowMicroseconds: .max).map(value)
        let late = zip(out, out.dropFirst()).filter { $0.0 > $0.1 }.count
        #expect(out.sorted() == Array(0..<2_000))
        #expect(late > 100 && late < 300)
    }

    @Test func bandwidthDelaysBulkAndConsensusDoesNotWaitForIt() {
        var shaper = LinkShaper(shape: LinkShape(bandwidthBytesPerSecond: 1_000_000), seed: 4)
        shaper.push(item(1, .blocks, bytes: 500_000), nowMicroseconds: 0)
        shaper.push(item(2, .blocks, bytes: 500_000), nowMicroseconds: 0)
        shaper.push(item(3, .consensus, bytes: 1_000), nowMicroseconds: 0)
        var times: [Int: UInt64] = [:]
        while let due = shaper.nextDueMicroseconds {
            for item in shaper.popDue(nowMicroseconds: due) { times[value(item)] = due }
        }
        #expect(times == [1: 500_000, 2: 1_000_000, 3: 1_000])
    }

    @Test func aBlockLosesEverythingAndWhatIsHeldIsBounded() {
        var blocked = LinkShaper(shape: .blocked, seed: 5)
        for number in 0..<10 { blocked.push(item(number), nowMicroseconds: 0) }
        #expect(blocked.lost == 10 && blocked.nextDueMicroseconds == nil)
        var slow = LinkShaper(shape: LinkShape(delayMilliseconds: .max, jitterMilliseconds: .max), seed: 5)
        for number in 0..<70 { slow.push(item(number, .blocks, bytes: 1 << 20), nowMicroseconds: 0) }
        #expect(slow.heldBytes == LinkShaper.maximumHeldBytes && slow.lost == 6)
        slow.clear()
        #expect(slow.heldBytes == 0 && slow.nextDueMicroseconds == nil)
        for number in 0..<LinkShaper.maximumHeldMessages + 5 { slow.push(item(number), nowMicroseconds: 0) }
        #expect(slow.heldMessages == LinkShaper.maximumHeldMessages && slow.lost == 11)
    }

    @Test func theSameSeedGivesTheSameLosses() {
        let shape = LinkShape(delayMilliseconds: 3, jitterMilliseconds: 9, lossPerMille: 200, duplicatePerMille: 50, reorderPerMille: 50)
        func run(_ seed: UInt64) -> [Int] {
            var shaper = LinkShaper(shape: shape, seed: seed)
            for number in 0..<500 { shaper.push(item(number), nowMicroseconds: UInt64(number) * 500) }
            return shaper.popDue(nowMicroseconds: .max).map(value)
        }
        #expect(run(7) == run(7))
        #expect(run(7) != run(8))
    }
}

@Suite(.serialized) struct ShapingTests {
    @Test @LoopActor func aBlockedDirectionDeliversNothingWhileTheConnectionStays() async throws {
        let nodes = try await connectedNodes(2)
        defer { for node in nodes { node.network.stop() } }
        let (a, b) = (nodes[0], nodes[1])
        a.network.shape(b.id, .outbound, .blocked)
        for _ in 0..<5 { #expect(a.network.send([1], channel: .consensus, to: b.id)) }
        b.network.send([2], channel: .consensus, to: a.id)
        try await eventually { a.recorder.received.count == 1 }
        #expect(b.recorder.received.isEmpty && a.network.counters.shapedLosses == 5)
        a.network.shape(b.id, .outbound, nil)
        a.network.shape(b.id, .inbound, .blocked)
        a.network.send([3], channel: .consensus, to: b.id)
        b.network.send([4], channel: .consensus, to: a.id)
        try await eventually { b.recorder.received.count == 1 && a.network.counters.shapedLosses == 6 }
        #expect(b.recorder.received.map(\.message) == [[3]])
        a.network.shape(b.id, .inbound, nil)
        b.network.send([5], channel: .consensus, to: a.id)
        try await eventually { a.recorder.received.count == 2 }
        #expect(a.recorder.received.map(\.message) == [[2], [5]])
        #expect(a.recorder.disconnected.isEmpty && b.recorder.disconnected.isEmpty)
        #expect(!a.network.shape(identity(99).id, .outbound, .blocked))
    }

    @Test @LoopActor func delayedMessagesArriveInOrderAndAnEndedShapeReleasesThem() async throws {
        let nodes = try await connectedNodes(2)
        defer { for node in nodes { node.network.stop() } }
        let (a, b) = (nodes[0], nodes[1])
        a.network.shape(b.id, .outbound, LinkShape(delayMilliseconds: 20, jitterMilliseconds: 10))
        b.network.shape(a.id, .inbound, LinkShape(delayMilliseconds: 20, jitterMilliseconds: 10))
        let start = monotonicMilliseconds()
        for value in 0..<50 { a.network.send([UInt8(value)], channel: .blocks, to: b.id) }
        try await eventually { b.recorder.received.count == 50 }
        #expect(monotonicMilliseconds() - start >= 40)
        #expect(b.recorder.received.map(\.message) == (0..<50).map { [UInt8($0)] })
        a.network.shape(b.id, .outbound, LinkShape(delayMilliseconds: 3_600_000))
        a.network.send([50], channel: .blocks, to: b.id)
        a.network.shape(b.id, .outbound, nil)
        a.network.send([51], channel: .blocks, to: b.id)
        try await eventually { b.recorder.received.count == 52 }
        #expect(b.recorder.received.suffix(2).map(\.message) == [[50], [51]])
    }

    @Test @LoopActor func aSeveredLinkStaysCutUntilItIsHealed() async throws {
        let nodes = try await connectedNodes(3)
        defer { for node in nodes { node.network.stop() } }
        let (a, b) = (nodes[0], nodes[1])
        a.network.sever(b.id, true)
        try await eventually { b.recorder.disconnected.count == 1 }
        // The other side dials in vain, several times.
        try await eventually { a.network.counters.handshakesFailed >= 2 || b.network.counters.handshakesFailed >= 2 }
        #expect(a.network.connectedPeers == [nodes[2].id] && b.network.connectedPeers == [nodes[2].id])
        a.network.sever(b.id, false)
        try await eventually { nodes.allSatisfy { $0.network.connectedPeers.count == 2 } }
    }
}
