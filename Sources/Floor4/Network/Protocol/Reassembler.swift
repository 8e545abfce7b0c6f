// From decrypted frames to messages: reads records, joins fragments. Every length is checked before it is used, and
// a peer can make us hold at most one unfinished message per channel.

/// What a record meant.
package enum InboundRecord: Equatable, Sendable {
    case message(Channel, [UInt8])
    /// A part of a message that is not complete yet.
    case fragment(Channel)
    case control(ControlRecord)
}

/// A position in a frame's plaintext.
package struct RecordCursor {
    fileprivate var offset = 0
    /// Bytes of the record that was read last, header included.
    package fileprivate(set) var recordByteCount = 0

    package init() {}
}

package struct Reassembler {
    private struct Partial {
        var bytes: [UInt8]
        var total: Int
    }

    private var partials = [Partial?](repeating: nil, count: Channel.allCases.count)

    package init() {}

    /// The next record of the frame; `nil` at its end.
    package mutating func next(
        _ frame: UnsafeRawBufferPointer, _ cursor: inout RecordCursor
    ) throws(FrameError) -> InboundRecord? {
        let left = frame.count - cursor.offset
        if left == 0 {
            guard cursor.offset > 0 else { throw .emptyFrame }
            return nil
        }
        guard left >= FrameFormat.recordHeaderByteCount else { throw .truncatedRecord }
        let type = unsafe frame[cursor.offset]
        let count = unsafe Int(frame[cursor.offset + 1]) << 8 | Int(frame[cursor.offset + 2])
        let recordByteCount = FrameFormat.recordHeaderByteCount + count
        guard left >= recordByteCount else { throw .truncatedRecord }
        let start = cursor.offset + FrameFormat.recordHeaderByteCount
        let body = unsafe UnsafeRawBufferPointer(rebasing: frame[start..<start + count])
        cursor.offset += recordByteCount
        cursor.recordByteCount = recordByteCount
        if type >= RecordType.ready { return .control(try unsafe Self.control(type, body)) }
        guard let channel = Channel(rawValue: type & 0x0f) else { throw .unknownRecord(type) }
        switch type & 0xf0 {
        case RecordType.whole: return try unsafe whole(channel, body)
        case RecordType.first: return try unsafe first(channel, body)
        case RecordType.next: return try unsafe following(channel, body)
        default: throw .unknownRecord(type)
        }
    }

    private mutating func whole(
        _ channel: Channel, _ body: UnsafeRawBufferPointer
    ) throws(FrameError) -> InboundRecord {
        guard partials[channel.index] == nil else { throw .brokenFragments(channel) }
        guard body.count <= channel.maximumMessageBytes else { throw .messageTooLong(channel, body.count) }
        return .message(channel, unsafe [UInt8](body))
    }

    private mutating func first(
        _ channel: Channel, _ body: UnsafeRawBufferPointer
    ) throws(FrameError) -> InboundRecord {
        guard partials[channel.index] == nil else { throw .brokenFragments(channel) }
        guard body.count > FrameFormat.totalByteCount else { throw .truncatedRecord }
        var total = 0
        for index in 0..<FrameFormat.totalByteCount { total = unsafe total << 8 | Int(body[index]) }
        guard total <= channel.maximumMessageBytes else { throw .messageTooLong(channel, total) }
        // A message that fits in the record it began in must be sent whole: one form per message.
        guard body.count - FrameFormat.totalByteCount < total else { throw .brokenFragments(channel) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(total)
        unsafe bytes.append(contentsOf: body[FrameFormat.totalByteCount...])
        partials[channel.index] = Partial(bytes: bytes, total: total)
        return .fragment(channel)
    }

    private mutating func following(
        _ channel: Channel, _ body: UnsafeRawBufferPointer
    ) throws(FrameError) -> InboundRecord {
        guard var partial = partials[channel.index], body.count > 0 else { throw .brokenFragments(channel) }
        partials[channel.index] = nil
        guard body.count <= partial.total - partial.bytes.count else { throw .brokenFragments(channel) }
        unsafe partial.bytes.append(contentsOf: body)
        guard partial.bytes.count < partial.total else { return .message(channel, partial.bytes) }
        partials[channel.index] = partial
        return .fragment(channel)
    }

    private static func control(_ type: UInt8, _ body: UnsafeRawBufferPointer) throws(FrameError) -> ControlRecord {
        switch type {
        case RecordType.ready:
            guard body.count == 0 else { throw .badControlRecord }
            return .ready
        case RecordType.ping, RecordType.pong:
            guard body.count == 8 else { throw .badControlRecord }
            let value = UInt64(bigEndian: unsafe body.loadUnaligned(as: UInt64.self))
            return type == RecordType.ping ? .ping(value) : .pong(value)
        case RecordType.goodbye:
            guard body.count == 1, let reason = unsafe Goodbye(rawValue: body[0]) else { throw .badControlRecord }
            return .goodbye(reason)
        default: throw .unknownRecord(type)
        }
    }
}
