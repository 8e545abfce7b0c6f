// Floor 6, Testnet: a small blocking HTTP/1.1 client for JSON-RPC on loopback, with one connection kept open.
// For one thread. Answers are bounded; every call has a deadline.
internal import Glibc
internal import Keys

/// Why a request failed.
public enum HTTPError: Error, Equatable, Sendable, CustomStringConvertible {
    case refused(String)
    case timeout
    case closed
    case malformed
    case tooLarge
    case status(Int)

    public var description: String {
        switch self {
        case .refused(let reason): return "cannot connect: \(reason)"
        case .timeout: return "no answer in time"
        case .closed: return "the connection was closed"
        case .malformed: return "the answer is not HTTP"
        case .tooLarge: return "the answer is too large"
        case .status(let code): return "HTTP status \(code)"
        }
    }
}

/// A connection to one server.
public final class HTTPConnection {
    private let host: String
    private let port: UInt16
    private let timeoutMilliseconds: UInt64
    private var descriptor: Int32 = -1
    /// Bytes received but not yet used.
    private var buffer: [UInt8] = []
    private var chunk = [UInt8](repeating: 0, count: 1 << 16)

    private static let headLimit = 16 << 10
    private static let bodyLimit = 256 << 20

    public init(host: String = "127.0.0.1", port: UInt16, timeoutMilliseconds: UInt64) {
        self.host = host
        self.port = port
        self.timeoutMilliseconds = timeoutMilliseconds
    }

    deinit { disconnect() }

