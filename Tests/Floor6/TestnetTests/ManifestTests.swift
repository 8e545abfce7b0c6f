// Manifests, genesis files and node files: defaults, round trips, errors with their places, and damage.
import Crypto
import Engine
import Executor
import Foundation
import Keys
import Node
import Primitives
import Testing
import Testnet

@Suite struct ManifestTests {
    static func parse(_ text: String) throws(ConfigError) -> Manifest { try Manifest.parse(text: Array(text.utf8), file: "m.toml") }

    @Test func anEmptyManifestIsFourValidators() throws {
        let manifest = try Self.parse("")
        #expect(manifest.nodes.map { $0.name } == ["v1", "v2", "v3", "v4"])
        #expect(manifest.nodes.allSatisfy { $0.role == .validator && $0.stake == 100 && $0.rpcPort == 0 && $0.p2pPort == 0 })
        #expect(manifest.timing == TimingConfiguration())
        #expect(manifest.mempool == MempoolConfiguration())
        #expect(manifest.name == "m")
        #expect(manifest.developmentAccounts.count == 10)
    }

    @Test func everythingCanBeSaid() throws {
        let manifest = try Self.parse(
            """
            schema = 1
            name = "all"
            about = "x"
            chain_id = 77
            [genesis]
            gas_limit = 1_000_000
            base_fee = "2.5 gwei"
            accounts = 2
            extra_accounts = 3
            balance = "1.5 ether"
            balances."0x00000000000000000000000000000000000000AA" = 7
            [stake]
            v10 = 5
            v2 = 6
            [node.v2]
            rpc_port = 4000
            [node.watcher]
            role = "full"
            p2p_port = 4001
            [timing]
            block_interval_milliseconds = 5
            base_timeout_milliseconds = 20
            [mempool]
            maximum_transactions = 10
            minimum_priority_fee_per_gas = "1 gwei"
            """)
        #expect(manifest.nodes.map { $0.name } == ["v2", "v10", "watcher"])
        #expect(manifest.nodes.map { $0.stake } == [6, 5, 0])
        #expect(manifest.nodes.map { $0.rpcPort } == [4000, 0, 0])
        #expect(manifest.nodes.map { $0.p2pPort } == [0, 0, 4001])
        #expect(manifest.baseFeePerGas == 2_500_000_000)
        #expect(manifest.balance == 1_500_000_000_000_000_000)
        #expect(manifest.balances.map { $0.address } == [Address(small: 0xaa)] && manifest.balances.map { $0.balance } == [7])
        #expect(manifest.timing.blockIntervalMilliseconds == 5)
        #expect(manifest.timing.idleBlockIntervalMilliseconds == 1_000)
        #expect(manifest.mempool.minimumPriorityFeePerGas == 1_000_000_000)
    }

