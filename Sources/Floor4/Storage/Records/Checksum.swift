// Floor 4, Storage: the checksum of stored records: XXH64 as specified in the xxHash project's `xxhash_spec.md`.
// It finds damage by disks and memory, not by an adversary: whoever can write the file can also write a checksum.

/// XXH64.
package enum Checksum {
    static let p1: UInt64 = 0x9e37_79b1_85eb_ca87
    static let p2: UInt64 = 0xc2b2_ae3d_27d4_eb4f
    static let p3: UInt64 = 0x1656_67b1_9e37_79f9
    static let p4: UInt64 = 0x85eb_ca77_c2b2_ae63
    static let p5: UInt64 = 0x27d4_eb2f_1656_67c5

    package static func hash(_ bytes: [UInt8], seed: UInt64 = 0) -> UInt64 {
        unsafe bytes.span.bytes.withUnsafeBytes { unsafe hash($0, seed: seed) }
    }

    package static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
        var offset = 0
        var value: UInt64
        if bytes.count >= 32 {
            var a = seed &+ p1 &+ p2
            var b = seed &+ p2
            var c = seed
            var d = seed &- p1
            while bytes.count - offset >= 32 {
                a = round(a, unsafe word(bytes, offset))
                b = round(b, unsafe word(bytes, offset + 8))
                c = round(c, unsafe word(bytes, offset + 16))
                d = round(d, unsafe word(bytes, offset + 24))
                offset += 32
            }
            value = rotate(a, 1) &+ rotate(b, 7) &+ rotate(c, 12) &+ rotate(d, 18)
            for lane in [a, b, c, d] { value = (value ^ round(0, lane)) &* p1 &+ p4 }
        } else {
            value = seed &+ p5
        }
        value &+= UInt64(bytes.count)
        while bytes.count - offset >= 8 {
            value = rotate(value ^ round(0, unsafe word(bytes, offset)), 27) &* p1 &+ p4
            offset += 8
        }
        if bytes.count - offset >= 4 {
            let half = unsafe UInt64(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
            value = rotate(value ^ (half &* p1), 23) &* p2 &+ p3
            offset += 4
        }
        while offset < bytes.count {
            value = rotate(value ^ (UInt64(unsafe bytes[offset]) &* p5), 11) &* p1
            offset += 1
        }
        value = (value ^ (value >> 33)) &* p2
        value = (value ^ (value >> 29)) &* p3
        return value ^ (value >> 32)
    }

    @inline(__always)
    private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
        unsafe UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    @inline(__always)
    private static func round(_ lane: UInt64, _ input: UInt64) -> UInt64 { rotate(lane &+ input &* p2, 31) &* p1 }

    @inline(__always)
    private static func rotate(_ value: UInt64, _ count: UInt64) -> UInt64 { (value &<< count) | (value &>> (64 &- count)) }
}