    private func disconnect() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
        buffer = []
    }

    /// Sends a POST of JSON and returns the answer's body. A connection that the server closed while idle is opened again.
    public func post(_ body: [UInt8], path: String = "/") throws(HTTPError) -> [UInt8] {
        let deadline = HostSystem.milliseconds + timeoutMilliseconds
        let head = "POST \(path) HTTP/1.1\r\nHost: \(host):\(port)\r\nContent-Type: application/json\r\nContent-Length: \(body.count)\r\n\r\n"
        let request = Array(head.utf8) + body
        let wasOpen = descriptor >= 0
        do {
            return try exchange(request, deadline)
        } catch .closed where wasOpen {
            return try exchange(request, deadline)
        }
    }

    private func exchange(_ request: [UInt8], _ deadline: UInt64) throws(HTTPError) -> [UInt8] {
        do throws(HTTPError) {
            if descriptor < 0 { try connectSocket() }
            try send(request, deadline)
            return try receive(deadline)
        } catch {
            disconnect()
            throw error
        }
    }

    private func connectSocket() throws(HTTPError) {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw .refused(SecureFile.reason(errno)) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard unsafe inet_pton(AF_INET, host, &address.sin_addr) == 1 else {
            close(socket)
            throw .refused("\(host) is not an IPv4 address")
        }
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            let reason = SecureFile.reason(errno)
            close(socket)
            throw .refused(reason)
        }
        var one: Int32 = 1
        unsafe setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        descriptor = socket
        buffer = []
    }

    private func wait(_ events: Int16, _ deadline: UInt64) throws(HTTPError) {
        while true {
            let now = HostSystem.milliseconds
            guard now < deadline else { throw .timeout }
            var entry = pollfd(fd: descriptor, events: events, revents: 0)
            let count = unsafe poll(&entry, 1, Int32(clamping: deadline - now))
            if count > 0 { return }
            if count < 0, errno != EINTR { throw .closed }
        }
    }

    private func send(_ bytes: [UInt8], _ deadline: UInt64) throws(HTTPError) {
        var offset = 0
        while offset < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { raw -> Int in
                guard let base = raw.baseAddress else { return 0 }
                return unsafe Glibc.send(descriptor, base + offset, raw.count - offset, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
            }
            if count > 0 {
                offset += count
            } else if errno == EAGAIN || errno == EINTR {
                try wait(Int16(POLLOUT), deadline)
            } else {
                throw .closed
            }
        }
    }

    /// Appends what the server sends next to `buffer`.
    private func fill(_ deadline: UInt64) throws(HTTPError) {
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { raw in
                unsafe recv(descriptor, raw.baseAddress, raw.count, Int32(MSG_DONTWAIT))
            }
            if count > 0 {
                buffer.append(contentsOf: chunk[..<count])
                return
            }
            if count == 0 { throw .closed }
            guard errno == EAGAIN || errno == EINTR else { throw .closed }
            try wait(Int16(POLLIN), deadline)
        }
    }

    private func receive(_ deadline: UInt64) throws(HTTPError) -> [UInt8] {
        var headEnd: Int?
        var searched = 0
        while headEnd == nil {
            headEnd = HTTPConnection.endOfHead(buffer, from: searched)
            if headEnd == nil {
                guard buffer.count <= HTTPConnection.headLimit else { throw .malformed }
                searched = max(0, buffer.count - 3)
                try fill(deadline)
            }
        }
        guard let end = headEnd else { throw .malformed }
        let head = try HTTPHead(Array(buffer[..<end]))
        buffer.removeFirst(end)
        let body = head.isChunked ? try readChunks(deadline) : try read(head.contentLength, deadline)
        if head.closes { disconnect() }
        guard head.status == 200 else { throw .status(head.status) }
        return body
    }

    private static func endOfHead(_ bytes: [UInt8], from start: Int) -> Int? {
        var index = start
        while index + 3 < bytes.count {
            if bytes[index] == 13, bytes[index + 1] == 10, bytes[index + 2] == 13, bytes[index + 3] == 10 { return index + 4 }
            index += 1
        }
        return nil
    }

    private func read(_ count: Int, _ deadline: UInt64) throws(HTTPError) -> [UInt8] {
        guard count <= HTTPConnection.bodyLimit else { throw .tooLarge }
        while buffer.count < count { try fill(deadline) }
        let body = Array(buffer[..<count])
        buffer.removeFirst(count)
        return body
    }

    private func readLine(_ deadline: UInt64) throws(HTTPError) -> [UInt8] {
        while true {
            if let end = buffer.firstIndex(of: 10) {
                let line = buffer[..<end].filter { $0 != 13 }
                buffer.removeFirst(end + 1)
                return Array(line)
            }
            guard buffer.count <= HTTPConnection.headLimit else { throw .malformed }
            try fill(deadline)
        }
    }

    private func readChunks(_ deadline: UInt64) throws(HTTPError) -> [UInt8] {
        var body: [UInt8] = []
        while true {
            let line = try readLine(deadline)
            guard let count = Int(String(decoding: line.prefix { $0 != 0x3b }, as: UTF8.self), radix: 16), count >= 0 else {
                throw .malformed
            }
            guard count <= HTTPConnection.bodyLimit - body.count else { throw .tooLarge }
            if count == 0 {
                while try !readLine(deadline).isEmpty {}
                return body
            }
            body += try read(count, deadline)
            _ = try readLine(deadline)
        }
    }
}

/// The parts of an answer's head that matter here.
private struct HTTPHead {
    var status = 0
    var contentLength = 0
    var isChunked = false
    var closes = false

    init(_ bytes: [UInt8]) throws(HTTPError) {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n")
        guard let first = lines.first?.split(separator: " "), first.count >= 2, first[0].hasPrefix("HTTP/1."),
            let code = Int(first[1])
        else { throw .malformed }
        status = code
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { throw .malformed }
            let name = line[..<colon].lowercased()
            let value = line[line.index(after: colon)...].drop { $0 == " " }.lowercased()
            switch name {
            case "content-length":
                guard let count = Int(value), count >= 0 else { throw .malformed }
                contentLength = count
            case "transfer-encoding": isChunked = value.contains("chunked")
            case "connection": closes = value.contains("close")
            default: break
            }
        }
    }
}
