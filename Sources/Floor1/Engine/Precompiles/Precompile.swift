// Floor 1, Engine: the precompiled contracts.
//
// Gas prices: yellow paper appendix E, EIP-152, EIP-196 and EIP-197 as repriced by EIP-1108, EIP-198 as repriced by EIP-2565
// and EIP-7883, EIP-7951. Those on BLS12-381 (EIP-4844, EIP-2537) are in `Precompile+BLS12381.swift`.
import Crypto
import Primitives

enum Precompile: UInt16 {
    case recover = 1, sha256, ripemd160, identity, modularExponentiation, bn254Add, bn254Multiply, bn254Pairing, blake2f
    case pointEvaluation
    case blsG1Add, blsG1MultiExponentiation, blsG2Add, blsG2MultiExponentiation, blsPairing, blsMapToG1, blsMapToG2
    case p256Verify = 0x100

    /// The highest address of a fork's precompiles that begin at 1 without gaps. `p256Verify` stands apart.
    static func last(_ fork: Fork) -> UInt32 {
        switch fork {
        case .frontier, .homestead, .tangerineWhistle, .spuriousDragon: 0x04
        case .byzantium, .constantinople, .petersburg: 0x08
        case .istanbul, .berlin, .london, .paris, .shanghai: 0x09
        case .cancun: 0x0a
        case .prague, .osaka: 0x11
        }
    }

    /// EIP-7951.
    @inline(__always)
    static func hasP256(_ fork: Fork) -> Bool { fork >= .osaka }

    /// The precompile at this address, if the fork has one.
    @inline(__always)
    init?(_ address: Address, _ fork: Fork) {
        // Nearly all addresses leave here.
        guard (address.w0 | address.w1) == 0 else { return nil }
        // Zero wraps to more than any.
        let isKnown = address.w2 &- 1 < Precompile.last(fork) || (address.w2 == 0x100 && Precompile.hasP256(fork))
        guard isKnown else { return nil }
        self.init(rawValue: UInt16(truncatingIfNeeded: address.w2))
    }

    /// Runs on `count` bytes of input and leaves the output in the machine's return data.
    /// - Returns: the gas left, negative when the call fails.
    func run(_ m: MachinePointer, _ input: UnsafePointer<UInt8>?, _ count: Int, _ gas: Int64) -> Int64 {
        let words = Int64(truncatingIfNeeded: (count &+ 31) / 32)
        switch self {
        case .identity:
            let left = gas &- (15 &+ 3 &* words)
            if left >= 0 { unsafe m.pointee.setReturned(input, count: count) }
            return left
        case .sha256:
            return unsafe finish(m, gas &- (60 &+ 12 &* words)) { SHA256.hash(unsafe array(input, count)).bytes }
        case .ripemd160:
            return unsafe finish(m, gas &- (600 &+ 120 &* words)) {
                unsafe [UInt8](repeating: 0, count: 12) + RIPEMD160.hash(array(input, count))
            }
        case .recover:
            return unsafe finish(m, gas &- 3000) { Precompile.recover(PaddedInput(unsafe array(input, min(count, 128)))) }
        case .modularExponentiation:
            return unsafe Precompile.exponentiate(m, input, count, gas)
        case .bn254Add:
            return unsafe finish(m, gas &- m.pointee.rules.bn254Add) { BN254.add(PaddedInput(unsafe array(input, min(count, 128))).slice(0, 128)) }
        case .bn254Multiply:
            return unsafe finish(m, gas &- m.pointee.rules.bn254Multiply) { BN254.multiply(PaddedInput(unsafe array(input, min(count, 96))).slice(0, 96)) }
        case .bn254Pairing:
            let pairs = Int64(truncatingIfNeeded: count / 192)
            return unsafe finish(m, gas &- (m.pointee.rules.bn254Pairing &+ m.pointee.rules.bn254Pair &* pairs)) {
                count % 192 == 0 ? BN254.pairingCheck(unsafe array(input, count)) : nil
            }
        case .blake2f:
            return count == 213 ? unsafe Precompile.compress(m, array(input, count), gas) : -1
        case .pointEvaluation, .blsG1Add, .blsG1MultiExponentiation, .blsG2Add, .blsG2MultiExponentiation, .blsPairing, .blsMapToG1,
            .blsMapToG2:
            guard let price = priceOnBLS12381(count) else { return -1 }
            return unsafe finish(m, gas &- price) { unsafe outputOnBLS12381(array(input, count)) }
        case .p256Verify:
            return unsafe finish(m, gas &- 6900) { count == 160 ? Precompile.verifyP256(PaddedInput(unsafe array(input, count))) : [] }
        }
    }

