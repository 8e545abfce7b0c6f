// Floor 5, RPC: the state that simulated transactions see: a block's, with the caller's overrides and with what earlier
// transactions of the same request have changed, read until the time is up.
//
// Invariant: what is kept here stands for the base; `wiped` accounts have no storage but what is kept here.
import Engine
import Primitives

/// A changeable state over an unchangeable one. Confined to one thread, as its base is.
final class OverlayDatabase: StateDatabase {
    private let base: StateDatabase
    private let deadline: ContinuousClock.Instant
    private var accounts: [Address: AccountRecord?] = [:]
    private var slots: [Address: [UInt256: UInt256]] = [:]
    private var wiped: Set<Address> = []
    private var codes: [Hash256: [UInt8]] = [:]
    private var hashes: [UInt64: Hash256] = [:]
    /// Whether a read was refused because the time was up.
    private(set) var isTimeUp = false

    init(base: StateDatabase, deadline: ContinuousClock.Instant) {
        self.base = base
        self.deadline = deadline
        super.init()
    }

    // MARK: - Changes

    func apply(_ overrides: StateOverrides) throws(StateError) {
        for (address, override) in overrides.accounts {
            var record = try account(address) ?? AccountRecord()
            if let balance = override.balance { record.balance = balance }
            if let nonce = override.nonce { record.nonce = nonce }
            if let code = override.code {
                record.codeHash = Keccak256.hash(code)
                codes[record.codeHash] = code
            }
            accounts[address] = .some(record.isEmpty ? nil : record)
            if let storage = override.storage {
                wiped.insert(address)
                slots[address] = storage
            }
            for (slot, value) in override.storageDifference { slots[address, default: [:]][slot] = value }
        }
    }

    /// Takes over what an executor on this state has changed.
    func apply(_ changes: StateChanges) {
        for change in changes.accounts {
            accounts[change.address] = .some(change.record)
            if change.record == nil {
                wiped.insert(change.address)
                slots[change.address] = nil
            }
        }
        for change in changes.storage { slots[change.address, default: [:]][change.slot] = change.value }
        for change in changes.code { codes[change.hash] = change.code }
    }

    /// From now on BLOCKHASH knows this block.
    func setBlockHash(_ number: UInt64, _ hash: Hash256) { hashes[number] = hash }

    // MARK: - Reads

    private func checkTime() throws(StateError) {
        if ContinuousClock.now < deadline { return }
        isTimeUp = true
        throw .unavailable
    }

    override func account(_ address: Address) throws(StateError) -> AccountRecord? {
        try checkTime()
        if let known = accounts[address] { return known }
        return try base.account(address)
    }

    override func storage(_ address: Address, _ slot: UInt256) throws(StateError) -> UInt256 {
        try checkTime()
        if let known = slots[address]?[slot] { return known }
        return wiped.contains(address) ? .zero : try base.storage(address, slot)
    }

    override func code(_ hash: Hash256) throws(StateError) -> [UInt8] {
        try checkTime()
        if let code = codes[hash] { return code }
        return try base.code(hash)
    }

    override func blockHash(_ number: UInt64) throws(StateError) -> Hash256? {
        try checkTime()
        if let known = hashes[number] { return known }
        return try base.blockHash(number)
    }

    override func hasStorage(_ address: Address) throws(StateError) -> Bool {
        if let known = slots[address], known.values.contains(where: { !$0.isZero }) { return true }
        return wiped.contains(address) ? false : try base.hasStorage(address)
    }
}
