// Frames, records, fragments and the outbound queue, without sockets.

import Network
import Primitives
import Testing

/// A queue that `#expect` can change.
private final class Outbound {
    var value: OutboundQueue

    init(_ limits: NetworkLimits) { value = OutboundQueue(limits: limits) }

    func enqueue(_ message: [UInt8], channel: Channel) -> Bool { value.enqueue(message, channel: channel) }
}

@Suite struct FrameTests {
    private func cipher(_ interval: UInt64 = FrameCipher.rekeyInterval) -> FrameCipher {
        FrameCipher(key: [UInt8](0..<32), rekeyInterval: interval)
    }

    /// Feeds bytes in chunks; the plaintexts that come out before an error.
    private func decode(_ bytes: [UInt8], chunk: Int = 1 << 20, interval: UInt64 = FrameCipher.rekeyInterval) -> (
        frames: [[UInt8]], error: FrameError?
    ) {
        let buffer = ReceiveBuffer()
        let decoder = FrameDecoder(cipher: cipher(interval))
        var frames: [[UInt8]] = []
        var rest = bytes[...]
        do throws(FrameError) {
            while !rest.isEmpty {
                let taken = buffer.append(rest.prefix(chunk))
                #expect(taken > 0)
                rest = rest.dropFirst(taken)
                while let frame = try decoder.next(in: buffer) { frames.append(Array(frame)) }
            }
        } catch {
            return (frames, error)
        }
        return (frames, nil)
    }

