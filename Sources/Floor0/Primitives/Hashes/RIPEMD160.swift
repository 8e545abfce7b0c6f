/// RIPEMD-160 (Dobbertin, Bosselaers, Preneel 1996): the precompile at address 3.
public enum RIPEMD160 {
    private static let blockByteCount = 64

    /// The 20-byte hash of an array's bytes.
    public static func hash(_ bytes: [UInt8]) -> [UInt8] {
        var state: InlineArray<5, UInt32> = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0]
        var block: InlineArray<16, UInt32> = .init(repeating: 0)
        var offset = 0
        while bytes.count - offset >= blockByteCount {
            block = .init(repeating: 0)
            load(&block, bytes, offset, blockByteCount)
            compress(&state, block)
            offset += blockByteCount
        }

        // The last bytes, the bit 1, zeros, and the length in bits in the last eight bytes.
        block = .init(repeating: 0)
        let rest = bytes.count - offset
        load(&block, bytes, offset, rest)
        block[rest >> 2] |= 0x80 &<< UInt32(8 * (rest & 3))
        if rest >= blockByteCount - 8 {
            compress(&state, block)
            block = .init(repeating: 0)
        }
        let bits = UInt64(bytes.count) &<< 3
        block[14] = UInt32(truncatingIfNeeded: bits)
        block[15] = UInt32(truncatingIfNeeded: bits >> 32)
        compress(&state, block)

        var digest: [UInt8] = []
        digest.reserveCapacity(20)
        for index in 0..<5 {
            for shift in stride(from: UInt32(0), to: 32, by: 8) {
                digest.append(UInt8(truncatingIfNeeded: state[index] &>> shift))
            }
        }
        return digest
    }

    private static func load(_ block: inout InlineArray<16, UInt32>, _ bytes: [UInt8], _ offset: Int, _ count: Int) {
        for index in 0..<count {
            block[index >> 2] |= UInt32(bytes[offset + index]) &<< UInt32(8 * (index & 3))
        }
    }

    @inline(__always)
    private static func rotate(_ value: UInt32, _ count: UInt32) -> UInt32 { (value &<< count) | (value &>> (32 &- count)) }

    /// The boolean function of each group of 16 steps.
    @inline(__always)
    private static func mix(_ group: Int, _ x: UInt32, _ y: UInt32, _ z: UInt32) -> UInt32 {
        switch group {
        case 0: return x ^ y ^ z
        case 1: return (x & y) | (~x & z)
        case 2: return (x | ~y) ^ z
        case 3: return (x & z) | (y & ~z)
        default: return x ^ (y | ~z)
        }
    }

    private static func compress(_ state: inout InlineArray<5, UInt32>, _ block: borrowing InlineArray<16, UInt32>) {
        var a = state[0], b = state[1], c = state[2], d = state[3], e = state[4]
        var aa = a, bb = b, cc = c, dd = d, ee = e
        for step in 0..<80 {
            let group = step >> 4
            let left = a &+ mix(group, b, c, d) &+ block[Int(leftWord[step])] &+ leftConstant[group]
            let leftResult = rotate(left, UInt32(leftShift[step])) &+ e
            a = e
            e = d
            d = rotate(c, 10)
            c = b
            b = leftResult
            let right = aa &+ mix(4 - group, bb, cc, dd) &+ block[Int(rightWord[step])] &+ rightConstant[group]
            let rightResult = rotate(right, UInt32(rightShift[step])) &+ ee
            aa = ee
            ee = dd
            dd = rotate(cc, 10)
            cc = bb
            bb = rightResult
        }
        let t = state[1] &+ c &+ dd
        state[1] = state[2] &+ d &+ ee
        state[2] = state[3] &+ e &+ aa
        state[3] = state[4] &+ a &+ bb
        state[4] = state[0] &+ b &+ cc
        state[0] = t
    }

    private static let leftConstant: InlineArray<5, UInt32> = [0, 0x5a82_7999, 0x6ed9_eba1, 0x8f1b_bcdc, 0xa953_fd4e]
    private static let rightConstant: InlineArray<5, UInt32> = [0x50a2_8be6, 0x5c4d_d124, 0x6d70_3ef3, 0x7a6d_76e9, 0]

    private static let leftWord: InlineArray<80, UInt8> = [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        7, 4, 13, 1, 10, 6, 15, 3, 12, 0, 9, 5, 2, 14, 11, 8,
        3, 10, 14, 4, 9, 15, 8, 1, 2, 7, 0, 6, 13, 11, 5, 12,
        1, 9, 11, 10, 0, 8, 12, 4, 13, 3, 7, 15, 14, 5, 6, 2,
        4, 0, 5, 9, 7, 12, 2, 10, 14, 1, 3, 8, 11, 6, 15, 13,
    ]

    private static let rightWord: InlineArray<80, UInt8> = [
        5, 14, 7, 0, 9, 2, 11, 4, 13, 6, 15, 8, 1, 10, 3, 12,
        6, 11, 3, 7, 0, 13, 5, 10, 14, 15, 8, 12, 4, 9, 1, 2,
        15, 5, 1, 3, 7, 14, 6, 9, 11, 8, 12, 2, 10, 0, 4, 13,
        8, 6, 4, 1, 3, 11, 15, 0, 5, 12, 2, 13, 9, 7, 10, 14,
        12, 15, 10, 4, 1, 5, 8, 7, 6, 2, 13, 14, 0, 3, 9, 11,
    ]

    private static let leftShift: InlineArray<80, UInt8> = [
        11, 14, 15, 12, 5, 8, 7, 9, 11, 13, 14, 15, 6, 7, 9, 8,
        7, 6, 8, 13, 11, 9, 7, 15, 7, 12, 15, 9, 11, 7, 13, 12,
        11, 13, 6, 7, 14, 9, 13, 15, 14, 8, 13, 6, 5, 12, 7, 5,
        11, 12, 14, 15, 14, 15, 9, 8, 9, 14, 5, 6, 8, 6, 5, 12,
        9, 15, 5, 11, 6, 8, 13, 12, 5, 12, 13, 14, 11, 8, 5, 6,
    ]

    private static let rightShift: InlineArray<80, UInt8> = [
        8, 9, 9, 11, 13, 15, 15, 5, 7, 7, 8, 11, 14, 14, 12, 6,
        9, 13, 15, 7, 12, 8, 9, 11, 7, 7, 12, 7, 6, 15, 13, 11,
        9, 7, 15, 11, 8, 6, 6, 14, 12, 13, 5, 14, 13, 13, 7, 5,
        15, 5, 8, 11, 14, 14, 6, 14, 6, 9, 12, 9, 12, 5, 15, 8,
        8, 5, 12, 9, 12, 5, 14, 6, 8, 13, 6, 5, 15, 13, 11, 11,
    ]
}
