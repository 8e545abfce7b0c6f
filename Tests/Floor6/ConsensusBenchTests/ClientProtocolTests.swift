// Tests of the frames between client and replicas.
import Primitives
import Testing

import ConsensusBench

@Suite struct ClientProtocolTests {
    @Test func finalBlocksComeBack() throws {
        let blocks = [
            FinalBlock(height: 1, hash: Keccak256.hash([1]), runs: []),
            FinalBlock(height: 2, hash: .zero, runs: [.init(first: 7, count: 3), .init(first: .max, count: 1)]),
        ]
        let frame = ClientFrame.encode(blocks)
        #expect(try ClientFrame.decodeFinalBlocks(frame) == blocks)
        for length in 1..<frame.count {
            #expect(throws: CanonicalError.self) { try ClientFrame.decodeFinalBlocks(Array(frame[..<length])) }
        }
    }

    @Test func reportsComeBack() throws {
        var report = ReplicaReport()
        report.connectedPeers = 1
        report.view = .max
        report.misbehaviours = 3
        var writer = CanonicalWriter()
        report.encode(into: &writer)
        var reader = CanonicalReader(writer.bytes)
        #expect(try ReplicaReport.decode(from: &reader) == report)
    }
}
