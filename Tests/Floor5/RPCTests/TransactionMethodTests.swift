import Engine
import Primitives
import RPC
import Testing

@Suite struct TransactionMethodTests {
    private static let common: Set<String> = [
        "blockHash", "blockNumber", "transactionIndex", "hash", "type", "from", "to", "nonce", "gas", "value", "input", "gasPrice", "v", "r", "s",
    ]

    private func authorization() -> Authorization {
        Authorization(chainID: UInt256(FakeNode.chain), address: Fixtures.counter, nonce: 0, yParity: 0, r: .zero, s: .zero)
            .signed(with: Fixtures.bob)
    }

    @Test func fieldsPerType() async throws {
        let harness = Harness()
        let list = [AccessListEntry(address: Fixtures.counter, storageKeys: [0, 1])]
        let odd = Authorization(chainID: 0, address: Fixtures.counter, nonce: 9, yParity: 27, r: 1, s: 1)
        let transactions = [
            Fixtures.transaction(.legacy, nonce: 0, to: Fixtures.counter), Fixtures.transaction(.legacy, nonce: 1, to: Fixtures.counter, chainID: nil),
            Fixtures.transaction(.accessList, nonce: 2, to: Fixtures.counter, accessList: list),
            Fixtures.transaction(.dynamicFee, nonce: 3, to: Fixtures.counter, accessList: list),
            Fixtures.transaction(.setCode, nonce: 4, to: Fixtures.counter, authorizations: [authorization(), odd]),
        ]
        let block = harness.node.mine(transactions)
        #expect(block.transactionHashes == transactions.map(\.hash))
        let extras: [Set<String>] = [
            ["chainId"], [], ["chainId", "accessList", "yParity"], ["chainId", "accessList", "yParity", "maxFeePerGas", "maxPriorityFeePerGas"],
            ["chainId", "accessList", "yParity", "maxFeePerGas", "maxPriorityFeePerGas", "authorizationList"],
        ]
        for (transaction, extra) in zip(transactions, extras) {
            let answer = try await harness.result("eth_getTransactionByHash", transaction.hash.quoted)
            #expect(Set(answer.names) == Self.common.union(extra))
            #expect(answer["from"]?.string == Fixtures.alice.address.hex)
            let type = UInt256(UInt64(transaction.type.rawValue))
            #expect(answer["type"]?.quantity == type)
            #expect(answer["r"]?.quantity == transaction.r)
            #expect(answer["s"]?.quantity == transaction.s)
            let parity = UInt256(UInt64(transaction.yParity))
            switch transaction.type {
            case .legacy where transaction.chainID == nil:
                let v = parity &+ 27
                #expect(answer["v"]?.quantity == v)
            case .legacy:
                let v = UInt256(FakeNode.chain * 2 + 35) &+ parity
                #expect(answer["v"]?.quantity == v)
            default:
                #expect(answer["v"]?.quantity == parity)
                #expect(answer["yParity"]?.quantity == parity)
            }
            if transaction.type.rawValue >= 2 { #expect(answer["gasPrice"]?.quantity == 1_008) }
            let receipt = try await harness.result("eth_getTransactionReceipt", transaction.hash.quoted)
            #expect(receipt["status"]?.string == "0x1")
            let price: UInt256 = transaction.type.rawValue >= 2 ? 1_008 : 5_000
            #expect(receipt["effectiveGasPrice"]?.quantity == price)
        }
        let last = try await harness.result("eth_getTransactionByHash", transactions[4].hash.quoted)
        let parities = last["authorizationList"]?.elements?.map { $0["yParity"]?.string ?? "" } ?? []
        #expect(parities.count == 2)
        #expect(parities.allSatisfy { ["0x0", "0x1"].contains($0) })
        let keys = try await harness.result("eth_getTransactionByHash", transactions[2].hash.quoted)["accessList"]?.elements?[0]["storageKeys"]
        #expect(keys?.elements?[1].string == Hash256(UInt256(1)).hex)
    }

    @Test func receiptShape() async throws {
        let harness = Harness()
        let log = Fixtures.log(1, 2, nonce: 0)
        let failing = Fixtures.transaction(nonce: 1, to: Fixtures.reverter)
        let block = harness.node.mine([log, failing])
        let receipt = try await harness.result("eth_getTransactionReceipt", log.hash.quoted)
        #expect(
            Set(receipt.names) == [
                "transactionHash", "transactionIndex", "blockHash", "blockNumber", "from", "to", "type", "status", "cumulativeGasUsed", "gasUsed",
                "effectiveGasPrice", "contractAddress", "logsBloom", "logs",
            ])
        #expect(receipt["contractAddress"]?.isNull == true)
        let entry = try #require(receipt["logs"]?.elements?.first)
        #expect(
            Set(entry.names) == [
                "address", "topics", "data", "blockNumber", "blockHash", "transactionHash", "transactionIndex", "logIndex", "removed",
            ])
        #expect(entry["topics"]?.elements?.map(\.string) == [Hash256(UInt256(1)).hex, Hash256(UInt256(2)).hex])
        #expect(receipt["logsBloom"]?.string == Hex.encode(block.logsBloom))
        let second = try await harness.result("eth_getTransactionReceipt", failing.hash.quoted)
        #expect(second["status"]?.string == "0x0" && second["transactionIndex"]?.string == "0x1")
        #expect(second["cumulativeGasUsed"]?.quantity == UInt256(block.gasUsed))
    }

    @Test func pendingThenIncluded() async throws {
        let harness = Harness()
        let transaction = Fixtures.transaction(nonce: 0, to: Fixtures.counter)
        #expect(try await harness.result("eth_getTransactionByHash", transaction.hash.quoted).isNull)
        #expect(try await harness.result("eth_getTransactionReceipt", transaction.hash.quoted).isNull)
        #expect(try await harness.submit(transaction.encode()) == transaction.hash.hex)
        let pending = try await harness.result("eth_getTransactionByHash", transaction.hash.quoted)
        #expect(pending["blockHash"]?.isNull == true && pending["transactionIndex"]?.isNull == true)
        #expect(pending["gasPrice"]?.quantity == 5_000)
        #expect(try await harness.result("txpool_status")["pending"]?.string == "0x1")
        harness.node.mine()
        #expect(try await harness.result("eth_getTransactionByHash", transaction.hash.quoted)["blockNumber"]?.string == "0x1")
        #expect(try await harness.result("eth_getTransactionReceipt", transaction.hash.quoted)["blockNumber"]?.string == "0x1")
    }

    @Test func rejections() async throws {
        let harness = Harness()
        harness.node.mine([Fixtures.transaction(nonce: 0, to: Fixtures.counter)])
        let stale = Fixtures.transaction(nonce: 0, to: Fixtures.logger)
        let error = try await harness.error("eth_sendRawTransaction", "\"\(Hex.encode(stale.encode()))\"")
        #expect(error.code == -32000 && error.message.hasPrefix("nonce too low"))
        #expect(try await harness.error("eth_sendRawTransaction", "\"0x\"").code == -32000)
        #expect(try await harness.error("eth_sendRawTransaction", "\"0xc0ffee\"").code == -32000)
        #expect(try await harness.error("eth_sendRawTransaction", "12").code == -32602)
        #expect(try await harness.error("eth_sendRawTransaction").code == -32602)
    }

    @Test func skipped() async throws {
        let harness = Harness()
        let first = Fixtures.transaction(nonce: 0, to: Fixtures.counter)
        let second = Fixtures.transaction(nonce: 0, to: Fixtures.logger)
        harness.node.mine([first, second])
        #expect(try await harness.result("hyperseq_getSkippedTransaction", second.hash.quoted)["reason"]?.string == "nonce too low")
        #expect(try await harness.result("hyperseq_getSkippedTransaction", first.hash.quoted).isNull)
    }
}
