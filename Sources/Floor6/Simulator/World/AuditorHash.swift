// A digest over every event of a run. Two runs of one seed must have the same: this tests that nothing but the seed decides.
// Not cryptographic: it only has to notice a difference, at some nanoseconds per event.
internal import Primitives

/// 128 bits mixed over everything that happens.
public struct AuditorHash: Equatable, Sendable {
    private var a: UInt64 = 0x243f_6a88_85a3_08d3
    private var b: UInt64 = 0x1319_8a2e_0370_7344
    /// Words taken in.
    public private(set) var count: UInt64 = 0

    public init() {}

    @inline(__always)
    public mutating func add(_ word: UInt64) {
        count &+= 1
        a = (a ^ word) &* 0x9e37_79b9_7f4a_7c15
        a ^= a >> 29
        b = (b &+ a) &* 0xbf58_476d_1ce4_e5b9
        b ^= b >> 32
    }

    /// 32 hexadecimal digits.
    public var hex: String { AuditorHash.hex(a) + AuditorHash.hex(b ^ count) }

    private static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
