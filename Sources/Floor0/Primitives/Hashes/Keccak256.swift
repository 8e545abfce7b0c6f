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
        return digest(state)
    }

    /// The hash of the 64 bytes of `a` and `b`, such as a storage slot's key or a tree node's children.
    public static func hash(_ a: Hash256, _ b: Hash256) -> Hash256 {
        var state: InlineArray<25, UInt64> = .init(repeating: 0)
        state[0] = a.w0.byteSwapped
        state[1] = a.w1.byteSwapped
        state[2] = a.w2.byteSwapped
        state[3] = a.w3.byteSwapped
        state[4] = b.w0.byteSwapped
        state[5] = b.w1.byteSwapped
        state[6] = b.w2.byteSwapped
        state[7] = b.w3.byteSwapped
        state[8] = 1
        state[16] = 1 << 63
        permute(&state)
        return digest(state)
    }

    @inline(__always)
    private static func digest(_ state: borrowing InlineArray<25, UInt64>) -> Hash256 {
        Hash256(w0: state[0].byteSwapped, w1: state[1].byteSwapped, w2: state[2].byteSwapped, w3: state[3].byteSwapped)
    }

    /// Keccak of the empty string: the code hash of accounts without code.
    public static var empty: Hash256 {
        Hash256(w0: 0xc5d2_4601_86f7_233c, w1: 0x927e_7db2_dcc7_03c0, w2: 0xe500_b653_ca82_273b, w3: 0x7bfa_d804_5d85_a470)
    }

    /// Keccak-f[1600] on lanes x + 5 y.
    public static func permute(_ state: inout InlineArray<25, UInt64>) {
        #if hasFeature(Embedded)
            unsafe withUnsafeMutablePointer(to: &state) {
                unsafe GuestChips.keccakPermute(UnsafeMutableRawPointer($0).assumingMemoryBound(to: UInt64.self))
            }
        #else
            var lanes = KeccakLanes(state)
            var round = 0
            while round < 24 {
                lanes = lanes.round(constants[round]).round(constants[round &+ 1])
                round &+= 2
            }
            lanes.store(&state)
        #endif
    }

    static let constants: InlineArray<24, UInt64> = [
        0x0000_0000_0000_0001, 0x0000_0000_0000_8082, 0x8000_0000_0000_808a, 0x8000_0000_8000_8000,
        0x0000_0000_0000_808b, 0x0000_0000_8000_0001, 0x8000_0000_8000_8081, 0x8000_0000_0000_8009,
        0x0000_0000_0000_008a, 0x0000_0000_0000_0088, 0x0000_0000_8000_8009, 0x0000_0000_8000_000a,
        0x0000_0000_8000_808b, 0x8000_0000_0000_008b, 0x8000_0000_0000_8089, 0x8000_0000_0000_8003,
        0x8000_0000_0000_8002, 0x8000_0000_0000_0080, 0x0000_0000_0000_800a, 0x8000_0000_8000_000a,
        0x8000_0000_8000_8081, 0x8000_0000_0000_8080, 0x0000_0000_8000_0001, 0x8000_0000_8000_8008,
    ]
}
