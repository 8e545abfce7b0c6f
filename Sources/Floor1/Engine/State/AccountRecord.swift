// Floor 1, Engine: what an account is.
public import Primitives

/// The part of an account that is not its storage.
///
/// An account that is empty by EIP-161 (no nonce, no balance, no code) does not exist in the state.
public struct AccountRecord: Equatable, Sendable {
    public var nonce: UInt64
    public var balance: UInt256
    /// Keccak-256 of the code; `Keccak256.empty` when there is none.
    public var codeHash: Hash256

    public init(nonce: UInt64 = 0, balance: UInt256 = .zero, codeHash: Hash256 = Keccak256.empty) {
        self.nonce = nonce
        self.balance = balance
        self.codeHash = codeHash
    }

    /// EIP-161.
    public var isEmpty: Bool { nonce == 0 && balance.isZero && codeHash == Keccak256.empty }
}
