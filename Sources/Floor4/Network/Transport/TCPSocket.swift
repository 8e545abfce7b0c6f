// A TCP connection on the loop. Invariants: the uv handle keeps the socket alive until its close callback has run;
// at most one uv write is in flight; no callback reaches the owner after `close`.

import CLibUV
import Glibc

/// What a socket tells its owner. Errors are libuv codes (below zero).
@LoopActor
protocol TCPSocketOwner: AnyObject {
    func socketConnected(_ status: Int)
    /// Bytes have arrived in the receive buffer.
    func socketReceived(_ count: Int)
    /// The peer has closed or the connection is broken.
    func socketEnded(_ code: Int)
    /// The write in flight is done.
    func socketWritten()
}

@LoopActor
@safe
final class TCPSocket {
    /// Unsent bytes the kernel takes: what is in there can no longer be overtaken by a vote.
    private static let kernelUnsentBytes: Int32 = 128 * 1024

    private let handle: UnsafeMutablePointer<uv_tcp_t>
    private let write: UnsafeMutablePointer<uv_write_t>
    let receiveBuffer = ReceiveBuffer()
    private var owner: (any TCPSocketOwner)?
    private(set) var isWriting = false
    private(set) var isClosed = false
    /// The next read takes at most so many bytes: what a stranger may send.
    var readAllowance = Int.max