    private func records(_ plaintext: [UInt8], _ reassembler: inout Reassembler) throws(FrameError) -> [InboundRecord] {
        var all: [InboundRecord] = []
        var failure: FrameError?
        plaintext.withUnsafeBytes { frame in
            var cursor = RecordCursor()
            do throws(FrameError) {
                while let record = try reassembler.next(frame, &cursor) { all.append(record) }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return all
    }

    @Test(arguments: [1, 7, 1000, 1 << 20]) func framesArriveInAnyChunks(chunk: Int) {
        let sender = cipher()
        var generator = Generator(1)
        let plaintexts = [1, 2, 100, 5000, 65_518].map { generator.bytes($0) }
        let stream = plaintexts.flatMap { sealed($0, sender) }
        let (frames, error) = decode(stream, chunk: chunk)
        #expect(frames == plaintexts && error == nil)
    }

    @Test func theKeyChangesByCountOnBothSides() {
        let sender = cipher(3)
        let plaintexts = (0..<20).map { [UInt8($0)] }
        let stream = plaintexts.flatMap { sealed($0, sender) }
        #expect(decode(stream, interval: 3).frames == plaintexts)
        #expect(decode(stream, interval: 4).frames == Array(plaintexts.prefix(3)))
    }

    @Test func repeatedSwappedAndChangedFramesAreRefused() {
        let sender = cipher()
        let frames = (0..<3).map { sealed([UInt8($0), 9, 9], sender) }
        #expect(decode(frames[0] + frames[0]).error == .tampered)
        #expect(decode(frames[0] + frames[2]).error == .tampered)
        #expect(decode(frames[1]).error == .tampered)
        for index in 2..<frames[0].count {
            var changed = frames[0]
            changed[index] ^= 1
            #expect(decode(changed) == ([], .tampered))
        }
        // A changed length: too short to be a frame, or the tag is sought elsewhere.
        var short = frames[0]
        short[1] = 16
        #expect(decode(short).error == .badLength(16))
        short[1] = 18
        #expect(decode(short).error == .tampered)
        #expect(decode([0xff, 0xff] + frames[0]).error == .badLength(0xffff))
        #expect(decode([0, 0]).error == .badLength(0))
        #expect(decode(Array(frames[0].dropLast())) == ([], nil))
    }

    @Test func brokenRecordsAreRefused() {
        func error(_ plaintexts: [UInt8]...) -> FrameError? {
            var reassembler = Reassembler()
            do throws(FrameError) {
                for plaintext in plaintexts { _ = try records(plaintext, &reassembler) }
                return nil
            } catch {
                return error
            }
        }
        let first = RecordType.first | Channel.blocks.rawValue
        let next = RecordType.next | Channel.blocks.rawValue
        #expect(error([]) == .emptyFrame)
        #expect(error([0]) == .truncatedRecord)
        #expect(error([0, 0]) == .truncatedRecord)
        #expect(error(record(0, [1], declaring: 2)) == .truncatedRecord)
        #expect(error(record(4, [1])) == .unknownRecord(4))
        #expect(error(record(0x30, [1])) == .unknownRecord(0x30))
        #expect(error(record(0xf9, [1])) == .unknownRecord(0xf9))
        #expect(error(record(RecordType.ping, [1])) == .badControlRecord)
        #expect(error(record(RecordType.ready, [1])) == .badControlRecord)
        #expect(error(record(RecordType.goodbye, [99])) == .badControlRecord)
        #expect(error(record(first, [0, 0, 0])) == .truncatedRecord)
        #expect(error(record(first, [0, 0, 0, 5])) == .truncatedRecord)
        #expect(error(record(first, [0x7f, 0, 0, 0, 1])) == .messageTooLong(.blocks, 0x7f00_0000))
        #expect(error(record(first, [0, 0x80, 0, 1, 1])) == .messageTooLong(.blocks, 8 << 20 + 1))
        #expect(error(record(RecordType.first, [0, 1, 0, 1, 1])) == .messageTooLong(.consensus, 65_537))
        #expect(error(record(first, [0, 0, 0, 1, 1])) == .brokenFragments(.blocks))
        #expect(error(record(next, [1])) == .brokenFragments(.blocks))
        let begun = record(first, [0, 0, 0, 3, 1])
        #expect(error(begun, begun) == .brokenFragments(.blocks))
        #expect(error(begun, record(next, [])) == .brokenFragments(.blocks))
        #expect(error(begun, record(next, [2, 3, 4])) == .brokenFragments(.blocks))
        #expect(error(begun, record(Channel.blocks.rawValue, [2])) == .brokenFragments(.blocks))
        #expect(error(begun, record(next, [2, 3]), record(next, [4])) == .brokenFragments(.blocks))
        #expect(error(begun, record(Channel.sync.rawValue, [2]), record(next, [2, 3])) == nil)
    }

    @Test func votesGoBeforeTheRestOfABlock() throws {
        let queue = Outbound(NetworkLimits())
        let encoder = FrameEncoder(cipher: cipher())
        #expect(queue.enqueue([UInt8](repeating: 1, count: 8 << 20), channel: .blocks))
        var stream = Array(encoder.nextBatch(&queue.value))
        let before = decode(stream).frames.count
        #expect(before == 1)
        #expect(queue.enqueue([2], channel: .consensus))
        stream += Array(encoder.nextBatch(&queue.value))
        let frames = decode(stream).frames
        // The vote is alone in the very next frame; one frame of the block follows it in the same batch.
        #expect(frames[1] == record(0, [2]))
        #expect(frames.count == 3 && frames[2].count <= FrameFormat.bulkPlaintextBytes)
    }

    @Test func queuesAreBoundedAndKeepWhatTheyShould() throws {
        var limits = NetworkLimits()
        for channel in Channel.allCases {
            limits[channel].queuedMessages = 3
            limits[channel].queuedBytes = 100_000
        }
        let queue = Outbound(limits)
        for value in 0..<5 {
            for channel in Channel.allCases {
                let kept = channel == .consensus || channel == .transactions || value < 3
                #expect(queue.enqueue([UInt8(value)], channel: channel) == kept)
            }
        }
        #expect(queue.value.drops == 8)
        #expect(Channel.allCases.allSatisfy { queue.value.queuedMessages($0) == 3 && queue.value.queuedBytes($0) == 3 })
        let encoder = FrameEncoder(cipher: cipher())
        var reassembler = Reassembler()
        let all = try decode(Array(encoder.nextBatch(&queue.value))).frames.flatMap { try records($0, &reassembler) }
        let newest = (2..<5).map { [UInt8($0)] }
        let oldest = (0..<3).map { [UInt8($0)] }
        #expect(
            all == newest.map { .message(.consensus, $0) } + oldest.map { .message(.sync, $0) }
                + oldest.map { .message(.blocks, $0) } + newest.map { .message(.transactions, $0) })
        // In bytes, and never longer than the queue or the channel.
        #expect(queue.enqueue([UInt8](repeating: 0, count: 90_000), channel: .sync))
        #expect(!queue.enqueue([UInt8](repeating: 0, count: 10_001), channel: .sync))
        #expect(!queue.enqueue([UInt8](repeating: 0, count: 65_537), channel: .consensus))
        #expect(!queue.enqueue([UInt8](repeating: 0, count: 100_001), channel: .transactions))
    }

    @Test func aBegunMessageIsNotDropped() throws {
        var limits = NetworkLimits()
        limits.transactions.queuedMessages = 2
        let queue = Outbound(limits)
        let encoder = FrameEncoder(cipher: cipher())
        let long = [UInt8](repeating: 1, count: 100_000)
        #expect(queue.enqueue(long, channel: .transactions))
        var stream = Array(encoder.nextBatch(&queue.value))
        for value in 2..<6 { #expect(queue.enqueue([UInt8(value)], channel: .transactions)) }
        #expect(queue.value.drops == 3)
        while !queue.value.isEmpty { stream += Array(encoder.nextBatch(&queue.value)) }
        var reassembler = Reassembler()
        let all = try decode(stream).frames.flatMap { try records($0, &reassembler) }
        let messages = all.filter { if case .message = $0 { true } else { false } }
        #expect(messages == [.message(.transactions, long), .message(.transactions, [5])])
    }

    /// What goes into a queue comes out of a reassembler, in order per channel, whatever the sizes.
    @Test(arguments: 0..<20 as Range<UInt64>) func queueAndReassemblerAgree(seed: UInt64) throws {
        var generator = Generator(seed)
        let queue = Outbound(NetworkLimits())
        let encoder = FrameEncoder(cipher: cipher())
        var expected: [Channel: [[UInt8]]] = [:]
        var stream: [UInt8] = []
        for _ in 0..<60 {
            let channel = Channel.allCases[generator.below(4)]
            let size = [generator.below(4), generator.below(2000), 32_700 + generator.below(100), generator.below(66_000)]
            let message = generator.bytes(min(channel.maximumMessageBytes, size[generator.below(4)]))
            #expect(queue.enqueue(message, channel: channel))
            expected[channel, default: []].append(message)
            if generator.below(3) == 0 { stream += Array(encoder.nextBatch(&queue.value)) }
        }
        while !queue.value.isEmpty { stream += Array(encoder.nextBatch(&queue.value)) }
        var received: [Channel: [[UInt8]]] = [:]
        var reassembler = Reassembler()
        for frame in decode(stream, chunk: 1 + generator.below(70_000)).frames {
            for case .message(let channel, let message) in try records(frame, &reassembler) {
                received[channel, default: []].append(message)
            }
        }
        #expect(received == expected)
        #expect(queue.value.sent == 60)
    }
}