    /// Text, line and key of the error, and a word of its message.
    static let mistakes: [(String, Int?, String?, String)] = [
        ("chain_id = 1\nchian_id = 2\n", 2, "chian_id", "unknown key"),
        ("[genesis]\n\ngas = 3\n", 3, "genesis.gas", "unknown key"),
        ("[timing]\nblock_interval_milliseconds = \"fast\"\n", 2, "timing.block_interval_milliseconds", "integer"),
        ("[timing]\nblock_interval_milliseconds = 0\n", 2, "timing.block_interval_milliseconds", "from 1"),
        ("[timing]\nblock_interval_milliseconds = 5.0\n", 2, "timing.block_interval_milliseconds", "floating"),
        ("[timing]\nblock_interval_milliseconds = 500\nidle_block_interval_milliseconds = 100\n", 3, "timing.idle_block_interval_milliseconds", "less"),
        ("# a comment\nname = \"Bad Name\"\n", 2, "name", "lower-case"),
        ("schema = 2\n", 1, "schema", "from 1 to 1"),
        ("[stake]\nv1 = 1\nv2 = -5\n", 3, "stake.v2", "from 1"),
        ("[stake]\n\"../v\" = 1\n", 2, "stake.\"../v\"", "node name"),
        ("[node.a]\nrole = \"boss\"\n", 2, "node.a.role", "validator"),
        ("[node.a]\nrole = \"full\"\n", 1, "node", "no node is a validator"),
        ("[node.a]\nrpc_port = 70000\n", 2, "node.a.rpc_port", "65535"),
        ("[node.a]\nrpc_port = 7000\n[node.b]\nrpc_port = 7000\n", 3, "node.b", "taken by a"),
        ("[stake]\na = 1\n[node.a]\nstake = 2\n", 4, "node.a.stake", "once"),
        ("[genesis.balances]\n\"0x12\" = 1\n", 2, "genesis.balances.0x12", "address"),
        ("[genesis]\nbalance = \"lots\"\n", 2, "genesis.balance", "amount"),
        ("[genesis]\nbase_fee = \"1.0000000001 gwei\"\n", 2, "genesis.base_fee", "amount"),
        ("text = \"\"\"\nmany\nlines\n\"\"\"\nwrong = 1\nname = 5\n", 6, "name", "string"),
        ("list = [\n  1,\n  2 ]\nname = [1]\n", 4, "name", "string"),
        ("name = \"a\"\nname = \"b\"\n", 2, nil, "not TOML"),
        ("name = \n", 1, nil, "not TOML"),
        ("a = \"\u{0}\"", 1, nil, "no end"),
        ("genesis = 5\n", 1, "genesis", "table"),
        (String(repeating: "a.", count: 2_000) + "a = 1\n", 1, nil, "parts"),
        ("a = " + String(repeating: "[", count: 5_000) + "\n", 1, nil, "deeper"),
        ("[a]\nb.c = 1\n[a.b]\n", 3, nil, "there already"),
        ("a = { b = 1 }\n[a.c]\n", 2, nil, "extended"),
        ("[a]\n[a]\n", 2, nil, "there already"),
        ("a = [{}]\n[[a]]\n", 2, nil, "there already"),
        ("a = 1 b = 2\n", 1, nil, "end of the line"),
        ("a = 'x\ny'\n", 1, nil, "no end"),
        ("\na = 01\n", 2, nil, "no value"),
        ("a = \"\\q\"\n", 1, nil, "escape"),
        ("a = 99999999999999999999\n", 1, nil, "no value"),
    ]

    @Test func mistakesAreNamed() throws {
        for (text, line, key, word) in Self.mistakes {
            let beginning = text.prefix(80)
            let error = try #require(throws: ConfigError.self, "\(beginning)") { _ = try Self.parse(text) }
            #expect(error.file == "m.toml")
            #expect(error.line == line && error.key == key && error.message.contains(word), "\(beginning) gives \(error)")
            #expect(!error.description.contains("\n"))
        }
    }

    @Test func aMissingFileIsAnError() {
        #expect(throws: ConfigError.self) { _ = try Manifest.load(path: "/nonexistent/manifest.toml") }
        #expect(throws: ConfigError.self) { _ = try Manifest.load(path: "/dev/zero") }
        #expect(throws: ConfigError.self) { _ = try Manifest.load(path: "/") }
    }

