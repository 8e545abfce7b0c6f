import Primitives
import RPC
import Testing

@Suite struct FilterTests {
    private func changes(_ harness: Harness, _ id: String) async throws -> [JSONValue] {
        try #require(try await harness.result("eth_getFilterChanges", id).elements)
    }

    private func install(_ harness: Harness, _ method: String, _ parameters: String = "") async throws -> String {
        "\"" + (try #require(try await harness.result(method, parameters).string)) + "\""
    }

    @Test func blocks() async throws {
        let harness = Harness()
        harness.node.mine([])
        let id = try await install(harness, "eth_newBlockFilter")
        #expect(try await changes(harness, id).isEmpty)
        let blocks = [harness.node.mine([]), harness.node.mine([])]
        #expect(try await changes(harness, id).map(\.string) == blocks.map(\.hash.hex))
        #expect(try await changes(harness, id).isEmpty)
        #expect(try await harness.result("eth_uninstallFilter", id) == .bool(true))
        #expect(try await harness.result("eth_uninstallFilter", id) == .bool(false))
        #expect(try await harness.error("eth_getFilterChanges", id).message == "filter not found")
    }

    @Test func logs() async throws {
        let harness = Harness()
        harness.node.mine([Fixtures.log(1, 1, nonce: 0)])
        let topic = Hash256(UInt256(1)).quoted
        let id = try await install(harness, "eth_newFilter", "{\"fromBlock\":\"0x0\",\"topics\":[\(topic)]}")
        #expect(try await changes(harness, id).isEmpty)
        harness.node.mine([Fixtures.log(1, 2, nonce: 1), Fixtures.log(2, 2, nonce: 2)])
        #expect(try await changes(harness, id).count == 1)
        #expect(try await changes(harness, id).isEmpty)
        #expect(try await harness.result("eth_getFilterLogs", id).elements?.count == 2)
        let blocks = try await install(harness, "eth_newBlockFilter")
        #expect(try await harness.error("eth_getFilterLogs", blocks).message == "filter not found")
    }

    @Test func pendingTransactions() async throws {
        let harness = Harness()
        try await harness.submit(Fixtures.transaction(nonce: 0, to: Fixtures.counter).encode())
        let id = try await install(harness, "eth_newPendingTransactionFilter")
        #expect(try await changes(harness, id).isEmpty)
        let hash = try await harness.submit(Fixtures.transaction(nonce: 1, to: Fixtures.counter).encode())
        #expect(try await changes(harness, id).map(\.string) == [hash])
        #expect(try await changes(harness, id).isEmpty)
    }

    @Test func rollback() async throws {
        let harness = Harness()
        let logs = try await install(harness, "eth_newFilter", "{}")
        let blocks = try await install(harness, "eth_newBlockFilter")
        harness.node.mine([Fixtures.log(1, 1, nonce: 0)], final: false)
        #expect(try await changes(harness, logs).count == 1)
        #expect(try await changes(harness, blocks).count == 1)
        harness.node.revert(toHeight: 0)
        let removed = try await changes(harness, logs)
        #expect(removed.count == 1 && removed.first?["removed"] == .bool(true))
        harness.node.mine([Fixtures.log(2, 2, nonce: 0)], final: false)
        let added = try await changes(harness, logs)
        #expect(added.count == 1 && added.first?["removed"] == .bool(false))
        #expect(try await changes(harness, blocks).count == 1)
    }

    @Test func limitAndExpiry() async throws {
        var limits = RPCLimits()
        limits.filterCount = 2
        let harness = Harness(limits: limits)
        _ = try await install(harness, "eth_newBlockFilter")
        _ = try await install(harness, "eth_newBlockFilter")
        #expect(try await harness.error("eth_newBlockFilter").code == -32005)
        limits.filterExpiryMilliseconds = 1
        let quick = Harness(limits: limits)
        let id = try await install(quick, "eth_newBlockFilter")
        try await Task.sleep(for: .milliseconds(5))
        #expect(try await quick.error("eth_getFilterChanges", id).message == "filter not found")
        for _ in 0..<5 {
            _ = try await install(quick, "eth_newBlockFilter")
            try await Task.sleep(for: .milliseconds(3))
        }
    }
}
