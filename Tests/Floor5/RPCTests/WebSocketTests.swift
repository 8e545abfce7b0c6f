import Primitives
import RPC
import Testing

@Suite(.serialized) struct WebSocketTests {
    private func call(_ client: SocketClient, _ method: String, _ parameters: String = "") throws -> JSONValue {
        try client.sendText("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\(method)\",\"params\":[\(parameters)]}")
        return try JSONParser.parse(Array(try client.receiveText().utf8))
    }

    private func notification(_ client: SocketClient, _ id: JSONValue?) throws -> JSONValue {
        let message = try JSONParser.parse(Array(try client.receiveText().utf8))
        #expect(message["method"]?.string == "eth_subscription")
        #expect(message["params"]?["subscription"] == id)
        return try #require(message["params"]?["result"])
    }

    private func open(_ port: Int, _ path: String = "/") throws -> SocketClient {
        let client = try SocketClient(port: port)
        let answer = try client.upgrade(path)
        #expect(answer.status == 101)
        #expect(answer.headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        return client
    }

    @Test(arguments: ["/", "/ws"])
    func requests(_ path: String) async throws {
        try await withServer { node, port in
            let client = try open(port, path)
            try client.sendText(chainIDCall)
            #expect(try client.receiveText() == chainIDAnswer)
            try client.sendText("[\(chainIDCall),\(chainIDCall)]")
            #expect(try client.receiveText() == "[\(chainIDAnswer),\(chainIDAnswer)]")
            // In two fragments, with a ping between them.
            let bytes = Array(chainIDCall.utf8)
            try client.sendFrame(Array(bytes[..<20]), opcode: 1, isFinal: false)
            try client.sendFrame([7], opcode: 9)
            try client.sendFrame(Array(bytes[20...]), opcode: 0)
            let pong = try client.receiveFrame()
            #expect(pong.opcode == 10 && pong.payload == [7])
            #expect(try client.receiveText() == chainIDAnswer)
            try client.sendText("{")
            #expect(try client.receiveText().contains("-32700"))
            // Many at once, answered in order.
            for index in 0..<200 {
                try client.sendText("{\"jsonrpc\":\"2.0\",\"id\":\(index),\"method\":\"eth_getBalance\",\"params\":[\(Fixtures.bob.address.quoted)]}")
            }
            for index in 0..<200 { #expect(try client.receiveText().contains("\"id\":\(index),")) }
            try client.sendFrame([0x03, 0xe8], opcode: 8)
            #expect(try client.receiveFrame().opcode == 8)
        }
    }

    @Test func otherPathsAreNotUpgraded() async throws {
        try await withServer(origin: "https://good.example") { node, port in
            for (path, origin, status) in [("/other", "good", 404), ("/", "evil", 405), ("/", "good", 101)] {
                let answer = try SocketClient(port: port).upgrade(path, headers: "Origin: https://\(origin).example\r\n")
                #expect(answer.status == status)
            }
        }
    }

    @Test func newHeads() async throws {
        try await withServer { node, port in
            let client = try open(port)
            let id = try call(client, "eth_subscribe", "\"newHeads\"")["result"]
            let blocks = [node.mine([]), node.mine([]), node.mine([])]
            for block in blocks {
                let head = try notification(client, id)
                #expect(head["hash"]?.string == block.hash.hex)
                #expect(head["parentHash"]?.string == block.header.parentHash.hex)
                #expect(head["transactions"] == nil)
            }
            #expect(try call(client, "eth_unsubscribe", "\"\(id?.string ?? "")\"")["result"] == .bool(true))
            #expect(try call(client, "eth_unsubscribe", "\"\(id?.string ?? "")\"").error?.message == "subscription not found")
            node.mine([])
            #expect(try call(client, "eth_blockNumber")["result"]?.string == "0x4")
        }
    }

    @Test func logsAndTheirRemoval() async throws {
        try await withServer { node, port in
            let client = try open(port)
            let id = try call(client, "eth_subscribe", "\"logs\",{\"topics\":[\(Hash256(UInt256(1)).quoted)]}")["result"]
            node.mine([Fixtures.log(1, 5, nonce: 0), Fixtures.log(2, 5, nonce: 1), Fixtures.log(1, 6, nonce: 2)], final: false)
            let first = try notification(client, id)
            #expect(first["removed"] == .bool(false) && first["logIndex"]?.string == "0x0")
            #expect(try notification(client, id)["logIndex"]?.string == "0x2")
            node.revert(toHeight: 0)
            for index in ["0x0", "0x2"] {
                let removed = try notification(client, id)
                #expect(removed["removed"] == .bool(true) && removed["logIndex"]?.string == index)
            }
        }
    }

    @Test func pendingTransactionsAndSyncing() async throws {
        try await withServer { node, port in
            let client = try open(port)
            let pending = try call(client, "eth_subscribe", "\"newPendingTransactions\"")["result"]
            let syncing = try call(client, "eth_subscribe", "\"syncing\"")["result"]
            let transaction = Fixtures.transaction(nonce: 0, to: Fixtures.counter)
            let other = try SocketClient(port: port)
            let raw = Hex.encode(transaction.encode())
            #expect(try other.post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_sendRawTransaction\",\"params\":[\"\(raw)\"]}").text.contains(transaction.hash.hex))
            #expect(try notification(client, pending).string == transaction.hash.hex)
            node.state.withLock { $0.highestKnown = 50 }
            node.mine([])
            let started = try notification(client, syncing)
            #expect(started["syncing"] == .bool(true) && started["status"]?["highestBlock"]?.string == "0x32")
            node.state.withLock { $0.highestKnown = 0 }
            node.mine([])
            #expect(try notification(client, syncing) == .bool(false))
        }
    }

    @Test func theIDComesBeforeTheFirstNotification() async throws {
        try await withServer { node, port in
            let miner = Task.detached {
                while !Task.isCancelled {
                    node.mine([])
                    try? await Task.sleep(for: .milliseconds(1))
                }
            }
            for _ in 0..<20 {
                let client = try open(port)
                let id = try call(client, "eth_subscribe", "\"newHeads\"")["result"]
                _ = try notification(client, id)
            }
            miner.cancel()
            await miner.value
        }
    }

    @Test func bounds() async throws {
        var limits = RPCLimits()
        limits.subscriptionCount = 2
        limits.webSocketMessageByteCount = 10_000
        try await withServer(limits) { node, port in
            let client = try open(port)
            _ = try call(client, "eth_subscribe", "\"newHeads\"")
            _ = try call(client, "eth_subscribe", "\"newHeads\"")
            #expect(try call(client, "eth_subscribe", "\"newHeads\"").error?.code == -32005)
            #expect(try call(client, "eth_subscribe", "\"other\"").error?.message == "no \"other\" subscription in eth namespace")
            try client.sendText(String(repeating: " ", count: 10_001))
            let close = try client.receiveFrame()
            #expect(close.opcode == 8)
            let fragmented = try open(port)
            for index in 0..<3 { try? fragmented.sendFrame([UInt8](repeating: 0x20, count: 4_000), opcode: index == 0 ? 1 : 0, isFinal: index == 2) }
            #expect((try? fragmented.receiveText()) == nil)
            #expect(try SocketClient(port: port).post(chainIDCall).text == chainIDAnswer)
        }
    }

    @Test func slowSubscribersAreCutOff() async throws {
        var limits = RPCLimits()
        limits.webSocketBacklogByteCount = 64 << 10
        try await withServer(limits) { node, port in
            let client = try open(port)
            _ = try call(client, "eth_subscribe", "\"newHeads\"")
            // The kernel's buffers take some megabytes before the server's own fills.
            for _ in 0..<8_000 { node.mine([]) }
            var frames = 0
            while let frame = try? client.receiveFrame(), frame.opcode == 1 { frames += 1 }
            #expect(frames < 8_000)
            #expect(try SocketClient(port: port).post(chainIDCall).text == chainIDAnswer)
        }
    }

    @Test func brokenFrames() async throws {
        try await withServer { node, port in
            var random = SplitMix64(state: 5)
            for _ in 0..<50 {
                let client = try open(port)
                try client.send((0..<64).map { _ in UInt8.random(in: 0...255, using: &random) })
            }
            #expect(try SocketClient(port: port).post(chainIDCall).text == chainIDAnswer)
        }
    }
}
