// The EIP-712 domain of a chain: signatures of one chain mean nothing on another.
public import Primitives

/// Separates the signatures of this chain from all others (EIP-712). Name "Hyperseq", version "1", no verifying contract, and the
/// hash of the genesis header as salt.
public struct SigningDomain: Equatable, Sendable {
    public let chainId: UInt64
    public let salt: Hash256
    /// The domain separator: hashStruct of the domain.
    public let separator: Hash256

    public static let name = "Hyperseq"
    public static let version = "1"
    static let type = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)"

    public init(chainId: UInt64, genesisHash: Hash256) {
        self.chainId = chainId
        self.salt = genesisHash
        var writer = CanonicalWriter(capacity: 6 * 32)
        writer.write(Keccak256.hash(Array(SigningDomain.type.utf8)))
        writer.write(Keccak256.hash(Array(SigningDomain.name.utf8)))
        writer.write(Keccak256.hash(Array(SigningDomain.version.utf8)))
        writer.writeWord(chainId)
        writer.write(Hash256.zero)
        writer.write(genesisHash)
        separator = Keccak256.hash(writer.bytes)
    }

    /// The digest that is signed: Keccak-256(0x19 0x01 ‖ separator ‖ structHash).
    public func digest(_ structHash: Hash256) -> Hash256 {
        var writer = CanonicalWriter(capacity: 66)
        writer.write(UInt16(0x1901))
        writer.write(separator)
        writer.write(structHash)
        return Keccak256.hash(writer.bytes)
    }
}

extension CanonicalWriter {
    /// A number as a 32-byte word, as EIP-712 encodes integers.
    mutating func writeWord(_ value: UInt64) {
        write(Hash256(w0: 0, w1: 0, w2: 0, w3: value))
    }
}
