// Floor 6, Testnet: what a manifest says. Every value has a default, so the empty manifest is a network of four validators.
public import Node
public import Primitives

/// What a node does.
public enum NodeRole: String, Equatable, Sendable, CaseIterable {
    /// Orders blocks and votes.
    case validator
    /// Follows, executes and serves the chain without a vote.
    case full
}

/// One node of a manifest.
public struct ManifestNode: Equatable, Sendable {
    /// Lower-case letters, digits and `-`; also the name of its folder.
    public var name: String
    public var role: NodeRole
    /// 0 for a node without a vote.
    public var stake: UInt64
    /// 0 takes a free port.
    public var rpcPort: UInt16
    public var p2pPort: UInt16
}

/// A test network as a file describes it.
public struct Manifest: Equatable, Sendable {
    public var name: String
    public var about: String
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
    /// Processes that one machine may be asked to run.
    static let nodeLimit = 64
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
        _ = try root.integer("schema", default: 1, in: 1...1)
        let name = try root.string("name", default: stem(document.file))
        guard isName(name) else { throw root.error("name", "must be 1 to 32 lower-case letters, digits and '-'") }
        let about = try root.string("about", default: "")
        let chainID = try root.integer("chain_id", default: defaultChainID, in: 1...chainIDLimit)
        var genesis = try root.table("genesis")
        let gasLimit = try genesis.integer("gas_limit", default: defaultGasLimit, in: 1_000_000...10_000_000_000)
        let baseFee = try genesis.amount("base_fee", default: defaultBaseFee)
        let accounts = try genesis.integer("accounts", default: 10, in: 0...UInt64(DevelopmentAccounts.wellKnownCount))
        let extra = try genesis.integer("extra_accounts", default: 0, in: 0...extraAccountLimit)
        let balance = try genesis.amount("balance", default: defaultBalance)
        let balances = try balances(try genesis.table("balances"))
        try genesis.finish()
        let nodes = try nodes(&root)
        let timing = try ConfigSections.timing(try root.table("timing"))
        let mempool = try ConfigSections.mempool(try root.table("mempool"))
        try root.finish()
        return Manifest(
            name: name, about: about, chainID: chainID, gasLimit: gasLimit, baseFeePerGas: baseFee, accounts: Int(accounts),
            extraAccounts: Int(extra), balance: balance, balances: balances, nodes: nodes, timing: timing, mempool: mempool)
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

    /// `[stake]` names validators with their stake; `[node.NAME]` gives any node's particulars.
    private static func nodes(_ root: inout ConfigTable) throws(ConfigError) -> [ManifestNode] {
        var stake = try root.table("stake")
        var sections = try root.table("node")
        var nodes: [ManifestNode] = []
        guard stake.keys.count + sections.keys.count <= 2 * nodeLimit else { throw root.error("node", "more than \(nodeLimit) nodes") }
        for name in stake.keys {
            guard isName(name) else { throw stake.error(name, "is no node name: 1 to 32 lower-case letters, digits and '-'") }
            let amount = try stake.integer(name, in: 1...stakeLimit)
            nodes.append(ManifestNode(name: name, role: .validator, stake: amount, rpcPort: 0, p2pPort: 0))
        }
        for name in sections.keys {
            guard isName(name) else { throw sections.error(name, "is no node name: 1 to 32 lower-case letters, digits and '-'") }
            let index = nodes.firstIndex { $0.name == name }
            let node = try node(name, try sections.table(name), stake: index.map { nodes[$0].stake })
            if let index { nodes[index] = node } else { nodes.append(node) }
        }
        if nodes.isEmpty {
            nodes = (1...4).map { ManifestNode(name: "v\($0)", role: .validator, stake: defaultStake, rpcPort: 0, p2pPort: 0) }
        }
        guard nodes.count <= nodeLimit else { throw root.error("node", "more than \(nodeLimit) nodes") }
        guard nodes.contains(where: { $0.role == .validator }) else { throw root.error("node", "no node is a validator") }
        try checkPorts(nodes, sections)
        return nodes.sorted { naturallyPrecedes($0.name, $1.name) }
    }

    private static func node(_ name: String, _ section: ConfigTable, stake: UInt64?) throws(ConfigError) -> ManifestNode {
        var section = section
        let text = try section.string("role", default: NodeRole.validator.rawValue)
        guard let role = NodeRole(rawValue: text) else {
            throw section.error("role", "must be \"validator\" or \"full\", not \"\(text)\"")
        }
        let own = try section.optionalInteger("stake", in: 1...stakeLimit)
        if own != nil, stake != nil { throw section.error("stake", "is given under [stake] as well; give it once") }
        if role == .full, own ?? stake != nil { throw section.error("role", "a full node has no stake; remove it or make it a validator") }
        let rpcPort = try section.integer("rpc_port", default: 0, in: 0...65_535)
        let p2pPort = try section.integer("p2p_port", default: 0, in: 0...65_535)
        try section.finish()
        return ManifestNode(
            name: name, role: role, stake: role == .full ? 0 : own ?? stake ?? defaultStake,
            rpcPort: UInt16(truncatingIfNeeded: rpcPort), p2pPort: UInt16(truncatingIfNeeded: p2pPort))
    }

    private static func checkPorts(_ nodes: [ManifestNode], _ sections: ConfigTable) throws(ConfigError) {
        var owners: [UInt16: String] = [:]
        for node in nodes {
            for port in [node.rpcPort, node.p2pPort] where port != 0 {
                if let owner = owners[port] { throw sections.error(node.name, "port \(port) is taken by \(owner) already") }
                owners[port] = node.name
            }
        }
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
