// Floor 5, RPC: state overrides, accounts as a client wants them for a call (execution-apis `StateOverrides`).
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
