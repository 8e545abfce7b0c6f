// Floor 5, RPC: JSON-RPC over one WebSocket connection (RFC 6455). Messages are answered one after the other; while too many
// wait, or the client does not read its answers, nothing more is read from it. Confined to its event loop.
import Logging
import NIOCore
import NIOWebSocket

/// Carries requests, answers and notifications of one connection.
final class WebSocketHandler: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let core: ServerCore
    private var session: WebSocketSession?
    private var queue: [[UInt8]] = []
    private var task: Task<Void, Never>?
    private var readHeld = false
    private var closing = false
    private var heard = NIODeadline.now()
    private var timer: RepeatedTask?
    /// Notifications of subscriptions whose id the client has not been told yet.
    private var held: [[UInt8]] = []
    private var heldByteCount = 0
    private var bufferedByteCount = 0

    init(core: ServerCore) { self.core = core }

    func handlerAdded(context: ChannelHandlerContext) {
        core.dispatcher.metrics.connections(webSocket: 1)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        session = WebSocketSession(core: core, loop: context.eventLoop) { message, isHeld in
            let (handler, context) = bound.value
            handler.notify(context, message, isHeld: isHeld)
        }
        let interval = TimeAmount.milliseconds(max(1, core.limits.idleTimeMilliseconds / 3))
        timer = context.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            let (handler, context) = bound.value
            handler.keepAlive(context)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        core.dispatcher.metrics.connections(webSocket: -1)
        timer?.cancel()
        task?.cancel()
        session?.end()
        core.returnBuffer(bufferedByteCount)
        bufferedByteCount = 0
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? NIOWebSocketError {
            // The library's own handler, in front of this one, has sent the close frame.
            core.logger.debug("WebSocket protocol error", metadata: ["error": "\(error)"])
        }
        context.close(promise: nil)
    }

    private func keepAlive(_ context: ChannelHandlerContext) {
        // While a request is worked on nothing may be read, so silence means nothing.
        if task == nil, NIODeadline.now() - heard > .milliseconds(core.limits.idleTimeMilliseconds) {
            context.close(promise: nil)
        } else {
            write(context, .ping, [])
        }
    }

    // MARK: - Inbound

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        heard = .now()
        guard !closing else { return }
        switch frame.opcode {
        case .text, .binary:
            let body = Array(frame.unmaskedData.readableBytesView)
            guard body.count <= core.limits.webSocketMessageByteCount else { return close(context, .messageTooLarge) }
            guard core.takeBuffer(body.count) else { return close(context, .unknown(1013)) }
            bufferedByteCount += body.count
            queue.append(body)
            if task == nil { next(context) }
        case .ping: write(context, .pong, Array(frame.unmaskedData.readableBytesView))
        case .connectionClose:
            closing = true
            let reply = WebSocketFrame(fin: true, opcode: .connectionClose, data: frame.unmaskedData)
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            context.writeAndFlush(wrapOutboundOut(reply)).whenComplete { _ in bound.value.close(promise: nil) }
        default: break
        }
    }

    private func next(_ context: ChannelHandlerContext) {
        while task == nil, !queue.isEmpty, !closing {
            let body = queue.removeFirst()
            var prepared: Dispatcher.Prepared?
            if body.count <= ServerCore.inlineByteLimit {
                prepared = core.dispatcher.prepare(body, session: session)
                if case .response(let response)? = prepared {
                    answer(context, response, bodyByteCount: body.count)
                    continue
                }
            }
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            let loop = context.eventLoop
            task = core.work(body, prepared, session: session) { response in
                loop.execute {
                    let (handler, context) = bound.value
                    handler.task = nil
                    guard context.channel.isActive else { return }
                    handler.answer(context, response, bodyByteCount: body.count)
                    handler.next(context)
                    handler.resumeReading(context)
                }
            }
        }
    }

    private func answer(_ context: ChannelHandlerContext, _ response: [UInt8], bodyByteCount: Int) {
        core.returnBuffer(bodyByteCount)
        bufferedByteCount -= bodyByteCount
        if !response.isEmpty {
            let (body, counted) = core.admit(response: response)
            let frame = WebSocketFrame(fin: true, opcode: .text, data: context.channel.allocator.buffer(bytes: body))
            context.writeAndFlush(wrapOutboundOut(frame)).whenComplete { [core] _ in core.didSend(counted) }
        }
        session?.announce()
        let messages = held
        held = []
        heldByteCount = 0
        for message in messages { write(context, .text, message) }
    }

    // MARK: - Backpressure

    private func mustHold(_ context: ChannelHandlerContext) -> Bool {
        queue.count >= core.limits.webSocketQueueCount || !context.channel.isWritable
    }

    func read(context: ChannelHandlerContext) {
        if mustHold(context) { readHeld = true } else { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        resumeReading(context)
        context.fireChannelWritabilityChanged()
    }

    private func resumeReading(_ context: ChannelHandlerContext) {
        guard readHeld, !mustHold(context) else { return }
        readHeld = false
        context.read()
    }

    // MARK: - Outbound

    private func notify(_ context: ChannelHandlerContext, _ message: [UInt8], isHeld: Bool) {
        guard context.channel.isActive, !closing else { return }
        if isHeld {
            held.append(message)
            heldByteCount += message.count
            if heldByteCount > core.limits.webSocketBacklogByteCount { close(context, .policyViolation) }
        } else if context.channel.isWritable {
            write(context, .text, message)
        } else {
            // The high-water mark of the channel is the backlog limit: this subscriber is too slow.
            close(context, .policyViolation)
        }
    }

    private func write(_ context: ChannelHandlerContext, _ opcode: WebSocketOpcode, _ bytes: [UInt8]) {
        let frame = WebSocketFrame(fin: true, opcode: opcode, data: context.channel.allocator.buffer(bytes: bytes))
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }

    private func close(_ context: ChannelHandlerContext, _ code: WebSocketErrorCode) {
        closing = true
        queue = []
        var data = context.channel.allocator.buffer(capacity: 2)
        data.write(webSocketErrorCode: code)
        context.write(wrapOutboundOut(WebSocketFrame(fin: true, opcode: .connectionClose, data: data)), promise: nil)
        context.flush()
        context.close(promise: nil)
    }
}
