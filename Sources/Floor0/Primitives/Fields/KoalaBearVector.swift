// Several KoalaBear elements side by side, in Montgomery form. Written so that LLVM makes vector instructions of it on
// any CPU (32-bit products in 64-bit lanes, sign masks instead of unsigned comparisons) and plain code in the guest.

/// What Poseidon2 needs of a vector of field elements.
protocol KoalaBearVector {
    /// The lane that all elements of a state's first chunk share.
    static var laneCount: Int { get }

    init(_ load: (Int) -> UInt32)
    init(repeating word: UInt32)
    subscript(lane: Int) -> UInt32 { get set }

    static func + (a: Self, b: Self) -> Self
    static func * (a: Self, b: Self) -> Self
    static func & (a: Self, b: Self) -> Self

    /// Each lane is the sum of all lanes.
    var sumInAllLanes: Self { get }

    /// The sum of all lanes of four vectors, unreduced.
    static func wideSum(_ a: Self, _ b: Self, _ c: Self, _ d: Self) -> UInt64
}

/// Four elements.
struct KoalaBear4: KoalaBearVector {
    var lanes: SIMD4<UInt32>

    static var laneCount: Int { 4 }

    @inline(__always)
    init(_ lanes: SIMD4<UInt32>) { self.lanes = lanes }

    @inline(__always)
    init(_ load: (Int) -> UInt32) { lanes = SIMD4(load(0), load(1), load(2), load(3)) }

    @inline(__always)
    init(repeating word: UInt32) { lanes = SIMD4(repeating: word) }

    @inline(__always)
    subscript(lane: Int) -> UInt32 {
        get { lanes[lane] }
        set { lanes[lane] = newValue }
    }

    /// `x` where it is not negative as a signed number, else `x` + p.
    @inline(__always)
    private static func corrected(_ x: SIMD4<UInt32>) -> KoalaBear4 {
        let sign = unsafe unsafeBitCast(unsafeBitCast(x, to: SIMD4<Int32>.self) &>> SIMD4(repeating: 31), to: SIMD4<UInt32>.self)
        return KoalaBear4(x &+ (sign & SIMD4(repeating: KoalaBear.prime)))
    }

    @inline(__always)
    static func + (a: KoalaBear4, b: KoalaBear4) -> KoalaBear4 {
        corrected(a.lanes &+ b.lanes &- SIMD4(repeating: KoalaBear.prime))
    }

    @inline(__always)
    static func & (a: KoalaBear4, b: KoalaBear4) -> KoalaBear4 { KoalaBear4(a.lanes & b.lanes) }

    @inline(__always)
    private static func wide(_ x: SIMD4<UInt32>) -> SIMD2<UInt64> { unsafe unsafeBitCast(x, to: SIMD2<UInt64>.self) }

    /// The Montgomery product: even and odd lanes apart, so that each product has 64 bits of room.
    @inline(__always)
    static func * (a: KoalaBear4, b: KoalaBear4) -> KoalaBear4 {
        let low = SIMD2<UInt64>(repeating: 0xffff_ffff)
        let half = SIMD2<UInt64>(repeating: 32)
        let mu = SIMD2<UInt64>(repeating: UInt64(KoalaBear.inversePrime))
        let p = SIMD2<UInt64>(repeating: UInt64(KoalaBear.prime))
        let x = wide(a.lanes)
        let y = wide(b.lanes)
        let even = (x & low) &* (y & low)
        let odd = (x &>> half) &* (y &>> half)
        let evenMultiple = (((even & low) &* mu) & low) &* p
        let oddMultiple = (((odd & low) &* mu) & low) &* p
        let product = (even &>> half) | (odd & ~low)
        let multiple = (evenMultiple &>> half) | (oddMultiple & ~low)
        let difference = unsafe unsafeBitCast(product, to: SIMD4<UInt32>.self) &- unsafeBitCast(multiple, to: SIMD4<UInt32>.self)
        return corrected(difference)
    }

    @inline(__always)
    var sumInAllLanes: KoalaBear4 {
        let pairs = self + KoalaBear4(SIMD4(lanes[2], lanes[3], lanes[0], lanes[1]))
        return pairs + KoalaBear4(SIMD4(pairs.lanes[1], pairs.lanes[0], pairs.lanes[3], pairs.lanes[2]))
    }

    @inline(__always)
    static func wideSum(_ a: KoalaBear4, _ b: KoalaBear4, _ c: KoalaBear4, _ d: KoalaBear4) -> UInt64 {
        let low = SIMD2<UInt64>(repeating: 0xffff_ffff)
        let half = SIMD2<UInt64>(repeating: 32)
        let even = ((wide(a.lanes) & low) &+ (wide(b.lanes) & low)) &+ ((wide(c.lanes) & low) &+ (wide(d.lanes) & low))
        let odd = ((wide(a.lanes) &>> half) &+ (wide(b.lanes) &>> half)) &+ ((wide(c.lanes) &>> half) &+ (wide(d.lanes) &>> half))
        let sum = even &+ odd
        return sum[0] &+ sum[1]
    }
}

/// Eight elements, as two fours.
struct KoalaBear8: KoalaBearVector {
    var low: KoalaBear4
    var high: KoalaBear4

    static var laneCount: Int { 8 }

    @inline(__always)
    init(low: KoalaBear4, high: KoalaBear4) {
        self.low = low
        self.high = high
    }

    @inline(__always)
    init(_ load: (Int) -> UInt32) {
        low = KoalaBear4 { load($0) }
        high = KoalaBear4 { load($0 &+ 4) }
    }

    @inline(__always)
    init(repeating word: UInt32) {
        low = KoalaBear4(repeating: word)
        high = KoalaBear4(repeating: word)
    }

    @inline(__always)
    subscript(lane: Int) -> UInt32 {
        get { lane < 4 ? low[lane] : high[lane &- 4] }
        set {
            if lane < 4 { low[lane] = newValue } else { high[lane &- 4] = newValue }
        }
    }

    @inline(__always)
    static func + (a: KoalaBear8, b: KoalaBear8) -> KoalaBear8 { KoalaBear8(low: a.low + b.low, high: a.high + b.high) }

    @inline(__always)
    static func * (a: KoalaBear8, b: KoalaBear8) -> KoalaBear8 { KoalaBear8(low: a.low * b.low, high: a.high * b.high) }

    @inline(__always)
    static func & (a: KoalaBear8, b: KoalaBear8) -> KoalaBear8 { KoalaBear8(low: a.low & b.low, high: a.high & b.high) }

    @inline(__always)
    var sumInAllLanes: KoalaBear8 {
        let sum = (low + high).sumInAllLanes
        return KoalaBear8(low: sum, high: sum)
    }

    @inline(__always)
    static func wideSum(_ a: KoalaBear8, _ b: KoalaBear8, _ c: KoalaBear8, _ d: KoalaBear8) -> UInt64 {
        KoalaBear4.wideSum(a.low, b.low, c.low, d.low) &+ KoalaBear4.wideSum(a.high, b.high, c.high, d.high)
    }
}
