// The folder of a test network: what is made, what a second start keeps, and what it refuses.
import Foundation
import Keys
import Node
import Testing
import Testnet

@Suite struct PreparationTests {
    static func prepare(_ text: String, _ folder: String) throws -> PreparedNetwork {
        let bytes = Array(text.utf8)
        return try PreparedNetwork.prepare(
            Manifest.parse(text: bytes, file: "net.toml"), text: bytes, folder: NetworkFolder(path: folder))
    }

    static func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test func aFolderHoldsWhatTheNodesNeed() throws {
        let temporary = try TemporaryFolder()
        let folder = temporary.path + "/net"
        let network = try Self.prepare("[node.w]\nrole = \"full\"\n[stake]\nv1 = 3\nv2 = 4\n", folder)
        #expect(!network.isContinued)
        #expect(network.nodes.map { $0.name } == ["v1", "v2", "w"])
        let ports = network.nodes.flatMap { [$0.rpcPort, $0.p2pPort] }
        #expect(Set(ports).count == 6 && !ports.contains(0))
        #expect(try Self.mode(folder) == 0o700)
        let genesis = try GenesisFile.load(path: folder + "/genesis.toml")
        #expect(genesis.validators.map { $0.stake } == [3, 4])
        #expect(genesis.accounts.count == 10)
        for node in network.nodes {
            let path = folder + "/\(node.name)/node.toml"
            #expect(try Self.mode(folder + "/\(node.name)") == 0o700)
            #expect(try Self.mode(folder + "/\(node.name)/node.key") == 0o600)
            let configuration = try NodeFile.load(path: path).configuration(at: path) { () throws(KeyError) in throw .passwordRequired }
            #expect(configuration.peers.count == 2)
            #expect((configuration.validatorKey != nil) == (node.role == .validator))
            #expect(configuration.rpc.port == node.rpcPort && configuration.listenPort == node.p2pPort)
            #expect(configuration.genesis == genesis)
        }
    }

    @Test func aSecondStartContinuesTheSameChain() throws {
        let temporary = try TemporaryFolder()
        let folder = temporary.path + "/net"
        let first = try Self.prepare("", folder)
        let genesis = try GenesisFile.load(path: folder + "/genesis.toml")
        // Comments are no change.
        let second = try Self.prepare("# again\n", folder)
        #expect(second.isContinued)
        #expect(second.nodes == first.nodes)
        #expect(try GenesisFile.load(path: folder + "/genesis.toml") == genesis)
        #expect(try PreparedNetwork.open(NetworkFolder(path: folder)).manifest == first.manifest)
    }

    @Test func aChangedManifestIsRefused() throws {
        let temporary = try TemporaryFolder()
        let folder = temporary.path + "/net"
        _ = try Self.prepare("", folder)
        let error = try #require(throws: TestnetError.self) { _ = try Self.prepare("chain_id = 7\n", folder) }
        #expect("\(error)".contains("another manifest") && "\(error)".contains("--dir"))
    }

    @Test func aFolderWithoutANetworkIsNamed() throws {
        let temporary = try TemporaryFolder()
        let error = try #require(throws: TestnetError.self) { _ = try PreparedNetwork.open(NetworkFolder(path: temporary.path)) }
        #expect("\(error)".contains("hyperseq testnet up"))
    }

    @Test func nothingRunsInAFreshFolder() throws {
        let temporary = try TemporaryFolder()
        let network = try Self.prepare("", temporary.path + "/net")
        #expect(!network.isRunning)
        let status = network.status()
        #expect(status.nodes.count == 4 && status.nodes.allSatisfy { !$0.running && $0.pid == nil })
    }

    /// A pid file of an earlier boot or of a process that has ended names nobody, even when its number is in use.
    @Test func stalePidFilesNameNobody() throws {
        let temporary = try TemporaryFolder()
        let folder = temporary.path + "/net"
        let network = try Self.prepare("", folder)
        let own = try #require(ProcessIdentity.current)
        #expect(own.isRunning)
        try "\(own.pid):\(own.startTicks + 1)\n".write(toFile: folder + "/v1/node.pid", atomically: true, encoding: .utf8)
        try "1:1\n".write(toFile: folder + "/v2/node.pid", atomically: true, encoding: .utf8)
        try "nonsense".write(toFile: folder + "/v3/node.pid", atomically: true, encoding: .utf8)
        #expect(!network.isRunning)
        #expect(network.stopAll().isEmpty)
    }
}
