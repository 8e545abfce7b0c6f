// Whole nodes in this process: real sockets on loopback, real stores in a temporary folder, virtual nothing.
import Crypto
import Engine
import Executor
import Foundation
import Logging
import Network
import Node
import Primitives
import RPC
import Testing

/// Validators of one chain and where they live.
struct TestChain {
    static let chainID: UInt64 = 4_242
    let folder: URL
    let keys: [SecretKey]
    let identities: [NodeIdentity]
    let ports: [UInt16]
    let rich: [SecretKey]
    let genesis: Genesis

    init(validators count: Int) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("hyperseq-node-\(UUID().uuidString)")
        keys = (0..<count).map { _ in SecretKey.random() }
        identities = (0..<count).map { _ in NodeIdentity.random() }
        ports = try (0..<count).map { _ in try TestChain.freePort() }
        rich = (1...8).map { SecretKey([UInt8](repeating: UInt8($0), count: 32))! }
        let ether = UInt256(1_000_000_000) &* UInt256(1_000_000_000)
        genesis = Genesis(
            chainID: TestChain.chainID, timestampMilliseconds: 1_700_000_000_000, gasLimit: 30_000_000,
            baseFeePerGas: 1_000_000,
            accounts: rich.map { GenesisAccount(address: $0.address, balance: ether &* 1_000) }.sorted { $0.address < $1.address },
            validators: zip(keys, identities).map {
                GenesisValidator(publicKey: $0.publicKey.compressed, stake: 1, nodeID: Hash256($1.id.bytes)!)
            })
    }

    /// A port that was free a moment ago.
    static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 && getsockname(descriptor, address, &length) == 0
            }
        }
        try #require(bound)
        return UInt16(bigEndian: address.sin_port)
    }

    func start(_ index: Int, blockInterval: UInt64 = 20) throws -> RunningNode {
        var peers: [PeerAddress] = []
        for other in keys.indices where other != index {
            peers.append(PeerAddress(nodeID: Hash256(identities[other].id.bytes)!, host: "127.0.0.1", port: ports[other]))
        }
        let configuration = NodeConfiguration(
            name: "n\(index)", dataDirectory: folder.appendingPathComponent("n\(index)").path, genesis: genesis,
            validatorKey: keys[index].bytes, nodeKeySeed: identities[index].seed, listenHost: "127.0.0.1",
            listenPort: ports[index], peers: peers,
            timing: TimingConfiguration(
                blockIntervalMilliseconds: blockInterval, idleBlockIntervalMilliseconds: 50, baseTimeoutMilliseconds: 1_500))
        var logger = Logger(label: "n\(index)")
        logger.logLevel = .error
        let node = try RunningNode(try NodeAssembly(configuration, logger: logger), logger: logger, ending: Ending())
        _ = try node.start()
        return node
    }

    func transfer(from: Int, nonce: UInt64, value: UInt256 = 1) -> [UInt8] {
        Transaction(
            type: .dynamicFee, chainID: TestChain.chainID, nonce: nonce, gasLimit: 21_000, maxFeePerGas: 1_000_000_000,
            maxPriorityFeePerGas: 1_000, to: Address(small: 0xd00d), value: value
        ).signed(with: rich[from]).encode()
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }
}

