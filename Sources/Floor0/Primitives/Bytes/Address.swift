/// A 20-byte Ethereum account address, kept as three big-endian words.
///
/// Invariant: comparing two values compares their bytes lexicographically.
@frozen
public struct Address: Hashable, Comparable, Sendable {
    /// Bytes 0 to 7, 8 to 15 and 16 to 19.
    public var w0: UInt64
    public var w1: UInt64
    public var w2: UInt32

    public static let byteCount = 20

    public static var zero: Address { Address(w0: 0, w1: 0, w2: 0) }

    @inlinable @inline(__always)
    public init(w0: UInt64, w1: UInt64, w2: UInt32) {
        self.w0 = w0
        self.w1 = w1
        self.w2 = w2
    }

    /// Reads 20 bytes at `pointer`, which needs no alignment.
    @inlinable @inline(__always)
    public init(loading pointer: UnsafeRawPointer) {
        unsafe w0 = UInt64(bigEndian: pointer.loadUnaligned(as: UInt64.self))
        unsafe w1 = UInt64(bigEndian: pointer.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        unsafe w2 = UInt32(bigEndian: pointer.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
    }

    /// The value of exactly 20 bytes; `nil` for any other count.
    @inlinable
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == 20 else { return nil }
        let value = unsafe bytes.withUnsafeBytes { unsafe Address(loading: $0.baseAddress!) }
        self = value
    }

    @inlinable
    public init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count == 20 else { return nil }
        let value = unsafe bytes.withUnsafeBytes { unsafe Address(loading: $0.baseAddress!) }
        self = value
    }

    /// The low 20 bytes of a 256-bit word, as the EVM takes an address from the stack.
    @inlinable @inline(__always)
    public init(truncating word: UInt256) {
        w0 = (word.l2 << 32) | (word.l1 >> 32)
        w1 = (word.l1 << 32) | (word.l0 >> 32)
        w2 = UInt32(truncatingIfNeeded: word.l0)
    }

    /// The address as a 256-bit word, as the EVM puts it on the stack.
    @inlinable @inline(__always)
    public var word: UInt256 {
        UInt256(
            l0: (w1 << 32) | UInt64(w2),
            l1: (w0 << 32) | (w1 >> 32),
            l2: w0 >> 32,
            l3: 0)
    }

    /// The low 20 bytes of a hash (an account address is that of the Keccak-256 of a public key).
    @inlinable
    public init(lowBytesOf hash: Hash256) {
        self.init(truncating: UInt256(hash))
    }

    /// An address with a small number in its last bytes, such as a precompile's.
    @inlinable
    public init(small: UInt32) {
        self.init(w0: 0, w1: 0, w2: small)
    }

    @inlinable @inline(__always)
    public func store(to pointer: UnsafeMutableRawPointer) {
        unsafe pointer.storeBytes(of: w0.bigEndian, as: UInt64.self)
        unsafe pointer.storeBytes(of: w1.bigEndian, toByteOffset: 8, as: UInt64.self)
        unsafe pointer.storeBytes(of: w2.bigEndian, toByteOffset: 16, as: UInt32.self)
    }

    @inlinable
    public var bytes: [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: 20) { buffer, count in
            unsafe store(to: UnsafeMutableRawPointer(buffer.baseAddress!))
            count = 20
        }
    }

    @inlinable @inline(__always)
    public static func < (a: Address, b: Address) -> Bool {
        if a.w0 != b.w0 { return a.w0 < b.w0 }
        if a.w1 != b.w1 { return a.w1 < b.w1 }
        return a.w2 < b.w2
    }

    /// Lower-case hexadecimal with the `0x` prefix.
    public var hex: String { Hex.encode(bytes) }

    /// Parses 40 hexadecimal digits, with or without `0x`; `nil` for anything else.
    public init?(hex: String) {
        guard let bytes = Hex.decode(hex), let value = Address(bytes) else { return nil }
        self = value
    }
}
