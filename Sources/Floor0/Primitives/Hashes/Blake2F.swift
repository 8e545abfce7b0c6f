/// The compression function F of BLAKE2b (RFC 7693, 3.2), as the precompile of EIP-152 offers it.
public enum Blake2F {
    /// `h` after `rounds` rounds on the message block `m` with the byte counter (t1, t0).
    ///
    /// - Parameters:
    ///   - h: the state, exactly 8 words.
    ///   - m: the message block, exactly 16 words.
    public static func compress(rounds: UInt32, h: [UInt64], m: [UInt64], t0: UInt64, t1: UInt64, isFinal: Bool) -> [UInt64] {
        precondition(h.count == 8 && m.count == 16, "BLAKE2b works on 8 words of state and 16 of message")
        return unsafe m.withUnsafeBufferPointer { unsafe compress(rounds, h, $0.baseAddress!, t0, t1, isFinal) }
    }

    /// The message is read through a pointer: the compiler would copy a whole `InlineArray` for each computed index.
    private static func compress(
        _ rounds: UInt32, _ h: [UInt64], _ message: UnsafePointer<UInt64>, _ t0: UInt64, _ t1: UInt64, _ isFinal: Bool
    ) -> [UInt64] {
        var v0 = h[0], v1 = h[1], v2 = h[2], v3 = h[3], v4 = h[4], v5 = h[5], v6 = h[6], v7 = h[7]
        var v8: UInt64 = 0x6a09_e667_f3bc_c908
        var v9: UInt64 = 0xbb67_ae85_84ca_a73b
        var v10: UInt64 = 0x3c6e_f372_fe94_f82b
        var v11: UInt64 = 0xa54f_f53a_5f1d_36f1
        var v12: UInt64 = 0x510e_527f_ade6_82d1 ^ t0
        var v13: UInt64 = 0x9b05_688c_2b3e_6c1f ^ t1
        var v14: UInt64 = isFinal ? ~0x1f83_d9ab_fb41_bd6b : 0x1f83_d9ab_fb41_bd6b
        var v15: UInt64 = 0x5be0_cd19_137e_2179
        var row = 0
        for _ in 0..<rounds {
            mix(&v0, &v4, &v8, &v12, unsafe word(message, row), unsafe word(message, row &+ 1))
            mix(&v1, &v5, &v9, &v13, unsafe word(message, row &+ 2), unsafe word(message, row &+ 3))
            mix(&v2, &v6, &v10, &v14, unsafe word(message, row &+ 4), unsafe word(message, row &+ 5))
            mix(&v3, &v7, &v11, &v15, unsafe word(message, row &+ 6), unsafe word(message, row &+ 7))
            mix(&v0, &v5, &v10, &v15, unsafe word(message, row &+ 8), unsafe word(message, row &+ 9))
            mix(&v1, &v6, &v11, &v12, unsafe word(message, row &+ 10), unsafe word(message, row &+ 11))
            mix(&v2, &v7, &v8, &v13, unsafe word(message, row &+ 12), unsafe word(message, row &+ 13))
            mix(&v3, &v4, &v9, &v14, unsafe word(message, row &+ 14), unsafe word(message, row &+ 15))
            row = row == 144 ? 0 : row &+ 16
        }
        return [
            h[0] ^ v0 ^ v8, h[1] ^ v1 ^ v9, h[2] ^ v2 ^ v10, h[3] ^ v3 ^ v11,
            h[4] ^ v4 ^ v12, h[5] ^ v5 ^ v13, h[6] ^ v6 ^ v14, h[7] ^ v7 ^ v15,
        ]
    }

    /// The message word of a place in the schedule: `index` stays below 160 and the schedule's values below 16.
    @inline(__always)
    private static func word(_ message: UnsafePointer<UInt64>, _ index: Int) -> UInt64 {
        unsafe message[Int(schedule[unchecked: index])]
    }

    @inline(__always)
    private static func rotate(_ value: UInt64, _ count: UInt64) -> UInt64 { (value &>> count) | (value &<< (64 &- count)) }

    @inline(__always)
    private static func mix(_ a: inout UInt64, _ b: inout UInt64, _ c: inout UInt64, _ d: inout UInt64, _ x: UInt64, _ y: UInt64) {
        a = a &+ b &+ x
        d = rotate(d ^ a, 32)
        c = c &+ d
        b = rotate(b ^ c, 24)
        a = a &+ b &+ y
        d = rotate(d ^ a, 16)
        c = c &+ d
        b = rotate(b ^ c, 63)
    }

    /// The word order of the ten different rounds.
    private static let schedule: InlineArray<160, UInt8> = [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3,
        11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4,
        7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8,
        9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13,
        2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9,
        12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11,
        13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10,
        6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5,
        10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0,
    ]
}
