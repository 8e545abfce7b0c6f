// Floor 6, Testnet: the nodes of a manifest: `[stake]`, `[node.NAME]`, `[group.NAME]`.

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
    public var rpcPort: UInt16 = 0
    public var p2pPort: UInt16 = 0
    /// Of the latency matrix.
    public var region: String?
    /// When the node is started.
    public var start = TimelinePoint.milliseconds(0)
    /// Names of the ways in which it lies (Specs/simulator.md); empty for an honest node.
    public var byzantine: [String] = []

    /// Whether it is there from the beginning.
    public var startsAtOnce: Bool { start == .milliseconds(0) }
}

enum ManifestNodes {
    /// The nodes in natural order of their names.
    static func parse(
        _ root: inout ConfigTable, needs: inout [RunnerNeed]
    ) throws(ConfigError) -> [ManifestNode] {
        var stake = try root.table("stake")
        let names = stake.keys
        var sections = try root.table("node")
        var nodes: [ManifestNode] = []
        let limit = Manifest.nodeLimit
        guard names.count + sections.keys.count <= 2 * limit else { throw root.error("node", "more than \(limit) nodes") }
        for name in names {
            guard Manifest.isName(name) else { throw stake.error(name, "is no node name: 1 to 32 lower-case letters, digits and '-'") }
            let amount = try stake.integer(name, in: 1...Manifest.stakeLimit)
            nodes.append(ManifestNode(name: name, role: .validator, stake: amount))
        }
        for name in sections.keys {
            guard Manifest.isName(name) else { throw sections.error(name, "is no node name: 1 to 32 lower-case letters, digits and '-'") }
            let index = nodes.firstIndex { $0.name == name }
            let node = try node(name, try sections.table(name), stake: index.map { nodes[$0].stake }, &needs)
            if let index { nodes[index] = node } else { nodes.append(node) }
        }
        try addGroups(&root, &nodes)
        if nodes.isEmpty {
            nodes = (1...4).map { ManifestNode(name: "v\($0)", role: .validator, stake: Manifest.defaultStake) }
        }
        guard nodes.count <= limit else { throw root.error("node", "more than \(limit) nodes") }
        let nodesTable = root
        if nodes.count > Manifest.processLimit {
            needs.append(
                RunnerNeed(what: "a network of \(nodes.count) nodes", runners: [.simulator], error: { nodesTable.error("node", $0) }))
        }
        guard nodes.contains(where: { $0.role == .validator }) else { throw root.error("node", "no node is a validator") }
        try checkPorts(nodes, sections)
        nodes.sort { Manifest.naturallyPrecedes($0.name, $1.name) }
        return nodes
    }

    private static func node(
        _ name: String, _ section: ConfigTable, stake: UInt64?, _ needs: inout [RunnerNeed]
    ) throws(ConfigError) -> ManifestNode {
        var section = section
        let role = try role(&section)
        let own = try section.optionalInteger("stake", in: 1...Manifest.stakeLimit)
        if own != nil, stake != nil { throw section.error("stake", "is given under [stake] as well; give it once") }
        if role == .full, own ?? stake != nil { throw section.error("role", "a full node has no stake; remove it or make it a validator") }
        let rpcPort = try section.integer("rpc_port", default: 0, in: 0...65_535)
        let p2pPort = try section.integer("p2p_port", default: 0, in: 0...65_535)
        let region = try section.optionalString("region")
        let start = try TimelinePoint.parse("start_at", &section, default: .milliseconds(0))
        if start != .milliseconds(0) {
            let table = section
            needs.append(RunnerNeed(what: "start_at", runners: [.processes], error: { table.error("start_at", $0) }))
        }
        let byzantine = try section.optionalStrings("byzantine") ?? []
        if let wrong = byzantine.first(where: { !Manifest.isName($0) }) {
            throw section.error("byzantine", "\"\(wrong)\" is no name of a behaviour (Specs/simulator.md)")
        }
        if !byzantine.isEmpty {
            if role == .full { throw section.error("byzantine", "a full node signs nothing; make it a validator") }
            let table = section
            needs.append(RunnerNeed(what: "a byzantine node", runners: [.simulator], error: { table.error("byzantine", $0) }))
        }
        try section.finish()
        return ManifestNode(
            name: name, role: role, stake: role == .full ? 0 : own ?? stake ?? Manifest.defaultStake,
            rpcPort: UInt16(truncatingIfNeeded: rpcPort), p2pPort: UInt16(truncatingIfNeeded: p2pPort), region: region, start: start,
            byzantine: byzantine)
    }

    private static func role(_ section: inout ConfigTable) throws(ConfigError) -> NodeRole {
        let text = try section.string("role", default: NodeRole.validator.rawValue)
        guard let role = NodeRole(rawValue: text) else {
            throw section.error("role", "must be \"validator\" or \"full\", not \"\(text)\"")
        }
        return role
    }

    /// `[group.NAME]` stands for `count` nodes NAME1, NAME2 …, with the group's regions in turns.
    private static func addGroups(_ root: inout ConfigTable, _ nodes: inout [ManifestNode]) throws(ConfigError) {
        var sections = try root.table("group")
        for group in sections.keys {
            var section = try sections.table(group)
            let count = try section.integer("count", in: 1...UInt64(Manifest.nodeLimit))
            let role = try role(&section)
            let stake = try section.optionalInteger("stake", in: 1...Manifest.stakeLimit)
            if role == .full, stake != nil { throw section.error("stake", "a full node has no stake; remove it") }
            let regions = try section.optionalStrings("regions") ?? []
            try section.finish()
            for number in 1...Int(count) {
                let name = "\(group)\(number)"
                guard Manifest.isName(name) else { throw sections.error(group, "makes no node names: lower-case letters, digits and '-'") }
                guard !nodes.contains(where: { $0.name == name }) else { throw sections.error(group, "makes the node \(name), which is there already") }
                nodes.append(
                    ManifestNode(
                        name: name, role: role, stake: role == .full ? 0 : stake ?? Manifest.defaultStake,
                        region: regions.isEmpty ? nil : regions[(number - 1) % regions.count]))
            }
            guard nodes.count <= Manifest.nodeLimit else { throw sections.error(group, "more than \(Manifest.nodeLimit) nodes") }
        }
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
}
