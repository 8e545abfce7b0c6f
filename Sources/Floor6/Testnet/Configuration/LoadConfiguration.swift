// Floor 6, Testnet: the transactions that a run sends.

/// What the transactions do.
public enum LoadKind: String, Equatable, Sendable, CaseIterable {
    /// A wei from one account to the next.
    case transfer
    /// A token from one account to the next, by a call of a contract.
    case erc20
    /// Both in turns.
    case mixed
}

/// The section `[load]`. A rate of 0 sends nothing.
public struct LoadConfiguration: Equatable, Sendable {
    public var kind: LoadKind
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
    private static let defaultSenders: UInt64 = 20

    static func parse(_ section: ConfigTable, nodes: [ManifestNode], needs: inout [RunnerNeed]) throws(ConfigError) -> LoadConfiguration {
        var section = section
        let text = try section.string("kind", default: LoadKind.transfer.rawValue)
        guard let kind = LoadKind(rawValue: text) else {
            throw section.error("kind", "must be one of \(LoadKind.allCases.map { $0.rawValue }.joined(separator: ", ")), not \"\(text)\"")
        }
        let table = section
        if kind != .transfer {
            needs.append(RunnerNeed(what: "the load \"\(kind.rawValue)\"", runners: [.processes], error: { table.error("kind", $0) }))
        }
        let rate = try section.integer("rate", default: 0, in: 0...rateLimit)
        let senders = try section.integer("senders", default: defaultSenders, in: 1...1_000)
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
            kind: kind, ratePerSecond: rate, senders: Int(senders), nodes: names, startMilliseconds: start, stopMilliseconds: stop)
    }
}
