// Floor 6, ConsensusBench: frames between the client and a replica: one kind byte, then fixed-width big-endian fields.
package import Primitives

/// What a replica has used and done since its start.
package struct ReplicaReport: Equatable, Sendable {
    package var connectedPeers: UInt64 = 0
    package var finalisedHeight: UInt64 = 0
    package var view: UInt64 = 0
    package var processorMicroseconds: UInt64 = 0
    package var bytesOut: UInt64 = 0
    package var messagesOut: UInt64 = 0
    package var framesOut: UInt64 = 0
    package var durableCommits: UInt64 = 0
    package var durableCommitMicroseconds: UInt64 = 0
    package var repeatedCommands: UInt64 = 0
    package var misbehaviours: UInt64 = 0

    package init(
        connectedPeers: UInt64 = 0, finalisedHeight: UInt64 = 0, view: UInt64 = 0, processorMicroseconds: UInt64 = 0,
        bytesOut: UInt64 = 0, messagesOut: UInt64 = 0, framesOut: UInt64 = 0, durableCommits: UInt64 = 0,
        durableCommitMicroseconds: UInt64 = 0, repeatedCommands: UInt64 = 0, misbehaviours: UInt64 = 0
    ) {
        self.connectedPeers = connectedPeers
        self.finalisedHeight = finalisedHeight
        self.view = view
        self.processorMicroseconds = processorMicroseconds
        self.bytesOut = bytesOut
        self.messagesOut = messagesOut
        self.framesOut = framesOut
        self.durableCommits = durableCommits
        self.durableCommitMicroseconds = durableCommitMicroseconds
        self.repeatedCommands = repeatedCommands
        self.misbehaviours = misbehaviours
    }

    package func encode(into writer: inout CanonicalWriter) {
        let fields = [
            connectedPeers, finalisedHeight, view, processorMicroseconds, bytesOut, messagesOut, framesOut, durableCommits,
            durableCommitMicroseconds, repeatedCommands, misbehaviours,
        ]
        for field in fields { writer.write(field) }
    }

    package static func decode(from reader: inout CanonicalReader) throws(CanonicalError) -> ReplicaReport {
        ReplicaReport(
            connectedPeers: try reader.read(), finalisedHeight: try reader.read(), view: try reader.read(),
            processorMicroseconds: try reader.read(), bytesOut: try reader.read(), messagesOut: try reader.read(),
            framesOut: try reader.read(), durableCommits: try reader.read(), durableCommitMicroseconds: try reader.read(),
            repeatedCommands: try reader.read(), misbehaviours: try reader.read())
    }
}

/// A block that became final, with the commands that became final with it.
package struct FinalBlock: Equatable {
    package var height: UInt64
    package var hash: Hash256
    package var runs: [CommandPool.Run]

    package init(height: UInt64, hash: Hash256, runs: [CommandPool.Run]) {
        self.height = height
        self.hash = hash
        self.runs = runs
    }
}

package enum ClientFrame {
    package static let commands: UInt8 = 1
    package static let reportRequest: UInt8 = 2
    package static let finalBlocks: UInt8 = 3
    package static let report: UInt8 = 4
    /// The kind and the first sequence number; the payloads follow to the end of the frame.
    package static let commandsHeaderByteCount = 9
    /// Frames are cut below this.
    package static let maximumBytes = 32 << 20
    private static let maximumRuns = 1 << 20

    package static func encode(_ blocks: [FinalBlock]) -> [UInt8] {
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

    package static func decodeFinalBlocks(_ frame: [UInt8]) throws(CanonicalError) -> [FinalBlock] {
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
