import Engine
import Executor
import Primitives
import RPC
import Testing

@Suite struct SimulationTests {
    private let alice = Fixtures.alice.address.quoted
    private let poor = Address(small: 0x9001)

    private func simulate(_ harness: Harness, _ blocks: String, _ options: String = "") async throws -> [JSONValue] {
        try #require(try await harness.result("eth_simulateV1", "{\"blockStateCalls\":[\(blocks)]\(options)},\"latest\"").elements)
    }

    private func failure(_ blocks: String, _ options: String = "", limits: RPCLimits = RPCLimits()) async throws -> Int {
        try await Harness(limits: limits).error("eth_simulateV1", "{\"blockStateCalls\":[\(blocks)]\(options)}").code
    }

    // MARK: - Access lists

    @Test func accessLists() async throws {
        let harness = Harness()
        let swallower = "{\"from\":\(alice),\"to\":\(Fixtures.swallower.quoted)}"
        let found = try await harness.result("eth_createAccessList", "\(swallower),\"latest\"")
        #expect(found["error"] == nil)
        let list = try #require(found["accessList"]?.elements)
        #expect(list.count == 1 && list[0]["address"]?.string == Fixtures.counter.hex)
        #expect(list[0]["storageKeys"]?.elements?.compactMap(\.string) == [Hash256.zero.hex])
        // The gas is that of the transaction with the list.
        let entry = AccessListEntry(address: Fixtures.counter, storageKeys: [0])
        harness.node.mine([Fixtures.transaction(nonce: 0, to: Fixtures.swallower, accessList: [entry])])
        #expect(found["gasUsed"]?.quantity == UInt256(try harness.node.transactions(height: 1)[0].receipt.gasUsed))
        // The target itself is warm: only its slots are listed.
        let counter = try await harness.result("eth_createAccessList", "{\"from\":\(alice),\"to\":\(Fixtures.counter.quoted)}")
        #expect(counter["accessList"]?.elements?.count == 1)
        let transfer = try await harness.result("eth_createAccessList", "{\"from\":\(alice),\"to\":\(Fixtures.bob.address.quoted),\"value\":\"0x1\"}")
        #expect(transfer["accessList"]?.elements?.isEmpty == true && transfer["gasUsed"]?.quantity == 21_000)
        let revert = try await harness.result("eth_createAccessList", "{\"from\":\(alice),\"to\":\(Fixtures.reverter.quoted)}")
        #expect(revert["error"]?.string == "execution reverted: no")
    }

    // MARK: - Simulation

    @Test func blocksBuildOnEachOther() async throws {
        let harness = Harness()
        let count = "{\"from\":\(alice),\"to\":\(Fixtures.counter.quoted)}"
        let read = "{\"from\":\(alice),\"to\":\(poor.quoted)}"
        let reader = "\"stateOverrides\":{\(poor.quoted):{\"code\":\"0x5f545f5260205ff3\",\"stateDiff\":{\"0x0\":\"0x7\"}}}"
        let result = try await simulate(harness, "{\"calls\":[\(count),\(count)]},{\(reader),\"calls\":[\(read),\(count)]}")
        #expect(result.count == 2)
        #expect(result.compactMap { $0["number"]?.quantity } == [1, 2])
        #expect(result[1]["parentHash"]?.string == result[0]["hash"]?.string)
        #expect(result[0]["parentHash"]?.string == (try harness.node.block(height: 0))?.hash.hex)
        let calls = try #require(result[0]["calls"]?.elements)
        // SLOAD cold, SSTORE of a new slot and of a known one, and four cheap instructions.
        #expect(calls.compactMap { $0["gasUsed"]?.quantity } == [43_112, 26_012])
        #expect(result[0]["gasUsed"]?.quantity == 69_124)
        #expect(result[1]["calls"]?.elements?[0]["returnData"]?.string == Hash256(UInt256(7)).hex)
        // Three counts: the slot is not new any more.
        #expect(result[1]["calls"]?.elements?[1]["gasUsed"]?.quantity == 26_012)
        #expect(result[0]["baseFeePerGas"]?.string == "0x0" && result[0]["transactions"]?.elements?.count == 2)
        // Nothing stays.
        #expect(try await harness.result("eth_getStorageAt", "\(Fixtures.counter.quoted),\"0x0\"").string == Hash256.zero.hex)
    }

