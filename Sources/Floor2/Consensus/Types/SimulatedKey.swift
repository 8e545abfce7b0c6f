// Signatures for simulations: a keyed mix of the digest instead of a curve, some thousand times cheaper and worth nothing.
// No text, file or message can name such a key: only Swift code makes one, so no network can be set up with it by mistake.
public import Crypto
public import Primitives

/// A validator's key in a simulation. Whoever knows the number can sign, so an adversary in a simulation must be written to use
/// only numbers of its own.
public struct SimulatedKey: Equatable, Sendable {
    public let number: UInt64

    public init(_ number: UInt64) { self.number = number }

    /// Ascends with the number, so validators that are numbered in order have their numbers' order in the set.
    public var address: Address { Address(w0: 0x5100 << 48, w1: number, w2: 0) }

    /// A signature that encodes like a real one: r and s are scalars, s in the lower half.
    public func sign(_ digest: Hash256) -> RecoverableSignature {
        var state = SimulatedKey.mix(number &+ 0x9e37_79b9_7f4a_7c15)
        state = SimulatedKey.mix(state ^ digest.w0)
        state = SimulatedKey.mix(state ^ digest.w1)
        state = SimulatedKey.mix(state ^ digest.w2)
        state = SimulatedKey.mix(state ^ digest.w3)
        let second = SimulatedKey.mix(state)
        return RecoverableSignature(
            r: UInt256(l0: state | 1, l1: number, l2: 0, l3: 0), s: UInt256(l0: second | 1, l1: state, l2: 0, l3: 0),
            yParity: UInt8(truncatingIfNeeded: second >> 63))
    }

    /// A bijection of 64-bit words in which every input bit moves every output bit.
    @inline(__always)
    private static func mix(_ value: UInt64) -> UInt64 {
        var word = (value ^ (value >> 32)) &* 0xd6e8_feb8_6659_fd93
        word = (word ^ (word >> 32)) &* 0xd6e8_feb8_6659_fd93
        return word ^ (word >> 32)
    }
}
