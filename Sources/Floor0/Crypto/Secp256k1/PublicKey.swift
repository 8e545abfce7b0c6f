// secp256k1 public keys: their forms, their address, and the form prepared for many verifications.

public import Primitives

/// A point of the curve other than infinity.
///
/// Invariant: `x` and `y` are below the field's prime and satisfy y^2 = x^3 + 7.
public struct PublicKey: Hashable, Sendable {
    public let x: UInt256
    public let y: UInt256

    /// For points that come out of curve arithmetic.
    init(uncheckedX x: UInt256, y: UInt256) {
        self.x = x
        self.y = y
    }

    /// The point with these coordinates; `nil` when it is not on the curve.
    public init?(x: UInt256, y: UInt256) {
        guard PortableSecp256k1.isOnCurve(x: x, y: y) else { return nil }
        self.init(uncheckedX: x, y: y)
    }

    /// Parses x and y, 64 bytes, or 65 with the leading 0x04 of SEC 1.
    public init?(uncompressed bytes: [UInt8]) {
        var body = bytes[...]
        if bytes.count == 65 {
            guard bytes[0] == 4 else { return nil }
            body = bytes[1...]
        }
        guard body.count == 64 else { return nil }
        let middle = body.startIndex + 32
        guard let x = Hash256(body[..<middle]), let y = Hash256(body[middle...]) else { return nil }
        self.init(x: UInt256(x), y: UInt256(y))
    }

    /// Parses the 33 bytes of SEC 1: 0x02 or 0x03 by the parity of y, then x.
    public init?(compressed bytes: [UInt8]) {
        guard bytes.count == 33, bytes[0] == 2 || bytes[0] == 3 else { return nil }
        guard let x = Hash256(bytes[1...]) else { return nil }
        guard let y = PortableSecp256k1.y(x: UInt256(x), odd: bytes[0] == 3) else { return nil }
        self.init(uncheckedX: UInt256(x), y: y)
    }

    /// 33 bytes, as `init?(compressed:)` reads them.
    public var compressed: [UInt8] { [y.l0 & 1 == 0 ? 2 : 3] + x.bigEndianBytes }

    /// 64 bytes: x, then y.
    public var uncompressed: [UInt8] { x.bigEndianBytes + y.bigEndianBytes }

    /// The account address: the last 20 bytes of the Keccak-256 of `uncompressed`.
    public var address: Address {
        Address(lowBytesOf: Keccak256.hash(uncompressed))
    }
}

/// A public key in the form that the signature check works on, for keys that check many signatures (validators).
public struct PreparedPublicKey: Sendable {
    public let key: PublicKey

    #if hasFeature(Embedded)
        public init?(_ key: PublicKey) { self.key = key }

        /// Whether `signature` is canonical and made by this key over `hash`, parity included.
        public func verify(_ hash: Hash256, _ signature: RecoverableSignature) -> Bool {
            PortableSecp256k1.verify(hash: hash, signature: signature, key: key)
        }
    #else
        private let native: NativeSecp256k1.ParsedKey

        public init?(_ key: PublicKey) {
            guard let native = NativeSecp256k1.parse(key) else { return nil }
            self.key = key
            self.native = native
        }

        /// Whether `signature` is canonical and made by this key over `hash`, parity included.
        public func verify(_ hash: Hash256, _ signature: RecoverableSignature) -> Bool {
            NativeSecp256k1.verify(hash: hash, signature: signature, key: native)
        }
    #endif
}
