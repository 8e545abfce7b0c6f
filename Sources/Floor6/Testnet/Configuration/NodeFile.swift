// Floor 6, Testnet: the configuration file of one node. Paths in it are relative to its folder.
internal import Executor
public import Keys
public import Node
internal import Primitives

/// The content of `node.toml`.
public struct NodeFile: Equatable, Sendable {
    public var name: String
    public var role: NodeRole
    public var genesis: String
    public var dataDirectory: String
    /// Only for validators.
    public var validatorKey: String?
    public var nodeKey: String
    /// Whether the key files may be unencrypted (development).
    public var allowPlainKeys: Bool
    /// A file whose first line is the password of the key files.
    public var passwordFile: String?
    public var p2pHost: String
    public var p2pPort: UInt16
    public var peers: [PeerAddress]
    public var rpc: RPCConfiguration
    public var timing: TimingConfiguration
    public var mempool: MempoolConfiguration
    public var storage: StorageConfiguration
    public var logLevel: String

    public init(
        name: String, role: NodeRole, genesis: String, dataDirectory: String, validatorKey: String?, nodeKey: String,
        allowPlainKeys: Bool, passwordFile: String?, p2pHost: String, p2pPort: UInt16, peers: [PeerAddress],
        rpc: RPCConfiguration, timing: TimingConfiguration, mempool: MempoolConfiguration, storage: StorageConfiguration = .init(),
        logLevel: String
    ) {
        self.name = name
        self.role = role
        self.genesis = genesis
        self.dataDirectory = dataDirectory
        self.validatorKey = validatorKey
        self.nodeKey = nodeKey
        self.allowPlainKeys = allowPlainKeys
        self.passwordFile = passwordFile
        self.p2pHost = p2pHost
        self.p2pPort = p2pPort
        self.peers = peers
        self.rpc = rpc
        self.timing = timing
        self.mempool = mempool
        self.storage = storage
        self.logLevel = logLevel
    }

    /// swift-log's levels.
    static let logLevels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]
    static let peerLimit = 1_000
}

extension NodeFile {
    /// The text of the file.
    public func text() -> String {
        let quote = ConfigSections.quote
        var text = "# The configuration of one node. Paths are relative to this file.\n"
        text += "name = \(quote(name))\nrole = \(quote(role.rawValue))\ngenesis = \(quote(genesis))\ndata_directory = \(quote(dataDirectory))\n\n"
        text += "[keys]\n"
        if let validatorKey { text += "validator = \(quote(validatorKey))\n" }
        text += "node = \(quote(nodeKey))\nallow_plain = \(allowPlainKeys)\n"
        if let passwordFile { text += "password_file = \(quote(passwordFile))\n" }
        text += "\n[p2p]\nhost = \(quote(p2pHost))\nport = \(p2pPort)\n"
        for peer in peers {
            text += "\n[[peer]]\nnode_id = \"\(peer.nodeID.hex)\"\nhost = \(quote(peer.host))\nport = \(peer.port)\n"
        }
        text += "\n[rpc]\nhost = \(quote(rpc.host))\nport = \(rpc.port)\n\n"
        text += ConfigSections.text(timing) + "\n" + ConfigSections.text(mempool) + "\n" + ConfigSections.text(storage)
        return text + "\n[log]\nlevel = \(quote(logLevel))\n"
    }

    /// Reads a file; nothing it names is opened yet.
    public static func load(path: String) throws(ConfigError) -> NodeFile {
        try parse(ConfigDocument(path: path))
    }

    /// Reads the text of a file; `file` names it in errors.
    public static func parse(text: [UInt8], file: String) throws(ConfigError) -> NodeFile {
        try parse(ConfigDocument(text: text, file: file))
    }

    private static func parse(_ document: ConfigDocument) throws(ConfigError) -> NodeFile {
        var root = document.root
        let name = try root.string("name", default: "node")
        guard Manifest.isName(name) else { throw root.error("name", "must be 1 to 32 lower-case letters, digits and '-'") }
        let roleText = try root.string("role", default: NodeRole.full.rawValue)
        guard let role = NodeRole(rawValue: roleText) else {
            throw root.error("role", "must be \"validator\" or \"full\", not \"\(roleText)\"")
        }
        let genesis = try root.string("genesis", default: "genesis.toml")
        let dataDirectory = try root.string("data_directory", default: "data")
        var keys = try root.table("keys")
        let validatorKey = try keys.optionalString("validator")
        if role == .validator, validatorKey == nil { throw keys.error("validator", "is missing: a validator needs its key file") }
        if role == .full, validatorKey != nil { throw keys.error("validator", "is only for role = \"validator\"") }
        let nodeKey = try keys.string("node")
        let allowPlain = try keys.boolean("allow_plain", default: false)
        let passwordFile = try keys.optionalString("password_file")
        try keys.finish()
        let (p2pHost, p2pPort) = try address(try root.table("p2p"), defaultPort: 0)
        var peers: [PeerAddress] = []
        for section in try root.tables("peer") { peers.append(try peer(section)) }
        guard peers.count <= peerLimit else { throw root.error("peer", "more than \(peerLimit) peers") }
        let (rpcHost, rpcPort) = try address(try root.table("rpc"), defaultPort: 8_545)
        let timing = try ConfigSections.timing(try root.table("timing"))
        let mempool = try ConfigSections.mempool(try root.table("mempool"))
        let storage = try ConfigSections.storage(try root.table("storage"))
        var log = try root.table("log")
        let level = try log.string("level", default: "info")
        guard logLevels.contains(level) else { throw log.error("level", "must be one of \(logLevels.joined(separator: ", "))") }
        try log.finish()
        try root.finish()
        return NodeFile(
            name: name, role: role, genesis: genesis, dataDirectory: dataDirectory, validatorKey: validatorKey, nodeKey: nodeKey,
            allowPlainKeys: allowPlain, passwordFile: passwordFile, p2pHost: p2pHost, p2pPort: p2pPort, peers: peers,
            rpc: RPCConfiguration(host: rpcHost, port: rpcPort), timing: timing, mempool: mempool, storage: storage,
            logLevel: level)
    }

