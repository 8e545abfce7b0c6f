// The precompile 0x0a: whether a polynomial that was committed to takes a value at a point (EIP-4844).

internal import Primitives

public enum KZG {
    /// Bytes of the input: versioned hash, z, y, commitment, proof.
    public static let inputByteCount = 192

    /// The polynomials' number of values, and the modulus of the values, each in 32 bytes, when the proof is good; else `nil`.
    public static func verifyPointEvaluation(_ input: [UInt8]) -> [UInt8]? {
        guard input.count == inputByteCount else { return nil }
        var hash = SHA256.hash(Array(input[96..<144])).bytes
        hash[0] = versionedHashVersion
        guard hash == Array(input[0..<32]) else { return nil }
        let z = UInt256(bigEndianBytes: Array(input[32..<64]))
        let y = UInt256(bigEndianBytes: Array(input[64..<96]))
        guard z < BLS12381.order, y < BLS12381.order else { return nil }
        guard let commitment = point(input, from: 96), let proof = point(input, from: 144) else { return nil }
        guard isGood(commitment, proof, z: z, y: y) else { return nil }
        return UInt256(fieldElementsPerBlob).bigEndianBytes + BLS12381.order.bigEndianBytes
    }

    private static var versionedHashVersion: UInt8 { 1 }
    private static var fieldElementsPerBlob: UInt64 { 4096 }

    /// With commitment C, proof Q and the ceremony's secret t, e(C - y G, H) = e(Q, (t - z) H), brought to the form
    /// e(C - y G + z Q, -H) e(Q, t H) = 1, in which both points of G2 are constants.
    private static func isGood(_ commitment: DecodedPoint<BLSG1>, _ proof: DecodedPoint<BLSG1>, z: UInt256, y: UInt256) -> Bool {
        var points = [-BLSConstants.generator1]
        var scalars = [y]
        if case .finite(let proof) = proof {
            points.append(proof)
            scalars.append(z)
        }
        let left = BLSPoint1(commitment) + BLSPoint1.sumOfMultiples(points, scalars)
        var pairs: [(p: AffinePoint<BLSG1>, q: AffinePoint<BLSG2>)] = []
        if let left = left.affine { pairs.append((left, -BLSConstants.generator2)) }
        if case .finite(let proof) = proof { pairs.append((proof, BLSConstants.ceremonyPower)) }
        return BLSPairing.productIsOne(pairs)
    }

    /// A point of G1 in the compressed form: 48 bytes with x, and in the three bits above it 1, whether the point is infinity, and
    /// whether y is the greater of the two. `nil` for anything not canonical, off the curve or outside the subgroup.
    private static func point(_ bytes: [UInt8], from start: Int) -> DecodedPoint<BLSG1>? {
        let flags = bytes[start] >> 5
        var word = UInt384(bigEndian: bytes, from: start)
        word.l5 &= .max >> 3
        guard flags & 4 != 0 else { return nil }
        guard flags & 2 == 0 else { return flags == 6 && word.isZero ? .infinity : nil }
        guard let x = BLSField(word), let root = AffinePoint<BLSG1>.ySquared(x).squareRoot else { return nil }
        // y is the greater when it is above (p - 1) / 2.
        let isGreater = BLSField.prime.halved < root.number
        let point = AffinePoint<BLSG1>(uncheckedX: x, y: isGreater == (flags & 1 == 1) ? root : -root)
        return point.isInSubgroup ? .finite(point) : nil
    }
}
