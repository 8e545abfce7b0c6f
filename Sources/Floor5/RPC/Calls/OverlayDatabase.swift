// Floor 5, RPC: the state that a call sees: the chain's state with the caller's overrides, read until the time is up.
import Engine
import Primitives

/// State overrides of `eth_call` (third parameter).
struct StateOverrides {
    struct Account {
        var balance: UInt256?
        var nonce: UInt64?
        var code: [UInt8]?
        /// Replaces the whole storage.
        var storage: [UInt256: UInt256]?
        /// Replaces single slots.
        var storageDifference: [UInt256: UInt256] = [:]
    }

    var accounts: [Address: Account] = [:]

    init(_ value: JSONValue?, argument: Int) throws(RPCError) {
        guard let value else { return }
        guard case .object(let members) = value else { throw .invalidArgument(argument, "an object of state overrides is expected") }
        for member in members {
            let address: Address
            do throws(HexText.Failure) { address = try HexText.address(member.name) } catch {
                throw .invalidArgument(argument, "state overrides: \(error.message)")
            }
            accounts[address] = try StateOverrides.account(member.value, argument)
        }
    }

    private static func account(_ value: JSONValue, _ argument: Int) throws(RPCError) -> Account {
        let reader = FieldReader(value, argument: argument)
        var account = Account()
        if reader.member("movePrecompileToAddress") != nil {
            throw .invalidArgument(argument, "movePrecompileToAddress is not available")
        }
        account.balance = try reader.quantity("balance")
        if let nonce = try reader.quantity("nonce") {
            guard let nonce = nonce.asUInt64 else { throw .invalidArgument(argument, "nonce: hex number > 64 bits") }
            account.nonce = nonce
        }
        account.code = try reader.data("code")
        if let state = reader.member("state") { account.storage = try slots(state, argument) }
        if let difference = reader.member("stateDiff") {
            guard account.storage == nil else { throw .invalidArgument(argument, "an account has both 'state' and 'stateDiff'") }
            account.storageDifference = try slots(difference, argument)
        }
        return account
    }

    private static func slots(_ value: JSONValue, _ argument: Int) throws(RPCError) -> [UInt256: UInt256] {
        guard case .object(let members) = value else { throw .invalidArgument(argument, "storage must be an object") }
        var slots: [UInt256: UInt256] = [:]
        for member in members {
            do throws(HexText.Failure) {
                guard let text = member.value.text else { throw HexText.Failure(message: "a value is no string") }
                slots[try HexText.word(member.name)] = try HexText.word(text)
            } catch {
                throw .invalidArgument(argument, "storage: \(error.message)")
            }
        }
        return slots
    }
}

/// A state with overrides and a deadline. Confined to one thread, as its base is.
final class OverlayDatabase: StateDatabase {
    private let base: StateDatabase
    private let overrides: StateOverrides
    private let deadline: ContinuousClock.Instant
    private var codes: [Hash256: [UInt8]] = [:]
    /// Whether a read was refused because the time was up.
    private(set) var isTimeUp = false

    init(base: StateDatabase, overrides: StateOverrides, deadline: ContinuousClock.Instant) {
        self.base = base
        self.overrides = overrides
        self.deadline = deadline
        super.init()
        for account in overrides.accounts.values {
            if let code = account.code { codes[Keccak256.hash(code)] = code }
        }
    }

    private func checkTime() throws(StateError) {
        if ContinuousClock.now < deadline { return }
        isTimeUp = true
        throw .unavailable
    }

    override func account(_ address: Address) throws(StateError) -> AccountRecord? {
        try checkTime()
        let record = try base.account(address)
        guard let override = overrides.accounts[address] else { return record }
        var changed = record ?? AccountRecord()
        if let balance = override.balance { changed.balance = balance }
        if let nonce = override.nonce { changed.nonce = nonce }
        if let code = override.code { changed.codeHash = Keccak256.hash(code) }
        return changed.isEmpty ? nil : changed
    }

    override func storage(_ address: Address, _ slot: UInt256) throws(StateError) -> UInt256 {
        try checkTime()
        guard let override = overrides.accounts[address] else { return try base.storage(address, slot) }
        if let storage = override.storage { return storage[slot] ?? .zero }
        if let value = override.storageDifference[slot] { return value }
        return try base.storage(address, slot)
    }

    override func code(_ hash: Hash256) throws(StateError) -> [UInt8] {
        try checkTime()
        if let code = codes[hash] { return code }
        return try base.code(hash)
    }

    override func blockHash(_ number: UInt64) throws(StateError) -> Hash256? {
        try checkTime()
        return try base.blockHash(number)
    }

    override func hasStorage(_ address: Address) throws(StateError) -> Bool {
        guard let override = overrides.accounts[address] else { return try base.hasStorage(address) }
        if let storage = override.storage { return storage.values.contains { !$0.isZero } }
        if override.storageDifference.values.contains(where: { !$0.isZero }) { return true }
        return try base.hasStorage(address)
    }
}
