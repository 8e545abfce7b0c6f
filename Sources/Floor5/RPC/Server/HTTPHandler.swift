// Floor 5, RPC: HTTP/1.1 on one connection. The pipeline in front of it delivers the next request only after the response
// to the last one, so there is at most one request at a time here. Confined to its event loop.
import NIOCore
import NIOHTTP1
import NIOWebSocket

/// Takes requests apart and writes responses.
final class HTTPHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// What becomes of the request that is being received or answered.
    private enum State {
        case idle
        /// Collects a body for the dispatcher.
        case receiving(HTTPRequestHead, [UInt8])
        /// Ignores the rest of the body; the response follows its end.
        case discarding(HTTPRequestHead, Response, remaining: Int)
        case answering(keepAlive: Bool)
    }

    private struct Response {
        var status: HTTPResponseStatus
        var contentType: String?
        var body: [UInt8]
        var allow: String?

        init(_ status: HTTPResponseStatus, json body: [UInt8]) {
            self.status = status
            contentType = "application/json"
            self.body = body
        }

        init(_ status: HTTPResponseStatus, text: String = "", allow: String? = nil) {
            self.status = status
            contentType = text.isEmpty ? nil : "text/plain; version=0.0.4; charset=utf-8"
            body = Array(text.utf8)
            self.allow = allow
        }
    }

    private let core: ServerCore
    private var state = State.idle
    private var bufferedByteCount = 0
    private var task: Task<Void, Never>?
    private var lastResponse = NIODeadline.now()
    private var idleTimer: Scheduled<Void>?

    init(core: ServerCore) { self.core = core }

    func handlerAdded(context: ChannelHandlerContext) {
        core.dispatcher.metrics.connections(http: 1)
        armIdleTimer(context, after: .milliseconds(core.limits.idleTimeMilliseconds))
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        core.dispatcher.metrics.connections(http: -1)
        idleTimer?.cancel()
        task?.cancel()
        releaseBuffer()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A refused upgrade is announced as an error and then comes as an ordinary request, which is answered.
        if error is NIOWebSocketUpgradeError || error is HTTPServerUpgradeErrors { return }
        context.close(promise: nil)
    }

    // MARK: - Idle connections

    /// Closes the connection when no whole request has come since the last response: also ends trickled requests.
    private func armIdleTimer(_ context: ChannelHandlerContext, after delay: TimeAmount) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        idleTimer = context.eventLoop.scheduleTask(in: delay) {
            let (handler, context) = bound.value
            handler.checkIdle(context)
        }
    }

    private func checkIdle(_ context: ChannelHandlerContext) {
        let limit = TimeAmount.milliseconds(core.limits.idleTimeMilliseconds)
        if case .answering = state { return armIdleTimer(context, after: limit) }
        let quiet = NIODeadline.now() - lastResponse
        if quiet >= limit { return context.close(promise: nil) }
        armIdleTimer(context, after: limit - quiet)
    }

    // MARK: - Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): receive(context, head)
        case .body(let buffer): receive(context, buffer)
        case .end: receiveEnd(context)
        }
    }

    private func receive(_ context: ChannelHandlerContext, _ head: HTTPRequestHead) {
        let path = head.uri.prefix { $0 != "?" }
        switch (head.method, path) {
        case (.POST, "/"), (.POST, ""):
            let declared = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
            if declared > core.limits.requestByteCount {
                state = .discarding(head, tooLarge(), remaining: 4 * core.limits.requestByteCount)
                return
            }
            state = .receiving(head, [])
            if head.headers.first(name: "expect")?.lowercased() == "100-continue" {
                context.writeAndFlush(wrapOutboundOut(.head(HTTPResponseHead(version: head.version, status: .continue))), promise: nil)
            }
        default:
            state = .discarding(head, response(head.method, path), remaining: core.limits.requestByteCount)
        }
    }

    private func response(_ method: HTTPMethod, _ path: Substring) -> Response {
        switch (method, path) {
        case (.OPTIONS, _): return Response(.noContent)
        case (.GET, "/health"), (.HEAD, "/health"):
            let (isHealthy, body) = core.health()
            return Response(isHealthy ? .ok : .serviceUnavailable, json: body)
        case (.GET, "/metrics"), (.HEAD, "/metrics"):
            var text = core.backend.metricsText()
            if !text.isEmpty, !text.hasSuffix("\n") { text += "\n" }
            return Response(.ok, text: text + core.dispatcher.metrics.text())
        case (_, "/"), (_, ""): return Response(.methodNotAllowed, text: "JSON-RPC 2.0 is served to POST\n", allow: "POST, OPTIONS")
        case (_, "/ws"): return Response(.upgradeRequired, text: "this is a WebSocket endpoint\n")
        case (_, "/health"), (_, "/metrics"): return Response(.methodNotAllowed, allow: "GET, HEAD, OPTIONS")
        default: return Response(.notFound, text: "not found\n")
        }
    }

    private func tooLarge() -> Response {
        core.dispatcher.metrics.refused()
        let message = "request body too large: the limit is \(core.limits.requestByteCount) bytes"
        return Response(.payloadTooLarge, json: Dispatcher.failure(.invalidRequest(message)))
    }

    private func receive(_ context: ChannelHandlerContext, _ buffer: ByteBuffer) {
        switch state {
        case .receiving(let head, var body):
            state = .idle
            guard body.count + buffer.readableBytes <= core.limits.requestByteCount else {
                releaseBuffer()
                state = .discarding(head, tooLarge(), remaining: 4 * core.limits.requestByteCount)
                return
            }
            guard core.takeBuffer(buffer.readableBytes) else {
                releaseBuffer()
                let error = RPCError.limitExceeded("the server is receiving too many requests at once")
                state = .discarding(
                    head, Response(.serviceUnavailable, json: Dispatcher.failure(error)),
                    remaining: 4 * core.limits.requestByteCount)
                return
            }
            bufferedByteCount += buffer.readableBytes
            body.append(contentsOf: buffer.readableBytesView)
            state = .receiving(head, body)
        case .discarding(let head, let response, let remaining):
            if buffer.readableBytes > remaining {
                // The client does not stop: answer and hang up.
                respond(context, head, response, close: true)
            } else {
                state = .discarding(head, response, remaining: remaining - buffer.readableBytes)
            }
        case .idle, .answering: break
        }
    }

    private func receiveEnd(_ context: ChannelHandlerContext) {
        switch state {
        case .discarding(let head, let response, _): respond(context, head, response)
        case .receiving(let head, let body):
            var prepared: Dispatcher.Prepared?
            if body.count <= ServerCore.inlineByteLimit {
                prepared = core.dispatcher.prepare(body, session: nil)
                if case .response(let response)? = prepared { return respond(context, head, Response(.ok, json: response)) }
            }
            state = .answering(keepAlive: head.isKeepAlive)
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            let loop = context.eventLoop
            task = core.work(body, prepared, session: nil) { response in
                loop.execute {
                    let (handler, context) = bound.value
                    handler.task = nil
                    guard context.channel.isActive else { return }
                    handler.respond(context, head, Response(.ok, json: response))
                }
            }
        case .idle, .answering: break
        }
    }

    // MARK: - Responses

    private func releaseBuffer() {
        core.returnBuffer(bufferedByteCount)
        bufferedByteCount = 0
    }

    private func respond(_ context: ChannelHandlerContext, _ request: HTTPRequestHead, _ response: Response, close: Bool = false) {
        releaseBuffer()
        state = .idle
        lastResponse = .now()
        let keepAlive = request.isKeepAlive && !close
        let (body, counted) = core.admit(response: response.body)
        var headers = HTTPHeaders()
        headers.reserveCapacity(8)
        if response.status != .noContent { headers.add(name: "content-length", value: String(body.count)) }
        if let type = response.contentType, !body.isEmpty { headers.add(name: "content-type", value: type) }
        if let allow = response.allow { headers.add(name: "allow", value: allow) }
        addCORS(&headers, request)
        if !keepAlive {
            headers.add(name: "connection", value: "close")
        } else if request.version.minor == 0 {
            headers.add(name: "connection", value: "keep-alive")
        }
        let head = HTTPResponseHead(version: request.version, status: response.status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if request.method != .HEAD, !body.isEmpty {
            context.write(wrapOutboundOut(.body(.byteBuffer(context.channel.allocator.buffer(bytes: body)))), promise: nil)
        }
        let done = context.writeAndFlush(wrapOutboundOut(.end(nil)))
        done.whenComplete { [core] _ in core.didSend(counted) }
        if !keepAlive {
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            done.whenComplete { _ in bound.value.close(promise: nil) }
        }
    }

    /// Lets pages of the allowed origin call (wallets run in pages).
    private func addCORS(_ headers: inout HTTPHeaders, _ request: HTTPRequestHead) {
        guard request.headers.contains(name: "origin") || request.method == .OPTIONS else { return }
        headers.add(name: "access-control-allow-origin", value: core.configuration.allowedOrigin)
        if core.configuration.allowedOrigin != "*" { headers.add(name: "vary", value: "origin") }
        guard request.method == .OPTIONS else { return }
        headers.add(name: "access-control-allow-methods", value: "POST, GET, OPTIONS")
        headers.add(name: "access-control-allow-headers", value: "content-type")
        headers.add(name: "access-control-max-age", value: "86400")
    }
}
