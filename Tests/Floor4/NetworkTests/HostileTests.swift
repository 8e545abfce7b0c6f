// Peers that break the rules, over real sockets: the connection is closed, nothing else changes.

import Network
import Primitives
import Testing

@Suite(.serialized) struct HostileTests {
    /// A victim with an open connection from its one peer.
    @LoopActor
    private func attacked(
        _ limits: NetworkLimits = quickLimits()
    ) async throws -> (node: TestNode, client: RawClient, session: Session) {
        let (node, attacker) = try victim(limits: limits)
        let client = try RawClient(port: node.network.listenPort)
        let session = try await client.handshake(as: attacker, with: node.id).session
        try await eventually { node.network.connectedPeers == [attacker.id] }
        return (node, client, session)
    }

    @Test @LoopActor func aHandmadePeerCanTalk() async throws {
        let (node, client, session) = try await attacked()
        defer { node.network.stop() }
        client.send(sealed(record(Channel.sync.rawValue, [1, 2]), session.sending))
        try await eventually { node.recorder.received.count == 1 }
        #expect(node.recorder.received[0].message == [1, 2])
    }

    @Test(arguments: 0..<12) @LoopActor func garbageInsteadOfAHandshakeIsClosed(seed: UInt64) async throws {
        let (node, _) = try victim()
        defer { node.network.stop() }
        var generator = Generator(seed)
        let client = try RawClient(port: node.network.listenPort)
        client.send(generator.bytes([42, 74, 100, 9000, 60_000][generator.below(5)]))
        try await client.expectClosed()
        #expect(node.recorder.connected.isEmpty && node.network.counters.handshakesFailed == 1)
        #expect(node.network.counters.bytesIn <= 10_241)
    }

    @Test @LoopActor func aValidStartWithGarbageBehindItIsClosed() async throws {
        let (node, attacker) = try victim()
        defer { node.network.stop() }
        var state = HandshakeState(role: .initiator, identity: attacker, genesis: testGenesis, expected: node.id)
        let client = try RawClient(port: node.network.listenPort)
        client.send(state.start() + [UInt8](repeating: 9, count: 20_000))
        try await client.expectClosed()
        #expect(node.lines.contains("tampered"))
        #expect(node.network.counters.bytesIn <= 10_241)
    }

    @Test @LoopActor func aSlowHandshakeMeetsTheDeadline() async throws {
        let (node, _) = try victim(limits: quickLimits { $0.handshakeDeadlineMilliseconds = 100 })
        defer { node.network.stop() }
        let silent = try RawClient(port: node.network.listenPort)
        let partial = try RawClient(port: node.network.listenPort)
        partial.send(Array(HandshakeState.magic))
        try await silent.expectClosed()
        try await partial.expectClosed()
        #expect(node.lines.contains("no handshake before the deadline"))
        #expect(node.network.counters.handshakesFailed == 2)
    }

    @Test @LoopActor func aReplayedConnectionIsRefused() async throws {
        let (node, attacker) = try victim()
        defer { node.network.stop() }
        let honest = try RawClient(port: node.network.listenPort)
        let (session, sent) = try await honest.handshake(as: attacker, with: node.id)
        let frame = sealed(record(Channel.sync.rawValue, [1]), session.sending)
        honest.send(frame)
        try await eventually { node.recorder.received.count == 1 }
        let replayed = try RawClient(port: node.network.listenPort)
        replayed.send(sent + frame)
        try await replayed.expectClosed()
        // The frame alone, repeated on its own connection, closes that.
        honest.send(frame)
        try await honest.expectClosed()
        #expect(node.recorder.received.count == 1 && node.recorder.connected.count == 1)
    }

