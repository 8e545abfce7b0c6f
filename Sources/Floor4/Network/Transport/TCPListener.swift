// A listening TCP socket on the loop. Invariant: the uv handle keeps the listener alive until its close callback.

import CLibUV
import Glibc

@LoopActor
@safe
final class TCPListener {
    /// Connections the kernel holds for us.
    private static let backlog: Int32 = 256

    private let handle: UnsafeMutablePointer<uv_tcp_t>
    private var incoming: (@LoopActor (UnsafeMutablePointer<uv_stream_t>) -> Void)?
    private var isClosed = false

    private var stream: UnsafeMutablePointer<uv_stream_t> {
        unsafe UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_stream_t.self)
    }

    /// - Parameter incoming: called for each new connection; it must accept it from the given listener.
    init(_ incoming: @escaping @LoopActor (UnsafeMutablePointer<uv_stream_t>) -> Void) {
        unsafe self.incoming = incoming
        unsafe handle = .allocate(capacity: 1)
        unsafe uv_tcp_init(EventLoop.shared.loop, handle)
        unsafe handle.pointee.data = Unmanaged.passRetained(self).toOpaque()
    }

    func listen(on address: SocketAddress) throws(NetworkError) {
        let handle = unsafe self.handle
        let bound = unsafe address.withSockaddr { unsafe uv_tcp_bind(handle, $0, 0) }
        guard bound == 0 else { throw .cannotListen("\(address.description): \(uvMessage(Int(bound)))") }
        let status = unsafe uv_listen(stream, Self.backlog) { raw, status in
            guard status == 0, let raw = unsafe raw, let data = unsafe raw.pointee.data else { return }
            let listener = unsafe Unmanaged<TCPListener>.fromOpaque(data).takeUnretainedValue()
            LoopActor.assumeIsolated { listener.connectionArrived() }
        }
        guard status == 0 else { throw .cannotListen("\(address.description): \(uvMessage(Int(status)))") }
    }

    private func connectionArrived() {
        guard !isClosed else { return }
        unsafe incoming?(stream)
    }

    /// The port the system gave.
    var port: UInt16 {
        var storage = sockaddr_storage()
        var length = Int32(MemoryLayout<sockaddr_storage>.size)
        let handle = unsafe self.handle
        let status = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe uv_tcp_getsockname(
                handle, UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: sockaddr.self), &length)
        }
        return status == 0 ? SocketAddress(storage).port : 0
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        unsafe incoming = nil
        unsafe uv_close(UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self)) { raw in
            guard let raw = unsafe raw, let data = unsafe raw.pointee.data else { return }
            let listener = unsafe Unmanaged<TCPListener>.fromOpaque(data).takeRetainedValue()
            LoopActor.assumeIsolated { listener.freeHandle() }
        }
    }

    private func freeHandle() { unsafe handle.deallocate() }
}
