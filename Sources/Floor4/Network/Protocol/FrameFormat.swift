// The layout of frames and of the records inside them. Specs/wire-format.md has the same in words.

/// Frame: length of what follows (2 bytes, big-endian), ciphertext, 16-byte tag.
package enum FrameFormat {
    package static let headerByteCount = 2
    /// Header, ciphertext and tag together.
    package static let maximumFrameBytes = 64 * 1024
    package static let maximumPlaintextBytes = maximumFrameBytes - headerByteCount - FrameCipher.tagByteCount
    /// What we put in a frame of bulk data: a vote waits for at most one of these.
    package static let bulkPlaintextBytes = 32 * 1024

    /// Record: type (1 byte), length of the body (2 bytes, big-endian), body.
    package static let recordHeaderByteCount = 3
    /// The first fragment of a message carries the whole length in 4 more bytes.
    package static let totalByteCount = 4
    /// A message is cut only where at least so many bytes of it fit.
    package static let minimumFragmentBytes = 1024
}

/// The first byte of a record. Data types carry the channel in the low four bits.
package enum RecordType {
    package static let whole: UInt8 = 0x00
    package static let first: UInt8 = 0x10
    package static let next: UInt8 = 0x20
    package static let ready: UInt8 = 0xf0
    package static let ping: UInt8 = 0xf1
    package static let pong: UInt8 = 0xf2
    package static let goodbye: UInt8 = 0xf3
}

/// Messages of the transport itself.
package enum ControlRecord: Equatable, Sendable {
    /// The responder has accepted the initiator's identity; the first record of its stream.
    case ready
    case ping(UInt64)
    case pong(UInt64)
    case goodbye(Goodbye)
}

/// The reason a peer gives before it closes.
package enum Goodbye: UInt8, Sendable, CaseIterable, CustomStringConvertible {
    case unknownIdentity = 1
    case duplicate = 2
    case stopping = 3
    case protocolViolation = 4
    case rateExceeded = 5
    case requested = 6
    case penalty = 7

    package var description: String {
        switch self {
        case .unknownIdentity: "our identity is not in its set"
        case .duplicate: "it keeps another connection with us"
        case .stopping: "it stops"
        case .protocolViolation: "it says we broke the protocol"
        case .rateExceeded: "it says we exceeded its rate limits"
        case .requested: "its node asked for it"
        case .penalty: "it refuses us for a while"
        }
    }
}
