// From queued messages to encrypted frames in memory that a socket can write. One batch is at most one urgent and one
// bulk frame: what a new vote has to wait for.

@safe
package final class FrameEncoder {
    /// One urgent frame and one bulk frame.
    package static let capacity = 2 * FrameFormat.maximumFrameBytes

    private let cipher: FrameCipher
    private let memory: UnsafeMutablePointer<UInt8>
    private(set) var frames: UInt64 = 0

    package init(cipher: FrameCipher) {
        self.cipher = cipher
        unsafe memory = .allocate(capacity: Self.capacity)
    }

    deinit { unsafe memory.deallocate() }

    /// Encrypts the next frames of the queue; empty when nothing waits. Valid until the next call.
    package func nextBatch(_ queue: inout OutboundQueue) -> UnsafeMutableBufferPointer<UInt8> {
        var count = 0
        let urgent = unsafe queue.fillUrgent(plaintext(at: count, FrameFormat.maximumPlaintextBytes))
        if urgent > 0 { count += seal(at: count, urgent) }
        let bulk = unsafe queue.fillBulk(plaintext(at: count, FrameFormat.bulkPlaintextBytes))
        if bulk > 0 { count += seal(at: count, bulk) }
        return unsafe UnsafeMutableBufferPointer(start: memory, count: count)
    }

    private func plaintext(at offset: Int, _ count: Int) -> UnsafeMutableRawBufferPointer {
        unsafe UnsafeMutableRawBufferPointer(start: memory + offset + FrameFormat.headerByteCount, count: count)
    }

    private func seal(at offset: Int, _ plaintextCount: Int) -> Int {
        frames += 1
        return unsafe cipher.seal(memory + offset, plaintextCount: plaintextCount)
    }
}
