// A recoverable ECDSA signature and its 64-byte wire form.

public import Primitives

/// An ECDSA signature over secp256k1 with the parity that lets the signer's key be recovered.
///
/// The struct itself checks nothing, because ECRECOVER takes values that transactions do not; `init?(compact:)` is strict.
public struct RecoverableSignature: Equatable, Sendable {
    public var r: UInt256
    public var s: UInt256
    /// Parity of the y coordinate of the point R: 0 or 1.
    public var yParity: UInt8

    /// Number of bytes of `compact`.
    public static let compactByteCount = 64

    public init(r: UInt256, s: UInt256, yParity: UInt8) {
        self.r = r
        self.s = s
        self.yParity = yParity
    }

    /// r and s in 1..<n, s in the lower half (EIP-2), parity 0 or 1.
    public var isCanonical: Bool {
        Secp256k1.isScalar(r) && !s.isZero && s <= Secp256k1.halfOrder && yParity <= 1
    }

    /// The 64 bytes of EIP-2098: r, then s with the parity in its top bit. Only for a canonical signature.
    public var compact: [UInt8] {
        let top = UInt256(l0: 0, l1: 0, l2: 0, l3: UInt64(yParity & 1) << 63)
        return r.bigEndianBytes + (s | top).bigEndianBytes
    }

    /// Parses `compact`; `nil` unless there are exactly 64 bytes of a canonical signature.
    public init?(compact bytes: [UInt8]) {
        guard bytes.count == RecoverableSignature.compactByteCount else { return nil }
        guard let first = Hash256(bytes[0..<32]), let second = Hash256(bytes[32..<64]) else { return nil }
        let packed = UInt256(second)
        let mask = UInt256(l0: .max, l1: .max, l2: .max, l3: .max >> 1)
        self.init(r: UInt256(first), s: packed & mask, yParity: UInt8(packed.l3 >> 63))
        guard isCanonical else { return nil }
    }
}