    /// Each case closes the connection with a reason; the node then accepts the peer again.
    @Test @LoopActor func brokenFramesCloseTheConnectionOnly() async throws {
        var tampered = 0
        let cases: [@LoopActor (Session) -> [UInt8]] = [
            { _ in [0, 0] },
            { _ in [0xff, 0xff, 1] },
            { _ in [UInt8](repeating: 0x11, count: 5000) },
            { _ in [0, 20] + [UInt8](repeating: 1, count: 20) },
            { session in
                var frame = sealed(record(0, [1]), session.sending)
                frame[5] ^= 1
                tampered += 1
                return frame
            },
            { session in sealed(record(9, [1]), session.sending) },
            { session in sealed(record(0, [1], declaring: 60_000), session.sending) },
            { session in sealed(record(RecordType.next | 2, [1]), session.sending) },
            { session in sealed(record(RecordType.first | 2, [0xff, 0xff, 0xff, 0xff, 1]), session.sending) },
            { session in sealed(record(RecordType.ready, []), session.sending) },
            { session in sealed(record(RecordType.goodbye, [77]), session.sending) },
        ]
        for attack in cases {
            let (node, client, session) = try await attacked()
            client.send(attack(session))
            try await client.expectClosed()
            #expect(node.recorder.disconnected.count == 1 && node.recorder.received.isEmpty)
            let again = try RawClient(port: node.network.listenPort)
            _ = try await again.handshake(as: identity(66), with: node.id)
            try await eventually { node.recorder.connected.count == 2 }
            node.network.stop()
        }
        #expect(tampered == 1)
    }

    @Test @LoopActor func aTruncatedConnectionEndsTheMessageWithIt() async throws {
        let (node, attacker) = try victim()
        defer { node.network.stop() }
        do {
            let client = try RawClient(port: node.network.listenPort)
            let session = try await client.handshake(as: attacker, with: node.id).session
            try await eventually { node.recorder.connected.count == 1 }
            // A first fragment, and the first byte of a frame that never comes.
            client.send(sealed(record(RecordType.first | 2, [0, 0, 1, 0, 5, 5]), session.sending) + [1])
        }
        try await eventually { node.recorder.disconnected.count == 1 }
        #expect(node.recorder.received.isEmpty)
    }

    @Test @LoopActor func tooManyMessagesOrBytesEndTheConnection() async throws {
        for byMessages in [true, false] {
            let (node, client, session) = try await attacked(
                quickLimits {
                    $0.transactions.inboundMessagesPerSecond = byMessages ? 100 : 1_000_000
                    $0.transactions.inboundBytesPerSecond = byMessages ? 1 << 30 : 10_000
                })
            let one = record(Channel.transactions.rawValue, [UInt8](repeating: 1, count: byMessages ? 1 : 1000))
            for _ in 0..<20 { client.send(sealed(Array([[UInt8]](repeating: one, count: 20).joined()), session.sending)) }
            try await client.expectClosed()
            let what = byMessages ? "transactions messages per second" : "transactions bytes per second"
            #expect(node.recorder.disconnected.count == 1 && node.recorder.disconnected[0].contains(what))
            #expect(node.recorder.received.count >= (byMessages ? 200 : 19))
            #expect(node.recorder.received.count < (byMessages ? 400 : 100))
            node.network.stop()
        }
    }

    @Test @LoopActor func anOffenderIsRefusedForAWhileAndGainsNothingByComingBack() async throws {
        let (node, client, session) = try await attacked(
            quickLimits {
                $0.penaltyMilliseconds = 200
                $0.sync.inboundMessagesPerSecond = 1
            })
        defer { node.network.stop() }
        let one = sealed(record(Channel.sync.rawValue, [1]), session.sending)
        client.send(one)
        for _ in 0..<2 { client.send(sealed(record(Channel.sync.rawValue, [1]), session.sending)) }
        try await client.expectClosed()
        #expect(node.recorder.received.count == 2)
        let early = try RawClient(port: node.network.listenPort)
        _ = try await early.handshake(as: identity(66), with: node.id)
        try await early.expectClosed()
        #expect(node.recorder.connected.count == 1 && node.lines.contains("refused for a while"))
        try await Task.sleep(nanoseconds: 250_000_000)
        let late = try RawClient(port: node.network.listenPort)
        let second = try await late.handshake(as: identity(66), with: node.id).session
        try await eventually { node.recorder.connected.count == 2 }
        for _ in 0..<2 { late.send(sealed(record(Channel.sync.rawValue, [1]), second.sending)) }
        try await late.expectClosed()
        #expect(node.recorder.received.count <= 3)
    }

