// Floor 6, Testnet: the transactions that a run sends.

/// The section `[load]`: transfers of a wei from one funded account to the next. A rate of 0 sends nothing.
public struct LoadConfiguration: Equatable, Sendable {
    /// Transactions per second over all senders.
    public var ratePerSecond: UInt64
    /// Accounts that send, each in the order of its nonces.
    public var senders: Int
    /// Nodes that take the transactions, in turns.
    public var nodes: [String]
    /// After the chain has started.
    public var startMilliseconds: UInt64
    /// `nil`: until the end of the run.
    public var stopMilliseconds: UInt64?
}

extension LoadConfiguration {
    private static let rateLimit: UInt64 = 5_000
    private static let defaultSenders: UInt64 = 10

    static func parse(_ section: ConfigTable, nodes: [ManifestNode], fundedAccounts: Int) throws(ConfigError) -> LoadConfiguration {
        var section = section
        let rate = try section.integer("rate", default: 0, in: 0...rateLimit)
        let senders = try section.integer("senders", default: defaultSenders, in: 1...1_000)
        guard rate == 0 || senders <= UInt64(fundedAccounts) else {
            throw section.error("senders", "needs \(senders) funded accounts, and there are \(fundedAccounts); raise genesis.extra_accounts")
        }
        let names = try section.optionalStrings("nodes") ?? nodes.map { $0.name }
        if let unknown = names.first(where: { name in !nodes.contains { $0.name == name } }) {
            throw section.error("nodes", "there is no node \"\(unknown)\"")
        }
        guard !names.isEmpty else { throw section.error("nodes", "names no node") }
        let start = try section.duration("start", default: 0)
        let stop = try section.optionalDuration("stop")
        if let stop, stop <= start { throw section.error("stop", "must be later than start") }
        try section.finish()
        return LoadConfiguration(
            ratePerSecond: rate, senders: Int(senders), nodes: names, startMilliseconds: start, stopMilliseconds: stop)
    }
}
