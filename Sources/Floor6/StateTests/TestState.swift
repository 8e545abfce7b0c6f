// Floor 6, StateTests: a state small enough to be kept in a dictionary, as database and as the thing whose root is compared.
import Engine
import Primitives

struct TestAccount {
    var record: AccountRecord
    var storage: [UInt256: UInt256]
}

struct TestState {
    private(set) var accounts: [Address: TestAccount] = [:]
    private(set) var codes: [Hash256: [UInt8]] = [:]

    init(_ members: [(key: String, value: JSONValue)]) throws(StateTestFormatError) {
        for (key, json) in members {
            guard let address = Address(hex: key) else { throw StateTestFormatError(field: "pre") }
            let code = try Field.bytes(json["code"], "code")
            var storage: [UInt256: UInt256] = [:]
            for (slot, value) in json["storage"]?.members ?? [] {
                storage[try Field.uint256(.string(slot), "storage")] = try Field.uint256(value, "storage")
            }
            let hash = Keccak256.hash(code)
            codes[hash] = code
            accounts[address] = TestAccount(
                record: AccountRecord(
                    nonce: try Field.uint64(json["nonce"], "nonce"), balance: try Field.uint256(json["balance"], "balance"),
                    codeHash: hash), storage: storage)
        }
    }

    mutating func apply(_ changes: StateChanges) {
        for change in changes.accounts {
            if let record = change.record {
                accounts[change.address, default: TestAccount(record: record, storage: [:])].record = record
            } else {
                accounts[change.address] = nil
            }
        }
        for change in changes.storage { accounts[change.address]?.storage[change.slot] = change.value }
    }

    /// The whole state as the changes that make it from nothing.
    var changes: StateChanges {
        var changes = StateChanges()
        for (address, account) in accounts.sorted(by: { $0.key < $1.key }) {
            changes.accounts.append(AccountChange(address: address, record: account.record))
            for (slot, value) in account.storage.sorted(by: { $0.key < $1.key }) where !value.isZero {
                changes.storage.append(StorageChange(address: address, slot: slot, value: value))
            }
        }
        for (hash, code) in codes.sorted(by: { $0.key < $1.key }) { changes.code.append(CodeChange(hash: hash, code: code)) }
        return changes
    }

    var root: Hash256 {
        EthereumStateRoot.root(
            accounts: accounts.map { address, account in
                (address, account.record, storage: account.storage.map { ($0.key, $0.value) })
            })
    }
}

/// The state before a test's transaction.
final class TestDatabase: StateDatabase {
    private let state: TestState

    init(_ state: TestState) {
        self.state = state
        super.init()
    }

    override func account(_ address: Address) throws(StateError) -> AccountRecord? { state.accounts[address]?.record }

    override func storage(_ address: Address, _ slot: UInt256) throws(StateError) -> UInt256 {
        state.accounts[address]?.storage[slot] ?? .zero
    }

    override func code(_ hash: Hash256) throws(StateError) -> [UInt8] {
        guard let code = state.codes[hash] else { throw .unavailable }
        return code
    }

    /// The convention of upstream's state tests.
    override func blockHash(_ number: UInt64) throws(StateError) -> Hash256? { Keccak256.hash(Array(String(number).utf8)) }

    override func hasStorage(_ address: Address) throws(StateError) -> Bool {
        state.accounts[address]?.storage.contains { !$0.value.isZero } ?? false
    }
}
