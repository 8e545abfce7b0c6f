// Floor 6, GuestChecks: keys and genesis states of the chains that batches are drawn on.
import Crypto
import Engine
import Primitives

enum TestAccounts {
    /// A key that is no secret. `number` is from 1.
    static func key(_ number: Int) -> SecretKey {
        var bytes = [UInt8](repeating: 0, count: 32)
        bytes[30] = UInt8(truncatingIfNeeded: number >> 8)
        bytes[31] = UInt8(truncatingIfNeeded: number)
        guard let key = SecretKey(bytes) else { preconditionFailure("numbers from 1 on are scalars") }
        return key
    }

    /// Collects the accounts of a genesis.
    struct Genesis {
        private var accounts: [AccountChange] = []
        private var storage: [StorageChange] = []
        private var codes: [CodeChange] = []

        init() { add(SystemContract.history, balance: .zero, nonce: 1, code: TestAccounts.historyCode) }

        mutating func add(
            _ address: Address, balance: UInt256, nonce: UInt64 = 0, code: [UInt8] = [], storage slots: [(slot: UInt256, value: UInt256)] = []
        ) {
            let hash = Keccak256.hash(code)
            accounts.append(
                AccountChange(
                    address: address, record: AccountRecord(nonce: code.isEmpty ? nonce : max(nonce, 1), balance: balance, codeHash: hash)))
            for entry in slots { storage.append(StorageChange(address: address, slot: entry.slot, value: entry.value)) }
            if !code.isEmpty, !codes.contains(where: { $0.hash == hash }) { codes.append(CodeChange(hash: hash, code: code)) }
        }

        var changes: StateChanges {
            StateChanges(
                accounts: accounts.sorted { $0.address < $1.address },
                storage: storage.sorted { ($0.address, $0.slot) < ($1.address, $1.slot) }, code: codes.sorted { $0.hash < $1.hash })
        }
    }

    /// The EIP-2935 history contract, as every chain has it.
    static let historyCode = bytes(
        "3373fffffffffffffffffffffffffffffffffffffffe14604657602036036042575f35600143038111604257611fff81430311604257611fff9006545f5260205ff35b5f5ffd5b5f35611fff60014303065500"
    )

    static func bytes(_ hex: String) -> [UInt8] {
        guard let bytes = Hex.decode(hex) else { preconditionFailure("a constant in this file is no hexadecimal") }
        return bytes
    }
}
