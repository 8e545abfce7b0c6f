/// A 32-byte value (a hash, a root, a storage word as bytes), kept as four big-endian words.
///
/// Invariant: comparing two values compares their bytes lexicographically.
@frozen
public struct Hash256: Hashable, Comparable, Sendable {
    public var w0: UInt64
    public var w1: UInt64
    public var w2: UInt64
    public var w3: UInt64

    /// Number of bytes of the encoded form.
    public static let byteCount = 32

    public static var zero: Hash256 { Hash256(w0: 0, w1: 0, w2: 0, w3: 0) }

    @inlinable @inline(__always)
    public init(w0: UInt64, w1: UInt64, w2: UInt64, w3: UInt64) {
        self.w0 = w0
        self.w1 = w1
        self.w2 = w2
        self.w3 = w3
    }

    /// Reads 32 bytes at `pointer`, which needs no alignment.
    @inlinable @inline(__always)
    public init(loading pointer: UnsafeRawPointer) {
        unsafe w0 = UInt64(bigEndian: pointer.loadUnaligned(as: UInt64.self))
        unsafe w1 = UInt64(bigEndian: pointer.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        unsafe w2 = UInt64(bigEndian: pointer.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
        unsafe w3 = UInt64(bigEndian: pointer.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
    }

    /// The value of exactly 32 bytes; `nil` for any other count.
    @inlinable
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        let value = unsafe bytes.withUnsafeBytes { unsafe Hash256(loading: $0.baseAddress!) }
        self = value
    }

    @inlinable
    public init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count == 32 else { return nil }
        let value = unsafe bytes.withUnsafeBytes { unsafe Hash256(loading: $0.baseAddress!) }
        self = value
    }

    /// Writes the 32 bytes at `pointer`, which needs no alignment.
    @inlinable @inline(__always)
    public func store(to pointer: UnsafeMutableRawPointer) {
        unsafe pointer.storeBytes(of: w0.bigEndian, as: UInt64.self)
        unsafe pointer.storeBytes(of: w1.bigEndian, toByteOffset: 8, as: UInt64.self)
        unsafe pointer.storeBytes(of: w2.bigEndian, toByteOffset: 16, as: UInt64.self)
        unsafe pointer.storeBytes(of: w3.bigEndian, toByteOffset: 24, as: UInt64.self)
    }

    /// The 32 bytes.
    @inlinable
    public var bytes: [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            unsafe store(to: UnsafeMutableRawPointer(buffer.baseAddress!))
            count = 32
        }
    }

    @inlinable @inline(__always)
    public static func < (a: Hash256, b: Hash256) -> Bool {
        if a.w0 != b.w0 { return a.w0 < b.w0 }
        if a.w1 != b.w1 { return a.w1 < b.w1 }
        if a.w2 != b.w2 { return a.w2 < b.w2 }
        return a.w3 < b.w3
    }

    @inlinable @inline(__always)
    public static func == (a: Hash256, b: Hash256) -> Bool {
        ((a.w0 ^ b.w0) | (a.w1 ^ b.w1) | (a.w2 ^ b.w2) | (a.w3 ^ b.w3)) == 0
    }

    /// Lower-case hexadecimal with the `0x` prefix.
    public var hex: String { Hex.encode(bytes) }

    /// Parses 64 hexadecimal digits, with or without `0x`; `nil` for anything else.
    public init?(hex: String) {
        guard let bytes = Hex.decode(hex), let value = Hash256(bytes) else { return nil }
        self = value
    }
}
