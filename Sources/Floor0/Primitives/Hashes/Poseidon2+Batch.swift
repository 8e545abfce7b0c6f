// Many Poseidon2 hashes of one shape at once: with AVX2 eight states side by side in vector lanes. The results are those of
// `compress` and `hash`, which do it one by one elsewhere and in the guest.
#if !hasFeature(Embedded)
    internal import CCPU
    internal import PoseidonKernels
#endif

extension Poseidon2 {
    /// The nodes above `count` pairs: node i is `compress(pairs[2 i], pairs[2 i + 1])`.
    public static func compress(
        pairs: UnsafePointer<PoseidonDigest>, count: Int, into nodes: UnsafeMutablePointer<PoseidonDigest>
    ) {
        var done = 0
        #if !hasFeature(Embedded)
            unsafe Poseidon2Batch.available?.compress(pairs, count, nodes, &done)
        #endif
        for index in done..<count { unsafe nodes[index] = compress(pairs[2 * index], pairs[2 * index + 1]) }
    }

    /// The digests of `count` lists of `length` canonical elements each, which lie one behind the other; digest i is
    /// `hash(list i, domain: domain)`.
    public static func hash(
        lists: UnsafePointer<UInt32>, count: Int, length: Int, domain: UInt32, into digests: UnsafeMutablePointer<PoseidonDigest>
    ) {
        var done = 0
        #if !hasFeature(Embedded)
            unsafe Poseidon2Batch.available?.hash(lists, count, length, domain, digests, &done)
        #endif
        for index in done..<count {
            let list = unsafe UnsafeBufferPointer(start: lists + index * length, count: length)
            unsafe digests[index] = hash(list.map { KoalaBear($0) }, domain: domain)
        }
    }
}

#if !hasFeature(Embedded)
    /// The vector kernel with its tables.
    @safe
    package struct Poseidon2Batch: @unchecked Sendable {
        /// `nil` on a processor without AVX2.
        package static let available: Poseidon2Batch? = cpu_has_avx2() ? Poseidon2Batch() : nil

        /// States per call of a kernel.
        static let laneCount = 8
        /// Fewer are faster one by one.
        static let leastCount = 3

        private let tables16: PoseidonTables
        private let tables24: PoseidonTables

        private init() {
            // The tables of single states hold element 4 c + j of a round at j * lanes + c.
            unsafe tables16 = PoseidonTables(
                full: Self.copy(128) { Poseidon2Constants.full16[$0 / 16 * 16 + Self.place($0 % 16, lanes: 4)] },
                partial: Self.copy(20) { Poseidon2Constants.partial16[$0] },
                diagonal: Self.copy(16) { Poseidon2Constants.diagonal16[Self.place($0, lanes: 4)] })
            unsafe tables24 = PoseidonTables(
                full: Self.copy(192) { Poseidon2Constants.full24[$0 / 24 * 32 + Self.place($0 % 24, lanes: 8)] },
                partial: Self.copy(23) { Poseidon2Constants.partial24[$0] },
                diagonal: Self.copy(24) { Poseidon2Constants.diagonal24[Self.place($0, lanes: 8)] })
        }

        private static func place(_ element: Int, lanes: Int) -> Int { element % 4 * lanes + element / 4 }

        /// Never freed: the tables live as long as the program.
        private static func copy(_ count: Int, _ word: (Int) -> UInt32) -> UnsafePointer<UInt32> {
            let table = UnsafeMutablePointer<UInt32>.allocate(capacity: count)
            for index in 0..<count { unsafe (table + index).initialize(to: word(index)) }
            return unsafe UnsafePointer(table)
        }

        /// Hashes from `done` on, as far as lanes pay, and moves `done`.
        package func compress(
            _ pairs: UnsafePointer<PoseidonDigest>, _ count: Int, _ nodes: UnsafeMutablePointer<PoseidonDigest>, _ done: inout Int
        ) {
            unsafe withUnsafeTemporaryAllocation(of: SIMD8<UInt32>.self, capacity: 16) { buffer in
                guard let state = buffer.baseAddress else { return }
                while count - done >= Self.leastCount {
                    let used = min(Self.laneCount, count - done)
                    unsafe (pairs + 2 * done).withMemoryRebound(to: UInt32.self, capacity: 16 * used) { words in
                        for element in 0..<16 {
                            unsafe (state + element).initialize(to: Self.gather(words + element, stride: 16, used: used))
                        }
                    }
                    unsafe PoseidonLanes.scale(state, count: 16, by: KoalaBear.montgomerySquare)
                    unsafe PoseidonLanes.permute16(state, tables16)
                    unsafe Self.scatter(state, used, nodes + done)
                    done += used
                }
            }
        }

        /// The same for lists.
        package func hash(
            _ lists: UnsafePointer<UInt32>, _ count: Int, _ length: Int, _ domain: UInt32,
            _ digests: UnsafeMutablePointer<PoseidonDigest>, _ done: inout Int
        ) {
            unsafe withUnsafeTemporaryAllocation(of: SIMD8<UInt32>.self, capacity: 24) { buffer in
                guard let state = buffer.baseAddress else { return }
                while count - done >= Self.leastCount {
                    let used = min(Self.laneCount, count - done)
                    let first = unsafe lists + done * length
                    for element in 0..<24 { unsafe (state + element).initialize(to: .zero) }
                    unsafe state[16] = SIMD8(repeating: KoalaBear(UInt32(truncatingIfNeeded: length)).word)
                    unsafe state[17] = SIMD8(repeating: KoalaBear(domain).word)
                    var offset = 0
                    repeat {
                        let elements = min(Poseidon2.rate, length - offset)
                        for element in 0..<elements {
                            unsafe state[element] = Self.gather(first + offset + element, stride: length, used: used)
                        }
                        for element in elements..<Poseidon2.rate { unsafe state[element] = .zero }
                        unsafe PoseidonLanes.scale(state, count: elements, by: KoalaBear.montgomerySquare)
                        unsafe PoseidonLanes.permute24(state, tables24)
                        offset += Poseidon2.rate
                    } while offset < length
                    unsafe Self.scatter(state, used, digests + done)
                    done += used
                }
            }
        }

        /// One word of each list; lanes behind the last list are zero.
        @inline(__always)
        private static func gather(_ words: UnsafePointer<UInt32>, stride: Int, used: Int) -> SIMD8<UInt32> {
            if used == laneCount {
                return unsafe SIMD8(
                    words[0], words[stride], words[2 * stride], words[3 * stride], words[4 * stride], words[5 * stride],
                    words[6 * stride], words[7 * stride])
            }
            var vector = SIMD8<UInt32>.zero
            for lane in 0..<used { vector[lane] = unsafe words[lane * stride] }
            return vector
        }

        /// The first eight elements of each state as digests.
        @inline(__always)
        private static func scatter(_ state: UnsafeMutablePointer<SIMD8<UInt32>>, _ used: Int, _ digests: UnsafeMutablePointer<PoseidonDigest>) {
            unsafe PoseidonLanes.scale(state, count: 8, by: 1)
            for lane in 0..<used {
                unsafe digests[lane] = PoseidonDigest(
                    uncheckedWords: SIMD8(
                        state[0][lane], state[1][lane], state[2][lane], state[3][lane], state[4][lane], state[5][lane],
                        state[6][lane], state[7][lane]))
            }
        }
    }
#endif
