// The name of a node on the wire: its ed25519 public key.

public import Primitives

/// A node's ed25519 public key. Order is that of the bytes; the lower of two nodes dials the other.
public struct NodeID: Hashable, Comparable, Sendable, CustomStringConvertible {
    private let value: Hash256

    public static let byteCount = 32

    /// The ID of exactly 32 bytes; `nil` for any other count. Whether they are a curve point shows in the handshake.
    public init?(bytes: [UInt8]) {
        guard let value = Hash256(bytes) else { return nil }
        self.value = value
    }

    /// Parses 64 hexadecimal digits, with or without `0x`.
    public init?(hex: String) {
        guard let value = Hash256(hex: hex) else { return nil }
        self.value = value
    }

    public init(_ value: Hash256) { self.value = value }

    public var bytes: [UInt8] { value.bytes }

    /// Lower-case hexadecimal with the `0x` prefix.
    public var hex: String { value.hex }

    public var description: String { hex }

    /// The first 8 digits, for log lines.
    public var short: String { String(hex.prefix(10)) }

    public static func < (a: NodeID, b: NodeID) -> Bool { a.value < b.value }
}
