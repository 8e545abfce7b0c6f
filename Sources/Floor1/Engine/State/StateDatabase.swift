// Floor 1, Engine: where state comes from when it is not yet in the journal.
public import Primitives

/// Why a piece of state could not be read or kept.
public enum StateError: Error, Equatable, Sendable {
    /// It could not be read: a broken disk natively, an incomplete witness in the guest.
    case unavailable
    /// The state tree has no position left for a new key.
    case treeFull
}

/// The state before a block, read once per account and slot and then kept by the journal.
///
/// A class and not a protocol: the guest has no existentials, and a virtual call on a miss costs nothing beside the read.
/// The base class is the empty state. Implementations are confined to one thread.
open class StateDatabase {
    public init() {}

    /// The account, or `nil` when it does not exist.
    open func account(_ address: Address) throws(StateError) -> AccountRecord? { nil }

    /// The value of a storage slot, zero when it was never set.
    open func storage(_ address: Address, _ slot: UInt256) throws(StateError) -> UInt256 { .zero }

    /// The code with this Keccak-256 hash; only asked for hashes of existing accounts.
    open func code(_ hash: Hash256) throws(StateError) -> [UInt8] { throw .unavailable }

    /// The hash of one of the last 256 blocks, or `nil` (BLOCKHASH).
    open func blockHash(_ number: UInt64) throws(StateError) -> Hash256? { nil }

    /// Whether an account has any storage (only for the creation collision rule of EIP-7610).
    open func hasStorage(_ address: Address) throws(StateError) -> Bool { false }
}

/// One changed account: `record` is `nil` when it ceased to exist.
public struct AccountChange: Equatable, Sendable {
    public var address: Address
    public var record: AccountRecord?

    public init(address: Address, record: AccountRecord?) {
        self.address = address
        self.record = record
    }
}

/// One changed storage slot; zero clears it.
public struct StorageChange: Equatable, Sendable {
    public var address: Address
    public var slot: UInt256
    public var value: UInt256

    public init(address: Address, slot: UInt256, value: UInt256) {
        self.address = address
        self.slot = slot
        self.value = value
    }
}

/// New code by its hash.
public struct CodeChange: Equatable, Sendable {
    public var hash: Hash256
    public var code: [UInt8]

    public init(hash: Hash256, code: [UInt8]) {
        self.hash = hash
        self.code = code
    }
}

/// The net effect of a block on the state: only values that differ from the state before it.
///
/// Invariants: `accounts` ascends by address, `storage` by (address, slot), `code` by hash; no duplicates.
public struct StateChanges: Equatable, Sendable {
    public var accounts: [AccountChange]
    public var storage: [StorageChange]
    public var code: [CodeChange]

    public init(accounts: [AccountChange] = [], storage: [StorageChange] = [], code: [CodeChange] = []) {
        self.accounts = accounts
        self.storage = storage
        self.code = code
    }
}
