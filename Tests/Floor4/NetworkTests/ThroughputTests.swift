// Rates on loopback, printed: two networks share the one loop thread here, so a pair of machines does better.

import Network
import Testing

@Suite(.serialized) struct ThroughputTests {
    @LoopActor
    private func measure(_ name: String, count: Int, size: Int, channel: Channel, window: Int) async throws {
        let nodes = try await connectedNodes(
            2, limits: quickLimits {
                $0[channel].queuedMessages = 1 << 20
                $0[channel].queuedBytes = 256 << 20
                $0[channel].inboundMessagesPerSecond = 100_000_000
                $0[channel].inboundBytesPerSecond = 1 << 36
            })
        let recorder = nodes[1].recorder
        defer {
            recorder.onReceive = nil
            for node in nodes { node.network.stop() }
        }
        recorder.keeps = false
        let message = [UInt8](repeating: 5, count: size)
        var sent = 0
        let (network, id) = (nodes[0].network, nodes[1].id)
        recorder.onReceive = { _, _, _ in
            while sent < count, sent - recorder.receivedCount < window {
                sent += 1
                network.send(message, channel: channel, to: id)
            }
        }
        let start = monotonicMicroseconds()
        sent = 1
        network.send(message, channel: channel, to: id)
        try await eventually(withinMilliseconds: 60_000) { recorder.receivedCount == count }
        let seconds = Double(monotonicMicroseconds() - start) / 1e6
        let rate = Double(count) / seconds
        print("throughput, \(name): \(Int(rate)) messages/s, \(Int(rate * Double(size) / 1e6)) MB/s")
        #expect(network.counters.drops == 0)
    }

    @Test @LoopActor func smallMessages() async throws {
        try await measure("200 B, 2000 in flight", count: 300_000, size: 200, channel: .transactions, window: 2000)
    }

    @Test @LoopActor func blocks() async throws {
        try await measure("1 MiB, 8 in flight", count: 300, size: 1 << 20, channel: .blocks, window: 8)
    }

    @Test @LoopActor func roundTrips() async throws {
        try await measure("200 B, one at a time", count: 20_000, size: 200, channel: .consensus, window: 1)
    }
}
