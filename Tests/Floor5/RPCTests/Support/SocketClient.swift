// A plain blocking client: HTTP/1.1 and WebSocket by hand, so that what the tests see is what is on the wire.
import Glibc

struct SocketError: Error {
    var text: String
}

struct HTTPAnswer {
    var status: Int
    var headers: [String: String]
    var body: [UInt8]
    var text: String { String(decoding: body, as: UTF8.self) }
}

final class SocketClient {
    private let file: Int32
    private var buffer: [UInt8] = []

    init(port: Int, timeoutSeconds: Int = 20) throws {
        file = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard file >= 0 else { throw SocketError(text: "socket") }
        var timeout = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
        setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(file, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard result == 0 else { throw SocketError(text: "connect") }
    }

    deinit { close(file) }

    func send(_ bytes: [UInt8]) throws {
        var offset = 0
        while offset < bytes.count {
            let count = bytes[offset...].withUnsafeBytes { Glibc.send(file, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { throw SocketError(text: "send") }
            offset += count
        }
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    /// False at the end of the stream.
    private func fill() throws -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = recv(file, &chunk, chunk.count, 0)
        guard count >= 0 else { throw SocketError(text: "receive: \(errno)") }
        buffer.append(contentsOf: chunk[0..<count])
        return count > 0
    }

    func take(_ count: Int) throws -> [UInt8] {
        while buffer.count < count { guard try fill() else { throw SocketError(text: "closed") } }
        defer { buffer.removeFirst(count) }
        return Array(buffer[0..<count])
    }

    /// Whether the server has closed the connection and nothing more came.
    func isClosed() -> Bool {
        (try? fill()) == false && buffer.isEmpty
    }

    // MARK: - HTTP

    func receive(hasBody: Bool = true) throws -> HTTPAnswer {
        var head: [UInt8] = []
        while !head.suffix(4).elementsEqual([13, 10, 13, 10]) { head += try take(1) }
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
        }
        let status = Int(lines[0].split(separator: " ")[1]) ?? 0
        let count = hasBody ? Int(headers["content-length"] ?? "0") ?? 0 : 0
        return HTTPAnswer(status: status, headers: headers, body: try take(count))
    }

    func request(_ method: String, _ path: String, headers: String = "", body: String = "") throws -> HTTPAnswer {
        let length = body.isEmpty && method != "POST" ? "" : "Content-Length: \(body.utf8.count)\r\n"
        try send("\(method) \(path) HTTP/1.1\r\nHost: x\r\n\(headers)\(length)\r\n\(body)")
        return try receive(hasBody: method != "HEAD")
    }

    func post(_ body: String) throws -> HTTPAnswer { try request("POST", "/", headers: "Content-Type: application/json\r\n", body: body) }

    // MARK: - WebSocket

    func upgrade(_ path: String, headers: String = "") throws -> HTTPAnswer {
        try request(
            "GET", path,
            headers: "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\(headers)")
    }

    func sendFrame(_ payload: [UInt8], opcode: UInt8 = 1, isFinal: Bool = true) throws {
        var frame: [UInt8] = [(isFinal ? 0x80 : 0) | opcode]
        switch payload.count {
        case 0..<126: frame.append(0x80 | UInt8(payload.count))
        case 126..<65_536: frame += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        default: frame += [0x80 | 127] + (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
        }
        let mask: [UInt8] = [1, 2, 3, 4]
        frame += mask + payload.enumerated().map { $1 ^ mask[$0 & 3] }
        try send(frame)
    }

    func sendText(_ text: String) throws { try sendFrame(Array(text.utf8)) }

    func receiveFrame() throws -> (opcode: UInt8, payload: [UInt8]) {
        let head = try take(2)
        var count = Int(head[1] & 127)
        if count == 126 { count = try take(2).reduce(0) { $0 << 8 | Int($1) } } else if count == 127 { count = try take(8).reduce(0) { $0 << 8 | Int($1) } }
        return (head[0] & 15, try take(count))
    }

    /// The next text message; pings are passed over.
    func receiveText() throws -> String {
        while true {
            let (opcode, payload) = try receiveFrame()
            if opcode == 1 { return String(decoding: payload, as: UTF8.self) }
            if opcode == 8 { throw SocketError(text: "closed with \(payload)") }
        }
    }
}
