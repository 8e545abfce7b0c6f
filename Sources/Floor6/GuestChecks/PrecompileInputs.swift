// Floor 6, GuestChecks: inputs for the precompiles that get past their first check about half of the time.
import Crypto
import Engine
import Primitives

enum PrecompileInputs {
    static func input(_ address: UInt32, _ random: inout SeededRandom) -> [UInt8] {
        if random.oneIn(4) { return random.bytes(random.below(230)) }
        switch address {
        case 1: return recovery(&random)
        case 5: return exponentiation(&random)
        case 6: return pointOrNoise(&random) + pointOrNoise(&random)
        case 7: return pointOrNoise(&random) + random.word().bigEndianBytes
        case 8: return random.oneIn(2) ? [] : generator + g2Generator
        case 9: return compression(&random)
        case 0x100: return p256(&random)
        default: return random.bytes(random.below(150))
        }
    }

    private static func recovery(_ random: inout SeededRandom) -> [UInt8] {
        let hash = Keccak256.hash(random.bytes(8))
        let signature = TestAccounts.key(1 + random.below(6)).sign(hash)
        let v = UInt256(27 + UInt64(signature.yParity) + (random.oneIn(8) ? 1 : 0))
        return hash.bytes + v.bigEndianBytes + signature.r.bigEndianBytes + signature.s.bigEndianBytes
    }

    private static func exponentiation(_ random: inout SeededRandom) -> [UInt8] {
        let lengths = (0..<3).map { _ in random.below(40) }
        return lengths.flatMap { UInt256(UInt64($0)).bigEndianBytes } + lengths.flatMap { random.bytes($0) }
    }

    /// (1, 2) on the curve of EIP-196.
    private static let generator = UInt256.one.bigEndianBytes + UInt256(2).bigEndianBytes

    /// The generator of the second group, imaginary parts first (EIP-197).
    private static let g2Generator = TestAccounts.bytes(
        "198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c21800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed"
            + "090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa"
    )

    private static func pointOrNoise(_ random: inout SeededRandom) -> [UInt8] {
        switch random.below(4) {
        case 0: return [UInt8](repeating: 0, count: 64)
        case 1: return random.bytes(64)
        default: return generator
        }
    }

    private static func compression(_ random: inout SeededRandom) -> [UInt8] {
        [0, 0, 0, UInt8(random.below(13))] + random.bytes(208) + [random.oneIn(5) ? 2 : UInt8(random.below(2))]
    }

    /// The first vector of EIP-7951's reference tests, half of the time with a bit turned.
    private static func p256(_ random: inout SeededRandom) -> [UInt8] {
        var input = TestAccounts.bytes(
            "bb5a52f42f9c9261ed4361f59422a1e30036e7c32b270c8807a419feca605023"
                + "2ba3a8be6b94d5ec80a6d9d1190a436effe50d85a1eee859b8cc6af9bd5c2e18"
                + "4cd60b855d442f5b3c7b11eb6c4e0ae7525fe710fab9aa7c77a67f79e6fadd76"
                + "2927b10512bae3eddcfe467828128bad2903269919f7086069c8c4df6c732838c7787964eaac00e5921fb1498a60f4606766b3d9685001558d1a974e7341513e"
        )
        if random.oneIn(2) { input[random.below(input.count)] ^= 1 }
        return input
    }
}
