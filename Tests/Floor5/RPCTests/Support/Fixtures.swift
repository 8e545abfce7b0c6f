// Keys, contracts and transactions of the tests.
import Crypto
import Engine
import Primitives

enum Fixtures {
    static let alice = SecretKey([UInt8](repeating: 0x11, count: 32))!
    static let bob = SecretKey([UInt8](repeating: 0x22, count: 32))!
    static let ether: UInt256 = 1_000_000_000_000_000_000

    /// LOG2 with the first two words of the calldata as topics and no data.
    static let logger = Address(small: 0x1001)
    /// REVERT with `Error("no")`.
    static let reverter = Address(small: 0x1002)
    /// Slot 0 is raised by one.
    static let counter = Address(small: 0x1003)
    /// Returns GAS.
    static let gasTeller = Address(small: 0x1004)
    /// Runs until the gas is gone.
    static let endless = Address(small: 0x1005)
    /// Calls the counter and returns whether that succeeded.
    static let swallower = Address(small: 0x1006)
    /// REVERT with `Panic(0x11)`.
    static let panicker = Address(small: 0x1007)
    /// INVALID.
    static let invalid = Address(small: 0x1008)

    static func world() -> World {
        var world = World()
        world.accounts[alice.address] = AccountRecord(nonce: 0, balance: ether)
        world.accounts[bob.address] = AccountRecord(nonce: 0, balance: ether)
        world.install(logger, code: bytes("602035600035600060 00a200"))
        world.install(reverter, code: revert(with: errorString))
        world.install(counter, code: bytes("600054600101 60005500"))
        world.install(gasTeller, code: bytes("5a60005260206000f3"))
        world.install(endless, code: bytes("5b600056"))
        // CALL(gas, counter, 0, 0, 0, 0, 0); MSTORE(0, success); RETURN(0, 32)
        world.install(swallower, code: bytes("6000600060006000600061 10035af160005260206000f3"))
        world.install(panicker, code: revert(with: bytes("4e487b71" + String(repeating: "0", count: 62) + "11")))
        world.install(invalid, code: bytes("fe"))
        return world
    }

    static let errorString = bytes(
        "08c379a0" + String(repeating: "0", count: 62) + "20" + String(repeating: "0", count: 63) + "2" + "6e6f"
            + String(repeating: "0", count: 60))

    static func bytes(_ hex: String) -> [UInt8] { Hex.decode(hex.filter { $0 != " " })! }

    /// Code that reverts with these bytes.
    static func revert(with data: [UInt8]) -> [UInt8] {
        var code: [UInt8] = []
        var offset = 0
        while offset < data.count {
            var word = Array(data[offset..<min(offset + 32, data.count)])
            word += [UInt8](repeating: 0, count: 32 - word.count)
            code += [0x7f] + word + [0x60, UInt8(offset), 0x52]
            offset += 32
        }
        return code + [0x60, UInt8(data.count), 0x60, 0, 0xfd]
    }

    static func word(_ value: UInt64) -> [UInt8] { UInt256(value).bigEndianBytes }

    static func transaction(
        _ type: TransactionType = .dynamicFee, key: SecretKey = alice, nonce: UInt64, to: Address?, value: UInt256 = .zero,
        data: [UInt8] = [], gas: UInt64 = 200_000, tip: UInt256 = 7, chainID: UInt64? = FakeNode.chain,
        accessList: [AccessListEntry] = [], authorizations: [Authorization] = []
    ) -> Transaction {
        let price: UInt256 = 5_000
        return Transaction(
            type: type, chainID: chainID, nonce: nonce, gasLimit: gas, maxFeePerGas: price,
            maxPriorityFeePerGas: type.rawValue < 2 ? price : tip, to: to, value: value, data: data, accessList: accessList,
            authorizations: authorizations
        ).signed(with: key)
    }

    static func log(_ first: UInt64, _ second: UInt64, nonce: UInt64) -> Transaction {
        transaction(nonce: nonce, to: logger, data: word(first) + word(second))
    }
}
