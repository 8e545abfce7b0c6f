// A stream between two processes of one machine, over a Unix socket on the loop, cut into frames: length (4 bytes, big-endian), body.
// Invariants: the uv handle keeps the connection alive until its close callback has run; at most one uv write is in flight;
// after `close` the owner hears nothing; what waits to be read or written is bounded.

import CLibUV
import Glibc

/// What a local connection tells its owner, always on the loop.
@LoopActor
public protocol LocalConnectionOwner: AnyObject {
    /// The connection that `LocalConnection.connect` began is there.
    func opened(_ connection: LocalConnection)
    func received(_ frame: [UInt8], on connection: LocalConnection)
    /// Told once, when it was not we who closed.
    func closed(_ connection: LocalConnection, reason: String)
}

/// The process at the other end of a Unix socket, as the kernel knows it.
public struct LocalPeer: Equatable, Sendable {
    public var processID: Int32
    public var userID: UInt32
}

@LoopActor
@safe
public final class LocalConnection {
    /// A reader that falls behind by so much is cut off: nobody's slowness may fill our memory.
    public static let maximumQueuedBytes = 64 << 20
    /// The longest path that fits into a socket's address, without the zero behind it.
    public static let maximumPathBytes = 107
    private static let lengthByteCount = 4
    private static let readBytes = 256 << 10

    public weak var owner: (any LocalConnectionOwner)?
    public private(set) var isOpen = false
    private let maximumFrameBytes: Int
    private let handle: UnsafeMutablePointer<uv_pipe_t>
    private let request: UnsafeMutablePointer<uv_write_t>
    private let readMemory: UnsafeMutablePointer<CChar>
    private var incoming: [UInt8] = []
    private var outgoing: [UInt8] = []
    private var isWriting = false
    private var isFlushScheduled = false
    private var isClosed = false

