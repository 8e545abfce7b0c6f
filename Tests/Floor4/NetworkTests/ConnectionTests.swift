// Whole networks on loopback: connecting, refusing, messages, reconnecting, duplicates.

import Network
import Primitives
import Testing

@Suite(.serialized) struct ConnectionTests {
    @Test @LoopActor func nodesConnectAndExchangeMessages() async throws {
        let nodes = try await connectedNodes(4)
        defer { for node in nodes { node.network.stop() } }
        for node in nodes {
            #expect(node.network.connectedPeers == node.network.connectedPeers.sorted())
            #expect(node.network.connectedPeers == nodes.map(\.id).filter { $0 != node.id }.sorted())
        }
        for (index, node) in nodes.enumerated() {
            for channel in Channel.allCases { node.network.broadcast([UInt8(index), channel.rawValue], channel: channel) }
        }
        try await eventually { nodes.allSatisfy { $0.recorder.received.count == 12 } }
        for (index, node) in nodes.enumerated() {
            for (other, sender) in nodes.enumerated() where other != index {
                let fromSender = node.recorder.received.filter { $0.from == sender.id }
                #expect(fromSender.map(\.channel) == Channel.allCases)
                #expect(fromSender.map(\.message) == Channel.allCases.map { [UInt8(other), $0.rawValue] })
            }
        }
        let counters = nodes[0].network.counters
        #expect(counters.messagesIn == 12 && counters.messagesOut == 12 && counters.handshakesCompleted == 3)
        #expect(counters.handshakesFailed == 0 && counters.drops == 0)
    }

