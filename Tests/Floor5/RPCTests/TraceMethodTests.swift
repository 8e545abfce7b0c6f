import Engine
import Executor
import Primitives
import RPC
import Testing

@Suite struct TraceMethodTests {
    private static let empty = Hash256(UInt256.zero)

    /// A chain whose block 1 counts twice and logs, each transaction by Alice.
    private func chain() throws -> (harness: Harness, records: [TransactionRecord]) {
        let harness = Harness()
        harness.node.mine([
            Fixtures.transaction(nonce: 0, to: Fixtures.counter), Fixtures.transaction(nonce: 1, to: Fixtures.swallower),
            Fixtures.log(1, 2, nonce: 2), Fixtures.log(3, 4, nonce: 3),
        ])
        return (harness, try harness.node.transactions(height: 1))
    }

    // MARK: - Struct logs

    @Test func structLogs() async throws {
        let (harness, records) = try chain()
        let trace = try await harness.result("debug_traceTransaction", records[0].hash.quoted)
        #expect(trace["failed"] == .bool(false))
        #expect(trace["gas"] == .number(Array(String(records[0].receipt.gasUsed).utf8)))
        #expect(trace["returnValue"]?.string == "0x")
        let logs = try #require(trace["structLogs"]?.elements)
        #expect(logs.compactMap { $0["op"]?.string } == ["PUSH1", "SLOAD", "PUSH1", "ADD", "PUSH1", "SSTORE", "STOP"])
        #expect(logs.compactMap { $0["pc"]?.integer } == [0, 2, 3, 5, 6, 8, 9])
        #expect(logs.compactMap { $0["gasCost"]?.integer } == [3, 2100, 3, 3, 3, 20000, 0])
        #expect(logs.compactMap { $0["depth"]?.integer } == [1, 1, 1, 1, 1, 1, 1])
        #expect(logs[0]["gas"]?.integer == 179_000)
        #expect(logs[3]["stack"]?.elements?.compactMap(\.string) == ["0x0", "0x1"])
        let slot = String(repeating: "0", count: 64)
        #expect(logs[1]["storage"] == .object([.init(name: Array(slot.utf8), value: .string(Array(slot.utf8)))]))
        let one = String(repeating: "0", count: 63) + "1"
        #expect(logs[5]["storage"] == .object([.init(name: Array(slot.utf8), value: .string(Array(one.utf8)))]))
        #expect(logs[0]["storage"] == nil && logs[0]["memory"] == nil && logs[0]["error"] == nil)
    }

