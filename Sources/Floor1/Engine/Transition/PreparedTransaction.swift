// Floor 1, Engine: a raw transaction, checked as far as that needs no state.
public import Primitives

/// A transaction that passed every check that needs no state.
public struct PreparedTransaction: Equatable, Sendable {
    public var raw: [UInt8]
    public var hash: Hash256
    public var sender: Address
    public var transaction: Transaction

    public init(raw: [UInt8], hash: Hash256, sender: Address, transaction: Transaction) {
        self.raw = raw
        self.hash = hash
        self.sender = sender
        self.transaction = transaction
    }

    /// Decodes a raw transaction, checks its chain and recovers its sender.
    public static func prepare(_ raw: [UInt8], chainID: UInt64) throws(TransactionRefusal) -> PreparedTransaction {
        let transaction = try decode(raw, chainID: chainID)
        guard let sender = transaction.recoverSender() else { throw .invalidSender }
        return PreparedTransaction(raw: raw, hash: Keccak256.hash(raw), sender: sender, transaction: transaction)
    }

    static func decode(_ raw: [UInt8], chainID: UInt64) throws(TransactionRefusal) -> Transaction {
        let transaction: Transaction
        do {
            transaction = try Transaction.decode(raw)
        } catch {
            throw .undecodable(error)
        }
        guard let own = transaction.chainID else {
            throw .notReplayProtected
        }
        guard own == chainID else { throw .wrongChainID(have: own, want: chainID) }
        return transaction
    }
}

/// Why a raw transaction can't be ordered on this chain.
public enum TransactionRefusal: Error, Equatable, Sendable {
    case undecodable(TransactionDecodingError)
    case notReplayProtected
    case wrongChainID(have: UInt64, want: UInt64)
    case invalidSender

    /// In go-ethereum's words.
    public var message: String {
        switch self {
        case .undecodable(let error): error.message
        case .notReplayProtected: "only replay-protected (EIP-155) transactions allowed"
        case .wrongChainID(let have, let want): "invalid chain id for signer: have \(have) want \(want)"
        case .invalidSender: "invalid sender"
        }
    }
}
