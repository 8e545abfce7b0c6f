// From received bytes to decrypted frames. The buffer is filled by the socket in place.

/// Bytes received and not yet consumed, in fixed memory.
@safe
package final class ReceiveBuffer {
    /// Two of the longest frames, so that a whole frame always fits behind what is being read.
    package static let capacity = 2 * FrameFormat.maximumFrameBytes

    private let memory: UnsafeMutablePointer<UInt8>
    private var start = 0
    private var end = 0

    package init() {
        unsafe memory = .allocate(capacity: Self.capacity)
    }

    deinit { unsafe memory.deallocate() }

    /// Bytes not yet consumed.
    package var count: Int { end - start }

    /// The first unconsumed byte.
    var head: UnsafeMutablePointer<UInt8> { unsafe memory + start }

    /// Free memory behind the content, at least one frame long once complete frames have been consumed.
    func tail() -> UnsafeMutableBufferPointer<UInt8> {
        if start == end {
            start = 0
            end = 0
        } else if Self.capacity - end < FrameFormat.maximumFrameBytes {
            unsafe memory.update(from: memory + start, count: count)
            end -= start
            start = 0
        }
        return unsafe UnsafeMutableBufferPointer(start: memory + end, count: Self.capacity - end)
    }

    /// The socket has put so many bytes into the tail.
    func commit(_ count: Int) {
        precondition(count >= 0 && count <= Self.capacity - end, "more bytes than the buffer has room for")
        end += count
    }

    func consume(_ count: Int) {
        precondition(count >= 0 && count <= self.count, "more bytes than the buffer holds")
        start += count
    }

    /// Takes the next `count` bytes out; `nil` when there are fewer.
    package func take(_ count: Int) -> [UInt8]? {
        guard count >= 0, count <= self.count else { return nil }
        let bytes = unsafe Array(UnsafeBufferPointer(start: head, count: count))
        consume(count)
        return bytes
    }

    /// Puts bytes behind the content, as a socket would; returns how many fitted.
    package func append(_ bytes: ArraySlice<UInt8>) -> Int {
        let room = unsafe tail()
        let count = min(room.count, bytes.count)
        for (offset, byte) in bytes.prefix(count).enumerated() { unsafe room[offset] = byte }
        commit(count)
        return count
    }
}

/// Why a peer's stream of frames is not acceptable.
package enum FrameError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A frame length that no frame has.
    case badLength(Int)
    /// A frame that does not decrypt: changed, repeated or out of order.
    case tampered
    case truncatedRecord
    case emptyFrame
    case unknownRecord(UInt8)
    case badControlRecord
    case messageTooLong(Channel, Int)
    /// A fragment without a beginning, past the end, or a beginning inside another message.
    case brokenFragments(Channel)

    package var description: String {
        switch self {
        case .badLength(let count): "frame length \(count) is out of bounds"
        case .tampered: "a frame does not decrypt"
        case .truncatedRecord: "a record is longer than its frame"
        case .emptyFrame: "a frame without records"
        case .unknownRecord(let type): "unknown record type \(type)"
        case .badControlRecord: "malformed control record"
        case .messageTooLong(let channel, let count): "a message of \(count) bytes on channel \(channel)"
        case .brokenFragments(let channel): "fragments out of order on channel \(channel)"
        }
    }
}

/// Finds and decrypts the frames of one direction.
package struct FrameDecoder {
    private let cipher: FrameCipher

    package init(cipher: FrameCipher) { self.cipher = cipher }

    /// The plaintext of the next complete frame, which it consumes; `nil` when more bytes are needed.
    /// The result points into the buffer: it is valid until the buffer is filled again.
    package func next(in buffer: ReceiveBuffer) throws(FrameError) -> UnsafeRawBufferPointer? {
        guard buffer.count >= FrameFormat.headerByteCount else { return nil }
        let frame = unsafe buffer.head
        let count = unsafe Int(frame[0]) << 8 | Int(frame[1])
        guard count > FrameCipher.tagByteCount,
            count <= FrameFormat.maximumFrameBytes - FrameFormat.headerByteCount
        else { throw .badLength(count) }
        guard buffer.count >= FrameFormat.headerByteCount + count else { return nil }
        guard unsafe cipher.open(frame, ciphertextCount: count) else { throw .tampered }
        buffer.consume(FrameFormat.headerByteCount + count)
        return unsafe UnsafeRawBufferPointer(
            start: frame + FrameFormat.headerByteCount, count: count - FrameCipher.tagByteCount)
    }
}
