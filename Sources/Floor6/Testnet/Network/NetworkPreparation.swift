// Floor 6, Testnet: from a manifest to a folder with keys, genesis and one configuration per node. Everything is in place
// before DIR/manifest.toml is written, so a folder with a manifest is complete.
internal import Executor
internal import Keys
internal import Node
internal import Primitives

/// Where one node of a network listens.
public struct NodeEndpoint: Equatable, Sendable {
    public var name: String
    public var role: NodeRole
    public var rpcPort: UInt16
    public var p2pPort: UInt16

    public var rpcURL: String { "http://127.0.0.1:\(rpcPort)" }
    public var webSocketURL: String { "ws://127.0.0.1:\(rpcPort)" }
}

/// A network whose files are in place.
public struct PreparedNetwork: Sendable {
    public var folder: NetworkFolder
    public var manifest: Manifest
    public var nodes: [NodeEndpoint]
    /// Whether the folder was there before, with its chain.
    public var isContinued: Bool
}

extension PreparedNetwork {
    /// Opens the folder of a network that was made before.
    public static func open(_ folder: NetworkFolder) throws(TestnetError) -> PreparedNetwork {
        guard folder.exists else {
            throw .failed("no test network in \(folder.path); start one with: hyperseq testnet up MANIFEST --dir \(folder.path)")
        }
        do {
            let manifest = try Manifest.load(path: folder.manifest)
            var nodes: [NodeEndpoint] = []
            for node in manifest.nodes {
                let file = try NodeFile.load(path: folder.nodeFile(node.name))
                nodes.append(NodeEndpoint(name: node.name, role: node.role, rpcPort: file.rpc.port, p2pPort: file.p2pPort))
            }
            return PreparedNetwork(folder: folder, manifest: manifest, nodes: nodes, isContinued: true)
        } catch { throw .config(error) }
    }

    /// Makes the folder's files, or opens them when the same manifest made them before.
    ///
    /// - Parameters:
    ///   - text: the manifest's text, kept for later runs.
    ///   - source: the manifest's file, beside which its latency matrix is.
    public static func prepare(
        _ manifest: Manifest, text: [UInt8], source: String? = nil, folder: NetworkFolder
    ) throws(TestnetError) -> PreparedNetwork {
        guard folder.exists else { return try create(manifest, text: text, source: source, folder: folder) }
        var network = try open(folder)
        guard network.manifest == manifest else {
            throw .failed(
                "\(folder.path) was made from another manifest (kept as \(folder.manifest)); "
                    + "remove the folder to start a new chain, or give another with --dir")
        }
        try network.refreshPorts()
        return network
    }

    private static func create(
        _ manifest: Manifest, text: [UInt8], source: String?, folder: NetworkFolder
    ) throws(TestnetError) -> PreparedNetwork {
        do throws(KeyError) {
            try SecureFile.makeDirectory(folder.path)
            var validators: [GenesisValidator] = []
            var identities: [String: Hash256] = [:]
            for node in manifest.nodes {
                try SecureFile.makeDirectory(folder.node(node.name))
                let identity = try makeKey(.node, at: folder.nodeKey(node.name))
                guard case .node(let nodeID) = identity else { continue }
                identities[node.name] = nodeID
                guard node.role == .validator else { continue }
                guard case .validator(_, let publicKey) = try makeKey(.validator, at: folder.validatorKey(node.name)) else { continue }
                validators.append(GenesisValidator(publicKey: publicKey, stake: node.stake, nodeID: nodeID))
            }
            let genesis = manifest.genesis(validators: validators, timestampMilliseconds: HostSystem.wallMilliseconds)
            try SecureFile.write(Array(GenesisFile.text(genesis).utf8), to: folder.genesis, mode: 0o644, replacing: true)
            var network = PreparedNetwork(folder: folder, manifest: manifest, nodes: [], isContinued: false)
            network.nodes = manifest.nodes.map {
                NodeEndpoint(name: $0.name, role: $0.role, rpcPort: $0.rpcPort, p2pPort: $0.p2pPort)
            }
            try network.choosePorts()
            try network.writeNodeFiles(identities)
            // Under its own name the manifest may have had the file's name as default; the copy must mean the same.
            if let file = manifest.links.matrixFile, let source { try copyMatrix(file, beside: source, to: folder) }
            let named = manifest.isNamed(in: text) ? text : Array("name = \"\(manifest.name)\"\n".utf8) + text
            try SecureFile.write(named, to: folder.manifest, mode: 0o644, replacing: true)
            return network
        } catch { throw .key(error) }
    }

    /// The folder's manifest is read again by later commands, with what it refers to.
    private static func copyMatrix(_ file: String, beside source: String, to folder: NetworkFolder) throws(KeyError) {
        let content = try SecureFile.read(NodeFile.resolve(file, from: source), limit: LatencyMatrix.sizeLimit).bytes
        let target = NodeFile.resolve(file, from: folder.manifest)
        if let slash = target.lastIndex(of: "/") { try SecureFile.makeDirectory(String(target[..<slash])) }
        try SecureFile.write(content, to: target, mode: 0o644, replacing: true)
    }

