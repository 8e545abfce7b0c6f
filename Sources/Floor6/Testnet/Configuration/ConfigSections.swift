// Floor 6, Testnet: the sections that manifests and node files share.
internal import Node
internal import Primitives

enum ConfigSections {
    /// A minute between blocks is slower than any chain of ours is meant to be.
    private static let longest: UInt64 = 60_000

    static func timing(_ section: ConfigTable) throws(ConfigError) -> TimingConfiguration {
        var section = section
        let standard = TimingConfiguration()
        let block = try section.integer(
            "block_interval_milliseconds", default: standard.blockIntervalMilliseconds, in: 1...longest)
        let idle = try section.integer(
            "idle_block_interval_milliseconds", default: max(block, standard.idleBlockIntervalMilliseconds), in: 1...longest)
        guard idle >= block else {
            throw section.error("idle_block_interval_milliseconds", "must not be less than block_interval_milliseconds (\(block))")
        }
        let base = try section.integer("base_timeout_milliseconds", default: standard.baseTimeoutMilliseconds, in: 10...longest)
        let maximum = try section.integer(
            "maximum_timeout_milliseconds", default: max(base, standard.maximumTimeoutMilliseconds), in: 10...600_000)
        guard maximum >= base else {
            throw section.error("maximum_timeout_milliseconds", "must not be less than base_timeout_milliseconds (\(base))")
        }
        try section.finish()
        return TimingConfiguration(
            blockIntervalMilliseconds: block, idleBlockIntervalMilliseconds: idle, baseTimeoutMilliseconds: base,
            maximumTimeoutMilliseconds: maximum)
    }

    static func mempool(_ section: ConfigTable) throws(ConfigError) -> MempoolConfiguration {
        var section = section
        let standard = MempoolConfiguration()
        let transactions = try section.integer(
            "maximum_transactions", default: UInt64(standard.maximumTransactions), in: 1...1_000_000)
        let bytes = try section.integer("maximum_bytes", default: UInt64(standard.maximumBytes), in: 1 << 20...4 << 30)
        let each = try section.integer(
            "maximum_transactions_per_account", default: UInt64(standard.maximumTransactionsPerAccount), in: 1...100_000)
        let fee = try section.amount("minimum_priority_fee_per_gas", default: standard.minimumPriorityFeePerGas)
        try section.finish()
        return MempoolConfiguration(
            maximumTransactions: Int(transactions), maximumBytes: Int(bytes), maximumTransactionsPerAccount: Int(each),
            minimumPriorityFeePerGas: fee)
    }

    static func storage(_ section: ConfigTable) throws(ConfigError) -> StorageConfiguration {
        var section = section
        let standard = StorageConfiguration().historyBlocks ?? 0
        let blocks = try section.integer("history_blocks", default: standard, in: 0...UInt64(UInt32.max))
        guard blocks == 0 || blocks >= StorageConfiguration.leastHistoryBlocks else {
            throw section.error(
                "history_blocks", "must be at least \(StorageConfiguration.leastHistoryBlocks), or 0 to keep every version of the state")
        }
        try section.finish()
        return StorageConfiguration(historyBlocks: blocks == 0 ? nil : blocks)
    }

    static func text(_ storage: StorageConfiguration) -> String {
        """
        [storage]
        # The state is kept for so many blocks below the head; 0 keeps it for ever.
        history_blocks = \(storage.historyBlocks ?? 0)

        """
    }

    static func text(_ timing: TimingConfiguration) -> String {
        """
        [timing]
        block_interval_milliseconds = \(timing.blockIntervalMilliseconds)
        idle_block_interval_milliseconds = \(timing.idleBlockIntervalMilliseconds)
        base_timeout_milliseconds = \(timing.baseTimeoutMilliseconds)
        maximum_timeout_milliseconds = \(timing.maximumTimeoutMilliseconds)

        """
    }

    static func text(_ mempool: MempoolConfiguration) -> String {
        """
        [mempool]
        maximum_transactions = \(mempool.maximumTransactions)
        maximum_bytes = \(mempool.maximumBytes)
        maximum_transactions_per_account = \(mempool.maximumTransactionsPerAccount)
        minimum_priority_fee_per_gas = "\(mempool.minimumPriorityFeePerGas.decimal)"

        """
    }

    /// A TOML basic string.
    static func quote(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\" + String(scalar)
            default:
                if scalar.value < 0x20 || scalar.value == 0x7f {
                    let digits = String(scalar.value, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result + "\""
    }
}
