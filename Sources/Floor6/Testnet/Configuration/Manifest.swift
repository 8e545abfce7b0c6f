// Floor 6, Testnet: what a manifest says. Every value has a default, so the empty manifest is a network of four validators.
public import Node
public import Primitives

/// A test network as a file describes it.
public struct Manifest: Equatable, Sendable {
    public var name: String
    public var about: String
    /// Those that can do all that it asks for: at least one.
    public var runners: [ManifestRunner]
    /// Draws nodes, faults and, in the simulator, everything else.
    public var seed: UInt64
    /// How long a run takes from the start of the chain to the moment when faults and load are over.
    public var durationMilliseconds: UInt64
    public var chainID: UInt64
    public var gasLimit: UInt64
    public var baseFeePerGas: UInt256
    /// How many of the ten well-known accounts are funded.
    public var accounts: Int
    /// How many derived accounts are funded besides.
    public var extraAccounts: Int
    /// What each of them gets, in wei.
    public var balance: UInt256
    /// Further balances by address, ascending.
    public var balances: [ManifestBalance]
    /// In natural order of their names (v2 before v10).
    public var nodes: [ManifestNode]
    public var timing: TimingConfiguration
    public var mempool: MempoolConfiguration
    public var links: LinkPlan
    public var faults: [Fault]
    public var load: LoadConfiguration
    public var expectations: Expectations
    public var report: ReportConfiguration
}

/// A balance that a manifest names.
public struct ManifestBalance: Equatable, Sendable {
    public var address: Address
    public var balance: UInt256
}

extension Manifest {
    public static let defaultChainID: UInt64 = 6_060
    public static let defaultGasLimit: UInt64 = 30_000_000
    static let defaultBaseFee = UInt256(1_000_000_000)
    static let defaultStake: UInt64 = 100
    /// 10,000 ether.
    static let defaultBalance = UInt256(10_000).multiplied(by: UInt256(1_000_000_000_000_000_000)) ?? .zero
    static let nodeLimit = 128
    /// Processes that one machine may be asked to run.
    static let processLimit = 64
    static let defaultDurationMilliseconds: UInt64 = 30_000
    /// Validators times this stays far below 2^64.
    static let stakeLimit: UInt64 = 1 << 40
    static let extraAccountLimit: UInt64 = 20_000
    /// Wallets keep chain IDs in doubles.
    static let chainIDLimit: UInt64 = 1 << 52

    /// Reads a manifest file.
    public static func load(path: String) throws(ConfigError) -> Manifest {
        try parse(ConfigDocument(path: path))
    }

    /// Reads a manifest's text; `file` names it in errors.
    public static func parse(text: [UInt8], file: String) throws(ConfigError) -> Manifest {
        try parse(ConfigDocument(text: text, file: file))
    }

    private static func parse(_ document: ConfigDocument) throws(ConfigError) -> Manifest {
        var root = document.root
        var needs: [RunnerNeed] = []
        _ = try root.integer("schema", default: 1, in: 1...1)
        let name = try root.string("name", default: stem(document.file))
        guard isName(name) else { throw root.error("name", "must be 1 to 32 lower-case letters, digits and '-'") }
        let about = try root.string("about", default: "")
        let named = try ManifestRunner.parse(&root)
        let seed = try root.integer("seed", default: 1, in: 0...UInt64(Int64.max))
        let duration = try root.duration("duration", default: defaultDurationMilliseconds)
        let chainID = try root.integer("chain_id", default: defaultChainID, in: 1...chainIDLimit)
        var genesis = try root.table("genesis")
        let gasLimit = try genesis.integer("gas_limit", default: defaultGasLimit, in: 1_000_000...10_000_000_000)
        let baseFee = try genesis.amount("base_fee", default: defaultBaseFee)
        let accounts = try genesis.integer("accounts", default: 10, in: 0...UInt64(DevelopmentAccounts.wellKnownCount))
        let extra = try genesis.integer("extra_accounts", default: 0, in: 0...extraAccountLimit)
        let balance = try genesis.amount("balance", default: defaultBalance)
        let balances = try balances(try genesis.table("balances"))
        try genesis.finish()
        let nodes = try ManifestNodes.parse(&root, needs: &needs)
        let timing = try ConfigSections.timing(try root.table("timing"))
        let mempool = try ConfigSections.mempool(try root.table("mempool"))
        let links = try LinkPlan.parse(try root.table("links"), nodes: nodes, needs: &needs) { name throws(ConfigError) in
            try LatencyMatrix.load(path: NodeFile.resolve(name, from: document.file))
        }
        let faults = try Fault.parse(try root.tables("faults"), nodes: nodes, needs: &needs)
        let load = try LoadConfiguration.parse(try root.table("load"), nodes: nodes, fundedAccounts: Int(accounts + extra))
        let expectations = try Expectations.parse(try root.table("expect"), nodes: nodes, needs: &needs)
        let report = try ReportConfiguration.parse(try root.table("report"))
        try root.finish()
        return Manifest(
            name: name, about: about, runners: try ManifestRunner.choose(named, needs), seed: seed, durationMilliseconds: duration,
            chainID: chainID, gasLimit: gasLimit, baseFeePerGas: baseFee, accounts: Int(accounts), extraAccounts: Int(extra),
            balance: balance, balances: balances, nodes: nodes, timing: timing, mempool: mempool, links: links, faults: faults, load: load, expectations: expectations, report: report)
    }

    private static func balances(_ section: ConfigTable) throws(ConfigError) -> [ManifestBalance] {
        var section = section
        var result: [ManifestBalance] = []
        for key in section.keys {
            guard let address = Address(hex: key) else { throw section.error(key, "is not an address (0x and 40 hexadecimal digits)") }
            result.append(ManifestBalance(address: address, balance: try section.amount(key)))
        }
        result.sort { $0.address < $1.address }
        for (first, second) in zip(result, result.dropFirst()) where first.address == second.address {
            throw section.error(nil, "names \(first.address.hex) twice")
        }
        return result
    }

    /// Whether `name` may name a node and its folder.
    static func isName(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard (1...32).contains(bytes.count), bytes[0] != 0x2d else { return false }
        return bytes.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d }
    }

    /// A network without a name has that of its file.
    private static func stem(_ file: String) -> String {
        let last = file.split(separator: "/").last.map(String.init) ?? file
        let stem = last.hasSuffix(".toml") ? String(last.dropLast(5)) : last
        return isName(stem) ? stem : "testnet"
    }

    /// Numbers at the end of names count as numbers.
    static func naturallyPrecedes(_ a: String, _ b: String) -> Bool {
        func split(_ text: String) -> (String, Int) {
            let digits = text.reversed().prefix { $0.isASCII && $0.isNumber }.count
            return (String(text.dropLast(digits)), Int(text.suffix(digits)) ?? -1)
        }
        let (x, y) = (split(a), split(b))
        return x.0 != y.0 ? x.0 < y.0 : (x.1 != y.1 ? x.1 < y.1 : a < b)
    }
}
