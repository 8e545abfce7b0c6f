// The precompiles 0x06 to 0x08: addition, multiplication and pairing check on BN254 (EIP-196, EIP-197).

internal import Primitives

/// The curve of the precompiles, on their byte strings. `nil` means that the precompile fails.
public enum BN254 {
    /// Bytes of one pair of `pairingCheck`.
    public static let pairByteCount = 192

    /// The sum of two points of 64 bytes; missing input counts as zeros, input behind 128 bytes does not count.
    public static func add(_ input: [UInt8]) -> [UInt8]? {
        guard let a = point(input, 0), let b = point(input, 64) else { return nil }
        return bytes(BN254Point1(a) + BN254Point1(b))
    }

    /// The multiple of a point of 64 bytes by a number of 32; missing input counts as zeros, more than 96 bytes does not count.
    public static func multiply(_ input: [UInt8]) -> [UInt8]? {
        guard let a = point(input, 0) else { return nil }
        guard case .finite(let affine) = a else { return bytes(.infinity) }
        return bytes(.multiple(affine, word(input, 64)))
    }

    /// 1 or 0 in 32 bytes: whether the product of the pairings of all pairs is one. A pair is a point of G1 and a point of
    /// G2, the latter with the imaginary part of each coordinate first; the input is a multiple of 192 bytes.
    public static func pairingCheck(_ input: [UInt8]) -> [UInt8]? {
        guard input.count % pairByteCount == 0 else { return nil }
        var pairs: [(p: AffinePoint<BN254G1>, q: AffinePoint<BN254G2>)] = []
        for start in stride(from: 0, to: input.count, by: pairByteCount) {
            guard let p = point(input, start) else { return nil }
            guard let xb = BN254Field(word(input, start + 64)), let xa = BN254Field(word(input, start + 96)),
                let yb = BN254Field(word(input, start + 128)), let ya = BN254Field(word(input, start + 160))
            else { return nil }
            let x = BN254Field2(a: xa, b: xb)
            let y = BN254Field2(a: ya, b: yb)
            // A pair with infinity contributes one, but its other point must be good all the same.
            if x.isZero && y.isZero { continue }
            guard let q = AffinePoint<BN254G2>(x: x, y: y), q.isInSubgroup else { return nil }
            if case .finite(let p) = p { pairs.append((p, q)) }
        }
        var result = [UInt8](repeating: 0, count: 32)
        result[31] = BN254Pairing.productIsOne(pairs) ? 1 : 0
        return result
    }

    /// 32 bytes at `offset`, zeros behind the end.
    private static func word(_ input: [UInt8], _ offset: Int) -> UInt256 {
        var bytes = [UInt8](repeating: 0, count: 32)
        for index in 0..<32 where offset + index < input.count { bytes[index] = input[offset + index] }
        return UInt256(bigEndianBytes: bytes)
    }

    /// The point with the coordinates at `offset`, (0, 0) being infinity; `nil` off the curve or out of the field.
    private static func point(_ input: [UInt8], _ offset: Int) -> DecodedPoint<BN254G1>? {
        guard let x = BN254Field(word(input, offset)), let y = BN254Field(word(input, offset + 32)) else { return nil }
        if x.isZero && y.isZero { return .infinity }
        return AffinePoint(x: x, y: y).map { .finite($0) }
    }

    private static func bytes(_ point: BN254Point1) -> [UInt8] {
        guard let affine = point.affine else { return [UInt8](repeating: 0, count: 64) }
        return affine.x.value.bigEndianBytes + affine.y.value.bigEndianBytes
    }
}