    /// A key from an unfinished earlier run is taken over.
    private static func makeKey(_ kind: KeyKind, at path: String) throws(KeyError) -> KeyIdentity {
        if HostSystem.exists(path) {
            let secret = try KeyFile.read(path, kind: kind, allowPlain: true) { () throws(KeyError) in throw .passwordRequired }
            return try KeyFile.identity(of: secret, kind: kind)
        }
        let secret = try KeyFile.generate(kind)
        try KeyFile.write(secret, kind: kind, to: path, protection: .plain)
        return try KeyFile.identity(of: secret, kind: kind)
    }

    /// Gives every node without a port, or with one that was free to choose and is taken now, a free one.
    private mutating func choosePorts() throws(KeyError) {
        guard let ports = HostSystem.freePorts(count: 2 * nodes.count) else {
            throw .file(operation: "listen", path: "127.0.0.1", reason: "no free ports")
        }
        for index in nodes.indices {
            let wanted = manifest.nodes[index]
            nodes[index].rpcPort = try choose(nodes[index].rpcPort, fixed: wanted.rpcPort != 0, free: ports[2 * index], wanted.name)
            nodes[index].p2pPort = try choose(nodes[index].p2pPort, fixed: wanted.p2pPort != 0, free: ports[2 * index + 1], wanted.name)
        }
    }

    private func choose(_ port: UInt16, fixed: Bool, free: UInt16, _ name: String) throws(KeyError) -> UInt16 {
        if port != 0, HostSystem.isFree(port: port) { return port }
        if fixed {
            throw .file(
                operation: "listen", path: "127.0.0.1:\(port)",
                reason: "another process has the port that the manifest gives \(name); stop it or change the manifest")
        }
        return free
    }

    /// Before a new start: ports that others have taken meanwhile are replaced, in every node's file.
    private mutating func refreshPorts() throws(TestnetError) {
        if nodes.contains(where: { PidFile.running(folder.pidFile($0.name)) != nil }) { return }
        let before = nodes
        do {
            try choosePorts()
            if nodes == before { return }
            var identities: [String: Hash256] = [:]
            for node in nodes {
                guard case .node(let nodeID) = try PreparedNetwork.makeKey(.node, at: folder.nodeKey(node.name)) else { continue }
                identities[node.name] = nodeID
            }
            try writeNodeFiles(identities)
        } catch { throw .key(error) }
    }

    private func writeNodeFiles(_ identities: [String: Hash256]) throws(KeyError) {
        for node in nodes {
            var peers: [PeerAddress] = []
            for other in nodes where other.name != node.name {
                guard let nodeID = identities[other.name] else { continue }
                peers.append(PeerAddress(nodeID: nodeID, host: "127.0.0.1", port: other.p2pPort))
            }
            let file = NodeFile(
                name: node.name, role: node.role, genesis: "../genesis.toml", dataDirectory: "data",
                validatorKey: node.role == .validator ? "validator.key" : nil, nodeKey: "node.key", allowPlainKeys: true,
                passwordFile: nil, p2pHost: "127.0.0.1", p2pPort: node.p2pPort, peers: peers,
                rpc: RPCConfiguration(port: node.rpcPort), timing: manifest.timing, mempool: manifest.mempool,
                logLevel: manifest.report.logLevel)
            try SecureFile.write(Array(file.text().utf8), to: folder.nodeFile(node.name), replacing: true)
        }
    }
}

extension Manifest {
    /// The accounts with known keys that this network funds.
    public var developmentAccounts: [DevelopmentAccount] { DevelopmentAccounts.wellKnown(count: accounts) }

    /// The chain at height 0.
    func genesis(validators: [GenesisValidator], timestampMilliseconds: UInt64) -> Genesis {
        var funds: [GenesisAccount] = developmentAccounts.map { GenesisAccount(address: $0.address, balance: balance) }
        for index in 0..<UInt32(extraAccounts) {
            if let account = DevelopmentAccounts.extra(index: index) {
                funds.append(GenesisAccount(address: account.address, balance: balance))
            }
        }
        for entry in balances {
            if let index = funds.firstIndex(where: { $0.address == entry.address }) {
                funds[index].balance = entry.balance
            } else {
                funds.append(GenesisAccount(address: entry.address, balance: entry.balance))
            }
        }
        funds.sort { $0.address < $1.address }
        return Genesis(
            chainID: chainID, timestampMilliseconds: timestampMilliseconds, gasLimit: gasLimit, baseFeePerGas: baseFeePerGas,
            accounts: funds, validators: validators)
    }

    /// Whether the text itself says the network's name.
    func isNamed(in text: [UInt8]) -> Bool {
        guard var root = try? ConfigDocument(text: text, file: "manifest").root else { return false }
        return (try? root.optionalString("name")) == name
    }
}
