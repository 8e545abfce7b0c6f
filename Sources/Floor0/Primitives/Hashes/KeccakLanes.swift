/// The 25 lanes of Keccak-f[1600] as separate fields, lane x + 5 y, so that the compiler keeps them in registers and
/// on the stack and never indexes memory. The body of `round` is the specification (FIPS 202, 3.2) written out lane by lane, with six
/// lanes (1, 2, 8, 12, 17, 20) kept complemented between rounds: chi's 25 complements then turn into ORs for ANDs, all but six of
/// them ("Keccak implementation overview", 2.2). `init` and `store` complement them.
struct KeccakLanes {
    var a0: UInt64, a1: UInt64, a2: UInt64, a3: UInt64, a4: UInt64
    var a5: UInt64, a6: UInt64, a7: UInt64, a8: UInt64, a9: UInt64
    var a10: UInt64, a11: UInt64, a12: UInt64, a13: UInt64, a14: UInt64
    var a15: UInt64, a16: UInt64, a17: UInt64, a18: UInt64, a19: UInt64
    var a20: UInt64, a21: UInt64, a22: UInt64, a23: UInt64, a24: UInt64

    @inline(__always)
    init(_ s: borrowing InlineArray<25, UInt64>) {
        a0 = s[0]
        a1 = ~s[1]
        a2 = ~s[2]
        a3 = s[3]
        a4 = s[4]
        a5 = s[5]
        a6 = s[6]
        a7 = s[7]
        a8 = ~s[8]
        a9 = s[9]
        a10 = s[10]
        a11 = s[11]
        a12 = ~s[12]
        a13 = s[13]
        a14 = s[14]
        a15 = s[15]
        a16 = s[16]
        a17 = ~s[17]
        a18 = s[18]
        a19 = s[19]
        a20 = ~s[20]
        a21 = s[21]
        a22 = s[22]
        a23 = s[23]
        a24 = s[24]
    }

    @inline(__always)
    func store(_ s: inout InlineArray<25, UInt64>) {
        s[0] = a0
        s[1] = ~a1
        s[2] = ~a2
        s[3] = a3
        s[4] = a4
        s[5] = a5
        s[6] = a6
        s[7] = a7
        s[8] = ~a8
        s[9] = a9
        s[10] = a10
        s[11] = a11
        s[12] = ~a12
        s[13] = a13
        s[14] = a14
        s[15] = a15
        s[16] = a16
        s[17] = ~a17
        s[18] = a18
        s[19] = a19
        s[20] = ~a20
        s[21] = a21
        s[22] = a22
        s[23] = a23
        s[24] = a24
    }

    @inline(__always)
    private func rotate(_ value: UInt64, _ count: UInt64) -> UInt64 { (value &<< count) | (value &>> (64 &- count)) }

    /// One round: theta, rho and pi, chi, iota.
    @inline(__always)
    func round(_ constant: UInt64) -> KeccakLanes {
        let c0 = a0 ^ a5 ^ a10 ^ a15 ^ a20
        let c1 = a1 ^ a6 ^ a11 ^ a16 ^ a21
        let c2 = a2 ^ a7 ^ a12 ^ a17 ^ a22
        let c3 = a3 ^ a8 ^ a13 ^ a18 ^ a23
        let c4 = a4 ^ a9 ^ a14 ^ a19 ^ a24
        let d0 = c4 ^ rotate(c1, 1)
        let d1 = c0 ^ rotate(c2, 1)
        let d2 = c1 ^ rotate(c3, 1)
        let d3 = c2 ^ rotate(c4, 1)
        let d4 = c3 ^ rotate(c0, 1)
        var r = self
        let b0 = a0 ^ d0
        let b1 = rotate(a6 ^ d1, 44)
        let b2 = rotate(a12 ^ d2, 43)
        let b3 = rotate(a18 ^ d3, 21)
        let b4 = rotate(a24 ^ d4, 14)
        r.a0 = b0 ^ (b1 | b2) ^ constant
        r.a1 = b1 ^ (~b2 | b3)
        r.a2 = b2 ^ (b3 & b4)
        r.a3 = b3 ^ (b4 | b0)
        r.a4 = b4 ^ (b0 & b1)
        let b5 = rotate(a3 ^ d3, 28)
        let b6 = rotate(a9 ^ d4, 20)
        let b7 = rotate(a10 ^ d0, 3)
        let b8 = rotate(a16 ^ d1, 45)
        let b9 = rotate(a22 ^ d2, 61)
        r.a5 = b5 ^ (b6 | b7)
        r.a6 = b6 ^ (b7 & b8)
        r.a7 = b7 ^ (b8 | ~b9)
        r.a8 = b8 ^ (b9 | b5)
        r.a9 = b9 ^ (b5 & b6)
        let b10 = rotate(a1 ^ d1, 1)
        let b11 = rotate(a7 ^ d2, 6)
        let b12 = rotate(a13 ^ d3, 25)
        let b13 = rotate(a19 ^ d4, 8)
        let b14 = rotate(a20 ^ d0, 18)
        r.a10 = b10 ^ (b11 | b12)
        r.a11 = b11 ^ (b12 & b13)
        r.a12 = b12 ^ (~b13 & b14)
        r.a13 = ~b13 ^ (b14 | b10)
        r.a14 = b14 ^ (b10 & b11)
        let b15 = rotate(a4 ^ d4, 27)
        let b16 = rotate(a5 ^ d0, 36)
        let b17 = rotate(a11 ^ d1, 10)
        let b18 = rotate(a17 ^ d2, 15)
        let b19 = rotate(a23 ^ d3, 56)
        r.a15 = b15 ^ (b16 & b17)
        r.a16 = b16 ^ (b17 | b18)
        r.a17 = b17 ^ (~b18 | b19)
        r.a18 = ~b18 ^ (b19 & b15)
        r.a19 = b19 ^ (b15 | b16)
        let b20 = rotate(a2 ^ d2, 62)
        let b21 = rotate(a8 ^ d3, 55)
        let b22 = rotate(a14 ^ d4, 39)
        let b23 = rotate(a15 ^ d0, 41)
        let b24 = rotate(a21 ^ d1, 2)
        r.a20 = b20 ^ (~b21 & b22)
        r.a21 = ~b21 ^ (b22 | b23)
        r.a22 = b22 ^ (b23 & b24)
        r.a23 = b23 ^ (b24 | b20)
        r.a24 = b24 ^ (b20 & b21)
        return r
    }
}
