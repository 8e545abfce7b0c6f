// Why a connection ended: for the log, the delegate and the peer.

import CLibUV

/// Why a connection ended.
enum CloseReason: CustomStringConvertible {
    case handshake(HandshakeError)
    case handshakeDeadline
    case unauthenticatedBytes
    case unknownIdentity(NodeID)
    case notResolved(String)
    case notConnected(Int)
    case ended(Int)
    case frame(FrameError)
    case unexpectedRecord
    case rateExceeded(String)
    /// The node found a message that no honest peer sends.
    case misconduct(String)
    case silent(milliseconds: UInt64)
    case saidGoodbye(Goodbye)
    case duplicate
    /// The peer has broken the rules a moment ago.
    case penalty
    /// Cut on purpose, by a test.
    case severed
    case stopping
    case requested(String)

    var description: String {
        switch self {
        case .handshake(let error): error.description
        case .handshakeDeadline: "no handshake before the deadline"
        case .unauthenticatedBytes: "too many bytes before the handshake was done"
        case .unknownIdentity(let id): "identity \(id.hex) is not in our set"
        case .notResolved(let host): "no address for host \(host)"
        case .notConnected(let code): "cannot connect: \(uvMessage(code))"
        case .ended(let code):
            code == Int(UV_EOF.rawValue) ? "the peer closed the connection" : "broken: \(uvMessage(code))"
        case .frame(let error): error.description
        case .unexpectedRecord: "a record out of place"
        case .rateExceeded(let what): "more \(what) than allowed"
        case .misconduct(let why): why
        case .silent(let milliseconds): "silent for \(milliseconds) ms"
        case .saidGoodbye(let reason): "the peer closed: \(reason)"
        case .duplicate: "replaced by another connection with the same peer"
        case .penalty: "refused for a while after breaking the rules"
        case .severed: "cut on purpose"
        case .stopping: "we stop"
        case .requested(let why): why
        }
    }

    /// What the peer is told, if anything.
    var goodbye: Goodbye? {
        switch self {
        case .unknownIdentity: .unknownIdentity
        case .frame, .unexpectedRecord, .misconduct: .protocolViolation
        case .rateExceeded: .rateExceeded
        case .duplicate: .duplicate
        case .penalty: .penalty
        case .stopping: .stopping
        case .requested, .severed: .requested
        default: nil
        }
    }

    /// What the peer has done, if no honest one does it.
    var offence: Offence? {
        switch self {
        case .frame, .unexpectedRecord, .misconduct: .protocolViolation
        case .rateExceeded: .rateExceeded
        default: nil
        }
    }
}