    @Test @LoopActor func messagesOfEverySizeArriveWhole() async throws {
        let nodes = try await connectedNodes(2)
        defer { for node in nodes { node.network.stop() } }
        let sizes = [0, 1, 1000, 32_764, 32_765, 32_766, 65_513, 65_536, 100_000, 1 << 20, 8 << 20]
        var expected: [[UInt8]] = []
        for size in sizes {
            let message = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ size) }
            expected.append(message)
            #expect(nodes[0].network.send(message, channel: .blocks, to: nodes[1].id))
        }
        #expect(!nodes[0].network.send([UInt8](repeating: 0, count: 8 << 20 + 1), channel: .blocks, to: nodes[1].id))
        try await eventually { nodes[1].recorder.received.count == sizes.count }
        #expect(nodes[1].recorder.received.map(\.message) == expected)
    }

    @Test @LoopActor func aVoteOvertakesABlock() async throws {
        let nodes = try await connectedNodes(2)
        defer { for node in nodes { node.network.stop() } }
        let block = [UInt8](repeating: 7, count: 8 << 20)
        #expect(nodes[0].network.send(block, channel: .blocks, to: nodes[1].id))
        #expect(nodes[0].network.send(block, channel: .blocks, to: nodes[1].id))
        #expect(nodes[0].network.send([1], channel: .transactions, to: nodes[1].id))
        #expect(nodes[0].network.send([2], channel: .sync, to: nodes[1].id))
        #expect(nodes[0].network.send([3], channel: .consensus, to: nodes[1].id))
        try await eventually { nodes[1].recorder.received.count == 5 }
        #expect(nodes[1].recorder.received.map(\.channel) == [.consensus, .sync, .blocks, .blocks, .transactions])
    }

    @Test @LoopActor func anotherGenesisIsRefusedWithAReason() async throws {
        let (a, b) = (identity(1), identity(2))
        let ports = freePorts(2)
        let endpoints = [
            PeerEndpoint(id: a.id, host: "127.0.0.1", port: ports[0]), PeerEndpoint(id: b.id, host: "127.0.0.1", port: ports[1]),
        ]
        let first = TestNode(a, genesis: 1, port: ports[0], peers: endpoints, limits: quickLimits())
        let second = TestNode(b, genesis: 2, port: ports[1], peers: endpoints, limits: quickLimits())
        try first.network.start()
        try second.network.start()
        defer {
            first.network.stop()
            second.network.stop()
        }
        try await eventually { first.lines.contains("another chain") && second.lines.contains("another chain") }
        #expect(first.network.connectedPeers.isEmpty && second.network.connectedPeers.isEmpty)
        #expect(first.network.counters.handshakesFailed > 0 && second.network.counters.handshakesFailed > 0)
    }

    @Test @LoopActor func anUnknownPeerIsRefusedWithAReason() async throws {
        let known = TestNode(identity(1), peers: [], limits: quickLimits())
        try known.network.start()
        let stranger = TestNode(
            identity(2), peers: [PeerEndpoint(id: known.id, host: "localhost", port: known.network.listenPort)],
            limits: quickLimits { $0.fallbackDialMilliseconds = 0 })
        try stranger.network.start()
        defer {
            known.network.stop()
            stranger.network.stop()
        }
        try await eventually {
            known.lines.contains(stranger.id.hex) && stranger.lines.contains("our identity is not in its set")
        }
        #expect(known.recorder.connected.isEmpty && stranger.recorder.connected.isEmpty)
    }

    @Test @LoopActor func aPeerThatIsNotWhoWasDialledIsRefused() async throws {
        let impostor = TestNode(identity(1), peers: [], limits: quickLimits())
        try impostor.network.start()
        let caller = TestNode(
            identity(2), peers: [PeerEndpoint(id: identity(3).id, host: "127.0.0.1", port: impostor.network.listenPort)],
            limits: quickLimits { $0.fallbackDialMilliseconds = 0 })
        try caller.network.start()
        defer {
            impostor.network.stop()
            caller.network.stop()
        }
        try await eventually { caller.lines.contains("unexpected identity \(impostor.id.hex)") }
        #expect(caller.recorder.connected.isEmpty && impostor.recorder.connected.isEmpty)
    }

    @Test @LoopActor func aRestartedPeerIsReconnected() async throws {
        var nodes = try await connectedNodes(3)
        let port = nodes[0].network.listenPort
        let identity = nodes[0].identity
        let endpoints = nodes.map { PeerEndpoint(id: $0.id, host: "127.0.0.1", port: $0.network.listenPort) }
        for _ in 0..<3 {
            let connections = nodes.dropFirst().map(\.recorder.connected.count)
            nodes[0].network.stop()
            #expect(nodes[0].network.connectedPeers.isEmpty)
            try await eventually { nodes.dropFirst().allSatisfy { !$0.network.connectedPeers.contains(identity.id) } }
            nodes[0] = TestNode(
                identity, port: port, peers: endpoints, limits: quickLimits { $0.fallbackDialMilliseconds = 50 })
            try nodes[0].network.start()
            try await eventually { nodes.allSatisfy { $0.network.connectedPeers.count == 2 } }
            for (node, before) in zip(nodes.dropFirst(), connections) { #expect(node.recorder.connected.count > before) }
        }
        for node in nodes { node.network.stop() }
    }

    @Test @LoopActor func disconnectTellsBothSidesAndHeals() async throws {
        let nodes = try await connectedNodes(2)
        defer { for node in nodes { node.network.stop() } }
        nodes[0].network.disconnect(nodes[1].id, reason: "a test")
        #expect(nodes[0].recorder.disconnected == ["a test"])
        #expect(!nodes[0].network.send([1], channel: .consensus, to: nodes[1].id))
        try await eventually { nodes[1].recorder.disconnected.count == 1 }
        try await eventually { nodes.allSatisfy { $0.network.connectedPeers.count == 1 } }
    }

    @Test(arguments: 0..<10) @LoopActor func bothDialAndOneConnectionStays(round: Int) async throws {
        let nodes = try startedNodes(4, limits: quickLimits { $0.fallbackDialMilliseconds = 0 })
        defer { for node in nodes { node.network.stop() } }
        try await eventually { nodes.allSatisfy { $0.network.connectedPeers.count == 3 } }
        // Let late duplicates arrive; then every pair has settled on one connection that carries messages both ways.
        try await Task.sleep(nanoseconds: 100_000_000)
        try await eventually { nodes.allSatisfy { $0.network.connectedPeers.count == 3 } }
        for node in nodes { node.recorder.received = [] }
        for node in nodes { node.network.broadcast([1], channel: .consensus) }
        try await eventually { nodes.allSatisfy { $0.recorder.received.count == 3 } }
        for node in nodes {
            #expect(node.recorder.connected.count - node.recorder.disconnected.count == 3)
        }
    }

    @Test @LoopActor func pingsMeasureTheRoundTripAndKeepTheConnection() async throws {
        let nodes = try await connectedNodes(
            2, limits: quickLimits { $0.pingIntervalMilliseconds = 20; $0.deadPeerMilliseconds = 200 })
        defer { for node in nodes { node.network.stop() } }
        try await eventually { nodes[0].network.roundTripMicroseconds(nodes[1].id) != nil }
        try await Task.sleep(nanoseconds: 400_000_000)
        #expect(nodes[0].recorder.disconnected.isEmpty)
    }

    @Test @LoopActor func theNodeMaySendStopAndDisconnectInsideCallbacks() async throws {
        let nodes = try startedNodes(2)
        let (first, second) = (nodes[0], nodes[1])
        defer { for node in nodes { node.recorder.onConnect = nil; node.recorder.onReceive = nil; node.network.stop() } }
        // Sent before the connection is announced on the other side, if need be.
        for node in nodes {
            node.recorder.onConnect = { id in
                for value in 0..<10 { node.network.send([UInt8(value)], channel: .blocks, to: id) }
            }
        }
        first.recorder.onReceive = { message, _, id in
            if message == [9], first.recorder.connected.count == 1 { first.network.disconnect(id, reason: "inside") }
        }
        try await eventually { first.recorder.connected.count == 2 && first.recorder.received.count == 20 }
        #expect(first.recorder.disconnected == ["inside"])
        // Everything behind a stop stays unheard, though it has arrived.
        first.recorder.onReceive = { _, _, _ in first.network.stop() }
        let before = first.recorder.received.count
        for value in 0..<10 { second.network.send([UInt8(value)], channel: .consensus, to: first.id) }
        try await eventually { first.network.listenPort == 0 }
        try await Task.sleep(nanoseconds: 30_000_000)
        #expect(first.recorder.received.count == before + 1)
        #expect(first.recorder.disconnected.count == 1)
        #expect(!first.network.send([1], channel: .consensus, to: second.id))
    }

    @Test @LoopActor func aStoppedNetworkIsReleased() async throws {
        var nodes = try await connectedNodes(2)
        weak let network = nodes[0].network
        for node in nodes { node.network.stop() }
        nodes = []
        try await eventually { network == nil }
    }

    @Test @LoopActor func startingTwiceOrOnATakenPortFails() async throws {
        let node = TestNode(identity(1), peers: [], limits: quickLimits())
        try node.network.start()
        defer { node.network.stop() }
        #expect(throws: NetworkError.alreadyStarted) { try node.network.start() }
        let second = TestNode(identity(2), port: node.network.listenPort, peers: [], limits: quickLimits())
        #expect(throws: NetworkError.self) { try second.network.start() }
    }
}
