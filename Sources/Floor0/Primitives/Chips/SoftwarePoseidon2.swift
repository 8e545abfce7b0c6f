// The Poseidon2 permutations for the guest, on words one behind the other: its processor has no vectors. Every word is below
// the prime. `Poseidon2State` is the native form and says what the layers are.
#if hasFeature(Embedded)

    enum SoftwarePoseidon2 {
        /// The sum modulo the prime: no branch, for the processor has no conditional move.
        @inline(__always)
        private static func add(_ a: UInt32, _ b: UInt32) -> UInt32 {
            let sum = a &+ b &- KoalaBear.prime
            return sum &+ (KoalaBear.prime & UInt32(bitPattern: Int32(bitPattern: sum) &>> 31))
        }

        /// a b / 2^32 modulo the prime.
        @inline(__always)
        private static func multiply(_ a: UInt32, _ b: UInt32) -> UInt32 {
            let product = UInt64(a) &* UInt64(b)
            let quotient = UInt32(truncatingIfNeeded: product) &* KoalaBear.inversePrime
            let multiple = UInt32(truncatingIfNeeded: (UInt64(quotient) &* UInt64(KoalaBear.prime)) &>> 32)
            let difference = UInt32(truncatingIfNeeded: product &>> 32) &- multiple
            return difference &+ (KoalaBear.prime & UInt32(bitPattern: Int32(bitPattern: difference) &>> 31))
        }

        @inline(__always)
        private static func cube(_ x: UInt32) -> UInt32 { multiply(multiply(x, x), x) }

        /// The external layer; with `constants`, after adding them and the S-box. Table entry j * lanes + c is of element 4 c + j.
        @inline(__always)
        private static func externalLayer(
            _ x: UnsafeMutablePointer<UInt32>, chunks: Int, lanes: Int, constants: ((Int) -> UInt32)?
        ) {
            var (s0, s1, s2, s3): (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
            for chunk in 0..<chunks {
                let e = unsafe x + 4 &* chunk
                var (x0, x1, x2, x3) = unsafe (e[0], e[1], e[2], e[3])
                if let constants {
                    x0 = cube(add(x0, constants(chunk)))
                    x1 = cube(add(x1, constants(chunk &+ lanes)))
                    x2 = cube(add(x2, constants(chunk &+ 2 &* lanes)))
                    x3 = cube(add(x3, constants(chunk &+ 3 &* lanes)))
                }
                let t01 = add(x0, x1)
                let t23 = add(x2, x3)
                let t0123 = add(t01, t23)
                let t01123 = add(t0123, x1)
                let t01233 = add(t0123, x3)
                let y0 = add(t01123, t01)
                let y1 = add(t01123, add(x2, x2))
                let y2 = add(t01233, t23)
                let y3 = add(t01233, add(x0, x0))
                unsafe e[0] = y0
                unsafe e[1] = y1
                unsafe e[2] = y2
                unsafe e[3] = y3
                s0 = add(s0, y0)
                s1 = add(s1, y1)
                s2 = add(s2, y2)
                s3 = add(s3, y3)
            }
            for chunk in 0..<chunks {
                let e = unsafe x + 4 &* chunk
                unsafe e[0] = add(e[0], s0)
                unsafe e[1] = add(e[1], s1)
                unsafe e[2] = add(e[2], s2)
                unsafe e[3] = add(e[3], s3)
            }
        }

        /// All partial rounds. Element 0's entry of the diagonal is -2: it becomes the sum of the others less its S-box.
        /// `diagonal` is in the order of the elements.
        @inline(__always)
        private static func partialRounds(
            _ x: UnsafeMutablePointer<UInt32>, width: Int, count: Int, constants: (Int) -> UInt32, diagonal: UnsafePointer<UInt32>
        ) {
            var wide: UInt64 = 0
            for index in 1..<width { unsafe wide &+= UInt64(x[index]) }
            for round in 0..<count {
                let box = unsafe cube(add(x[0], constants(round)))
                let rest = reduced(wide)
                unsafe x[0] = add(rest, KoalaBear.prime &- box)
                let sum = add(rest, box)
                wide = 0
                // Elements 1 to 3, then chunks of four.
                for index in 1..<4 { unsafe step(x + index, diagonal + index, sum, &wide) }
                var element = unsafe x + 4
                var entry = unsafe diagonal + 4
                for _ in 1..<width / 4 {
                    unsafe step(element, entry, sum, &wide)
                    unsafe step(element + 1, entry + 1, sum, &wide)
                    unsafe step(element + 2, entry + 2, sum, &wide)
                    unsafe step(element + 3, entry + 3, sum, &wide)
                    unsafe element += 4
                    unsafe entry += 4
                }
            }
        }

        @inline(__always)
        private static func step(
            _ element: UnsafeMutablePointer<UInt32>, _ entry: UnsafePointer<UInt32>, _ sum: UInt32, _ wide: inout UInt64
        ) {
            let next = unsafe add(multiply(element.pointee, entry.pointee), sum)
            unsafe element.pointee = next
            wide &+= UInt64(next)
        }

        /// A sum of fewer than 64 words below the prime, which is a little below 2^31: the quotient's estimate is at most one too small.
        @inline(__always)
        private static func reduced(_ sum: UInt64) -> UInt32 {
            let quotient = UInt32(truncatingIfNeeded: sum &>> 31)
            let rest = UInt32(truncatingIfNeeded: sum) &- quotient &* KoalaBear.prime
            return rest >= KoalaBear.prime ? rest &- KoalaBear.prime : rest
        }

        @inline(never)
        static func permute16(_ x: UnsafeMutablePointer<UInt32>) {
            unsafe externalLayer(x, chunks: 4, lanes: 4, constants: nil)
            for round in 0..<4 {
                unsafe externalLayer(x, chunks: 4, lanes: 4) { unsafe Poseidon2Constants.full16[unchecked: 16 &* round &+ $0] }
            }
            let diagonal = InlineArray<16, UInt32> { unsafe Poseidon2Constants.diagonal16[unchecked: ($0 & 3) &* 4 &+ $0 &>> 2] }
            unsafe withUnsafePointer(to: diagonal) {
                let entries = unsafe UnsafeRawPointer($0).assumingMemoryBound(to: UInt32.self)
                unsafe partialRounds(
                    x, width: 16, count: 20, constants: { unsafe Poseidon2Constants.partial16[unchecked: $0] }, diagonal: entries)
            }
            for round in 4..<8 {
                unsafe externalLayer(x, chunks: 4, lanes: 4) { unsafe Poseidon2Constants.full16[unchecked: 16 &* round &+ $0] }
            }
        }

        @inline(never)
        static func permute24(_ x: UnsafeMutablePointer<UInt32>) {
            unsafe externalLayer(x, chunks: 6, lanes: 8, constants: nil)
            for round in 0..<4 {
                unsafe externalLayer(x, chunks: 6, lanes: 8) { unsafe Poseidon2Constants.full24[unchecked: 32 &* round &+ $0] }
            }
            let diagonal = InlineArray<24, UInt32> { unsafe Poseidon2Constants.diagonal24[unchecked: ($0 & 3) &* 8 &+ $0 &>> 2] }
            unsafe withUnsafePointer(to: diagonal) {
                let entries = unsafe UnsafeRawPointer($0).assumingMemoryBound(to: UInt32.self)
                unsafe partialRounds(
                    x, width: 24, count: 23, constants: { unsafe Poseidon2Constants.partial24[unchecked: $0] }, diagonal: entries)
            }
            for round in 4..<8 {
                unsafe externalLayer(x, chunks: 6, lanes: 8) { unsafe Poseidon2Constants.full24[unchecked: 32 &* round &+ $0] }
            }
        }
    }
#endif
