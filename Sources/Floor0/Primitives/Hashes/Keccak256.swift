/// Keccak-256 as Ethereum uses it (the original padding 0x01, not SHA-3's 0x06).
public enum Keccak256 {
    /// Bytes absorbed per permutation.
    @usableFromInline static let rate = 136

    /// The hash of an array's bytes.
    public static func hash(_ bytes: [UInt8]) -> Hash256 {
        unsafe bytes.withUnsafeBytes { unsafe hash($0) }
    }

    /// The hash of a buffer's bytes.
    public static func hash(_ bytes: UnsafeRawBufferPointer) -> Hash256 {
        var state: InlineArray<25, UInt64> = .init(repeating: 0)
        var offset = 0
        while bytes.count - offset >= rate {
            for lane in 0..<17 {
                state[lane] ^= unsafe UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + lane * 8, as: UInt64.self))
            }
            permute(&state)
            offset += rate
        }
        var lane = 0
        while bytes.count - offset >= 8 {
            state[lane] ^= unsafe UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            lane += 1
            offset += 8
        }
        var last: UInt64 = 0
        var shift: UInt64 = 0
        while offset < bytes.count {
            last |= unsafe UInt64(bytes[offset]) << shift
            shift += 8
            offset += 1
        }
        state[lane] ^= last | (1 << shift)
        state[16] ^= 1 << 63
        permute(&state)
        return Hash256(w0: state[0].byteSwapped, w1: state[1].byteSwapped, w2: state[2].byteSwapped, w3: state[3].byteSwapped)
    }

    /// Keccak of the empty string: the code hash of accounts without code.
    public static var empty: Hash256 {
        Hash256(w0: 0xc5d2_4601_86f7_233c, w1: 0x927e_7db2_dcc7_03c0, w2: 0xe500_b653_ca82_273b, w3: 0x7bfa_d804_5d85_a470)
    }

    /// Keccak-f[1600].
    static func permute(_ a: inout InlineArray<25, UInt64>) {
        for round in 0..<24 {
            var c: InlineArray<5, UInt64> = .init(repeating: 0)
            for x in 0..<5 { c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20] }
            for x in 0..<5 {
                let d = c[(x + 4) % 5] ^ rotate(c[(x + 1) % 5], 1)
                for y in 0..<5 { a[x + 5 * y] ^= d }
            }
            var moved = a[1]
            for step in 0..<24 {
                let target = Int(lanes[step])
                let next = a[target]
                a[target] = rotate(moved, UInt64(rotations[step]))
                moved = next
            }
            for y in 0..<5 {
                let r0 = a[5 * y], r1 = a[5 * y + 1], r2 = a[5 * y + 2], r3 = a[5 * y + 3], r4 = a[5 * y + 4]
                a[5 * y] = r0 ^ (~r1 & r2)
                a[5 * y + 1] = r1 ^ (~r2 & r3)
                a[5 * y + 2] = r2 ^ (~r3 & r4)
                a[5 * y + 3] = r3 ^ (~r4 & r0)
                a[5 * y + 4] = r4 ^ (~r0 & r1)
            }
            a[0] ^= constants[round]
        }
    }

    @inline(__always)
    static func rotate(_ value: UInt64, _ count: UInt64) -> UInt64 { (value &<< count) | (value &>> (64 &- count)) }

    static let lanes: InlineArray<24, UInt8> = [10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1]
    static let rotations: InlineArray<24, UInt8> = [1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44]
    static let constants: InlineArray<24, UInt64> = [
        0x0000_0000_0000_0001, 0x0000_0000_0000_8082, 0x8000_0000_0000_808a, 0x8000_0000_8000_8000,
        0x0000_0000_0000_808b, 0x0000_0000_8000_0001, 0x8000_0000_8000_8081, 0x8000_0000_0000_8009,
        0x0000_0000_0000_008a, 0x0000_0000_0000_0088, 0x0000_0000_8000_8009, 0x0000_0000_8000_000a,
        0x0000_0000_8000_808b, 0x8000_0000_0000_008b, 0x8000_0000_0000_8089, 0x8000_0000_0000_8003,
        0x8000_0000_0000_8002, 0x8000_0000_0000_0080, 0x0000_0000_0000_800a, 0x8000_0000_8000_000a,
        0x8000_0000_8000_8081, 0x8000_0000_0000_8080, 0x0000_0000_8000_0001, 0x8000_0000_8000_8008,
    ]
}
