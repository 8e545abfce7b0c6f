// A listening Unix socket on the loop. Invariants: the uv handle keeps the listener alive until its close callback; the socket has
// mode 0600 before anybody can connect.

import CLibUV
import Glibc

/// Why a local socket cannot be listened on.
public struct LocalListenerError: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String
}

@LoopActor
@safe
public final class LocalListener {
    private static let backlog: Int32 = 64
    private static let mode: mode_t = 0o600

    private let handle: UnsafeMutablePointer<uv_pipe_t>
    private let path: String
    private let maximumFrameBytes: Int
    private let accepted: @LoopActor (LocalConnection) -> Void
    private var isClosed = false

    private var stream: UnsafeMutablePointer<uv_stream_t> {
        unsafe UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_stream_t.self)
    }

    /// Listens on `path`, in place of a socket there that nobody listens on any more.
    ///
    /// - Parameter accepted: called for each new connection, which has no owner yet and is kept alive until it closes.
    public init(
        path: String, maximumFrameBytes: Int, accepted: @escaping @LoopActor (LocalConnection) -> Void
    ) throws(LocalListenerError) {
        guard path.utf8.count <= LocalConnection.maximumPathBytes else {
            throw LocalListenerError(description: "the path \(path) is longer than \(LocalConnection.maximumPathBytes) bytes")
        }
        self.path = path
        self.maximumFrameBytes = maximumFrameBytes
        self.accepted = accepted
        unsafe handle = .allocate(capacity: 1)
        unsafe uv_pipe_init(EventLoop.shared.loop, handle, 0)
        unsafe handle.pointee.data = Unmanaged.passRetained(self).toOpaque()
        do {
            try listen()
        } catch {
            close()
            throw error
        }
    }

    private func listen() throws(LocalListenerError) {
        if Self.isAbandoned(path) { unsafe unlink(path) }
        unsafe try check(uv_pipe_bind(handle, path))
        guard unsafe chmod(path, Self.mode) == 0 else {
            throw LocalListenerError(description: "cannot protect the socket \(path)")
        }
        unsafe try check(uv_listen(stream, Self.backlog) { raw, status in
            guard status == 0, let raw = unsafe raw, let data = unsafe raw.pointee.data else { return }
            let listener = unsafe Unmanaged<LocalListener>.fromOpaque(data).takeUnretainedValue()
            LoopActor.assumeIsolated { listener.connectionArrived() }
        })
    }

    private func check(_ status: Int32) throws(LocalListenerError) {
        guard status != 0 else { return }
        throw LocalListenerError(description: "cannot listen on \(path): \(uvMessage(Int(status)))")
    }

    /// Whether the path is a socket whose process is gone: a connection to it is refused.
    private static func isAbandoned(_ path: String) -> Bool {
        var facts = stat()
        guard unsafe lstat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFSOCK else { return false }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { Glibc.close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        let status = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return status != 0 && errno == ECONNREFUSED
    }

    private func connectionArrived() {
        guard !isClosed else { return }
        let connection = LocalConnection(owner: nil, maximumFrameBytes: maximumFrameBytes)
        if unsafe connection.accept(from: stream) { accepted(connection) } else { connection.close() }
    }

    /// Stops listening and removes the socket's file; connections stay.
    public func close() {
        guard !isClosed else { return }
        isClosed = true
        // libuv unlinks the path when it closes a pipe that was bound; one that could not be bound has none.
        unsafe uv_close(UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self)) { raw in
            guard let raw = unsafe raw, let data = unsafe raw.pointee.data else { return }
            let listener = unsafe Unmanaged<LocalListener>.fromOpaque(data).takeRetainedValue()
            LoopActor.assumeIsolated { unsafe listener.handle.deallocate() }
        }
    }
}
