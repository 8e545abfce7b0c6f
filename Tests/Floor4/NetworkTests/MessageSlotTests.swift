// The newest of each kind: what a queue keeps when messages have slots.

import Network
import Testing

@Suite struct MessageSlotTests {
    private let vote = MessageSlot(kind: 1, depth: 4)
    private let certificate = MessageSlot(kind: 2, depth: 1)

    /// What comes out of the queue, whole messages only.
    private func drain(_ queue: inout OutboundQueue) throws -> [[UInt8]] {
        let key = [UInt8](repeating: 3, count: 32)
        let encoder = FrameEncoder(cipher: FrameCipher(key: key, rekeyInterval: 1 << 20))
        let decoder = FrameDecoder(cipher: FrameCipher(key: key, rekeyInterval: 1 << 20))
        let buffer = ReceiveBuffer()
        var reassembler = Reassembler()
        var messages: [[UInt8]] = []
        while !queue.isEmpty {
            let batch = Array(encoder.nextBatch(&queue))
            #expect(buffer.append(batch[...]) == batch.count)
            while let frame = try decoder.next(in: buffer) {
                var cursor = RecordCursor()
                while let record = try reassembler.next(frame, &cursor) {
                    if case .message(_, let message) = record { messages.append(message) }
                }
            }
        }
        return messages
    }

    @Test func theNewestOfEachKindStayInOrder() throws {
        var queue = OutboundQueue(limits: NetworkLimits())
        for view in 0..<100 as Range<UInt8> {
            let kept = [
                queue.enqueue([1, view], channel: .consensus, slot: vote),
                queue.enqueue([2, view], channel: .consensus, slot: certificate),
            ]
            #expect(kept == [true, true])
            #expect(queue.queuedMessages(.consensus) == min(Int(view) + 1, 4) + 1)
            #expect(queue.queuedBytes(.consensus) == 2 * queue.queuedMessages(.consensus))
        }
        #expect(queue.superseded == 96 + 99 && queue.drops == 0)
        #expect(try drain(&queue) == [[1, 96], [1, 97], [1, 98], [1, 99], [2, 99]])
        #expect(queue.queuedBytes(.consensus) == 0)
    }

    @Test func aVoteOfTheNextViewDoesNotTakeThePlaceOfThisOne() throws {
        var queue = OutboundQueue(limits: NetworkLimits())
        let kept = [
            queue.enqueue([1, 7], channel: .consensus, slot: vote), queue.enqueue([1, 8], channel: .consensus, slot: vote),
        ]
        #expect(kept == [true, true] && queue.superseded == 0)
        #expect(try drain(&queue) == [[1, 7], [1, 8]])
    }

    @Test func messagesWithoutASlotAndBegunOnesAreLeftAlone() throws {
        var queue = OutboundQueue(limits: NetworkLimits())
        let encoder = FrameEncoder(cipher: FrameCipher(key: [UInt8](repeating: 3, count: 32), rekeyInterval: 1 << 20))
        // The longest message does not fit in a frame: its first part goes out.
        let long = [UInt8](repeating: 9, count: Channel.consensus.maximumMessageBytes)
        #expect(queue.enqueue(long, channel: .consensus, slot: certificate) == true)
        #expect(encoder.nextBatch(&queue).count > 60_000)
        let kept = (0..<3).map { _ in queue.enqueue([5], channel: .consensus) }
        #expect(kept == [true, true, true])
        for value in 0..<3 as Range<UInt8> { #expect(queue.enqueue([value], channel: .consensus, slot: certificate) == true) }
        // The begun one, three without a slot, the newest certificate.
        #expect(queue.queuedMessages(.consensus) == 5 && queue.superseded == 2)
        #expect(queue.queuedBytes(.consensus) == long.count + 4)
    }

    @Test func aSmallerDepthMakesRoomForItself() {
        var queue = OutboundQueue(limits: NetworkLimits())
        for value in 0..<4 as Range<UInt8> { _ = queue.enqueue([value], channel: .consensus, slot: vote) }
        #expect(queue.enqueue([9], channel: .consensus, slot: MessageSlot(kind: 1, depth: 0)) == true)
        #expect(queue.queuedMessages(.consensus) == 1 && queue.superseded == 4)
    }
}
