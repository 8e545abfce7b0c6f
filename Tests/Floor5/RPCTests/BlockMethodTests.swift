import Primitives
import RPC
import Testing

@Suite struct BlockMethodTests {
    private static let headerFields: Set<String> = [
        "number", "hash", "parentHash", "nonce", "sha3Uncles", "logsBloom", "transactionsRoot", "stateRoot", "receiptsRoot", "miner",
        "difficulty", "extraData", "gasLimit", "gasUsed", "timestamp", "mixHash", "baseFeePerGas", "withdrawalsRoot", "blobGasUsed",
        "excessBlobGas", "parentBeaconBlockRoot", "requestsHash", "timestampMilliseconds", "view",
    ]

    @Test func blockShape() async throws {
        let harness = Harness()
        let block = harness.node.mine([Fixtures.log(1, 2, nonce: 0)])
        let answer = try await harness.result("eth_getBlockByNumber", "\"0x1\",false")
        let expected = Self.headerFields.union(["totalDifficulty", "size", "transactions", "uncles", "withdrawals"])
        #expect(Set(answer.names) == expected)
        #expect(answer.names.count == expected.count)
        #expect(answer["hash"]?.string == block.hash.hex)
        #expect(answer["number"]?.string == "0x1")
        #expect(answer["timestamp"]?.quantity == 1_700_000_000)
        #expect(answer["timestampMilliseconds"]?.quantity == 1_700_000_000_750)
        #expect(answer["view"]?.string == "0x4")
        #expect(answer["miner"]?.string == Address(small: 0xfee).hex)
        #expect(answer["logsBloom"]?.string?.count == 514)
        #expect(answer["transactions"]?.elements?.map(\.string) == [block.transactionHashes[0].hex])
        #expect(answer["size"]?.quantity == 234)
        #expect(try await harness.result("eth_getBlockByHash", "\(block.hash.quoted),false") == answer)
        #expect(try await harness.result("eth_blockNumber").string == "0x1")
    }

    @Test func tags() async throws {
        let harness = Harness()
        harness.node.mine([])
        harness.node.mine([], final: false)
        harness.node.state.withLock { $0.safe = 1 }
        for (tag, number) in [("latest", "0x2"), ("safe", "0x1"), ("finalized", "0x1"), ("earliest", "0x0"), ("pending", "0x3"), ("0x1", "0x1")] {
            let block = try await harness.result("eth_getBlockByNumber", "\"\(tag)\",true")
            #expect(block["number"]?.string == number, "\(tag)")
        }
        let pending = try await harness.result("eth_getBlockByNumber", "\"pending\",false")
        #expect(pending["hash"]?.isNull == true && pending["nonce"]?.isNull == true)
        #expect(try await harness.result("eth_getBlockByNumber", "\"0x99\",false").isNull)
        #expect(try await harness.result("eth_getBlockByHash", "\(Hash256.zero.quoted),false").isNull)
        for bad in ["\"0x01\"", "\"newest\"", "5", "\"0x\"", "\"0x10000000000000000\""] {
            #expect(try await harness.error("eth_getBlockByNumber", "\(bad),false").code == -32602)
        }
    }

    @Test func placesOfTransactions() async throws {
        let harness = Harness()
        let block = harness.node.mine([Fixtures.log(1, 2, nonce: 0), Fixtures.log(3, 4, nonce: 1)])
        let hash = block.hash.quoted
        #expect(try await harness.result("eth_getBlockTransactionCountByNumber", "\"latest\"").string == "0x2")
        #expect(try await harness.result("eth_getBlockTransactionCountByHash", hash).string == "0x2")
        #expect(try await harness.result("eth_getBlockTransactionCountByNumber", "\"0x9\"").isNull)
        let second = try await harness.result("eth_getTransactionByBlockNumberAndIndex", "\"0x1\",\"0x1\"")
        #expect(second["hash"]?.string == block.transactionHashes[1].hex)
        #expect(try await harness.result("eth_getTransactionByBlockHashAndIndex", "\(hash),\"0x1\"") == second)
        #expect(try await harness.result("eth_getTransactionByBlockHashAndIndex", "\(hash),\"0x2\"").isNull)
        #expect(try await harness.result("eth_getTransactionByBlockHashAndIndex", "\(hash),\"0xffffffffffffffff\"").isNull)
        let full = try await harness.result("eth_getBlockByNumber", "\"0x1\",true")
        #expect(full["transactions"]?.elements?[1] == second)
        #expect(try await harness.result("eth_getUncleCountByBlockNumber", "\"0x1\"").string == "0x0")
        #expect(try await harness.result("eth_getUncleCountByBlockHash", hash).string == "0x0")
        #expect(try await harness.result("eth_getUncleByBlockHashAndIndex", "\(hash),\"0x0\"").isNull)
        #expect(try await harness.result("eth_getUncleByBlockNumberAndIndex", "\"0x1\",\"0x0\"").isNull)
    }

    @Test func blockReceipts() async throws {
        let harness = Harness()
        let block = harness.node.mine([Fixtures.log(1, 2, nonce: 0), Fixtures.log(3, 4, nonce: 1)])
        let receipts = try #require(try await harness.result("eth_getBlockReceipts", "\"0x1\"").elements)
        #expect(receipts.count == 2)
        for (index, receipt) in receipts.enumerated() {
            let single = try await harness.result("eth_getTransactionReceipt", block.transactionHashes[index].quoted)
            #expect(single == receipt)
        }
        #expect(receipts[1]["logs"]?.elements?[0]["logIndex"]?.string == "0x1")
        #expect(try await harness.result("eth_getBlockReceipts", "\"0x7\"").isNull)
        #expect(try await harness.result("eth_getBlockReceipts", block.hash.quoted).elements?.count == 2)
    }
}
