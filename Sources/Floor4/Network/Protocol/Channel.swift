// The message channels of a connection. Priority is the order of the cases.

/// A stream of messages with its own queue, limits and priority; consensus goes first.
public enum Channel: UInt8, CaseIterable, Sendable {
    case consensus
    case sync
    case blocks
    case transactions

    /// The longest message in bytes, a rule of the protocol: both sides must agree on it.
    public var maximumMessageBytes: Int {
        switch self {
        case .consensus: 64 * 1024
        case .sync: 8 * 1024 * 1024
        case .blocks: 8 * 1024 * 1024
        case .transactions: 256 * 1024
        }
    }

    /// Whether a full queue loses its oldest message (a newer one makes it worthless) or refuses the new one.
    var dropsOldestWhenFull: Bool {
        switch self {
        case .consensus, .transactions: true
        case .sync, .blocks: false
        }
    }

    var index: Int { Int(rawValue) }
}
