/// The state of a Poseidon2 permutation and its layers, for either width.
///
/// Invariant: lanes without an element of the state are zero; `used` is all ones in the other lanes.
struct Poseidon2State<Vector: KoalaBearVector> {
    var x0: Vector
    var x1: Vector
    var x2: Vector
    var x3: Vector

    @inline(__always)
    init(x0: Vector, x1: Vector, x2: Vector, x3: Vector) {
        self.x0 = x0
        self.x1 = x1
        self.x2 = x2
        self.x3 = x3
    }

    /// Four vectors, one behind the other, from a table.
    @inline(__always)
    init(_ load: (Int) -> UInt32) {
        x0 = Vector { load($0) }
        x1 = Vector { load(Vector.laneCount &+ $0) }
        x2 = Vector { load(2 &* Vector.laneCount &+ $0) }
        x3 = Vector { load(3 &* Vector.laneCount &+ $0) }
    }

    /// Vector 0 to 3.
    @inline(__always)
    subscript(_ vector: Int) -> Vector {
        switch vector {
        case 0: x0
        case 1: x1
        case 2: x2
        default: x3
        }
    }

    /// circ(2 M, M, ..., M) with M the circulant of (2, 3, 1, 1).
    @inline(__always)
    mutating func externalLayer(used: Vector) {
        let t01 = x0 + x1
        let t23 = x2 + x3
        let t0123 = t01 + t23
        let t01123 = t0123 + x1
        let t01233 = t0123 + x3
        let y0 = t01123 + t01
        let y1 = t01123 + (x2 + x2)
        let y2 = t01233 + t23
        let y3 = t01233 + (x0 + x0)
        x0 = (y0 + y0.sumInAllLanes) & used
        x1 = (y1 + y1.sumInAllLanes) & used
        x2 = (y2 + y2.sumInAllLanes) & used
        x3 = (y3 + y3.sumInAllLanes) & used
    }

    @inline(__always)
    private func cube(_ x: Vector) -> Vector { x * x * x }

    /// Constants, the S-box on every element, the external layer.
    @inline(__always)
    mutating func fullRound(used: Vector, constants: (Int) -> UInt32) {
        let c = Poseidon2State(constants)
        x0 = cube(x0 + c.x0)
        x1 = cube(x1 + c.x1)
        x2 = cube(x2 + c.x2)
        x3 = cube(x3 + c.x3)
        externalLayer(used: used)
    }

    /// All partial rounds: constant and S-box on element 0, then the internal layer, the matrix of ones plus a diagonal.
    ///
    /// Element 0 goes its own way through scalar code, its lane being zero meanwhile: its diagonal entry is -2, so it
    /// becomes the sum of the others less its S-box, and the next S-box need not wait for the vectors.
    @inline(__always)
    mutating func partialRounds(count: Int, diagonal: Poseidon2State, used: Vector, constants: (Int) -> UInt32) {
        var first = KoalaBear(word: x0[0])
        x0[0] = 0
        var others = used
        others[0] = 0
        for round in 0..<count {
            let shifted = first + KoalaBear(word: constants(round))
            let box = shifted * shifted * shifted
            let rest = Poseidon2State.reduced(Vector.wideSum(x0, x1, x2, x3))
            first = rest - box
            let sum = Vector(repeating: (rest + box).word)
            x0 = x0 * diagonal.x0 + (sum & others)
            x1 = x1 * diagonal.x1 + (sum & used)
            x2 = x2 * diagonal.x2 + (sum & used)
            x3 = x3 * diagonal.x3 + (sum & used)
        }
        x0[0] = first.word
    }

    /// A sum of fewer than 64 words below p. p is a little below 2^31, so the quotient's estimate is at most one too small.
    @inline(__always)
    private static func reduced(_ sum: UInt64) -> KoalaBear {
        let rest = UInt32(truncatingIfNeeded: sum &- (sum &>> 31) &* UInt64(KoalaBear.prime))
        return KoalaBear(word: rest >= KoalaBear.prime ? rest &- KoalaBear.prime : rest)
    }
}
