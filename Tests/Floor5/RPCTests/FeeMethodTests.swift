import Primitives
import RPC
import Testing

@Suite struct FeeMethodTests {
    @Test func prices() async throws {
        let harness = Harness()
        #expect(try await harness.result("eth_maxPriorityFeePerGas").quantity == 5)
        #expect(try await harness.result("eth_gasPrice").quantity == 1_006)
    }

    @Test(arguments: ["2", "\"0x2\""])
    func history(_ count: String) async throws {
        let harness = Harness()
        harness.node.mine([])
        harness.node.mine([
            Fixtures.transaction(nonce: 0, to: Fixtures.counter, tip: 3), Fixtures.transaction(nonce: 1, to: Fixtures.counter, tip: 9),
        ])
        let answer = try await harness.result("eth_feeHistory", "\(count),\"latest\",[0,25.5,100]")
        #expect(answer["oldestBlock"]?.string == "0x1")
        #expect(answer["baseFeePerGas"]?.elements?.map(\.quantity) == [1_001, 1_002, 1_003])
        #expect(answer["gasUsedRatio"]?.elements?.count == 2)
        #expect(answer["gasUsedRatio"]?.elements?[0] == .number(Array("0.000000".utf8)))
        let rewards = try #require(answer["reward"]?.elements?.map { $0.elements?.map(\.quantity) ?? [] })
        #expect(rewards == [[0, 0, 0], [3, 3, 9]])
        #expect(answer["baseFeePerBlobGas"]?.elements?.count == 3)
    }

    @Test func historyBounds() async throws {
        let harness = Harness()
        harness.node.mine([])
        #expect(try await harness.result("eth_feeHistory", "\"0x400\",\"latest\",[]")["baseFeePerGas"]?.elements?.count == 3)
        #expect(try await harness.result("eth_feeHistory", "1000000,\"latest\"")["gasUsedRatio"]?.elements?.count == 2)
        #expect(try await harness.result("eth_feeHistory", "0,\"latest\"")["oldestBlock"]?.string == "0x0")
        for bad in ["1,\"0x9\"", "1,\"latest\",[5,4]", "1,\"latest\",[101]", "1,\"latest\",[-1]", "1,\"latest\",[\"x\"]", "-1,\"latest\"", "1.5,\"latest\""] {
            let error = try await harness.error("eth_feeHistory", bad)
            #expect(error.code == -32000 || error.code == -32602, "\(bad)")
        }
    }
}
