// IP addresses for libuv: parsing, names, and asynchronous host name look-up.

import CLibUV
import Glibc

/// An IPv4 or IPv6 address with a port.
struct SocketAddress {
    private var storage: sockaddr_storage

    init(_ storage: sockaddr_storage) { self.storage = storage }

    /// A numeric address; `nil` when `host` is a name.
    init?(numeric host: String, port: UInt16) {
        var v4 = sockaddr_in()
        var v6 = sockaddr_in6()
        storage = sockaddr_storage()
        if unsafe uv_ip4_addr(host, Int32(port), &v4) == 0 {
            unsafe withUnsafeMutableBytes(of: &storage) { out in
                unsafe withUnsafeBytes(of: &v4) { unsafe out.copyMemory(from: $0) }
            }
        } else if unsafe uv_ip6_addr(host, Int32(port), &v6) == 0 {
            unsafe withUnsafeMutableBytes(of: &storage) { out in
                unsafe withUnsafeBytes(of: &v6) { unsafe out.copyMemory(from: $0) }
            }
        } else {
            return nil
        }
    }

    /// The first address that a look-up gave, with the port put in.
    init?(_ info: UnsafeMutablePointer<addrinfo>?, port: UInt16) {
        guard let first = unsafe info, let address = unsafe first.pointee.ai_addr else { return nil }
        let length = unsafe Int(first.pointee.ai_addrlen)
        guard length <= MemoryLayout<sockaddr_storage>.size else { return nil }
        storage = sockaddr_storage()
        unsafe withUnsafeMutableBytes(of: &storage) {
            unsafe $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: length))
        }
        unsafe withUnsafeMutableBytes(of: &storage) {
            // The port is the third and fourth byte of both forms, big-endian.
            unsafe $0[2] = UInt8(truncatingIfNeeded: port >> 8)
            unsafe $0[3] = UInt8(truncatingIfNeeded: port)
        }
    }

    var port: UInt16 {
        var copy = storage
        return unsafe withUnsafeBytes(of: &copy) { unsafe UInt16($0[2]) << 8 | UInt16($0[3]) }
    }

    /// The address without the port.
    var host: String {
        var copy = storage
        return unsafe withUnsafePointer(to: &copy) { pointer in
            var name = [CChar](repeating: 0, count: 64)
            unsafe uv_ip_name(
                UnsafeRawPointer(pointer).assumingMemoryBound(to: sockaddr.self), &name, name.count - 1)
            let text = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            return String(decoding: text, as: UTF8.self)
        }
    }

    /// What the connection rate is counted by: an IPv4 address, or the /64 of an IPv6 address (one customer's).
    var rateKey: String {
        guard storage.ss_family == sa_family_t(AF_INET6) else { return host }
        var copy = storage
        return unsafe withUnsafeBytes(of: &copy) { bytes in
            // sin6_addr begins at byte 8; an IPv4-mapped address counts as that IPv4 address.
            let address = unsafe Array(bytes[8..<24])
            let mapped = address[..<10].allSatisfy { $0 == 0 } && address[10] == 0xff && address[11] == 0xff
            return (mapped ? address[12...] : address[..<8]).map { String($0, radix: 16) }.joined(separator: ".")
        }
    }

    var description: String { "\(host) port \(port)" }

    func withSockaddr<R>(_ body: (UnsafePointer<sockaddr>) -> R) -> R {
        var copy = storage
        return unsafe withUnsafePointer(to: &copy) {
            unsafe body(UnsafeRawPointer($0).assumingMemoryBound(to: sockaddr.self))
        }
    }
}

/// Looks a host up on libuv's pool; numeric addresses are answered at once.
@LoopActor
final class Resolver {
    private let port: UInt16
    private var done: (@LoopActor (SocketAddress?) -> Void)?

    private init(port: UInt16, done: @escaping @LoopActor (SocketAddress?) -> Void) {
        self.port = port
        self.done = done
    }

    static func resolve(_ host: String, port: UInt16, _ done: @escaping @LoopActor (SocketAddress?) -> Void) {
        if let address = SocketAddress(numeric: host, port: port) {
            done(address)
            return
        }
        let resolver = Resolver(port: port, done: done)
        let request = UnsafeMutablePointer<uv_getaddrinfo_t>.allocate(capacity: 1)
        unsafe request.pointee.data = Unmanaged.passRetained(resolver).toOpaque()
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        let status = unsafe uv_getaddrinfo(EventLoop.shared.loop, request, { request, status, info in
            guard let request = unsafe request, let data = unsafe request.pointee.data else { return }
            let resolver = unsafe Unmanaged<Resolver>.fromOpaque(data).takeRetainedValue()
            let address = status == 0 ? unsafe SocketAddress(info, port: resolver.port) : nil
            unsafe uv_freeaddrinfo(info)
            unsafe request.deallocate()
            LoopActor.assumeIsolated { resolver.finish(address) }
        }, host, nil, &hints)
        if status != 0 {
            unsafe Unmanaged.passUnretained(resolver).release()
            unsafe request.deallocate()
            done(nil)
        }
    }

    private func finish(_ address: SocketAddress?) {
        let done = done
        self.done = nil
        done?(address)
    }

    /// The same, waiting for the answer: for the listen address at the start, before anything runs.
    static func resolveNow(_ host: String, port: UInt16) -> SocketAddress? {
        if let address = SocketAddress(numeric: host, port: port) { return address }
        let request = UnsafeMutablePointer<uv_getaddrinfo_t>.allocate(capacity: 1)
        defer { unsafe request.deallocate() }
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        guard unsafe uv_getaddrinfo(EventLoop.shared.loop, request, nil, host, nil, &hints) == 0 else { return nil }
        defer { unsafe uv_freeaddrinfo(request.pointee.addrinfo) }
        return unsafe SocketAddress(request.pointee.addrinfo, port: port)
    }
}

/// libuv's text for an error code.
func uvMessage(_ code: Int) -> String {
    guard let text = unsafe uv_strerror(Int32(truncatingIfNeeded: code)) else { return "code \(code)" }
    return unsafe String(cString: text)
}
