// Recovery of secp256k1 public keys, on libsecp256k1 natively and in plain Swift in the guest.

public import Primitives

/// The curve of Ethereum's signatures.
public enum Secp256k1 {
    /// The order n of the group.
    public static var order: UInt256 {
        UInt256(l0: 0xbfd2_5e8c_d036_4141, l1: 0xbaae_dce6_af48_a03b, l2: 0xffff_ffff_ffff_fffe, l3: .max)
    }

    /// Half the order, rounded down: the greatest s of a transaction (EIP-2).
    public static var halfOrder: UInt256 {
        UInt256(l0: 0xdfe9_2f46_681b_20a0, l1: 0x5d57_6e73_57a4_501d, l2: .max, l3: 0x7fff_ffff_ffff_ffff)
    }

    /// Whether `value` is in 1..<n.
    @inline(__always)
    public static func isScalar(_ value: UInt256) -> Bool { !value.isZero && value < order }

    /// The key whose signature over `hash` is (r, s, yParity), as the ECRECOVER precompile finds it: s may be high.
    /// `nil` when r or s is not in 1..<n, r is no x coordinate, or the result is the point at infinity.
    public static func recover(hash: Hash256, r: UInt256, s: UInt256, yParity: UInt8) -> PublicKey? {
        guard isScalar(r), isScalar(s), yParity <= 1 else { return nil }
        #if hasFeature(Embedded)
            return PortableSecp256k1.recover(hash: hash, r: r, s: s, yParity: yParity)
        #else
            return NativeSecp256k1.recover(hash: hash, r: r, s: s, yParity: yParity)
        #endif
    }

    /// The address of the key that `recover` finds.
    public static func recoverAddress(hash: Hash256, r: UInt256, s: UInt256, yParity: UInt8) -> Address? {
        recover(hash: hash, r: r, s: s, yParity: yParity)?.address
    }
}
