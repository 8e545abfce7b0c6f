import Primitives
import RPC
import Testing

@Suite struct DispatcherTests {
    @Test(arguments: [
        ("{", -32700), ("", -32700), ("{\"jsonrpc\":\"2.0\"", -32700), ("[]", -32600), ("1", -32600), ("\"x\"", -32600), ("{}", -32600),
        ("{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"eth_chainId\"}", -32600), ("{\"jsonrpc\":\"2.0\",\"id\":[],\"method\":\"eth_chainId\"}", -32600),
        ("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":5}", -32600), ("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_chainId\",\"params\":{}}", -32602),
        ("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_chainId\",\"params\":[1]}", -32602),
        ("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_getBalance\",\"params\":[]}", -32602),
        ("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_foo\"}", -32601),
    ])
    func errorCodes(_ body: String, _ code: Int) async throws {
        let answer = try #require(try await Harness().send(body))
        #expect(answer.error?.code == code)
        #expect(answer["jsonrpc"]?.string == "2.0")
    }

    @Test func wordsOfErrors() async throws {
        let harness = Harness()
        #expect(try await harness.error("eth_foo").message == "the method eth_foo does not exist/is not available")
        #expect(try await harness.error("eth_getBalance", "\"0x12\"").message == "invalid argument 0: hex string has length 2, want 40")
        #expect(try await harness.error("eth_getBalance").message == "missing value for required argument 0")
        #expect(try await harness.error("eth_subscribe", "\"newHeads\"").message == "notifications not supported")
        #expect(try await harness.error("eth_sendTransaction", "{}").message == "unknown account")
        let proof = try await harness.error("eth_getProof", "\(Address.zero.quoted),[],\"latest\"")
        #expect(proof.code == -32601 && proof.message.contains("indexed Poseidon2 tree"))
    }

    @Test(arguments: ["null", "7", "-1.5e3", "\"a\\\"b\"", "12345678901234567890123"])
    func idsAreEchoed(_ id: String) async throws {
        let body = "{\"jsonrpc\":\"2.0\",\"id\":\(id),\"method\":\"eth_chainId\"}"
        let answer = await Harness().dispatcher.respond(to: Array(body.utf8))
        #expect(String(decoding: answer, as: UTF8.self) == "{\"jsonrpc\":\"2.0\",\"id\":\(id),\"result\":\"0x1092\"}")
    }

    @Test func batchesAndNotifications() async throws {
        let harness = Harness()
        let call = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_chainId\"}"
        let notification = "{\"jsonrpc\":\"2.0\",\"method\":\"eth_chainId\"}"
        #expect(try await harness.send(notification) == nil)
        #expect(try await harness.send("[\(notification),\(notification)]") == nil)
        let answers = try #require(try await harness.send("[\(call),\(notification),5,{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"x\"}]")?.elements)
        #expect(answers.count == 3)
        #expect(answers[0]["result"]?.string == "0x1092")
        #expect(answers[1].error?.code == -32600 && answers[1]["id"]?.isNull == true)
        #expect(answers[2].error?.code == -32601)
    }

    @Test func batchLimit() async throws {
        let harness = Harness()
        let call = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_chainId\"}"
        let full = try await harness.send("[" + Array(repeating: call, count: 1_000).joined(separator: ",") + "]")
        #expect(full?.elements?.count == 1_000)
        let over = try #require(try await harness.send("[" + Array(repeating: call, count: 1_001).joined(separator: ",") + "]"))
        #expect(over.error?.code == -32600)
        #expect(over.error?.message == "batch too large: 1001 requests, the limit is 1000")
    }

    @Test func batchOfSubmissionsKeepsOrder() async throws {
        let harness = Harness()
        func entry(_ id: Int, _ parameter: String) -> String {
            "{\"jsonrpc\":\"2.0\",\"id\":\(id),\"method\":\"eth_sendRawTransaction\",\"params\":[\(parameter)]}"
        }
        let transactions = (0..<3).map { Fixtures.transaction(nonce: UInt64($0), to: Fixtures.counter) }
        let raw = transactions.map { "\"\(Hex.encode($0.encode()))\"" }
        let body = "[\(entry(0, raw[0])),\(entry(1, "\"0xzz\"")),\(entry(2, raw[1])),\(entry(3, raw[0])),"
            + "{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"eth_chainId\"},\(entry(5, raw[2]))]"
        let answers = try #require(try await harness.send(body)?.elements)
        #expect(answers.count == 6)
        #expect(answers[0]["result"]?.string == transactions[0].hash.hex)
        #expect(answers[1].error?.code == -32602)
        #expect(answers[2]["result"]?.string == transactions[1].hash.hex)
        #expect(answers[3].error?.message == "already known")
        #expect(answers[4]["result"]?.string == "0x1092")
        #expect(answers[5]["result"]?.string == transactions[2].hash.hex)
    }

    @Test func responseLimit() async throws {
        var limits = RPCLimits()
        limits.responseByteCount = 2_000
        let harness = Harness(limits: limits)
        let call = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_getBlockByNumber\",\"params\":[\"latest\"]}"
        let answers = try #require(try await harness.send("[\(call),\(call),\(call)]")?.elements)
        #expect(answers.count == 3)
        #expect(answers[0]["result"] != nil)
        #expect(answers[2].error?.code == -32003)
    }

    @Test func constants() async throws {
        let harness = Harness()
        #expect(try await harness.result("web3_clientVersion").string == "hyperseq/test/linux/swift")
        #expect(try await harness.result("web3_sha3", "\"0x\"").string == Keccak256.empty.hex)
        #expect(try await harness.result("net_version").string == "4242")
        #expect(try await harness.result("net_listening") == .bool(true))
        #expect(try await harness.result("net_peerCount").string == "0x3")
        #expect(try await harness.result("eth_accounts") == .array([]))
        #expect(try await harness.result("eth_mining") == .bool(false))
        #expect(try await harness.result("eth_hashrate").string == "0x0")
        #expect(try await harness.result("eth_syncing") == .bool(false))
        #expect(try await harness.result("eth_protocolVersion").string == "0x44")
        #expect(try await harness.result("eth_coinbase").string == Address(small: 0xfee).hex)
        #expect(try await harness.result("eth_blobBaseFee").string == "0x1")
        #expect(try await harness.result("txpool_status")["pending"]?.string == "0x0")
        let status = try await harness.result("hyperseq_status")
        #expect(status["name"]?.string == "node \"0\"")
        #expect(status["role"]?.string == "validator")
        #expect((status["residentBytes"]?.quantity ?? 0) > 1_000_000)
        for name in ["peers", "latest", "safe", "finalized", "finalizedHash", "finalizedStateRoot", "highestKnown", "view", "poolCount", "pid"] {
            #expect(status.names.contains(name), "\(name)")
        }
    }

    @Test func syncing() async throws {
        let harness = Harness()
        harness.node.state.withLock { $0.highestKnown = 100 }
        let answer = try await harness.result("eth_syncing")
        #expect(answer["currentBlock"]?.string == "0x0")
        #expect(answer["highestBlock"]?.string == "0x64")
    }
}
