// Floor 6, ConsensusBench: frames between the client and a replica: one kind byte, then fixed-width big-endian fields.
import Primitives

/// What a replica has used and done since its start.
struct ReplicaReport: Equatable, Sendable {
    var connectedPeers: UInt64 = 0
    var finalisedHeight: UInt64 = 0
    var view: UInt64 = 0
    var processorMicroseconds: UInt64 = 0
    var bytesOut: UInt64 = 0
    var messagesOut: UInt64 = 0
    var framesOut: UInt64 = 0
    var durableCommits: UInt64 = 0
    var durableCommitMicroseconds: UInt64 = 0
    var repeatedCommands: UInt64 = 0
    var misbehaviours: UInt64 = 0

    func encode(into writer: inout CanonicalWriter) {
        let fields = [
            connectedPeers, finalisedHeight, view, processorMicroseconds, bytesOut, messagesOut, framesOut, durableCommits,
            durableCommitMicroseconds, repeatedCommands, misbehaviours,
        ]
        for field in fields { writer.write(field) }
    }

    static func decode(from reader: inout CanonicalReader) throws(CanonicalError) -> ReplicaReport {
        ReplicaReport(
            connectedPeers: try reader.read(), finalisedHeight: try reader.read(), view: try reader.read(),
            processorMicroseconds: try reader.read(), bytesOut: try reader.read(), messagesOut: try reader.read(),
            framesOut: try reader.read(), durableCommits: try reader.read(), durableCommitMicroseconds: try reader.read(),
            repeatedCommands: try reader.read(), misbehaviours: try reader.read())
    }
}

/// A block that became final, with the commands that became final with it.
struct FinalBlock: Equatable {
    var height: UInt64
    var hash: Hash256
    var runs: [CommandPool.Run]
}

enum ClientFrame {
    static let commands: UInt8 = 1
    static let reportRequest: UInt8 = 2
    static let finalBlocks: UInt8 = 3
    static let report: UInt8 = 4
    /// The kind and the first sequence number; the payloads follow to the end of the frame.
    static let commandsHeaderByteCount = 9
    /// Frames are cut below this.
    static let maximumBytes = 32 << 20
    private static let maximumRuns = 1 << 20

    static func encode(_ blocks: [FinalBlock]) -> [UInt8] {
        var writer = CanonicalWriter(capacity: 64 * blocks.count)
        writer.write(finalBlocks)
        writer.write(UInt32(blocks.count))
        for block in blocks {
            writer.write(block.height)
            writer.write(block.hash)
            writer.write(UInt32(block.runs.count))
            for run in block.runs {
                writer.write(run.first)
                writer.write(run.count)
            }
        }
        return writer.bytes
    }

    static func decodeFinalBlocks(_ frame: [UInt8]) throws(CanonicalError) -> [FinalBlock] {
        var reader = CanonicalReader(frame, offset: 1)
        var blocks: [FinalBlock] = []
        for _ in 0..<(try reader.readCount(limit: maximumRuns)) {
            var block = FinalBlock(height: try reader.read(), hash: try reader.readHash(), runs: [])
            for _ in 0..<(try reader.readCount(limit: maximumRuns)) {
                block.runs.append(CommandPool.Run(first: try reader.read(), count: try reader.read()))
            }
            blocks.append(block)
        }
        try reader.finish()
        return blocks
    }
}