    private var stream: UnsafeMutablePointer<uv_stream_t> {
        unsafe UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_stream_t.self)
    }

    init(owner: (any LocalConnectionOwner)?, maximumFrameBytes: Int) {
        self.owner = owner
        self.maximumFrameBytes = maximumFrameBytes
        unsafe handle = .allocate(capacity: 1)
        unsafe request = .allocate(capacity: 1)
        unsafe readMemory = .allocate(capacity: Self.readBytes)
        unsafe uv_pipe_init(EventLoop.shared.loop, handle, 0)
        unsafe handle.pointee.data = Unmanaged.passRetained(self).toOpaque()
    }

    private nonisolated static func of(_ data: UnsafeMutableRawPointer?) -> LocalConnection? {
        guard let data = unsafe data else { return nil }
        return unsafe Unmanaged<LocalConnection>.fromOpaque(data).takeUnretainedValue()
    }

    // MARK: - Opening

    /// Begins to connect to a listener; the owner hears `opened` or `closed`.
    public static func connect(path: String, owner: any LocalConnectionOwner, maximumFrameBytes: Int) -> LocalConnection {
        let connection = LocalConnection(owner: owner, maximumFrameBytes: maximumFrameBytes)
        guard path.utf8.count <= maximumPathBytes else {
            LoopActor.run { connection.end("the path of the socket is longer than \(maximumPathBytes) bytes") }
            return connection
        }
        let request = UnsafeMutablePointer<uv_connect_t>.allocate(capacity: 1)
        unsafe uv_pipe_connect(request, connection.handle, path) { request, status in
            guard let request = unsafe request else { return }
            let connection = unsafe LocalConnection.of(request.pointee.handle?.pointee.data)
            unsafe request.deallocate()
            LoopActor.assumeIsolated { connection?.connected(Int(status)) }
        }
        return connection
    }

    private func connected(_ status: Int) {
        guard !isClosed else { return }
        let code = status == 0 ? start() : status
        if code == 0 { owner?.opened(self) } else { end("cannot connect: \(uvMessage(code))") }
    }

    /// Takes the next connection of a listener; whether it is still there.
    func accept(from listener: UnsafeMutablePointer<uv_stream_t>) -> Bool {
        unsafe uv_accept(listener, stream) == 0 && start() == 0
    }

    private func start() -> Int {
        let status = unsafe uv_read_start(stream, { raw, _, buffer in
            guard let raw = unsafe raw, let connection = unsafe LocalConnection.of(raw.pointee.data) else { return }
            nonisolated(unsafe) let out = unsafe buffer
            LoopActor.assumeIsolated {
                unsafe out?.pointee = uv_buf_init(connection.readMemory, UInt32(LocalConnection.readBytes))
            }
        }, { raw, count, _ in
            guard let raw = unsafe raw, let connection = unsafe LocalConnection.of(raw.pointee.data) else { return }
            LoopActor.assumeIsolated { connection.read(count) }
        })
        isOpen = status == 0
        return Int(status)
    }

    /// Who is at the other end; `nil` when the kernel does not say.
    public var peer: LocalPeer? {
        var descriptor: uv_os_fd_t = -1
        let raw = unsafe UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self)
        guard !isClosed, unsafe uv_fileno(raw, &descriptor) == 0 else { return nil }
        // struct ucred: process, user and group, 4 bytes each.
        var words: (Int32, UInt32, UInt32) = (0, 0, 0)
        var size = socklen_t(MemoryLayout.size(ofValue: words))
        guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &words, &size) == 0 else { return nil }
        return LocalPeer(processID: words.0, userID: words.1)
    }

    // MARK: - Reading

    private func read(_ count: Int) {
        guard !isClosed, count != 0 else { return }
        guard count > 0 else {
            end(count == Int(UV_EOF.rawValue) ? "the other side closed" : "broken: \(uvMessage(count))")
            return
        }
        unsafe incoming.append(contentsOf: UnsafeRawBufferPointer(start: readMemory, count: count))
        var offset = 0
        while !isClosed, incoming.count - offset >= Self.lengthByteCount {
            var length = 0
            for index in 0..<Self.lengthByteCount { length = length << 8 | Int(incoming[offset + index]) }
            guard length <= maximumFrameBytes else {
                end("a frame of \(length) bytes, more than \(maximumFrameBytes)")
                return
            }
            let start = offset + Self.lengthByteCount
            guard incoming.count - start >= length else { break }
            offset = start + length
            owner?.received(Array(incoming[start..<offset]), on: self)
        }
        if offset == incoming.count {
            incoming.removeAll(keepingCapacity: true)
        } else if offset > 0 {
            incoming.removeFirst(offset)
        }
    }

    // MARK: - Writing

    /// Queues a frame for the end of the turn; `false` when the connection is not open or the other side has fallen too far behind,
    /// which ends it.
    @discardableResult
    public func send(_ frame: [UInt8]) -> Bool {
        guard isOpen, !isClosed, frame.count <= maximumFrameBytes else { return false }
        guard outgoing.count + frame.count <= Self.maximumQueuedBytes else {
            end("the other side does not read")
            return false
        }
        for shift in [24, 16, 8, 0] { outgoing.append(UInt8(truncatingIfNeeded: frame.count >> shift)) }
        outgoing.append(contentsOf: frame)
        if !isFlushScheduled {
            isFlushScheduled = true
            LoopActor.atEndOfTurn { [weak self] in self?.flush() }
        }
        return true
    }

    private func flush() {
        isFlushScheduled = false
        guard !isWriting, !isClosed, !outgoing.isEmpty else { return }
        let stream = unsafe self.stream
        let written = unsafe outgoing.withUnsafeMutableBytes { bytes in
            var buffer = unsafe uv_buf_init(bytes.baseAddress?.assumingMemoryBound(to: CChar.self), UInt32(bytes.count))
            return unsafe Int(uv_try_write(stream, &buffer, 1))
        }
        if written < 0, written != Int(UV_EAGAIN.rawValue) {
            end("broken: \(uvMessage(written))")
            return
        }
        if written == outgoing.count {
            outgoing.removeAll(keepingCapacity: true)
            return
        }
        writeRest(from: max(0, written))
    }

    /// libuv reads the bytes later, so they are moved to memory that stays until the write is done.
    private func writeRest(from offset: Int) {
        let count = outgoing.count - offset
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: count)
        unsafe outgoing.withUnsafeBytes { unsafe UnsafeMutableRawPointer(copy).copyMemory(from: $0.baseAddress! + offset, byteCount: count) }
        outgoing.removeAll(keepingCapacity: true)
        unsafe request.pointee.data = UnsafeMutableRawPointer(copy)
        var buffer = unsafe uv_buf_init(copy, UInt32(count))
        let status = unsafe uv_write(request, stream, &buffer, 1) { request, status in
            guard let request = unsafe request else { return }
            unsafe request.pointee.data?.deallocate()
            let connection = unsafe LocalConnection.of(request.pointee.handle?.pointee.data)
            LoopActor.assumeIsolated { connection?.written(Int(status)) }
        }
        guard status == 0 else {
            unsafe copy.deallocate()
            end("broken: \(uvMessage(Int(status)))")
            return
        }
        isWriting = true
    }

    private func written(_ status: Int) {
        isWriting = false
        guard !isClosed else { return }
        if status < 0 { end("broken: \(uvMessage(status))") } else { flush() }
    }

    // MARK: - Closing

    private func end(_ reason: String) {
        guard !isClosed else { return }
        let owner = owner
        close()
        owner?.closed(self, reason: reason)
    }

    /// Closes at once; bytes already in the kernel still arrive.
    public func close() {
        guard !isClosed else { return }
        isClosed = true
        isOpen = false
        owner = nil
        unsafe uv_close(UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self)) { raw in
            guard let raw = unsafe raw, let data = unsafe raw.pointee.data else { return }
            let connection = unsafe Unmanaged<LocalConnection>.fromOpaque(data).takeRetainedValue()
            LoopActor.assumeIsolated { connection.freeMemory() }
        }
    }

    private func freeMemory() {
        unsafe handle.deallocate()
        unsafe request.deallocate()
        unsafe readMemory.deallocate()
    }
}
