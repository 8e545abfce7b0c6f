// Where Ethereum clients differ or users of other clients complained: one test for each such case that applies to a node.
//
// Not tests here: separate compilers for another byte code (this chain runs EVM code as it is, see `deployedCodeIsKept`), the
// speed of a test chain, and how a compiler lays out call data.
import Crypto
import Engine
import Executor
import Primitives
import RPC
import Testing

@Suite struct ClientDifferenceTests {
    private let alice = Fixtures.alice.address.quoted

    /// A transaction must not fail for lack of gas while it uses far less than its limit, and an estimate is of use.
    @Test func estimateIsNearTheGasUsed() async throws {
        let harness = Harness()
        let object = "{\"from\":\(alice),\"to\":\(Fixtures.counter.quoted)}"
        let estimate = try #require(try await harness.result("eth_estimateGas", object).quantity?.asUInt64)
        harness.node.mine([Fixtures.transaction(nonce: 0, to: Fixtures.counter, gas: estimate)])
        let receipt = try harness.node.transactions(height: 1)[0].receipt
        #expect(receipt.succeeded && estimate >= receipt.gasUsed && (estimate - receipt.gasUsed) * 20 < receipt.gasUsed)
        // An honest limit far above the use is no reason to fail.
        harness.node.mine([Fixtures.transaction(nonce: 1, to: Fixtures.counter, gas: 10_000_000)])
        #expect(try harness.node.transactions(height: 2)[0].receipt.succeeded)
    }

    /// Wallets wait for ever without fee histories.
    @Test func feeHistoryIsThere() async throws {
        let harness = Harness()
        harness.node.mine([Fixtures.log(1, 2, nonce: 0)])
        for count in ["2", "\"0x2\""] {
            let history = try await harness.result("eth_feeHistory", "\(count),\"latest\",[25,75]")
            #expect(history["baseFeePerGas"]?.elements?.count == 3 && history["gasUsedRatio"]?.elements?.count == 2)
            #expect(history["reward"]?.elements?.last?.elements?.compactMap(\.string) == ["0x7", "0x7"])
        }
    }

    /// Development tools probe for small methods.
    @Test(arguments: [
        "eth_coinbase", "eth_mining", "eth_hashrate", "eth_pendingTransactions", "eth_accounts", "eth_protocolVersion", "eth_syncing", "net_version",
        "net_listening", "net_peerCount", "web3_clientVersion", "eth_gasPrice", "eth_maxPriorityFeePerGas", "eth_blobBaseFee", "txpool_status",
    ])
    func smallMethodsAnswer(_ name: String) async throws {
        _ = try await Harness().result(name)
    }

    @Test func networkVersionIsDecimal() async throws {
        #expect(try await Harness().result("net_version").string == "4242")
    }

    /// `"data":"0x"` is no data.
    @Test func emptyDataCostsNothing() async throws {
        let harness = Harness()
        for data in ["", ",\"data\":\"0x\"", ",\"input\":\"0x\"", ",\"data\":null"] {
            let object = "{\"from\":\(alice),\"to\":\(Fixtures.bob.address.quoted)\(data)}"
            #expect(try await harness.result("eth_estimateGas", object).string == "0x5208")
        }
    }

    /// An estimate that is too low lets an inner call fail unseen.
    @Test func estimateCoversSwallowedCalls() async throws {
        let harness = Harness()
        let object = "{\"from\":\(alice),\"to\":\(Fixtures.swallower.quoted)}"
        let estimate = try #require(try await harness.result("eth_estimateGas", object).quantity?.asUInt64)
        harness.node.mine([Fixtures.transaction(nonce: 0, to: Fixtures.swallower, gas: estimate)])
        #expect(try await harness.result("eth_getStorageAt", "\(Fixtures.counter.quoted),\"0x0\"").string == Hash256(UInt256.one).hex)
    }

    /// What the engine objects to reaches the client, with the engine's words.
    @Test func engineErrorsAreNotSwallowed() async throws {
        let harness = Harness()
        let target = "\"from\":\(alice),\"to\":\(Fixtures.counter.quoted)"
        let cases = [
            ("\"gas\":\"0x1\"", "intrinsic gas too low: have 1, want 21000"),
            ("\"value\":\"0xffffffffffffffffffff\"", "insufficient funds for gas * price + value"),
            ("\"maxFeePerGas\":\"0x1\"", "max fee per gas less than block base fee"),
        ]
        for (members, words) in cases {
            for method in ["eth_call", "debug_traceCall", "eth_createAccessList"] {
                let message = try await harness.error(method, "{\(target),\(members)},\"latest\"").message
                #expect(message.contains(words), "\(method): \(message)")
            }
        }
    }

    /// `gas` without a price asks for no funds; with a price it does.
    @Test func estimateWithGasAndWithoutPrice() async throws {
        let harness = Harness()
        let poor = "\"from\":\(Address(small: 0x99).quoted),\"to\":\(Fixtures.counter.quoted),\"gas\":\"0x30d40\""
        #expect(try await harness.result("eth_estimateGas", "{\(poor)}").quantity != nil)
        #expect(try await harness.error("eth_estimateGas", "{\(poor),\"gasPrice\":\"0x2710\"}").message.hasPrefix("gas required exceeds allowance"))
    }

