// Keccak-f[1600] for the guest: lanes stay in memory, for 25 of 64 bits do not fit 31 registers of 32, and each round reads
// every lane once for its column and once for its row. `KeccakLanes` is the native form.
#if hasFeature(Embedded)

    enum SoftwareKeccak {
        static func permute(_ lanes: UnsafeMutablePointer<UInt64>) {
            var other = InlineArray<25, UInt64>(repeating: 0)
            unsafe withUnsafeMutablePointer(to: &other) { buffer in
                let second = unsafe UnsafeMutableRawPointer(buffer).assumingMemoryBound(to: UInt64.self)
                for pair in 0..<12 {
                    unsafe round(lanes, second, Keccak256.constants[unchecked: 2 &* pair])
                    unsafe round(second, lanes, Keccak256.constants[unchecked: 2 &* pair &+ 1])
                }
            }
        }

        @inline(__always)
        private static func rotate(_ value: UInt64, _ count: UInt64) -> UInt64 { (value &<< count) | (value &>> (64 &- count)) }

        @inline(__always)
        private static func column(_ a: UnsafeMutablePointer<UInt64>, _ x: Int) -> UInt64 {
            unsafe a[x] ^ a[x &+ 5] ^ a[x &+ 10] ^ a[x &+ 15] ^ a[x &+ 20]
        }

        /// Chi on one row of five lanes.
        @inline(__always)
        private static func row(
            _ b: UnsafeMutablePointer<UInt64>, _ x0: UInt64, _ x1: UInt64, _ x2: UInt64, _ x3: UInt64, _ x4: UInt64, _ constant: UInt64
        ) {
            unsafe b[0] = x0 ^ (~x1 & x2) ^ constant
            unsafe b[1] = x1 ^ (~x2 & x3)
            unsafe b[2] = x2 ^ (~x3 & x4)
            unsafe b[3] = x3 ^ (~x4 & x0)
            unsafe b[4] = x4 ^ (~x0 & x1)
        }

        /// One round from `a` to `b`: the lane at (x, y) of the row y' = 2 x + 3 y comes from (x + 3 y', x) (FIPS 202, 3.2).
        @inline(never)
        private static func round(_ a: UnsafeMutablePointer<UInt64>, _ b: UnsafeMutablePointer<UInt64>, _ constant: UInt64) {
            let c0 = unsafe column(a, 0)
            let c1 = unsafe column(a, 1)
            let c2 = unsafe column(a, 2)
            let c3 = unsafe column(a, 3)
            let c4 = unsafe column(a, 4)
            let d0 = c4 ^ rotate(c1, 1)
            let d1 = c0 ^ rotate(c2, 1)
            let d2 = c1 ^ rotate(c3, 1)
            let d3 = c2 ^ rotate(c4, 1)
            let d4 = c3 ^ rotate(c0, 1)
            unsafe row(
                b, a[0] ^ d0, rotate(a[6] ^ d1, 44), rotate(a[12] ^ d2, 43), rotate(a[18] ^ d3, 21), rotate(a[24] ^ d4, 14), constant)
            unsafe row(
                b + 5, rotate(a[3] ^ d3, 28), rotate(a[9] ^ d4, 20), rotate(a[10] ^ d0, 3), rotate(a[16] ^ d1, 45), rotate(a[22] ^ d2, 61), 0)
            unsafe row(
                b + 10, rotate(a[1] ^ d1, 1), rotate(a[7] ^ d2, 6), rotate(a[13] ^ d3, 25), rotate(a[19] ^ d4, 8), rotate(a[20] ^ d0, 18), 0)
            unsafe row(
                b + 15, rotate(a[4] ^ d4, 27), rotate(a[5] ^ d0, 36), rotate(a[11] ^ d1, 10), rotate(a[17] ^ d2, 15), rotate(a[23] ^ d3, 56), 0)
            unsafe row(
                b + 20, rotate(a[2] ^ d2, 62), rotate(a[8] ^ d3, 55), rotate(a[14] ^ d4, 39), rotate(a[15] ^ d0, 41), rotate(a[21] ^ d1, 2), 0)
        }
    }
#endif