    @Test func structLogOptions() async throws {
        let (harness, records) = try chain()
        let options = "{\"disableStack\":true,\"disableStorage\":true,\"enableMemory\":true,\"enableReturnData\":true,\"limit\":15}"
        let logs = try #require(
            try await harness.result("debug_traceTransaction", "\(records[1].hash.quoted),\(options)")["structLogs"]?.elements)
        #expect(logs.count == 15)
        #expect(logs.allSatisfy { $0["stack"] == nil && $0["storage"] == nil && $0["memory"] != nil })
        #expect(logs.contains { $0["depth"]?.integer == 2 })
    }

    @Test func failuresShow() async throws {
        let harness = Harness()
        harness.node.mine([Fixtures.transaction(nonce: 0, to: Fixtures.reverter), Fixtures.transaction(nonce: 1, to: Fixtures.invalid)])
        let records = try harness.node.transactions(height: 1)
        let revert = try await harness.result("debug_traceTransaction", records[0].hash.quoted)
        #expect(revert["failed"] == .bool(true) && revert["returnValue"]?.string == Hex.encode(Fixtures.errorString))
        let invalid = try await harness.result("debug_traceTransaction", records[1].hash.quoted)
        #expect(invalid["failed"] == .bool(true) && invalid["returnValue"]?.string == "0x")
        #expect(invalid["structLogs"]?.elements?.last?["error"]?.string == "invalid opcode")
        #expect(invalid["structLogs"]?.elements?.last?["op"]?.string == "INVALID")
    }

    // MARK: - Tracers

    private func trace(_ harness: Harness, _ record: TransactionRecord, _ tracer: String, _ config: String = "{}") async throws -> JSONValue {
        try await harness.result("debug_traceTransaction", "\(record.hash.quoted),{\"tracer\":\"\(tracer)\",\"tracerConfig\":\(config)}")
    }

    @Test func callTracer() async throws {
        let (harness, records) = try chain()
        let top = try await trace(harness, records[1], "callTracer")
        #expect(top["type"]?.string == "CALL" && top["from"]?.string == Fixtures.alice.address.hex)
        #expect(top["to"]?.string == Fixtures.swallower.hex && top["value"]?.string == "0x0" && top["input"]?.string == "0x")
        #expect(top["gas"]?.quantity == 200_000 && top["gasUsed"]?.quantity == UInt256(records[1].receipt.gasUsed))
        #expect(top["output"]?.string == Hash256(UInt256.one).hex && top["error"] == nil)
        let calls = try #require(top["calls"]?.elements)
        #expect(calls.count == 1)
        #expect(calls[0]["to"]?.string == Fixtures.counter.hex && calls[0]["from"]?.string == Fixtures.swallower.hex)
        // The second count: SLOAD cold, SSTORE of a slot that is not zero.
        #expect(calls[0]["gasUsed"]?.quantity == 5_012)
        #expect(calls[0]["calls"] == nil && calls[0]["output"] == nil)
        #expect(try await trace(harness, records[1], "callTracer", "{\"onlyTopCall\":true}")["calls"] == nil)
    }

    @Test func callTracerLogs() async throws {
        let (harness, records) = try chain()
        let logs = try #require(try await trace(harness, records[3], "callTracer", "{\"withLog\":true}")["logs"]?.elements)
        #expect(logs.count == 1 && logs[0]["address"]?.string == Fixtures.logger.hex)
        #expect(logs[0]["topics"]?.elements?.compactMap(\.string) == [Hash256(UInt256(3)).hex, Hash256(UInt256(4)).hex])
        // The second log of the block.
        #expect(logs[0]["index"]?.string == "0x1" && logs[0]["position"]?.string == "0x0" && logs[0]["data"]?.string == "0x")
        #expect(try await trace(harness, records[3], "callTracer")["logs"] == nil)
    }

    @Test func callTracerFailures() async throws {
        let harness = Harness()
        harness.node.mine([
            Fixtures.transaction(nonce: 0, to: Fixtures.reverter), Fixtures.transaction(nonce: 1, to: nil, data: [0xfe]),
            Fixtures.transaction(nonce: 2, to: nil, data: Fixtures.bytes("60015ff3")),
        ])
        let records = try harness.node.transactions(height: 1)
        let revert = try await trace(harness, records[0], "callTracer")
        #expect(revert["error"]?.string == "execution reverted" && revert["revertReason"]?.string == "no")
        #expect(revert["output"]?.string == Hex.encode(Fixtures.errorString))
        let failed = try await trace(harness, records[1], "callTracer")
        #expect(failed["type"]?.string == "CREATE" && failed["to"] == nil && failed["error"]?.string == "invalid opcode")
        #expect(failed["input"]?.string == "0xfe" && failed["gasUsed"]?.quantity == 200_000)
        let created = try await trace(harness, records[2], "callTracer")
        #expect(created["to"]?.string == records[2].receipt.contractAddress?.hex && created["output"]?.string == "0x00")
    }

    @Test func prestate() async throws {
        let (harness, records) = try chain()
        let pre = try await trace(harness, records[1], "prestateTracer")
        #expect(Set(pre.names) == [Fixtures.alice.address.hex, Fixtures.swallower.hex, Fixtures.counter.hex, Address(small: 0xfee).hex])
        #expect(pre[Fixtures.alice.address.hex]?["nonce"]?.integer == 1)
        let counter = try #require(pre[Fixtures.counter.hex])
        #expect(counter["storage"]?[Self.empty.hex]?.string == Hash256(UInt256.one).hex)
        #expect(counter["code"]?.string == "0x60005460010160005500" && counter["balance"]?.string == "0x0")
        let bare = try await trace(harness, records[1], "prestateTracer", "{\"disableCode\":true,\"disableStorage\":true}")
        #expect(bare[Fixtures.counter.hex]?.names == ["balance", "nonce"])
    }

    @Test func prestateDifference() async throws {
        let (harness, records) = try chain()
        let difference = try await trace(harness, records[0], "prestateTracer", "{\"diffMode\":true}")
        let (pre, post) = (try #require(difference["pre"]), try #require(difference["post"]))
        // The slot was zero, which is no part of the state before; the fee recipient did not exist.
        #expect(Set(pre.names) == [Fixtures.alice.address.hex, Fixtures.counter.hex])
        #expect(Set(post.names) == [Fixtures.alice.address.hex, Fixtures.counter.hex, Address(small: 0xfee).hex])
        #expect(pre[Fixtures.counter.hex]?["storage"] == nil)
        #expect(post[Fixtures.counter.hex]?.names == ["storage"])
        #expect(post[Fixtures.counter.hex]?["storage"]?[Self.empty.hex]?.string == Hash256(UInt256.one).hex)
        #expect(post[Fixtures.alice.address.hex]?.names == ["balance", "nonce"])
        let receipt = records[0].receipt
        let before = try #require(pre[Fixtures.alice.address.hex]?["balance"]?.quantity)
        let after = try #require(post[Fixtures.alice.address.hex]?["balance"]?.quantity)
        #expect(before &- after == UInt256(receipt.gasUsed) &* receipt.effectiveGasPrice)
        #expect(post[Address(small: 0xfee).hex]?["balance"]?.quantity == UInt256(receipt.gasUsed) &* 7)
        // The next transaction begins with what this one left.
        let next = try await trace(harness, records[1], "prestateTracer", "{\"diffMode\":true}")
        #expect(next["pre"]?[Fixtures.alice.address.hex]?["balance"]?.quantity == after)
    }

    @Test func smallTracers() async throws {
        let (harness, records) = try chain()
        #expect(try await trace(harness, records[2], "noopTracer") == .object([]))
        #expect(try await trace(harness, records[2], "4byteTracer") == .object([.init(name: Array("0x00000000-60".utf8), value: .number([0x31]))]))
        let mux = try await trace(harness, records[1], "muxTracer", "{\"callTracer\":{\"onlyTopCall\":true},\"4byteTracer\":null,\"prestateTracer\":{}}")
        #expect(mux.names == ["callTracer", "4byteTracer", "prestateTracer"])
        #expect(mux["callTracer"] == (try await trace(harness, records[1], "callTracer", "{\"onlyTopCall\":true}")))
        #expect(mux["prestateTracer"] == (try await trace(harness, records[1], "prestateTracer")))
    }

    @Test(arguments: [
        ("{\"tracer\":\"nope\"}", -32000), ("{\"tracer\":5}", -32602), ("5", -32602), ("{\"limit\":-1}", -32602), ("{\"timeout\":\"soon\"}", -32602),
        ("{\"disableStack\":1}", -32602), ("{\"tracer\":\"muxTracer\"}", -32602), ("{\"tracer\":\"muxTracer\",\"tracerConfig\":{\"muxTracer\":{}}}", -32000),
        ("{\"tracer\":\"muxTracer\",\"tracerConfig\":{\"noopTracer\":{},\"noopTracer\":{}}}", -32602),
    ])
    func badOptions(_ options: String, _ code: Int) async throws {
        let (harness, records) = try chain()
        #expect(try await harness.error("debug_traceTransaction", "\(records[0].hash.quoted),\(options)").code == code)
    }

    // MARK: - Blocks

    @Test func blocks() async throws {
        let (harness, records) = try chain()
        let hash = try #require(try harness.node.block(height: 1)).hash
        for options in ["{}", "{\"tracer\":\"callTracer\"}", "{\"tracer\":\"prestateTracer\",\"tracerConfig\":{\"diffMode\":true}}"] {
            let byNumber = try await harness.result("debug_traceBlockByNumber", "\"0x1\",\(options)")
            #expect(byNumber == (try await harness.result("debug_traceBlockByHash", "\(hash.quoted),\(options)")))
            let traces = try #require(byNumber.elements)
            #expect(traces.compactMap { $0["txHash"]?.string } == records.map(\.hash.hex))
            for (trace, record) in zip(traces, records) {
                #expect(trace["result"] == (try await harness.result("debug_traceTransaction", "\(record.hash.quoted),\(options)")))
            }
        }
        #expect(try await harness.error("debug_traceBlockByNumber", "\"0x0\"").message == "genesis is not traceable")
        #expect(try await harness.error("debug_traceTransaction", Self.empty.quoted).message == "transaction not found")
        #expect(try await harness.error("debug_traceBlockByNumber", "\"0x9\"").message == "header not found")
        harness.node.state.withLock { $0.prunedBelow = 1 }
        #expect(try await harness.error("debug_traceBlockByNumber", "\"0x1\"").message.contains("not available"))
    }

    // MARK: - Calls

    @Test func calls() async throws {
        let (harness, _) = try chain()
        let object = "{\"from\":\(Fixtures.alice.address.quoted),\"to\":\(Fixtures.counter.quoted)}"
        let now = try await harness.result("debug_traceCall", "\(object),\"latest\"")
        #expect(now["structLogs"]?.elements?[3]["stack"]?.elements?.compactMap(\.string) == ["0x2", "0x1"])
        let then = try await harness.result("debug_traceCall", "\(object),\"0x0\"")
        #expect(then["structLogs"]?.elements?[3]["stack"]?.elements?.compactMap(\.string) == ["0x0", "0x1"])
        let overrides =
            "{\"tracer\":\"callTracer\",\"stateOverrides\":{\(Fixtures.counter.quoted):{\"code\":\"0x435f5260205ff3\"}},\"blockOverrides\":{\"number\":\"0x99\"}}"
        let changed = try await harness.result("debug_traceCall", "\(object),\"latest\",\(overrides)")
        #expect(changed["output"]?.string == Hash256(UInt256(0x99)).hex)
        let poor = "{\"from\":\(Address(small: 0x99).quoted),\"to\":\(Fixtures.counter.quoted),\"value\":\"0x1\"}"
        #expect(try await harness.error("debug_traceCall", "\(poor),\"latest\"").message.hasPrefix("tracing failed: insufficient funds"))
    }

    // MARK: - Bounds

    @Test func timeAndSize() async throws {
        var limits = RPCLimits()
        limits.callGas = 1 << 40
        limits.callTimeMilliseconds = 30
        let endless = "{\"to\":\(Fixtures.endless.quoted),\"gas\":\"0x10000000000\"},\"latest\""
        let slow = Harness(limits: limits)
        for tracer in ["callTracer", "prestateTracer", "noopTracer"] {
            #expect(try await slow.error("debug_traceCall", "\(endless),{\"tracer\":\"\(tracer)\"}").message == "execution timeout (30ms)")
        }
        #expect(try await slow.error("debug_traceCall", "\(endless),{\"timeout\":\"5ms\",\"limit\":1}").message == "execution timeout (5ms)")
        limits.callTimeMilliseconds = 60_000
        limits.responseByteCount = 100_000
        let small = Harness(limits: limits)
        #expect(try await small.error("debug_traceCall", endless).code == -32003)
        // Frames count too: a call of 32 KiB of input, again and again.
        let target = Address(small: 0x5000)
        let loop = "{\"tracer\":\"callTracer\",\"stateOverrides\":{\(target.quoted):{\"code\":\"0x5b5f5f6180005f5f60045af1505f56\"}}}"
        #expect(try await small.error("debug_traceCall", "{\"to\":\(target.quoted),\"gas\":\"0x10000000000\"},\"latest\",\(loop)").code == -32003)
    }

    /// The deepest tree of calls is written, too.
    @Test func deepestCalls() async throws {
        var limits = RPCLimits()
        limits.callGas = 1 << 50
        let harness = Harness(limits: limits)
        let target = Address(small: 0x5000).quoted
        let options = "{\"tracer\":\"callTracer\",\"stateOverrides\":{\(target):{\"code\":\"0x5f5f5f5f5f305af100\"}}}"
        let body = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"debug_traceCall\",\"params\":[{\"to\":\(target)},\"latest\",\(options)]}"
        let answer = String(decoding: await harness.dispatcher.respond(to: Array(body.utf8)), as: UTF8.self)
        #expect(answer.split(separator: "\"type\":\"CALL\"").count == 1027)
        #expect(answer.contains("max call depth exceeded"))
    }

    // MARK: - Raw data

    @Test func rawData() async throws {
        let (harness, records) = try chain()
        let raw = try await harness.result("debug_getRawTransaction", records[0].hash.quoted).string
        #expect(raw == Hex.encode(records[0].transaction.encode()))
        #expect(try await harness.result("debug_getRawTransaction", Self.empty.quoted).isNull)
        let receipts = try await harness.result("debug_getRawReceipts", "\"0x1\"").elements?.compactMap(\.string)
        #expect(receipts == records.map { Hex.encode($0.receipt.encode()) })
        let header = try #require(try await harness.result("debug_getRawHeader", "\"0x1\"").string.flatMap { Hex.decode($0) })
        #expect(Keccak256.hash(header) == (try harness.node.block(height: 1))?.hash)
        let code = Fixtures.bytes("600054600101 60005500")
        #expect(try await harness.result("debug_codeByHash", Keccak256.hash(code).quoted).string == Hex.encode(code))
        #expect(try await harness.result("debug_codeByHash", Self.empty.quoted).isNull)
    }
}

extension JSONValue {
    var integer: Int? {
        guard case .number(let digits) = self else { return nil }
        return Int(String(decoding: digits, as: UTF8.self))
    }

    /// A member whose name is only known at run time.
    subscript(_ name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name == Array(name.utf8) }?.value
    }
}