    private var stream: UnsafeMutablePointer<uv_stream_t> {
        unsafe UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_stream_t.self)
    }

    init(owner: any TCPSocketOwner) {
        self.owner = owner
        unsafe handle = .allocate(capacity: 1)
        unsafe write = .allocate(capacity: 1)
        unsafe uv_tcp_init(EventLoop.shared.loop, handle)
        unsafe handle.pointee.data = Unmanaged.passRetained(self).toOpaque()
    }

    private nonisolated static func of(_ data: UnsafeMutableRawPointer?) -> TCPSocket? {
        guard let data = unsafe data else { return nil }
        return unsafe Unmanaged<TCPSocket>.fromOpaque(data).takeUnretainedValue()
    }

    // MARK: - Opening

    /// Takes the next connection of a listener; the result is a libuv code.
    func accept(from listener: UnsafeMutablePointer<uv_stream_t>) -> Int {
        let status = unsafe uv_accept(listener, stream)
        return status == 0 ? start() : Int(status)
    }

    /// Begins to connect; `socketConnected` tells the end of it.
    func connect(to address: SocketAddress) {
        let request = UnsafeMutablePointer<uv_connect_t>.allocate(capacity: 1)
        let handle = unsafe self.handle
        let status = unsafe address.withSockaddr { pointer in
            unsafe uv_tcp_connect(request, handle, pointer) { request, status in
                guard let request = unsafe request else { return }
                let socket = unsafe TCPSocket.of(request.pointee.handle?.pointee.data)
                unsafe request.deallocate()
                LoopActor.assumeIsolated { socket?.connected(Int(status)) }
            }
        }
        if status != 0 {
            unsafe request.deallocate()
            LoopActor.run { self.connected(Int(status)) }
        }
    }

    private func connected(_ status: Int) {
        guard !isClosed else { return }
        owner?.socketConnected(status == 0 ? start() : status)
    }

    private func start() -> Int {
        unsafe uv_tcp_nodelay(handle, 1)
        var descriptor: uv_os_fd_t = -1
        if unsafe uv_fileno(UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self), &descriptor) == 0 {
            var bytes = Self.kernelUnsentBytes
            unsafe setsockopt(
                descriptor, Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, &bytes, socklen_t(MemoryLayout<Int32>.size))
        }
        return Int(unsafe uv_read_start(stream, { raw, _, buffer in
            guard let raw = unsafe raw, let socket = unsafe TCPSocket.of(raw.pointee.data) else { return }
            nonisolated(unsafe) let out = unsafe buffer
            LoopActor.assumeIsolated {
                let tail = unsafe socket.receiveBuffer.tail()
                let count = min(tail.count, max(0, socket.readAllowance))
                let memory = UnsafeMutableRawPointer(tail.baseAddress)
                unsafe out?.pointee = uv_buf_init(memory?.assumingMemoryBound(to: CChar.self), UInt32(count))
            }
        }, { raw, count, _ in
            guard let raw = unsafe raw, let socket = unsafe TCPSocket.of(raw.pointee.data) else { return }
            LoopActor.assumeIsolated { socket.read(count) }
        }))
    }

    private func read(_ count: Int) {
        guard !isClosed, count != 0 else { return }
        if count < 0 {
            owner?.socketEnded(count)
        } else {
            receiveBuffer.commit(count)
            owner?.socketReceived(count)
        }
    }

    /// The address at the other end.
    var remoteAddress: SocketAddress? {
        var storage = sockaddr_storage()
        var length = Int32(MemoryLayout<sockaddr_storage>.size)
        let handle = unsafe self.handle
        let status = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe uv_tcp_getpeername(
                handle, UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: sockaddr.self), &length)
        }
        return status == 0 ? SocketAddress(storage) : nil
    }

    // MARK: - Writing

    /// Writes what the kernel takes at once and the rest when it can; call it only when no write is in flight.
    /// - Returns: 0, or a libuv code when the connection is broken.
    func write(_ bytes: UnsafeMutableBufferPointer<UInt8>) -> Int {
        precondition(!isWriting, "one write at a time")
        guard !isClosed, bytes.count > 0 else { return 0 }
        var buffer = unsafe Self.buffer(bytes)
        let written = unsafe Int(uv_try_write(stream, &buffer, 1))
        if written == bytes.count { return 0 }
        if written < 0, written != Int(UV_EAGAIN.rawValue) { return written }
        let rest = unsafe UnsafeMutableBufferPointer(rebasing: bytes[max(0, written)...])
        return unsafe writeLater(rest)
    }

    /// libuv reads the bytes later, so they are moved to memory that stays: `write.data` until the write is done.
    private func writeLater(_ bytes: UnsafeMutableBufferPointer<UInt8>) -> Int {
        let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        _ = unsafe copy.initialize(from: bytes)
        unsafe write.pointee.data = UnsafeMutableRawPointer(copy.baseAddress)
        var buffer = unsafe Self.buffer(copy)
        let status = unsafe uv_write(write, stream, &buffer, 1) { request, status in
            guard let request = unsafe request else { return }
            unsafe request.pointee.data?.deallocate()
            let socket = unsafe TCPSocket.of(request.pointee.handle?.pointee.data)
            LoopActor.assumeIsolated { socket?.written(Int(status)) }
        }
        if status != 0 {
            unsafe copy.deallocate()
            return Int(status)
        }
        isWriting = true
        return 0
    }

    private func written(_ status: Int) {
        isWriting = false
        guard !isClosed else { return }
        if status < 0 {
            owner?.socketEnded(status)
        } else {
            owner?.socketWritten()
        }
    }

    private static func buffer(_ bytes: UnsafeMutableBufferPointer<UInt8>) -> uv_buf_t {
        let memory = UnsafeMutableRawPointer(bytes.baseAddress)
        return unsafe uv_buf_init(memory?.assumingMemoryBound(to: CChar.self), UInt32(bytes.count))
    }

    // MARK: - Closing

    /// Closes at once; bytes already in the kernel are still sent.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        owner = nil
        unsafe uv_close(UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self)) { raw in
            guard let raw = unsafe raw, let data = unsafe raw.pointee.data else { return }
            let socket = unsafe Unmanaged<TCPSocket>.fromOpaque(data).takeRetainedValue()
            LoopActor.assumeIsolated { socket.freeHandle() }
        }
    }

    private func freeHandle() {
        unsafe handle.deallocate()
        unsafe write.deallocate()
    }
}
