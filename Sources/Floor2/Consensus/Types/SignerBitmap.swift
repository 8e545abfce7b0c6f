// Which validators signed a certificate: bit i stands for the validator with index i.
import Primitives

/// A set of validator indices below 128.
public struct SignerBitmap: Equatable, Sendable {
    /// Bits 0 to 63 and 64 to 127.
    public var low: UInt64
    public var high: UInt64

    public init() {
        low = 0
        high = 0
    }

    public var count: Int { low.nonzeroBitCount + high.nonzeroBitCount }

    public func contains(_ index: Int) -> Bool {
        guard (0..<128).contains(index) else { return false }
        return (index < 64 ? low >> UInt64(index) : high >> UInt64(index - 64)) & 1 == 1
    }

    /// Adds an index; those outside 0..<128 are ignored.
    public mutating func insert(_ index: Int) {
        guard (0..<128).contains(index) else { return }
        if index < 64 { low |= 1 << UInt64(index) } else { high |= 1 << UInt64(index - 64) }
    }

    /// The indices, ascending.
    public var indices: Indices { Indices(low: low, high: high) }

    /// Walks over the bits that are set.
    public struct Indices: Sequence, IteratorProtocol, Sendable {
        var low: UInt64
        var high: UInt64

        public mutating func next() -> Int? {
            if low != 0 {
                defer { low &= low &- 1 }
                return low.trailingZeroBitCount
            }
            guard high != 0 else { return nil }
            defer { high &= high &- 1 }
            return 64 + high.trailingZeroBitCount
        }
    }

    /// Whether all indices are below `count`.
    public func fits(_ count: Int) -> Bool {
        count >= 128 || (count >= 64 ? high >> UInt64(count - 64) == 0 : high == 0 && low >> UInt64(max(0, count)) == 0)
    }

    /// 16 bytes, as a big-endian 128-bit number.
    func encode(into writer: inout CanonicalWriter) {
        writer.write(high)
        writer.write(low)
    }

    static func decode(from reader: inout CanonicalReader) throws(CanonicalError) -> SignerBitmap {
        var bitmap = SignerBitmap()
        bitmap.high = try reader.read()
        bitmap.low = try reader.read()
        return bitmap
    }
}