    @Test func theRepositorysManifestsAreGood() throws {
        let folder = URL(filePath: #filePath).appending(path: "../../../../Testnets").standardized.path
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".toml") }
        #expect(names.contains("quickstart.toml") && names.contains("single.toml"))
        for name in names { _ = try Manifest.load(path: folder + "/" + name) }
        let quickstart = try Manifest.load(path: folder + "/quickstart.toml")
        #expect(quickstart.nodes.map { $0.stake } == [100, 100, 100, 100])
        #expect(try Manifest.load(path: folder + "/single.toml").nodes.count == 1)
    }

    @Test func developmentAccountsAreTheKnownOnes() {
        let accounts = DevelopmentAccounts.wellKnown(count: 10)
        #expect(accounts.count == 10)
        #expect(accounts.first?.address.checksummed == "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266")
        #expect(accounts.map { $0.address.checksummed } == [
            "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266", "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
            "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC", "0x90F79bf6EB2c4f870365E785982E1f101E93b906",
            "0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65", "0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc",
            "0x976EA74026E726554dB657fA54763abd0C3a0aa9", "0x14dC79964da2C08b23698B3D3cc7Ca32193d9955",
            "0x23618e81E3f5cdF7f54C3d65f7FBc0aBf5B21E8f", "0xa0Ee7A142d267C1f36714E4a8F75612F20a79720",
        ])
    }

    static func genesis() throws -> Genesis {
        var validators: [GenesisValidator] = []
        for index in 0..<3 {
            let key = try #require(DevelopmentAccounts.extra(index: UInt32(index))).key.publicKey.compressed
            let nodeID = Keccak256.hash([UInt8(index)])
            validators.append(GenesisValidator(publicKey: key, stake: UInt64(index + 1), nodeID: nodeID))
        }
        return Genesis(
            chainID: 9, timestampMilliseconds: 1_700_000_000_123, gasLimit: 30_000_000, baseFeePerGas: 7,
            accounts: [
                GenesisAccount(address: Address(small: 1), balance: .max),
                GenesisAccount(
                    address: Address(small: 2), balance: 5, nonce: 3, code: [0x60, 0x00],
                    storage: [.init(slot: 1, value: 2), .init(slot: 3, value: .max)]),
            ], validators: validators)
    }

    @Test func genesisFilesRoundTrip() throws {
        let genesis = try Self.genesis()
        let read = try GenesisFile.parse(text: Array(GenesisFile.text(genesis).utf8), file: "g.toml")
        #expect(read == genesis)
        #expect(read.header.hash == genesis.header.hash)
    }

    @Test func genesisInvariantsAreChecked() throws {
        let text = GenesisFile.text(try Self.genesis())
        func message(_ old: String, _ new: String) -> String {
            let changed = text.replacingOccurrences(of: old, with: new)
            #expect(changed != text)
            do {
                _ = try GenesisFile.parse(text: Array(changed.utf8), file: "g.toml")
                return ""
            } catch { return "\(error)" }
        }
        #expect(message(Address(small: 2).hex, Address(small: 1).hex).contains("twice"))
        #expect(message(Keccak256.hash([1]).hex, Keccak256.hash([0]).hex).contains("another validator"))
        #expect(message("stake = 3", "stake = 0").contains("validator.2.stake"))
        #expect(message("\"0x1\" = \"0x2\"", "\"0x1\" = \"0x0\"").contains("not zero"))
        #expect(message("chain_id = 9", "").contains("chain_id: is missing"))
        #expect(message("public_key = \"0x0", "public_key = \"0x1").contains("compressed"))
    }

    static func nodeFile() -> NodeFile {
        NodeFile(
            name: "v1", role: .validator, genesis: "../genesis.toml", dataDirectory: "data \"x\" \\ \u{1}", validatorKey: "v.key",
            nodeKey: "n.key", allowPlainKeys: true, passwordFile: "pw", p2pHost: "127.0.0.1", p2pPort: 1,
            peers: [PeerAddress(nodeID: .zero, host: "::1", port: 9)], rpc: RPCConfiguration(host: "localhost", port: 2),
            timing: TimingConfiguration(blockIntervalMilliseconds: 3), mempool: MempoolConfiguration(maximumTransactions: 5),
            logLevel: "debug")
    }

    @Test func nodeFilesRoundTrip() throws {
        let file = Self.nodeFile()
        #expect(try NodeFile.parse(text: Array(file.text().utf8), file: "node.toml") == file)
    }

    @Test func nodeFilesAreBoundToTheGenesis() throws {
        let folder = try TemporaryFolder()
        let validator = try KeyFile.generate(.validator)
        let node = try KeyFile.generate(.node)
        try KeyFile.write(validator, kind: .validator, to: folder.path + "/v.key", protection: .plain)
        try KeyFile.write(node, kind: .node, to: folder.path + "/n.key", protection: .plain)
        _ = try folder.write(GenesisFile.text(try Self.genesis()), "genesis.toml")
        var file = Self.nodeFile()
        file.genesis = "genesis.toml"
        let path = try folder.write(file.text(), "node.toml")
        let stranger = try #require(throws: ConfigError.self) {
            _ = try NodeFile.load(path: path).configuration(at: path) { () throws(KeyError) in throw .passwordRequired }
        }
        #expect(stranger.key == "keys.validator" && stranger.message.contains("validator set"))

        var genesis = try Self.genesis()
        guard case .validator(_, let publicKey) = try KeyFile.identity(of: validator, kind: .validator) else { return }
        genesis.validators.append(GenesisValidator(publicKey: publicKey, stake: 1, nodeID: .zero))
        _ = try folder.write(GenesisFile.text(genesis), "genesis.toml")
        let other = try #require(throws: ConfigError.self) {
            _ = try NodeFile.load(path: path).configuration(at: path) { () throws(KeyError) in throw .passwordRequired }
        }
        #expect(other.key == "keys.node")

        genesis.validators[3].nodeID = try KeyFile.nodeID(seed: node.bytes)
        _ = try folder.write(GenesisFile.text(genesis), "genesis.toml")
        let configuration = try NodeFile.load(path: path).configuration(at: path) { () throws(KeyError) in throw .passwordRequired }
        #expect(configuration.validatorKey == validator.bytes)
        #expect(configuration.nodeKeySeed == node.bytes)
        #expect(configuration.dataDirectory == folder.path + "/" + file.dataDirectory)
    }

    @Test func everyFormOfTOMLIsRead() throws {
        let manifest = try Self.parse(
            """
            # forms
            schema = 0x1
            'name' = 'x-1'\t# comment
            "about" = \"""
            a \\
              b\\u00e9\\t\"q\"\"""
            genesis . gas_limit = 1_0_00_000
            genesis.balances = { "0x0000000000000000000000000000000000000001" = "0x10", '0x0000000000000000000000000000000000000002' = 3 }
            mempool.maximum_transactions = 0b1010
            [node]
            [node.a]
            [node.b]
            role = \'\'\'
            full\'\'\'
            [timing]\r
            block_interval_milliseconds = +7\r

            """)
        #expect(manifest.name == "x-1")
        #expect(manifest.about == "a bé\t\"q\"")
        #expect(manifest.gasLimit == 1_000_000)
        #expect(manifest.balances.map { $0.balance } == [16, 3])
        #expect(manifest.mempool.maximumTransactions == 10)
        #expect(manifest.nodes.map { $0.role } == [.validator, .full])
        #expect(manifest.timing.blockIntervalMilliseconds == 7)
    }

    /// 210,000 damaged manifests, genesis files and node files: an error or a value, never a trap.
    @Test func mutatedFilesNeverTrap() throws {
        var mutator = Mutator(seed: 2)
        let folder = URL(filePath: #filePath).appending(path: "../../../../Testnets/quickstart.toml").standardized
        let manifest = Array(try String(contentsOf: folder, encoding: .utf8).utf8)
        let genesis = Array(GenesisFile.text(try Self.genesis()).utf8)
        let node = Array(Self.nodeFile().text().utf8)
        var errors = 0
        for _ in 0..<70_000 {
            do { _ = try Manifest.parse(text: mutator.mutate(manifest), file: "m") } catch { errors += 1 }
            do { _ = try GenesisFile.parse(text: mutator.mutate(genesis), file: "g") } catch { errors += 1 }
            do { _ = try NodeFile.parse(text: mutator.mutate(node), file: "n") } catch { errors += 1 }
        }
        #expect(errors > 70_000)
    }
}