    @Test @LoopActor func strangersAreAdmittedUpToTheLimits() async throws {
        let (node, attacker) = try victim(
            limits: quickLimits {
                $0.inboundHandshakes = 4
                $0.inboundConnectionBurstPerAddress = 6
                $0.inboundConnectionsPerSecondPerAddress = 1
            })
        defer { node.network.stop() }
        var strangers: [RawClient] = []
        for _ in 0..<8 { strangers.append(try RawClient(port: node.network.listenPort)) }
        try await eventually { node.network.counters.connectionsRefused == 4 }
        strangers = []
        try await eventually { node.network.counters.handshakesFailed == 4 }
        // Two more are within the burst of the address; the next is not.
        let welcome = try RawClient(port: node.network.listenPort)
        _ = try await welcome.handshake(as: attacker, with: node.id)
        let another = try RawClient(port: node.network.listenPort)
        another.send([1])
        let refused = try RawClient(port: node.network.listenPort)
        try await refused.expectClosed()
        #expect(node.network.connectedPeers == [attacker.id])
        #expect(node.network.counters.connectionsRefused == 5)
        another.poll()
        #expect(!another.isEnded)
    }

    @Test @LoopActor func aPeerThatFallsSilentIsDropped() async throws {
        let (node, client, _) = try await attacked(
            quickLimits { $0.pingIntervalMilliseconds = 20; $0.deadPeerMilliseconds = 100 })
        defer { node.network.stop() }
        try await client.expectClosed()
        #expect(node.recorder.disconnected[0].contains("silent"))
    }

    @Test @LoopActor func aPeerThatReadsNothingFillsItsQueuesOnly() async throws {
        let (node, client, _) = try await attacked(quickLimits { $0.blocks.queuedBytes = 16 << 20 })
        defer { node.network.stop() }
        let id = identity(66).id
        var accepted = 0
        for _ in 0..<20 {
            if node.network.send([UInt8](repeating: 1, count: 4 << 20), channel: .blocks, to: id) { accepted += 1 }
            try await Task.sleep(nanoseconds: 2_000_000)
        }
        // Four fit in the queue; the kernel's buffers take a little.
        #expect(accepted >= 4 && accepted <= 8)
        for value in 0..<10_000 {
            #expect(node.network.send([UInt8(truncatingIfNeeded: value)], channel: .consensus, to: id))
        }
        #expect(node.network.counters.drops >= UInt64(20 - accepted))
        client.poll()
        #expect(!client.incoming.isEmpty)
    }

    @Test @LoopActor func aFlooderThatReadsNothingHoldsTheNewestOfEachKindOnly() async throws {
        let (node, client, session) = try await attacked()
        defer { node.network.stop() }
        let id = identity(66).id
        let vote = MessageSlot(kind: 1, depth: 4)
        let certificate = MessageSlot(kind: 2, depth: 2)
        // And one that is partly out.
        let bound = (vote.depth + certificate.depth + 1) * Channel.consensus.maximumMessageBytes
        // It sends too: pings, whose answers it does not take, and fragments that never end.
        for number in 0..<40 { client.send(sealed(record(RecordType.ping, [0, 0, 0, 0, 0, 0, 0, UInt8(number)]), session.sending)) }
        client.send(sealed(record(RecordType.first | Channel.blocks.rawValue, [0, 0x80, 0, 0, 1]), session.sending))
        for view in 0..<2_000 {
            let message = [UInt8](repeating: UInt8(truncatingIfNeeded: view), count: Channel.consensus.maximumMessageBytes)
            #expect(node.network.send(message, channel: .consensus, slot: vote, to: id))
            #expect(node.network.send(message, channel: .consensus, slot: certificate, to: id))
            #expect(node.network.queuedBytes(.consensus, to: id) <= bound)
            if view % 100 == 0 { try await Task.sleep(nanoseconds: 1_000_000) }
        }
        #expect(node.network.queuedBytes(.consensus, to: id) > bound / 2)
        #expect(node.network.counters.superseded > 3_000 && node.network.counters.drops == 0)
        #expect(node.network.connectedPeers == [id])
    }
}
