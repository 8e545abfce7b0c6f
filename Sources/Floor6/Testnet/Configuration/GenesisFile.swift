// Floor 6, Testnet: the genesis of a chain as a TOML file that all its nodes share.
internal import Crypto
public import Executor
internal import Primitives

/// Reads and writes `genesis.toml`.
public enum GenesisFile {
    /// Some 400,000 plain accounts.
    static let sizeLimit = 64 << 20
    /// EIP-170, and what a contract's initial storage may reasonably be.
    private static let codeLimit = 24_576

    /// The text of the file.
    public static func text(_ genesis: Genesis) -> String {
        var text = """
            # The definition of a chain at height 0. Every node of the chain holds the same content.
            chain_id = \(genesis.chainID)
            timestamp_milliseconds = \(genesis.timestampMilliseconds)
            gas_limit = \(genesis.gasLimit)
            base_fee_per_gas = "\(genesis.baseFeePerGas.decimal)"

            """
        for validator in genesis.validators {
            text += """

                [[validator]]
                public_key = "\(Hex.encode(validator.publicKey))"
                stake = \(validator.stake)
                node_id = "\(validator.nodeID.hex)"

                """
        }
        for account in genesis.accounts {
            text += "\n[[account]]\naddress = \"\(account.address.hex)\"\nbalance = \"\(account.balance.decimal)\"\n"
            if account.nonce != 0 { text += "nonce = \(account.nonce)\n" }
            if !account.code.isEmpty { text += "code = \"\(Hex.encode(account.code))\"\n" }
            if !account.storage.isEmpty {
                let slots = account.storage.map { "\"\($0.slot.quantityHex)\" = \"\($0.value.quantityHex)\"" }
                text += "storage = { \(slots.joined(separator: ", ")) }\n"
            }
        }
        return text
    }

    /// Reads a file and checks the invariants of `Genesis`.
    public static func load(path: String) throws(ConfigError) -> Genesis {
        try parse(ConfigDocument(path: path, limit: sizeLimit))
    }

    /// Reads the text of a file; `file` names it in errors.
    public static func parse(text: [UInt8], file: String) throws(ConfigError) -> Genesis {
        try parse(ConfigDocument(text: text, file: file, limit: sizeLimit))
    }

    private static func parse(_ document: ConfigDocument) throws(ConfigError) -> Genesis {
        var root = document.root
        let chainID = try root.integer("chain_id", in: 1...Manifest.chainIDLimit)
        let timestamp = try root.integer("timestamp_milliseconds", in: 0...(1 << 52))
        let gasLimit = try root.integer("gas_limit", in: 1_000_000...10_000_000_000)
        let baseFee = try root.amount("base_fee_per_gas")
        var validators: [GenesisValidator] = []
        for section in try root.tables("validator") {
            let validator = try validator(section)
            guard !validators.contains(where: { $0.publicKey == validator.publicKey || $0.nodeID == validator.nodeID }) else {
                throw section.error(nil, "has the public_key or node_id of another validator")
            }
            validators.append(validator)
        }
        guard !validators.isEmpty else { throw root.error(nil, "has no [[validator]]") }
        var accounts: [GenesisAccount] = []
        for section in try root.tables("account") { accounts.append(try account(section)) }
        accounts.sort { $0.address < $1.address }
        for (first, second) in zip(accounts, accounts.dropFirst()) where first.address == second.address {
            throw root.error("account", "names \(first.address.hex) twice")
        }
        try root.finish()
        return Genesis(
            chainID: chainID, timestampMilliseconds: timestamp, gasLimit: gasLimit, baseFeePerGas: baseFee, accounts: accounts,
            validators: validators)
    }

    private static func validator(_ section: ConfigTable) throws(ConfigError) -> GenesisValidator {
        var section = section
        let text = try section.string("public_key")
        guard let bytes = Hex.decode(text), let key = PublicKey(compressed: bytes) else {
            throw section.error("public_key", "is not a compressed secp256k1 key (33 bytes in hexadecimal)")
        }
        let stake = try section.integer("stake", in: 1...Manifest.stakeLimit)
        guard let nodeID = Hash256(hex: try section.string("node_id")) else {
            throw section.error("node_id", "is not 32 bytes in hexadecimal")
        }
        try section.finish()
        return GenesisValidator(publicKey: key.compressed, stake: stake, nodeID: nodeID)
    }

    private static func account(_ section: ConfigTable) throws(ConfigError) -> GenesisAccount {
        var section = section
        guard let address = Address(hex: try section.string("address")) else {
            throw section.error("address", "is not an address (0x and 40 hexadecimal digits)")
        }
        let balance = try section.amount("balance", default: .zero)
        let nonce = try section.integer("nonce", default: 0, in: 0...UInt64(Int64.max))
        guard let code = Hex.decode(try section.string("code", default: "0x")), code.count <= codeLimit else {
            throw section.error("code", "is not hexadecimal of at most \(codeLimit) bytes")
        }
        var slots: [GenesisAccount.StorageSlot] = []
        var storage = try section.table("storage")
        for key in storage.keys {
            guard let slot = UInt256(quantityHex: key) else { throw storage.error(key, "is not a slot (0x and up to 64 digits)") }
            guard let value = UInt256(quantityHex: try storage.string(key)), !value.isZero else {
                throw storage.error(key, "must be 0x and up to 64 digits, and not zero")
            }
            slots.append(.init(slot: slot, value: value))
        }
        slots.sort { $0.slot < $1.slot }
        for (first, second) in zip(slots, slots.dropFirst()) where first.slot == second.slot {
            throw section.error("storage", "names slot \(first.slot.quantityHex) twice")
        }
        try section.finish()
        return GenesisAccount(address: address, balance: balance, nonce: nonce, code: code, storage: slots)
    }
}
