import Primitives
import RPC
import Testing

@Suite struct LogMethodTests {
    private func topic(_ value: UInt64) -> String { Hash256(UInt256(value)).quoted }

    /// Blocks 1 to 4 with logs (1, 10), (2, 20), (1, 20) and none.
    private func harness(_ limits: RPCLimits = RPCLimits()) -> Harness {
        let harness = Harness(limits: limits)
        for (nonce, topics) in [(1, 10), (2, 20), (1, 20)].enumerated() {
            harness.node.mine([Fixtures.log(UInt64(topics.0), UInt64(topics.1), nonce: UInt64(nonce))])
        }
        harness.node.mine([])
        return harness
    }

    private func heights(_ harness: Harness, _ filter: String) async throws -> [UInt256] {
        try await harness.result("eth_getLogs", filter).elements?.compactMap { $0["blockNumber"]?.quantity } ?? []
    }

    @Test func criteria() async throws {
        let harness = harness()
        let all = "\"fromBlock\":\"earliest\",\"toBlock\":\"latest\""
        #expect(try await heights(harness, "{\(all)}") == [1, 2, 3])
        #expect(try await heights(harness, "{\"fromBlock\":\"0x2\"}") == [2, 3])
        #expect(try await heights(harness, "{\"fromBlock\":\"0x1\",\"toBlock\":\"0x2\"}") == [1, 2])
        #expect(try await heights(harness, "{}") == [])
        #expect(try await heights(harness, "{\"fromBlock\":\"0x50\"}") == [])
        #expect(try await heights(harness, "{\"fromBlock\":\"0x3\",\"toBlock\":\"0x50\"}") == [3])
        #expect(try await heights(harness, "{\(all),\"address\":\(Fixtures.logger.quoted)}") == [1, 2, 3])
        #expect(try await heights(harness, "{\(all),\"address\":[\(Fixtures.counter.quoted)]}") == [])
        #expect(try await heights(harness, "{\(all),\"address\":[\(Fixtures.counter.quoted),\(Fixtures.logger.quoted)]}") == [1, 2, 3])
        #expect(try await heights(harness, "{\(all),\"address\":[],\"topics\":[]}") == [1, 2, 3])
        #expect(try await heights(harness, "{\(all),\"topics\":[\(topic(1))]}") == [1, 3])
        #expect(try await heights(harness, "{\(all),\"topics\":[null,\(topic(20))]}") == [2, 3])
        #expect(try await heights(harness, "{\(all),\"topics\":[[\(topic(1)),\(topic(2))],[\(topic(20))]]}") == [2, 3])
        #expect(try await heights(harness, "{\(all),\"topics\":[[],[null]]}") == [1, 2, 3])
        #expect(try await heights(harness, "{\(all),\"topics\":[null,null,null]}") == [])
        let hash = try #require(try harness.node.block(height: 2)).hash.quoted
        #expect(try await heights(harness, "{\"blockHash\":\(hash)}") == [2])
    }

    @Test func errors() async throws {
        let harness = harness()
        let hash = Hash256.zero.quoted
        #expect(try await harness.error("eth_getLogs", "{\"blockHash\":\(hash)}").message == "unknown block")
        #expect(try await harness.error("eth_getLogs", "{\"blockHash\":\(hash),\"fromBlock\":\"0x1\"}").code == -32602)
        #expect(try await harness.error("eth_getLogs", "{\"fromBlock\":\"0x3\",\"toBlock\":\"0x1\"}").message == "invalid block range params")
        #expect(try await harness.error("eth_getLogs", "{\"topics\":[null,null,null,null,null]}").message == "exceed max topics")
        for bad in ["5", "{\"address\":5}", "{\"topics\":5}", "{\"topics\":[5]}", "{\"address\":\"0x1\"}", "{\"fromBlock\":5}"] {
            #expect(try await harness.error("eth_getLogs", bad).code == -32602, "\(bad)")
        }
    }

    @Test func bounds() async throws {
        var limits = RPCLimits()
        limits.logBlockCount = 3
        limits.logResultCount = 2
        let harness = harness(limits)
        let range = try await harness.error("eth_getLogs", "{\"fromBlock\":\"0x0\"}")
        #expect(range.code == -32005 && range.message == "query exceeds the limit of 3 blocks: 0 to 4")
        let results = try await harness.error("eth_getLogs", "{\"fromBlock\":\"0x1\",\"toBlock\":\"0x3\"}")
        #expect(results.code == -32005 && results.message == "query returned more than 2 results")
        #expect(try await heights(harness, "{\"fromBlock\":\"0x2\",\"toBlock\":\"0x4\"}") == [2, 3])
    }
}