    /// A call whose transfer fails at once is a frame, as in go-ethereum, with an error and without costs.
    @Test func callTracerShowsFailedTransfers() async throws {
        // CALL(gas, bob, 1000, 0, 0, 0, 0) of a contract without funds, then CREATE with 1000.
        let target = Address(small: 0x5000)
        let code = "0x5f5f5f5f6103e873\(Fixtures.bob.address.hex.dropFirst(2))5af1505f5f6103e8f000"
        let options = "{\"tracer\":\"callTracer\",\"stateOverrides\":{\(target.quoted):{\"code\":\"\(code)\"}}}"
        let trace = try await Harness().result("debug_traceCall", "{\"from\":\(alice),\"to\":\(target.quoted)},\"latest\",\(options)")
        let calls = try #require(trace["calls"]?.elements)
        #expect(calls.compactMap { $0["type"]?.string } == ["CALL", "CREATE"])
        for call in calls {
            #expect(call["error"]?.string == "insufficient balance for transfer" && call["gasUsed"]?.string == "0x0")
            #expect(call["value"]?.string == "0x3e8" && call["from"]?.string == target.hex)
        }
        #expect(trace["error"] == nil)
    }

    /// The fee recipient's change under `debug_traceCall` is what the call pays: nothing without a price.
    @Test func prestateOfTheFeeRecipient() async throws {
        let harness = Harness()
        harness.node.mine([Fixtures.log(1, 2, nonce: 0)])
        let recipient = Address(small: 0xfee).hex
        let options = "{\"tracer\":\"prestateTracer\",\"tracerConfig\":{\"diffMode\":true}}"
        let object = "\"from\":\(alice),\"to\":\(Fixtures.counter.quoted)"
        let free = try await harness.result("debug_traceCall", "{\(object)},\"latest\",\(options)")
        #expect(free["post"]?[recipient] == nil && free["pre"]?[recipient] == nil)
        let priced = try await harness.result(
            "debug_traceCall", "{\(object),\"gas\":\"0x30d40\",\"maxFeePerGas\":\"0x2710\",\"maxPriorityFeePerGas\":\"0x2\"},\"latest\",\(options)")
        let before = try #require(priced["pre"]?[recipient]?["balance"]?.quantity)
        let after = try #require(priced["post"]?[recipient]?["balance"]?.quantity)
        #expect(after &- before == 86_224)
        // The plain form holds the recipient's balance before.
        let plain = try await harness.result("debug_traceCall", "{\(object)},\"latest\",{\"tracer\":\"prestateTracer\"}")
        #expect(plain[recipient]?["balance"]?.quantity == before)
    }

    /// A good transaction has a good trace.
    @Test func tracesOfGoodTransactions() async throws {
        let harness = Harness()
        harness.node.mine([Fixtures.transaction(nonce: 0, to: Fixtures.bob.address, value: 1), Fixtures.transaction(nonce: 1, to: Fixtures.counter)])
        let records = try harness.node.transactions(height: 1)
        for (record, isEmpty) in zip(records, [true, false]) {
            let trace = try await harness.result("debug_traceTransaction", record.hash.quoted)
            #expect(trace["failed"] == .bool(false) && trace["structLogs"]?.elements?.isEmpty == isEmpty)
            #expect(trace["gas"]?.integer == Int(record.receipt.gasUsed))
        }
    }

    /// The receipt is there, whole, as soon as the transaction has a block.
    @Test func receiptsAppearWithTheirTransactions() async throws {
        let harness = Harness()
        let hash = try await harness.submit(Fixtures.log(1, 2, nonce: 0).encode())
        #expect(try await harness.result("eth_getTransactionReceipt", "\"\(hash)\"").isNull)
        #expect(try await harness.result("eth_getTransactionByHash", "\"\(hash)\"")["blockHash"]?.isNull == true)
        harness.node.mine()
        #expect(try await harness.result("eth_getTransactionByHash", "\"\(hash)\"")["blockNumber"]?.string == "0x1")
        let receipt = try await harness.result("eth_getTransactionReceipt", "\"\(hash)\"")
        for name in ["effectiveGasPrice", "type", "status", "logsBloom", "cumulativeGasUsed", "contractAddress", "gasUsed", "logs"] {
            #expect(receipt[name] != nil, "\(name)")
        }
        #expect(receipt["effectiveGasPrice"]?.quantity == 1_008)
    }

    /// A tuple with an impossible parity does not make the block unreadable for libraries.
    @Test func oddParityOfAuthorizations() async throws {
        let harness = Harness()
        let odd = Authorization(chainID: 0, address: Fixtures.counter, nonce: 0, yParity: 0xfe, r: 1, s: 1)
        harness.node.mine([Fixtures.transaction(.setCode, nonce: 0, to: Fixtures.bob.address, authorizations: [odd])])
        let block = try await harness.result("eth_getBlockByNumber", "\"0x1\",true")
        let tuple = block["transactions"]?.elements?.first?["authorizationList"]?.elements?.first
        #expect(tuple?["yParity"]?.string == "0x1")
    }

    /// What was deployed is what `eth_getCode` gives.
    @Test func deployedCodeIsKept() async throws {
        let harness = Harness()
        let code = Fixtures.bytes("600160020160005260206000f3")
        let initCode = [0x60, UInt8(code.count), 0x60, 0x0c, 0x60, 0x00, 0x39, 0x60, UInt8(code.count), 0x60, 0x00, 0xf3] + code
        harness.node.mine([Fixtures.transaction(nonce: 0, to: nil, data: initCode)])
        let address = try #require(try harness.node.transactions(height: 1)[0].receipt.contractAddress)
        #expect(try await harness.result("eth_getCode", "\(address.quoted),\"latest\"").string == Hex.encode(code))
    }
}