    /// A copy of input. Callers bound `count` by what they read or charge for, else large inputs would be copied for nothing.
    private func array(_ input: UnsafePointer<UInt8>?, _ count: Int) -> [UInt8] {
        unsafe Array(UnsafeBufferPointer(start: input, count: count))
    }

    /// Runs `body` when the gas suffices; its `nil` is a failed call.
    @inline(__always)
    private func finish(_ m: MachinePointer, _ left: Int64, _ body: () -> [UInt8]?) -> Int64 {
        guard left >= 0, let output = body() else { return -1 }
        unsafe m.pointee.setReturned(output)
        return left
    }

    /// ECRECOVER: 32 bytes with the signer's address, or nothing for a bad signature.
    private static func recover(_ input: PaddedInput) -> [UInt8] {
        let v = input.word(32)
        let (r, s) = (input.word(64), input.word(96))
        guard v == 27 || v == 28, Secp256k1.isScalar(r), Secp256k1.isScalar(s) else { return [] }
        let parity: UInt8 = v == 28 ? 1 : 0
        guard let address = Secp256k1.recoverAddress(hash: Hash256(input.word(0)), r: r, s: s, yParity: parity) else { return [] }
        return address.word.bigEndianBytes
    }

    /// P256VERIFY (EIP-7951) on hash, r, s, x, y: one as a word for a good signature, nothing for a bad one.
    private static func verifyP256(_ input: PaddedInput) -> [UInt8] {
        let isGood = P256.verify(
            hash: Hash256(input.word(0)), r: input.word(32), s: input.word(64), x: input.word(96), y: input.word(128))
        return isGood ? UInt256.one.bigEndianBytes : []
    }

    /// BLAKE2F (EIP-152): rounds, h, m, t, and a final flag of 0 or 1.
    private static func compress(_ m: MachinePointer, _ input: [UInt8], _ gas: Int64) -> Int64 {
        guard input[212] <= 1 else { return -1 }
        let rounds = UInt32(input[0]) << 24 | UInt32(input[1]) << 16 | UInt32(input[2]) << 8 | UInt32(input[3])
        let left = gas &- Int64(rounds)
        guard left >= 0 else { return left }
        var words: [UInt64] = []
        for index in 0..<26 {
            var word: UInt64 = 0
            for byte in 0..<8 { word |= UInt64(input[4 + index * 8 + byte]) << UInt64(8 * byte) }
            words.append(word)
        }
        let output = Blake2F.compress(
            rounds: rounds, h: Array(words[0..<8]), m: Array(words[8..<24]), t0: words[24], t1: words[25], isFinal: input[212] == 1)
        var bytes: [UInt8] = []
        for word in output {
            for byte in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(8 * byte))) }
        }
        unsafe m.pointee.setReturned(bytes)
        return left
    }
}

/// A precompile's input, followed by as many zeros as are asked for.
struct PaddedInput {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// `count` bytes from `start` on; the caller bounds `count`.
    func slice(_ start: Int, _ count: Int) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: count)
        guard start < bytes.count else { return result }
        for index in 0..<min(count, bytes.count - start) { result[index] = bytes[start + index] }
        return result
    }

    func word(_ start: Int) -> UInt256 { UInt256(bigEndianBytes: slice(start, 32)) }
}
