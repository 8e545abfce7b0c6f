import Logging
import Primitives
import RPC
import Testing

/// A server on a free port of this machine.
func withServer(
    _ limits: RPCLimits = RPCLimits(), origin: String = "*", _ body: (FakeNode, Int) async throws -> Void
) async throws {
    let node = FakeNode(Fixtures.world())
    let configuration = RPCServerConfiguration(host: "127.0.0.1", port: 0, limits: limits, allowedOrigin: origin)
    var logger = Logger(label: "rpc-tests")
    logger.logLevel = .critical
    let server = RPCServer(backend: node, configuration: configuration, logger: logger)
    let port = try await server.start()
    do {
        try await body(node, port)
    } catch {
        await server.stop()
        throw error
    }
    await server.stop()
}

let chainIDCall = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_chainId\"}"
let chainIDAnswer = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0x1092\"}"

@Suite(.serialized) struct HTTPTests {
    @Test func keepAliveAndPipelining() async throws {
        try await withServer { node, port in
            let client = try SocketClient(port: port)
            for _ in 0..<3 {
                let answer = try client.post(chainIDCall)
                #expect(answer.status == 200 && answer.text == chainIDAnswer)
                #expect(answer.headers["content-type"] == "application/json")
            }
            // A slow request first: answers must come in order.
            let slow = "{\"jsonrpc\":\"2.0\",\"id\":\"slow\",\"method\":\"eth_call\",\"params\":[{\"to\":\(Fixtures.endless.quoted)}]}"
            var pipelined = ""
            for body in [slow, chainIDCall, slow, chainIDCall] {
                pipelined += "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            }
            try client.send(pipelined)
            for expected in ["slow", "result", "slow", "result"] { #expect(try client.receive().text.contains(expected)) }
            try client.send("POST / HTTP/1.0\r\nContent-Length: \(chainIDCall.utf8.count)\r\n\r\n\(chainIDCall)")
            #expect(try client.receive().text == chainIDAnswer)
            #expect(client.isClosed())
        }
    }

    @Test func slowCallsDoNotBlockOthers() async throws {
        var limits = RPCLimits()
        limits.callGas = 2_000_000_000
        try await withServer(limits) { node, port in
            let slow = try (0..<3).map { _ in try SocketClient(port: port) }
            let body = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_call\",\"params\":[{\"to\":\(Fixtures.endless.quoted)}]}"
            for client in slow { try client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)") }
            let client = try SocketClient(port: port)
            let start = ContinuousClock.now
            #expect(try client.post(chainIDCall).text == chainIDAnswer)
            let read = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_getBlockByNumber\",\"params\":[\"latest\",false]}"
            #expect(try client.post(read).status == 200)
            let quick = ContinuousClock.now - start
            for client in slow { #expect(try client.receive().text.contains("out of gas")) }
            #expect(quick < (ContinuousClock.now - start))
        }
    }

    @Test func bodyLimit() async throws {
        try await withServer { node, port in
            let client = try SocketClient(port: port)
            let large = String(repeating: " ", count: (2 << 20) - chainIDCall.utf8.count) + chainIDCall
            #expect(try client.post(large).text == chainIDAnswer)
            let tooLarge = try client.post(large + " ")
            #expect(tooLarge.status == 413)
            #expect(tooLarge.text.contains("-32600") && tooLarge.text.contains("2097152 bytes"))
            // The connection is still good.
            #expect(try client.post(chainIDCall).text == chainIDAnswer)
            // The same in chunks, whose length nobody declared.
            try client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            let chunk = String(repeating: "x", count: 1 << 20)
            for _ in 0..<3 { try client.send("100000\r\n\(chunk)\r\n") }
            try client.send("0\r\n\r\n")
            #expect(try client.receive().status == 413)
            try client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\(String(chainIDCall.utf8.count, radix: 16))\r\n\(chainIDCall)\r\n0\r\n\r\n")
            #expect(try client.receive().text == chainIDAnswer)
        }
    }

    @Test func expectContinue() async throws {
        try await withServer { node, port in
            let client = try SocketClient(port: port)
            try client.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: \(chainIDCall.utf8.count)\r\n\r\n")
            #expect(try client.receive().status == 100)
            try client.send(chainIDCall)
            #expect(try client.receive().text == chainIDAnswer)
        }
    }

    @Test func otherPathsAndMethods() async throws {
        try await withServer { node, port in
            let client = try SocketClient(port: port)
            let health = try client.request("GET", "/health")
            #expect(health.status == 200 && health.text.contains("\"status\":\"ok\""))
            #expect(try client.request("HEAD", "/health").body.isEmpty)
            let metrics = try client.request("GET", "/metrics").text
            #expect(metrics.hasPrefix("fake_blocks 0\n") && metrics.contains("hyperseq_rpc_connections{transport=\"http\"} 1"))
            _ = try client.post(chainIDCall)
            let counted = try client.request("GET", "/metrics").text
            #expect(counted.contains("hyperseq_rpc_requests_total{method=\"eth_chainId\",outcome=\"ok\"} 1\n"))
            #expect(counted.contains("hyperseq_rpc_duration_seconds_count{method=\"eth_chainId\"} 1\n"))
            #expect(try client.request("GET", "/").status == 405)
            #expect(try client.request("GET", "/nothing").status == 404)
            #expect(try client.request("POST", "/nothing", body: "{}").status == 404)
            #expect(try client.request("DELETE", "/").status == 405)
            let options = try client.request("OPTIONS", "/", headers: "Origin: https://wallet.example\r\nAccess-Control-Request-Method: POST\r\n")
            #expect(options.status == 204 && options.headers["access-control-allow-origin"] == "*")
            #expect(options.headers["access-control-allow-headers"] == "content-type")
            let cross = try client.request("POST", "/", headers: "Origin: https://wallet.example\r\n", body: chainIDCall)
            #expect(cross.headers["access-control-allow-origin"] == "*")
            node.state.withLock { $0.highestKnown = 100 }
            let behind = try client.request("GET", "/health")
            #expect(behind.status == 503 && behind.text.contains("block 0 is final here, 100 is known"))
        }
    }

    @Test func notificationsHaveEmptyAnswers() async throws {
        try await withServer { node, port in
            let answer = try SocketClient(port: port).post("{\"jsonrpc\":\"2.0\",\"method\":\"eth_chainId\"}")
            #expect(answer.status == 200 && answer.body.isEmpty)
        }
    }

    @Test func malformedHTTP() async throws {
        try await withServer { node, port in
            for garbage in ["\r\n\r\n\r\n", "GARBAGE\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}", "GET / HTTP/9.9\r\n\r\n"] {
                let client = try SocketClient(port: port, timeoutSeconds: 1)
                try client.send(garbage)
                _ = try? client.receive()
            }
            #expect(try SocketClient(port: port).post(chainIDCall).text == chainIDAnswer)
        }
    }

    @Test func connectionLimit() async throws {
        var limits = RPCLimits()
        limits.connectionCount = 2
        try await withServer(limits) { node, port in
            let first = try SocketClient(port: port)
            let second = try SocketClient(port: port)
            #expect(try first.post(chainIDCall).status == 200)
            #expect(try second.post(chainIDCall).status == 200)
            #expect(try SocketClient(port: port).isClosed())
            #expect(try first.request("GET", "/metrics").text.contains("hyperseq_rpc_connections_refused_total 1"))
        }
    }

    @Test func idleConnectionsEnd() async throws {
        var limits = RPCLimits()
        limits.idleTimeMilliseconds = 200
        try await withServer(limits) { node, port in
            let idle = try SocketClient(port: port)
            let trickling = try SocketClient(port: port)
            try trickling.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{")
            let webSocket = try SocketClient(port: port)
            #expect(try webSocket.upgrade("/").status == 101)
            #expect(idle.isClosed())
            #expect(trickling.isClosed())
            while let (opcode, _) = try? webSocket.receiveFrame() { #expect(opcode == 9) }
        }
    }

    @Test func stopsUnderLoad() async throws {
        var stopping = ContinuousClock.now
        try await withServer { node, port in
            let call = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_call\",\"params\":[{\"to\":\(Fixtures.endless.quoted)}]}"
            let batch = "[" + Array(repeating: call, count: 1_000).joined(separator: ",") + "]"
            let clients = try (0..<4).map { _ in try SocketClient(port: port) }
            for client in clients {
                try client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \(batch.utf8.count)\r\n\r\n\(batch)")
            }
            let webSocket = try SocketClient(port: port)
            _ = try webSocket.upgrade("/")
            try webSocket.sendText(batch)
            #expect(try SocketClient(port: port).post(chainIDCall).text == chainIDAnswer)
            try await Task.sleep(for: .milliseconds(300))
            let metrics = try SocketClient(port: port).request("GET", "/metrics").text
            #expect(metrics.contains("hyperseq_rpc_requests_total{method=\"eth_call\",outcome=\"error\"}"))
            #expect(metrics.contains("hyperseq_rpc_connections{transport=\"http\"} 5"))
            stopping = .now
            withExtendedLifetime((clients, webSocket)) {}
        }
        // The calls that run are finished, the rest of the batches is dropped.
        #expect(ContinuousClock.now - stopping < .seconds(10))
    }
}
