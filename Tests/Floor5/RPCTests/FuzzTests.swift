import Primitives
import RPC
import Testing

/// SplitMix64: the same bytes for the same seed on every machine.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}

@Suite struct FuzzTests {
    /// Bodies that reach every method, to be mutated.
    private static func corpus(_ harness: Harness) -> [[UInt8]] {
        let hash = harness.node.mine([Fixtures.log(1, 2, nonce: 0)])
        let address = Fixtures.counter.quoted
        let raw = "\"\(Hex.encode(Fixtures.transaction(nonce: 1, to: Fixtures.counter).encode()))\""
        let calls = [
            ("eth_getBlockByNumber", "\"0x1\",true"), ("eth_getBlockByHash", "\(hash.hash.quoted),true"), ("eth_getBalance", "\(address),\"latest\""),
            ("eth_getStorageAt", "\(address),\"0x0\",{\"blockHash\":\(hash.hash.quoted)}"), ("eth_getTransactionCount", "\(address),\"pending\""),
            ("eth_call", "{\"to\":\(address),\"data\":\"0x00\",\"gas\":\"0x7530\",\"value\":\"0x0\"},\"latest\",{\(address):{\"balance\":\"0x1\",\"stateDiff\":{\"0x0\":\"0x5\"}}},{\"number\":\"0x5\"}"),
            ("eth_estimateGas", "{\"to\":\(address),\"gas\":\"0x7530\",\"accessList\":[{\"address\":\(address),\"storageKeys\":[\"0x0\"]}]}"),
            ("eth_feeHistory", "5,\"latest\",[10,50.5]"), ("eth_sendRawTransaction", raw), ("eth_getTransactionReceipt", hash.transactionHashes[0].quoted),
            ("eth_getLogs", "{\"fromBlock\":\"0x0\",\"toBlock\":\"latest\",\"address\":[\(address)],\"topics\":[null,[\(Hash256.zero.quoted)]]}"),
            ("eth_newFilter", "{\"topics\":[]}"), ("eth_getFilterChanges", "\"0x1\""), ("eth_getBlockReceipts", "\"0x1\""), ("web3_sha3", "\"0x00ff\""),
            ("debug_traceTransaction", "\(hash.transactionHashes[0].quoted),{\"tracer\":\"callTracer\",\"tracerConfig\":{\"withLog\":true},\"timeout\":\"1s\"}"),
            ("debug_traceBlockByNumber", "\"0x1\",{\"tracer\":\"muxTracer\",\"tracerConfig\":{\"prestateTracer\":{\"diffMode\":true},\"4byteTracer\":null}}"),
            ("debug_traceCall", "{\"to\":\(address)},\"latest\",{\"enableMemory\":true,\"limit\":9,\"stateOverrides\":{\(address):{\"nonce\":\"0x1\"}},\"blockOverrides\":{\"time\":\"0x5\"}}"),
            ("eth_createAccessList", "{\"from\":\(address),\"to\":\(address)},\"latest\""), ("txpool_contentFrom", address), ("debug_getRawReceipts", "\"0x1\""),
            ("eth_simulateV1", "{\"blockStateCalls\":[{\"blockOverrides\":{\"number\":\"0x3\",\"time\":\"0x70000000\"},\"stateOverrides\":{\(address):{\"balance\":\"0x5\",\"state\":{\"0x0\":\"0x1\"}}},\"calls\":[{\"from\":\(address),\"to\":\(address),\"value\":\"0x1\"},{\"nonce\":\"0x0\"}]}],\"validation\":false,\"traceTransfers\":true,\"returnFullTransactions\":true},\"latest\""),
            ("eth_getTransactionByBlockNumberAndIndex", "\"0x1\",\"0x0\""), ("eth_subscribe", "\"logs\",{\"address\":\(address)}"),
        ]
        var bodies = calls.map { "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\($0.0)\",\"params\":[\($0.1)]}" }
        bodies.append("[" + bodies[0...3].joined(separator: ",") + "]")
        return bodies.map { Array($0.utf8) }
    }

    private static let tokens = [
        "\"", "\\", "{", "}", "[", "]", ",", ":", "null", "0x", "\"0x\"", "\"latest\"", "\"pending\"", "-1", "1e999", "0xffffffffffffffff", "\\u0000", "\\ud800",
        "\"0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\"", "18446744073709551616", "[[[[[[[[", "{\"a\":", "true", "\u{ff}",
        "0x8000000000000000",
    ].map { Array($0.utf8) }

    private static func mutate(_ body: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
        var body = body
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = Int.random(in: 0...body.count, using: &random)
            switch Int.random(in: 0..<7, using: &random) {
            case 0 where place < body.count: body[place] = UInt8.random(in: 0...255, using: &random)
            case 1 where place < body.count: body.remove(at: place)
            case 2: body.insert(UInt8.random(in: 0...255, using: &random), at: place)
            case 3: body.insert(contentsOf: tokens.randomElement(using: &random)!, at: place)
            case 4 where place < body.count:
                body.removeSubrange(place..<min(body.count, place + Int.random(in: 1...12, using: &random)))
            case 5 where place < body.count:
                let end = min(body.count, place + Int.random(in: 1...24, using: &random))
                body.insert(contentsOf: Array(body[place..<end]), at: Int.random(in: 0...body.count, using: &random))
            case 6 where place < body.count:
                // Hexadecimal digits and decimal ones where there are some.
                let end = min(body.count, place + 4)
                for index in place..<end where (0x30...0x39).contains(body[index]) { body[index] = Array("0123456789abcdefx".utf8).randomElement(using: &random)! }
            default: body = Array(body.prefix(place))
            }
        }
        return body
    }

    /// Mutated bodies never trap, and whatever is answered is JSON.
    @Test(arguments: 0..<8 as Range<UInt64>)
    func mutatedBodies(_ seed: UInt64) async throws {
        var limits = RPCLimits()
        limits.callGas = 100_000
        let harness = Harness(limits: limits)
        let corpus = Self.corpus(harness)
        var random = SplitMix64(state: seed)
        var answered = 0
        for _ in 0..<25_000 {
            let body = Self.mutate(corpus.randomElement(using: &random)!, &random)
            let answer = await harness.dispatcher.respond(to: body)
            if !answer.isEmpty {
                answered += 1
                let value = try JSONParser.parse(answer)
                #expect(value["result"] != nil || value["error"] != nil || value.elements != nil)
            }
        }
        #expect(answered > 23_000)
    }

    /// Random bytes and random JSON punctuation through the parser alone.
    @Test(arguments: 0..<4 as Range<UInt64>)
    func randomBytes(_ seed: UInt64) {
        var random = SplitMix64(state: seed &+ 1_000)
        let punctuation = Array("{}[],:\"\\0123456789.eE+-truefalsn \u{e9}".utf8)
        for round in 0..<50_000 {
            let count = Int.random(in: 0...64, using: &random)
            let bytes = (0..<count).map { _ in
                round & 1 == 0 ? UInt8.random(in: 0...255, using: &random) : punctuation.randomElement(using: &random)!
            }
            _ = try? JSONParser.parse(bytes)
        }
    }
}
