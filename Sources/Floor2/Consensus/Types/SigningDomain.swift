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
        var hasher = StructHasher()
        hasher.absorb(Keccak256.hash(Array(SigningDomain.type.utf8)))
        hasher.absorb(Keccak256.hash(Array(SigningDomain.name.utf8)))
        hasher.absorb(Keccak256.hash(Array(SigningDomain.version.utf8)))
        hasher.absorb(chainId)
        hasher.absorb(Hash256.zero)
        hasher.absorb(genesisHash)
        separator = hasher.finish()
    }

    /// The digest that is signed: Keccak-256(0x19 0x01 ‖ separator ‖ structHash).
    public func digest(_ structHash: Hash256) -> Hash256 {
        StructHasher.digest(separator: separator, structHash: structHash)
    }
}
