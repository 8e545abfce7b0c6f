// Floor 0, kernels: the Poseidon2 permutation of eight states side by side, one per lane. Vector i holds element i of all
// eight states, so that no operation crosses lanes.
//
// Compiled with AVX2 and called only where the processor has it; without, this order of the work is slower than one state
// after the other. For the same reason there are only pointers and vectors here: an array would bring in generic code that the
// linker may keep in its AVX2 form for the whole program.

/// Eight field elements of KoalaBear in Montgomery form, each below p.
public typealias PoseidonVector = SIMD8<UInt32>

/// The constants of one width, in the order of the state's elements and in Montgomery form. They must outlive every call.
@unsafe
public struct PoseidonTables {
    /// For each full round one per element.
    let full: UnsafePointer<UInt32>
    let partial: UnsafePointer<UInt32>
    /// The diagonal of the internal layer less one; that of element 0 is -2 and is not read.
    let diagonal: UnsafePointer<UInt32>

    public init(full: UnsafePointer<UInt32>, partial: UnsafePointer<UInt32>, diagonal: UnsafePointer<UInt32>) {
        unsafe self.full = full
        unsafe self.partial = partial
        unsafe self.diagonal = diagonal
    }
}

public enum PoseidonLanes {
    /// The permutation of width 16 on 16 vectors.
    public static func permute16(_ state: UnsafeMutablePointer<PoseidonVector>, _ tables: PoseidonTables) {
        unsafe permute(state, width: 16, partialRounds: 20, tables)
    }

    /// The permutation of width 24 on 24 vectors.
    public static func permute24(_ state: UnsafeMutablePointer<PoseidonVector>, _ tables: PoseidonTables) {
        unsafe permute(state, width: 24, partialRounds: 23, tables)
    }

    /// Multiplies vectors by a constant in Montgomery form: to that form, or out of it.
    public static func scale(_ vectors: UnsafeMutablePointer<PoseidonVector>, count: Int, by factor: UInt32) {
        let factor = PoseidonVector(repeating: factor)
        for index in 0..<count { unsafe vectors[index] = product(vectors[index], factor) }
    }
}

private let prime: UInt32 = 0x7f00_0001
/// p^-1 modulo 2^32.
private let inversePrime: UInt64 = 0x8100_0001

/// `x` or, when it is negative as a signed number, `x` + p: of the two the smaller without sign.
@inline(__always)
private func corrected(_ x: PoseidonVector) -> PoseidonVector { pointwiseMin(x, x &+ PoseidonVector(repeating: prime)) }

@inline(__always)
private func sum(_ a: PoseidonVector, _ b: PoseidonVector) -> PoseidonVector {
    corrected(a &+ b &- PoseidonVector(repeating: prime))
}

@inline(__always)
private func wide(_ x: PoseidonVector) -> SIMD4<UInt64> { unsafe unsafeBitCast(x, to: SIMD4<UInt64>.self) }

/// The Montgomery product: even and odd lanes apart, so that each product has 64 bits of room.
@inline(__always)
private func product(_ a: PoseidonVector, _ b: PoseidonVector) -> PoseidonVector {
    let low = SIMD4<UInt64>(repeating: 0xffff_ffff)
    let half = SIMD4<UInt64>(repeating: 32)
    let mu = SIMD4<UInt64>(repeating: inversePrime)
    let p = SIMD4<UInt64>(repeating: UInt64(prime))
    let even = (wide(a) & low) &* (wide(b) & low)
    let odd = (wide(a) &>> half) &* (wide(b) &>> half)
    let evenMultiple = (((even & low) &* mu) & low) &* p
    let oddMultiple = (((odd & low) &* mu) & low) &* p
    let high = (even &>> half) | (odd & ~low)
    let multiple = (evenMultiple &>> half) | (oddMultiple & ~low)
    return corrected(unsafe unsafeBitCast(high, to: PoseidonVector.self) &- unsafeBitCast(multiple, to: PoseidonVector.self))
}

@inline(__always)
private func cube(_ x: PoseidonVector) -> PoseidonVector { product(product(x, x), x) }

/// Constants and S-box when `constants` is there, then circ(2 M, M, ..., M) with M the circulant of (2, 3, 1, 1).
@inline(__always)
private func externalLayer(_ state: UnsafeMutablePointer<PoseidonVector>, width: Int, constants: UnsafePointer<UInt32>?) {
    var s0 = PoseidonVector.zero
    var s1 = PoseidonVector.zero
    var s2 = PoseidonVector.zero
    var s3 = PoseidonVector.zero
    var index = 0
    while index < width {
        var x0 = unsafe state[index]
        var x1 = unsafe state[index + 1]
        var x2 = unsafe state[index + 2]
        var x3 = unsafe state[index + 3]
        if let constants = unsafe constants {
            x0 = unsafe cube(sum(x0, PoseidonVector(repeating: constants[index])))
            x1 = unsafe cube(sum(x1, PoseidonVector(repeating: constants[index + 1])))
            x2 = unsafe cube(sum(x2, PoseidonVector(repeating: constants[index + 2])))
            x3 = unsafe cube(sum(x3, PoseidonVector(repeating: constants[index + 3])))
        }
        let t01 = sum(x0, x1)
        let t23 = sum(x2, x3)
        let t0123 = sum(t01, t23)
        let t01123 = sum(t0123, x1)
        let t01233 = sum(t0123, x3)
        let y0 = sum(t01123, t01)
        let y1 = sum(t01123, sum(x2, x2))
        let y2 = sum(t01233, t23)
        let y3 = sum(t01233, sum(x0, x0))
        s0 = sum(s0, y0)
        s1 = sum(s1, y1)
        s2 = sum(s2, y2)
        s3 = sum(s3, y3)
        unsafe state[index] = y0
        unsafe state[index + 1] = y1
        unsafe state[index + 2] = y2
        unsafe state[index + 3] = y3
        index += 4
    }
    index = 0
    while index < width {
        unsafe state[index] = sum(state[index], s0)
        unsafe state[index + 1] = sum(state[index + 1], s1)
        unsafe state[index + 2] = sum(state[index + 2], s2)
        unsafe state[index + 3] = sum(state[index + 3], s3)
        index += 4
    }
}

@inline(__always)
private func permute(_ state: UnsafeMutablePointer<PoseidonVector>, width: Int, partialRounds: Int, _ tables: PoseidonTables) {
    unsafe externalLayer(state, width: width, constants: nil)
    for round in 0..<4 { unsafe externalLayer(state, width: width, constants: tables.full + round * width) }
    var first = unsafe state[0]
    for round in 0..<partialRounds {
        let box = unsafe cube(sum(first, PoseidonVector(repeating: tables.partial[round])))
        var rest = unsafe state[1]
        for index in 2..<width { rest = unsafe sum(rest, state[index]) }
        // The diagonal of element 0 is -2: it becomes the sum of the others less its S-box.
        first = corrected(rest &- box)
        let all = sum(rest, box)
        for index in 1..<width {
            let scaled = unsafe product(state[index], PoseidonVector(repeating: tables.diagonal[index]))
            unsafe state[index] = sum(scaled, all)
        }
    }
    unsafe state[0] = first
    for round in 4..<8 { unsafe externalLayer(state, width: width, constants: tables.full + round * width) }
}
