// What the guest will get from precompile chips, under the names that these will have, in software as long as there are none:
// a chip replaces the body here by one host call. Natively the callers have forms of their own. The sum of multiples on
// secp256k1 stands in Crypto, `Secp256k1Chip`.
#if hasFeature(Embedded)

    enum GuestChips {
        /// Keccak-f[1600] on 25 lanes x + 5 y.
        @inline(__always)
        static func keccakPermute(_ lanes: UnsafeMutablePointer<UInt64>) { unsafe SoftwareKeccak.permute(lanes) }

        /// The Poseidon2 permutation of width 16 on words in Montgomery form.
        @inline(__always)
        static func poseidon2Permute16(_ words: UnsafeMutablePointer<UInt32>) { unsafe SoftwarePoseidon2.permute16(words) }

        /// The Poseidon2 permutation of width 24 on words in Montgomery form.
        @inline(__always)
        static func poseidon2Permute24(_ words: UnsafeMutablePointer<UInt32>) { unsafe SoftwarePoseidon2.permute24(words) }

        /// a * b modulo m, zero for m = 0.
        @inline(__always)
        static func multiplyModulo(_ a: UInt256, _ b: UInt256, _ m: UInt256) -> UInt256 {
            m.isZero ? .zero : a.multipliedFullWidth(by: b).remainder(dividingBy: m)
        }
    }
#endif
