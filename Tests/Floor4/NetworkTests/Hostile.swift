// A peer that does not keep the rules: a plain socket, and the pure protocol types driven by hand.

import Glibc
import Network
import Primitives
import Testing

/// A seeded generator (SplitMix64), so that a failing case can be repeated.
struct Generator: RandomNumberGenerator {
    var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(1, bound))) }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }

    /// One to four edits: a flipped bit, a random or extreme byte, a cut, an insertion, a repetition.
    mutating func mutated(_ original: [UInt8]) -> [UInt8] {
        var bytes = original
        for _ in 0...below(4) {
            let at = below(bytes.count)
            switch below(8) {
            case 0 where !bytes.isEmpty: bytes[at] ^= 1 << UInt8(below(8))
            case 1 where !bytes.isEmpty: bytes[at] = UInt8(truncatingIfNeeded: next())
            case 2 where !bytes.isEmpty: bytes[at] = [0, 1, 0x7f, 0x80, 0xff][below(5)]
            case 3: bytes = Array(bytes.prefix(at))
            case 4: bytes.insert(contentsOf: self.bytes(1 + below(8)), at: at)
            case 5: bytes.append(contentsOf: bytes.suffix(below(64)))
            case 6 where !bytes.isEmpty: bytes.remove(at: at)
            default: if below(16) == 0 { bytes = self.bytes(below(300)) }
            }
        }
        return bytes
    }
}

let testGenesis = Hash256(w0: 1, w1: 0, w2: 0, w3: 0)

/// Both sides of a handshake, carried out in memory.
func sessions(_ initiator: NodeIdentity = identity(1), _ responder: NodeIdentity = identity(2)) throws -> (Session, Session) {
    var a = HandshakeState(role: .initiator, identity: initiator, genesis: testGenesis, expected: responder.id)
    var b = HandshakeState(role: .responder, identity: responder, genesis: testGenesis, expected: nil)
    let first = a.start()
    _ = try b.read(Array(first.prefix(b.bytesNeeded)))
    let second = try b.read(Array(first.dropFirst(HandshakeState.prologueByteCount))).reply
    _ = try a.read(Array(second.prefix(a.bytesNeeded)))
    let third = try a.read(Array(second.dropFirst(HandshakeState.prologueByteCount)))
    let last = try b.read(third.reply)
    return (try #require(third.session), try #require(last.session))
}

/// A complete frame of a plaintext.
func sealed(_ plaintext: [UInt8], _ cipher: FrameCipher) -> [UInt8] {
    var frame = [UInt8](repeating: 0, count: plaintext.count + 18)
    frame.replaceSubrange(2..<2 + plaintext.count, with: plaintext)
    let count = frame.withUnsafeMutableBufferPointer { cipher.seal($0.baseAddress!, plaintextCount: plaintext.count) }
    precondition(count == frame.count)
    return frame
}

/// The bytes of a record.
func record(_ type: UInt8, _ body: [UInt8], declaring length: Int? = nil) -> [UInt8] {
    let count = length ?? body.count
    return [type, UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count)] + body
}

/// A plain TCP connection to a node under test; reads do not block the loop.
@LoopActor
final class RawClient {
    private let descriptor: Int32
    private(set) var incoming: [UInt8] = []
    private(set) var isEnded = false

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = loopback(port)
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, 16) }
        }
        try #require(status == 0)
    }

    deinit { Glibc.close(descriptor) }

    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// Takes in what has arrived.
    func poll() {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while !isEnded {
            let count = recv(descriptor, &chunk, chunk.count, Int32(MSG_DONTWAIT))
            if count > 0 {
                incoming.append(contentsOf: chunk[..<count])
            } else if count == 0 || errno != EAGAIN {
                isEnded = true
            } else {
                return
            }
        }
    }

    func take(_ count: Int) async throws -> [UInt8] {
        try await eventually {
            poll()
            return incoming.count >= count
        }
        let bytes = Array(incoming.prefix(count))
        incoming.removeFirst(count)
        return bytes
    }

    func expectClosed(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await eventually({
            poll()
            return isEnded
        }, sourceLocation: sourceLocation)
    }

    /// The initiator's side up to a session; also gives every byte it has sent.
    func handshake(as identity: NodeIdentity, with id: NodeID) async throws -> (session: Session, sent: [UInt8]) {
        var state = HandshakeState(role: .initiator, identity: identity, genesis: testGenesis, expected: id)
        var sent = state.start()
        send(sent)
        while true {
            let step = try state.read(try await take(state.bytesNeeded))
            if !step.reply.isEmpty { send(step.reply) }
            sent += step.reply
            if let session = step.session { return (session, sent) }
        }
    }
}

/// A node under test that knows one (hostile) peer of a lower or higher ID, which is never dialled.
@LoopActor
func victim(limits: NetworkLimits = quickLimits()) throws -> (node: TestNode, attacker: NodeIdentity) {
    let attacker = identity(66)
    let node = TestNode(
        identity(1), peers: [PeerEndpoint(id: attacker.id, host: "127.0.0.1", port: 1)], limits: limits)
    try node.network.start()
    return (node, attacker)
}
