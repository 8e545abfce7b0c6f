// Tests of local connections: frames, their bound, the socket's protection, and sockets that a dead process left.
import Glibc
import Testing

import Network

@LoopActor
private final class LocalRecorder: LocalConnectionOwner {
    var frames: [[UInt8]] = []
    var isOpened = false
    var reason: String?
    var onChange: (() -> Void)?

    func opened(_ connection: LocalConnection) {
        isOpened = true
        onChange?()
    }

    func received(_ frame: [UInt8], on connection: LocalConnection) {
        frames.append(frame)
        onChange?()
    }

    func closed(_ connection: LocalConnection, reason: String) {
        self.reason = reason
        onChange?()
    }

    func wait(until condition: @escaping @LoopActor (LocalRecorder) -> Bool) async {
        if condition(self) { return }
        await withCheckedContinuation { continuation in
            onChange = { [unowned self] in
                guard condition(self) else { return }
                self.onChange = nil
                continuation.resume()
            }
        }
    }
}

@Suite(.timeLimit(.minutes(1))) @LoopActor struct LocalConnectionTests {
    private static func path() -> String {
        "/tmp/hyperseq-local-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    }

    @Test func framesArriveWholeAndInOrder() async throws {
        let server = LocalRecorder()
        let path = Self.path()
        var served: LocalConnection?
        let listener = try LocalListener(path: path, maximumFrameBytes: 4 << 20) { connection in
            connection.owner = server
            served = connection
        }
        let client = LocalRecorder()
        let connection = LocalConnection.connect(path: path, owner: client, maximumFrameBytes: 4 << 20)
        await client.wait { $0.isOpened }
        let frames: [[UInt8]] = [[], [1], Array(repeating: 9, count: 3 << 20), [2, 3]]
        for frame in frames { #expect(connection.send(frame)) }
        await server.wait { $0.frames.count == frames.count }
        #expect(server.frames == frames)
        #expect(served?.peer?.processID == getpid())
        #expect(served?.peer?.userID == getuid())
        #expect(!connection.send(Array(repeating: 0, count: 4 << 20 + 1)))
        served?.send([5])
        await client.wait { $0.frames == [[5]] }
        served?.close()
        await client.wait { $0.reason != nil }
        listener.close()
    }

    @Test func aFrameAboveTheBoundEndsTheConnection() async throws {
        let server = LocalRecorder()
        let path = Self.path()
        let listener = try LocalListener(path: path, maximumFrameBytes: 8) { $0.owner = server }
        let client = LocalRecorder()
        let connection = LocalConnection.connect(path: path, owner: client, maximumFrameBytes: 64)
        await client.wait { $0.isOpened }
        connection.send(Array(repeating: 0, count: 9))
        await server.wait { $0.reason != nil }
        #expect(server.frames.isEmpty)
        await client.wait { $0.reason != nil }
        listener.close()
    }

    @Test func theSocketIsPrivateAndOneProcessHasIt() async throws {
        let path = Self.path()
        let listener = try LocalListener(path: path, maximumFrameBytes: 8) { $0.close() }
        var facts = stat()
        #expect(unsafe lstat(path, &facts) == 0)
        #expect(facts.st_mode & 0o777 == 0o600)
        #expect(throws: LocalListenerError.self) { try LocalListener(path: path, maximumFrameBytes: 8) { $0.close() } }
        listener.close()
    }

    @Test func aSocketThatNobodyHasIsReplaced() throws {
        let path = Self.path()
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        let bound = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(bound == 0)
        close(descriptor)
        let listener = try LocalListener(path: path, maximumFrameBytes: 8) { $0.close() }
        listener.close()
    }

    @Test func aPathThatIsTooLongIsRefused() async throws {
        let path = "/tmp/" + String(repeating: "x", count: 120)
        #expect(throws: LocalListenerError.self) { try LocalListener(path: path, maximumFrameBytes: 8) { $0.close() } }
        let client = LocalRecorder()
        _ = LocalConnection.connect(path: path, owner: client, maximumFrameBytes: 8)
        await client.wait { $0.reason != nil }
    }
}
