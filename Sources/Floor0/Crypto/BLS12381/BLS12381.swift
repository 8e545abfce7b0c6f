// The precompiles 0x0b to 0x11: BLS12-381 on byte strings (EIP-2537).
//
// A field element is 64 bytes, big-endian, below p. An element of the quadratic extension is its two parts, the real one first. A
// point is x and y; all zeros are infinity. Every other form is refused, as are points off the curve.

public import Primitives

/// The curve of the precompiles. `nil` means that the precompile fails.
public enum BLS12381 {
    /// Bytes of a point of G1.
    public static let point1ByteCount = 128
    /// Bytes of a point of G2.
    public static let point2ByteCount = 256
    /// Bytes of a scalar, which may be any number.
    public static let scalarByteCount = 32
    /// Bytes of a field element.
    public static let elementByteCount = 64

    /// The order of the groups.
    public static var order: UInt256 {
        UInt256(l0: 0xffff_ffff_0000_0001, l1: 0x53bd_a402_fffe_5bfe, l2: 0x3339_d808_09a1_d805, l3: 0x73ed_a753_299d_7d48)
    }

    /// The sum of two points of G1's curve, in the subgroup or not.
    public static func addG1(_ input: [UInt8]) -> [UInt8]? {
        guard input.count == 2 * point1ByteCount else { return nil }
        var reader = BLSReader(input)
        guard let a = reader.point1(), let b = reader.point1() else { return nil }
        return bytes(BLSPoint1(a) + BLSPoint1(b))
    }

    /// The sum of two points of G2's curve, in the subgroup or not.
    public static func addG2(_ input: [UInt8]) -> [UInt8]? {
        guard input.count == 2 * point2ByteCount else { return nil }
        var reader = BLSReader(input)
        guard let a = reader.point2(), let b = reader.point2() else { return nil }
        return bytes(BLSPoint2(a) + BLSPoint2(b))
    }

    /// The sum of multiples of one or more points of G1, each followed by its scalar.
    public static func sumOfMultiplesG1(_ input: [UInt8]) -> [UInt8]? {
        let size = point1ByteCount + scalarByteCount
        guard !input.isEmpty, input.count % size == 0 else { return nil }
        var reader = BLSReader(input)
        var points: [AffinePoint<BLSG1>] = []
        var scalars: [UInt256] = []
        for _ in 0..<input.count / size {
            guard let point = reader.point1() else { return nil }
            let scalar = reader.scalar()
            guard case .finite(let affine) = point else { continue }
            guard affine.isInSubgroup else { return nil }
            points.append(affine)
            scalars.append(scalar)
        }
        return bytes(BLSPoint1.sumOfMultiples(points, scalars))
    }

    /// The sum of multiples of one or more points of G2, each followed by its scalar.
    public static func sumOfMultiplesG2(_ input: [UInt8]) -> [UInt8]? {
        let size = point2ByteCount + scalarByteCount
        guard !input.isEmpty, input.count % size == 0 else { return nil }
        var reader = BLSReader(input)
        var points: [AffinePoint<BLSG2>] = []
        var scalars: [UInt256] = []
        for _ in 0..<input.count / size {
            guard let point = reader.point2() else { return nil }
            let scalar = reader.scalar()
            guard case .finite(let affine) = point else { continue }
            guard affine.isInSubgroup else { return nil }
            points.append(affine)
            scalars.append(scalar)
        }
        return bytes(BLSPoint2.sumOfMultiples(points, scalars))
    }

    /// 1 or 0 in 32 bytes: whether the product of the pairings of one or more pairs, a point of G1 and one of G2, is one.
    public static func pairingCheck(_ input: [UInt8]) -> [UInt8]? {
        let size = point1ByteCount + point2ByteCount
        guard !input.isEmpty, input.count % size == 0 else { return nil }
        var reader = BLSReader(input)
        var pairs: [(p: AffinePoint<BLSG1>, q: AffinePoint<BLSG2>)] = []
        for _ in 0..<input.count / size {
            guard let p = reader.point1(), let q = reader.point2() else { return nil }
            // A pair with infinity contributes one, but its other point must be good all the same.
            if case .finite(let p) = p, !p.isInSubgroup { return nil }
            if case .finite(let q) = q, !q.isInSubgroup { return nil }
            if case .finite(let p) = p, case .finite(let q) = q { pairs.append((p, q)) }
        }
        return (BLSPairing.productIsOne(pairs) ? UInt256.one : .zero).bigEndianBytes
    }

    /// The point of G1 that a field element maps to.
    public static func mapToG1(_ input: [UInt8]) -> [UInt8]? {
        guard input.count == elementByteCount else { return nil }
        var reader = BLSReader(input)
        guard let element = reader.element() else { return nil }
        return bytes(BLSIsogeny1.map(element).clearedOfCofactor)
    }

    /// The point of G2 that an element of the quadratic extension maps to.
    public static func mapToG2(_ input: [UInt8]) -> [UInt8]? {
        guard input.count == 2 * elementByteCount else { return nil }
        var reader = BLSReader(input)
        guard let element = reader.element2() else { return nil }
        return bytes(BLSIsogeny2.map(element).clearedOfCofactor)
    }

    private static func bytes(_ point: BLSPoint1) -> [UInt8] {
        guard let affine = point.affine else { return [UInt8](repeating: 0, count: point1ByteCount) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(point1ByteCount)
        append(affine.x, to: &bytes)
        append(affine.y, to: &bytes)
        return bytes
    }

    private static func bytes(_ point: BLSPoint2) -> [UInt8] {
        guard let affine = point.affine else { return [UInt8](repeating: 0, count: point2ByteCount) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(point2ByteCount)
        append(affine.x.a, to: &bytes)
        append(affine.x.b, to: &bytes)
        append(affine.y.a, to: &bytes)
        append(affine.y.b, to: &bytes)
        return bytes
    }

    private static func append(_ element: BLSField, to bytes: inout [UInt8]) {
        for _ in 0..<16 { bytes.append(0) }
        element.number.appendBigEndian(to: &bytes)
    }
}

/// Reads a precompile's input from the front. The caller has checked the length.
private struct BLSReader {
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func element() -> BLSField? {
        let start = place
        place += BLS12381.elementByteCount
        for index in start..<start + 16 where bytes[index] != 0 { return nil }
        return BLSField(UInt384(bigEndian: bytes, from: start + 16))
    }

    mutating func element2() -> BLSField2? {
        guard let a = element(), let b = element() else { return nil }
        return BLSField2(a: a, b: b)
    }

    mutating func point1() -> DecodedPoint<BLSG1>? {
        guard let x = element(), let y = element() else { return nil }
        if x.isZero && y.isZero { return .infinity }
        return AffinePoint(x: x, y: y).map { .finite($0) }
    }

    mutating func point2() -> DecodedPoint<BLSG2>? {
        guard let x = element2(), let y = element2() else { return nil }
        if x.isZero && y.isZero { return .infinity }
        return AffinePoint(x: x, y: y).map { .finite($0) }
    }

    mutating func scalar() -> UInt256 {
        let start = place
        place += BLS12381.scalarByteCount
        return UInt256(bigEndianBytes: Array(bytes[start..<place]))
    }
}