/// Waits until a condition holds; fails the test after a generous time.
func eventually(_ what: Comment, seconds: Int = 60, _ condition: () throws -> Bool) async throws {
    for _ in 0..<(seconds * 100) {
        if try condition() { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record(what)
}

@Suite(.serialized) struct NodeTests {
    @Test func aSingleValidatorFinalisesAndKeepsItsChain() async throws {
        let chain = try TestChain(validators: 1)
        defer { chain.remove() }
        var first: RunningNode? = try chain.start(0)
        var hashes: [Hash256] = []
        for nonce: UInt64 in 0..<20 { hashes.append(try await first!.backend.submit(chain.transfer(from: 0, nonce: nonce))) }
        await #expect(throws: PoolRejection(message: "already known")) {
            _ = try await first!.backend.submit(chain.transfer(from: 0, nonce: 19))
        }
        try await eventually("all transfers are final") {
            let final = first!.backend.heads().finalized
            return try hashes.allSatisfy { try first!.backend.transaction(hash: $0).map { $0.blockHeight <= final } ?? false }
        }
        await #expect(throws: PoolRejection(message: "nonce too low: next nonce 20, tx nonce 3")) {
            _ = try await first!.backend.submit(chain.transfer(from: 0, nonce: 3, value: 2))
        }
        let before = first!.backend.status()
        first!.stop()
        first = nil

        let node = try chain.start(0)
        defer { node.stop() }
        let record = try #require(try node.backend.block(height: before.heads.finalized))
        #expect(record.hash == before.finalizedHash)
        #expect(record.stateRoot == before.finalizedStateRoot)
        let state = try node.backend.state(height: node.backend.heads().latest)
        #expect(try state.account(Address(small: 0xd00d))?.balance == 20)
        for hash in hashes { #expect(try node.backend.transaction(hash: hash)?.receipt.succeeded == true) }
        try await eventually("the chain goes on") { node.backend.heads().finalized > before.heads.finalized }
    }

    @Test func fourValidatorsAgreeAndALateOneCatchesUp() async throws {
        let chain = try TestChain(validators: 4)
        defer { chain.remove() }
        var nodes = try (0..<3).map { try chain.start($0) }
        defer { for node in nodes { node.stop() } }
        var hashes: [Hash256] = []
        for nonce: UInt64 in 0..<50 {
            for account in 0..<8 {
                hashes.append(try await nodes[account % 3].backend.submit(chain.transfer(from: account, nonce: nonce)))
            }
        }
        try await eventually("three of four finalise", seconds: 120) {
            try hashes.allSatisfy { try nodes[0].backend.transaction(hash: $0) != nil }
                && nodes[0].backend.heads().finalized >= 30
        }
        nodes.append(try chain.start(3))
        let target = nodes[0].backend.heads().finalized
        try await eventually("the fourth catches up", seconds: 120) { nodes[3].backend.heads().finalized >= target + 5 }
        try await eventually("all reach the same height") { nodes.allSatisfy { $0.backend.heads().finalized >= target + 5 } }
        for height in 0...target {
            let records = try nodes.map { try #require(try $0.backend.block(height: height)) }
            for record in records {
                #expect(record == records[0])
            }
        }
        let state = try nodes[3].backend.state(height: nodes[3].backend.heads().latest)
        #expect(try state.account(Address(small: 0xd00d))?.balance == 400)
    }

    @Test func refusesForeignFoldersAndKeys() throws {
        let chain = try TestChain(validators: 1)
        let other = try TestChain(validators: 1)
        defer { chain.remove(); other.remove() }
        let logger = Logger(label: "test")
        func configuration(_ folder: URL, key: SecretKey, genesis: Genesis, identity: NodeIdentity) -> NodeConfiguration {
            NodeConfiguration(
                name: "n", dataDirectory: folder.path, genesis: genesis, validatorKey: key.bytes, nodeKeySeed: identity.seed,
                listenHost: "127.0.0.1", listenPort: 0, peers: [])
        }
        let own = configuration(chain.folder, key: chain.keys[0], genesis: chain.genesis, identity: chain.identities[0])
        do {
            let first = try NodeAssembly(own, logger: logger)
            #expect(throws: NodeError.self, "the folder is in use") { _ = try NodeAssembly(own, logger: logger) }
            withExtendedLifetime(first) {}
        }
        #expect(throws: NodeError.self, "another chain") {
            _ = try NodeAssembly(
                configuration(chain.folder, key: other.keys[0], genesis: other.genesis, identity: other.identities[0]),
                logger: logger)
        }
        #expect(throws: NodeError.self, "a key that is no validator") {
            _ = try NodeAssembly(
                configuration(other.folder, key: chain.keys[0], genesis: other.genesis, identity: other.identities[0]),
                logger: logger)
        }
    }
}