    private static func address(_ section: ConfigTable, defaultPort: UInt64) throws(ConfigError) -> (String, UInt16) {
        var section = section
        let host = try section.string("host", default: "127.0.0.1")
        guard isHost(host) else { throw section.error("host", "is not a host name or address") }
        let port = try section.integer("port", default: defaultPort, in: 0...65_535)
        try section.finish()
        return (host, UInt16(truncatingIfNeeded: port))
    }

    private static func peer(_ section: ConfigTable) throws(ConfigError) -> PeerAddress {
        var section = section
        guard let nodeID = Hash256(hex: try section.string("node_id")) else {
            throw section.error("node_id", "is not 32 bytes in hexadecimal")
        }
        let host = try section.string("host", default: "127.0.0.1")
        guard isHost(host) else { throw section.error("host", "is not a host name or address") }
        let port = try section.integer("port", in: 1...65_535)
        try section.finish()
        return PeerAddress(nodeID: nodeID, host: host, port: UInt16(truncatingIfNeeded: port))
    }

    private static func isHost(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return (1...253).contains(bytes.count)
            && bytes.allSatisfy { ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7a || $0 >= 0x2d && $0 <= 0x3a && $0 != 0x2f }
    }

    /// Reads genesis and keys and builds what the node is told.
    ///
    /// - Parameters:
    ///   - path: where this file is.
    ///   - password: asked when a key file is encrypted and no `password_file` is given.
    public func configuration(
        at path: String, password: () throws(KeyError) -> SecretBuffer
    ) throws(ConfigError) -> NodeConfiguration {
        let genesis = try GenesisFile.load(path: NodeFile.resolve(genesis, from: path))
        var identity: Hash256?
        var validatorBytes: [UInt8]?
        let ask = { () throws(KeyError) -> SecretBuffer in
            guard let file = passwordFile else { return try password() }
            return try PasswordFile.read(NodeFile.resolve(file, from: path))
        }
        if let validatorKey {
            let secret = try read(validatorKey, .validator, at: path, "keys.validator", ask)
            guard case .validator(let address, let publicKey)? = try? KeyFile.identity(of: secret, kind: .validator),
                let member = genesis.validators.first(where: { $0.publicKey == publicKey })
            else {
                throw ConfigError(file: path, key: "keys.validator", message: "this key is not in the validator set of \(self.genesis)")
            }
            _ = address
            identity = member.nodeID
            validatorBytes = secret.bytes
        }
        let seed = try read(nodeKey, .node, at: path, "keys.node", ask)
        if let identity, case .node(let nodeID)? = try? KeyFile.identity(of: seed, kind: .node), nodeID != identity {
            throw ConfigError(
                file: path, key: "keys.node", message: "its node ID is \(nodeID.hex), but \(self.genesis) binds this validator to \(identity.hex)")
        }
        return NodeConfiguration(
            name: name, dataDirectory: NodeFile.resolve(dataDirectory, from: path), genesis: genesis, validatorKey: validatorBytes,
            nodeKeySeed: seed.bytes, listenHost: p2pHost, listenPort: p2pPort, peers: peers, timing: timing, mempool: mempool, rpc: rpc,
            storage: storage)
    }

    private func read(
        _ file: String, _ kind: KeyKind, at path: String, _ key: String, _ password: () throws(KeyError) -> SecretBuffer
    ) throws(ConfigError) -> SecretBuffer {
        do {
            return try KeyFile.read(NodeFile.resolve(file, from: path), kind: kind, allowPlain: allowPlainKeys, password: password)
        } catch { throw ConfigError(file: path, key: key, message: error.description) }
    }

    /// `path` as seen from the folder of `file`.
    static func resolve(_ path: String, from file: String) -> String {
        if path.hasPrefix("/") { return path }
        guard let slash = file.lastIndex(of: "/") else { return path }
        return String(file[...slash]) + path
    }
}
