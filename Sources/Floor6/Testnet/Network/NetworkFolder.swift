// Floor 6, Testnet: where a test network keeps its files.
//
//     DIR/manifest.toml   what the network was made from
//     DIR/genesis.toml    the chain at height 0, shared by all nodes
//     DIR/NODE/node.toml  one node's configuration; also validator.key, node.key, data/, node.log, node.pid

/// The folder of a test network.
public struct NetworkFolder: Sendable {
    public let path: String

    public init(path: String) { self.path = HostSystem.absolute(path) }

    /// The folder that is used when none is given.
    public static func standard(name: String) -> NetworkFolder { NetworkFolder(path: ".hyperseq/\(name)") }

    var manifest: String { path + "/manifest.toml" }
    var genesis: String { path + "/genesis.toml" }
    /// Held by a command that changes the network.
    var lockFile: String { path + "/.lock" }
    /// The `testnet up` that holds the network's processes, while there is one.
    var launcher: String { path + "/.launcher" }

    public func node(_ name: String) -> String { path + "/" + name }
    public func log(_ name: String) -> String { node(name) + "/node.log" }
    func nodeFile(_ name: String) -> String { node(name) + "/node.toml" }
    func pidFile(_ name: String) -> String { node(name) + "/node.pid" }
    func validatorKey(_ name: String) -> String { node(name) + "/validator.key" }
    func nodeKey(_ name: String) -> String { node(name) + "/node.key" }

    var exists: Bool { HostSystem.exists(manifest) }

    /// Runs `body` while no other command changes this network.
    public func exclusively<Result>(_ body: () throws(TestnetError) -> Result) throws(TestnetError) -> Result {
        guard let lock = HostSystem.lock(lockFile) else {
            throw .failed("another hyperseq command is working on \(path); wait for it to end")
        }
        defer { HostSystem.unlock(lock) }
        return try body()
    }
}