    @Test func overridesAndGaps() async throws {
        let code = "\"stateOverrides\":{\(poor.quoted):{\"code\":\"0x425f52486020526040 5ff3\"}}".filter { $0 != " " }
        let call = "\"calls\":[{\"to\":\(poor.quoted)}]"
        let overrides = "\"blockOverrides\":{\"number\":\"0x4\",\"time\":\"0x70000000\",\"baseFeePerGas\":\"0x9\",\"feeRecipient\":\(poor.quoted),\"gasLimit\":\"0xffffff\"}"
        let result = try await simulate(Harness(), "{\(overrides),\(code),\(call)},{\(call)}")
        #expect(result.compactMap { $0["number"]?.quantity } == [1, 2, 3, 4, 5])
        #expect(result[3]["miner"]?.string == poor.hex && result[3]["gasLimit"]?.string == "0xffffff")
        #expect(result[3]["calls"]?.elements?[0]["returnData"]?.string == Hex.encode(Fixtures.word(0x7000_0000) + Fixtures.word(9)))
        #expect(result[4]["timestamp"]?.quantity == 0x7000_000c)
        #expect(result[2]["calls"]?.elements?.isEmpty == true)
    }

    @Test func transfersAndLogs() async throws {
        let from = "{\(poor.quoted):{\"balance\":\"0x3e8\"}}"
        let transfer = "{\"from\":\(poor.quoted),\"to\":\(Fixtures.bob.address.quoted),\"value\":\"0x3e8\"}"
        let log = "{\"from\":\(alice),\"to\":\(Fixtures.logger.quoted),\"data\":\"\(Hex.encode(Fixtures.word(5) + Fixtures.word(6)))\"}"
        let failing = "{\"from\":\(alice),\"to\":\(Fixtures.reverter.quoted),\"value\":\"0x1\"}"
        let blocks = "{\"stateOverrides\":\(from),\"calls\":[\(transfer),\(log),\(failing)]}"
        let result = try await simulate(Harness(), blocks, ",\"traceTransfers\":true,\"returnFullTransactions\":true")
        let calls = try #require(result[0]["calls"]?.elements)
        let ether = try #require(calls[0]["logs"]?.elements?.first)
        #expect(ether["address"]?.string == "0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee")
        #expect(ether["topics"]?.elements?.compactMap(\.string) == [
            "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef", Hash256(poor.word).hex, Hash256(Fixtures.bob.address.word).hex,
        ])
        #expect(ether["data"]?.string == Hash256(UInt256(1000)).hex && ether["blockHash"]?.string == result[0]["hash"]?.string)
        #expect(calls[1]["logs"]?.elements?.first?["logIndex"]?.string == "0x1")
        #expect(calls[2]["logs"]?.elements?.isEmpty == true && calls[2]["status"]?.string == "0x0")
        #expect(calls[2].error?.code == 3 && calls[2].error?.message == "execution reverted: no" && calls[2]["returnData"]?.string == "0x")
        let transactions = try #require(result[0]["transactions"]?.elements)
        #expect(transactions.compactMap { $0["from"]?.string } == [poor.hex, Fixtures.alice.address.hex, Fixtures.alice.address.hex])
        #expect(transactions[1]["nonce"]?.string == "0x0" && transactions[2]["nonce"]?.string == "0x1")
        let plain = try await simulate(Harness(), blocks)
        #expect(plain[0]["calls"]?.elements?[0]["logs"]?.elements?.isEmpty == true)
        #expect(plain[0]["calls"]?.elements?[1]["logs"]?.elements?.first?["logIndex"]?.string == "0x0")
        #expect(plain[0]["transactions"]?.elements?.allSatisfy { $0.string != nil } == true)
    }

    @Test func validation() async throws {
        let priced = "\"maxFeePerGas\":\"0x2710\",\"maxPriorityFeePerGas\":\"0x1\",\"gas\":\"0x5208\""
        func block(_ members: String) -> String {
            "{\"calls\":[{\"from\":\(alice),\"to\":\(Fixtures.bob.address.quoted),\(members)}]}"
        }
        let on = ",\"validation\":true"
        let good = try await simulate(Harness(), block("\(priced),\"nonce\":\"0x0\""), on)
        #expect(good[0]["calls"]?.elements?[0]["status"]?.string == "0x1" && good[0]["baseFeePerGas"]?.quantity == 1_001)
        #expect(try await failure(block("\(priced),\"nonce\":\"0x5\""), on) == -38011)
        // Without validation a nonce plays no part.
        _ = try await simulate(Harness(), block("\"nonce\":\"0x5\""))
        #expect(try await failure(block("\"maxFeePerGas\":\"0x1\",\"gas\":\"0x5208\""), on) == -38012)
        #expect(try await failure(block("\"gas\":\"0x5208\""), on) == -38012)
        #expect(try await failure(block("\"gas\":\"0x5207\"")) == -38013)
        #expect(try await failure(block("\"value\":\"0xffffffffffffffffffff\"")) == -38014)
        let low = "{\"stateOverrides\":{\(alice):{\"nonce\":\"0x9\"}},\"calls\":[{\"from\":\(alice),\"to\":\(alice),\(priced),\"nonce\":\"0x8\"}]}"
        #expect(try await failure(low, on) == -38010)
    }

    @Test func errorsOfBlocks() async throws {
        func number(_ text: String) -> String { "{\"blockOverrides\":{\"number\":\"\(text)\"}}" }
        func time(_ text: String) -> String { "{\"blockOverrides\":{\"time\":\"\(text)\"}}" }
        #expect(try await failure(number("0x0")) == -38020)
        #expect(try await failure("\(number("0x3")),\(number("0x3"))") == -38020)
        #expect(try await failure(time("0x1")) == -38021)
        #expect(try await failure("\(time("0x70000000")),\(time("0x70000000"))") == -38021)
        #expect(try await failure(number("0x101")) == -38026)
        #expect(try await failure(number("0xffffffffffffffff")) == -38026)
        #expect(try await failure([String](repeating: "{}", count: 257).joined(separator: ",")) == -38026)
        #expect(try await failure("") == -32602)
        let thirsty = "{\"blockOverrides\":{\"gasLimit\":\"0x7530\"},\"calls\":[{\"gas\":\"0x7531\"}]}"
        #expect(try await failure(thirsty) == -38015)
        let endless = "{\"blockOverrides\":{\"gasLimit\":\"0xffffffffffff\"},\"calls\":[{\"to\":\(Fixtures.endless.quoted)}]}"
        var limits = RPCLimits()
        limits.callGas = 1 << 44
        limits.callTimeMilliseconds = 20
        #expect(try await failure(endless, limits: limits) == -32016)
        limits.callGas = 50_000
        #expect(try await failure("{\"calls\":[{\"to\":\(Fixtures.endless.quoted)},{\"to\":\(Fixtures.endless.quoted)}]}", limits: limits) == -38026)
        let halting = try await simulate(Harness(), "{\"calls\":[{\"to\":\(Fixtures.invalid.quoted)}]}")
        #expect(halting[0]["calls"]?.elements?[0].error?.code == -32015)
        for odd in ["5", "{\"calls\":5}", "{\"calls\":[5]}", "{\"blockOverrides\":5}", "{\"stateOverrides\":5}"] { #expect(try await failure(odd) == -32602) }
    }

    // MARK: - Pool

    @Test func pool() async throws {
        let harness = Harness()
        let ready = Fixtures.transaction(nonce: 0, to: Fixtures.bob.address, value: 5)
        let waiting = Fixtures.transaction(nonce: 4, to: nil, data: [0])
        try await harness.submit(ready.encode())
        try await harness.submit(waiting.encode())
        #expect(try await harness.result("txpool_status")["pending"]?.string == "0x1")
        #expect(try await harness.result("txpool_status")["queued"]?.string == "0x1")
        let content = try await harness.result("txpool_content")
        let alice = Fixtures.alice.address.hex
        #expect(content["pending"]?[alice]?["0"]?["hash"]?.string == ready.hash.hex)
        #expect(content["queued"]?[alice]?["4"]?["hash"]?.string == waiting.hash.hex)
        let summary = try await harness.result("txpool_inspect")
        #expect(summary["pending"]?[alice]?["0"]?.string == "\(Fixtures.bob.address.hex): 5 wei + 200000 gas × 5000 wei")
        #expect(summary["queued"]?[alice]?["4"]?.string == "contract creation: 0 wei + 200000 gas × 5000 wei")
        let own = try await harness.result("txpool_contentFrom", Fixtures.alice.address.quoted)
        #expect(own["pending"]?["0"]?["hash"]?.string == ready.hash.hex && own["queued"]?.names == ["4"])
        let none = try await harness.result("txpool_contentFrom", Fixtures.bob.address.quoted)
        #expect(none["pending"] == .object([]) && none["queued"] == .object([]))
    }
}
