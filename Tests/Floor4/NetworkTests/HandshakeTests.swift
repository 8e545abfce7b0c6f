// The handshake as a pure state machine.

import Network
import Primitives
import Testing

@Suite struct HandshakeTests {
    /// Runs a handshake through `change`, which may edit each message (numbered 1 to 3).
    private func run(
        genesisA: Hash256 = testGenesis, genesisB: Hash256 = testGenesis, expected: NodeID? = identity(2).id,
        responder: NodeIdentity = identity(2), change: (Int, [UInt8]) -> [UInt8] = { $1 }
    ) throws -> (Session, Session) {
        var a = HandshakeState(role: .initiator, identity: identity(1), genesis: genesisA, expected: expected)
        var b = HandshakeState(role: .responder, identity: responder, genesis: genesisB, expected: nil)
        let first = change(1, a.start())
        _ = try b.read(Array(first.prefix(b.bytesNeeded)))
        let second = change(2, try b.read(Array(first.dropFirst(HandshakeState.prologueByteCount))).reply)
        _ = try a.read(Array(second.prefix(a.bytesNeeded)))
        let third = try a.read(Array(second.dropFirst(HandshakeState.prologueByteCount)))
        let last = try b.read(change(3, third.reply))
        #expect(a.bytesNeeded == 0 && b.bytesNeeded == 0)
        return (try #require(third.session), try #require(last.session))
    }

    @Test func bothSidesAgreeOnKeysAndIdentities() throws {
        let (a, b) = try run()
        #expect(a.remote == identity(2).id && b.remote == identity(1).id)
        for (sender, receiver) in [(a.sending, b.receiving), (b.sending, a.receiving)] {
            let buffer = ReceiveBuffer()
            let frame = sealed([1, 2, 3], sender)
            #expect(buffer.append(frame[...]) == frame.count)
            let plain = try #require(try FrameDecoder(cipher: receiver).next(in: buffer))
            #expect(Array(plain) == [1, 2, 3])
        }
    }

    @Test func theDirectionsHaveDifferentKeys() throws {
        let (a, _) = try run()
        let buffer = ReceiveBuffer()
        _ = buffer.append(sealed([1, 2, 3], a.sending)[...])
        #expect(throws: FrameError.tampered) { try FrameDecoder(cipher: a.receiving).next(in: buffer) }
    }

    @Test func anotherGenesisIsNamed() {
        let other = Hash256(w0: 2, w1: 0, w2: 0, w3: 0)
        #expect(throws: HandshakeError.wrongGenesis(theirs: testGenesis, ours: other)) { try run(genesisB: other) }
    }

    @Test func anotherVersionOrProtocolIsNamed() {
        #expect(throws: HandshakeError.wrongVersion(theirs: 2, ours: 1)) {
            try run { number, bytes in
                var bytes = bytes
                if number == 1 { bytes[9] = 2 }
                return bytes
            }
        }
        #expect(throws: HandshakeError.notOurProtocol) {
            try run { number, bytes in
                var bytes = bytes
                if number == 2 { bytes[0] = 0 }
                return bytes
            }
        }
    }

    @Test func anUnexpectedIdentityAndOurselvesAreRefused() {
        #expect(throws: HandshakeError.unexpectedIdentity(identity(2).id)) { try run(expected: identity(3).id) }
        #expect(throws: HandshakeError.ourselves) { try run(expected: nil, responder: identity(1)) }
    }

    @Test func everyChangedByteIsFound() throws {
        for (number, count) in [(1, 74), (2, 186), (3, 112)] {
            for index in 0..<count {
                #expect(throws: HandshakeError.self) {
                    try run { current, bytes in
                        guard current == number else { return bytes }
                        #expect(bytes.count == count)
                        var bytes = bytes
                        bytes[index] ^= 0x80
                        return bytes
                    }
                }
            }
        }
    }

    @Test func aReplayedHandshakeGivesNoSession() throws {
        var recorded: [Int: [UInt8]] = [:]
        _ = try run { number, bytes in
            recorded[number] = bytes
            return bytes
        }
        // To a responder: the old first and third message.
        #expect(throws: HandshakeError.tampered) { try run { number, bytes in number == 2 ? bytes : recorded[number]! } }
        // To an initiator: the old second message.
        #expect(throws: HandshakeError.tampered) { try run { number, bytes in number == 2 ? recorded[2]! : bytes } }
    }

    /// The points of small order on Curve25519 (little-endian x), among them 0, 1 and -1.
    @Test(arguments: [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ])
    func lowOrderPointsAreRefused(hex: String) throws {
        let point = try #require(Hex.decode(hex))
        for number in [1, 2] {
            #expect(throws: HandshakeError.weakKey) {
                try run { current, bytes in
                    guard current == number else { return bytes }
                    var bytes = bytes
                    bytes.replaceSubrange(42..<74, with: point)
                    return bytes
                }
            }
        }
    }

    @Test func aFailedHandshakeTakesNothingMore() throws {
        var b = HandshakeState(role: .responder, identity: identity(2), genesis: testGenesis, expected: nil)
        #expect(throws: HandshakeError.malformed) { try b.read([1, 2, 3]) }
        #expect(b.bytesNeeded == 0)
        #expect(throws: HandshakeError.malformed) { try b.read([]) }
    }

    /// The vector of Specs/wire-format.md.
    @Test func theSpecifiedVectorHolds() throws {
        func seed(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }
        var a = HandshakeState(
            role: .initiator, identity: identity(1), genesis: testGenesis, expected: nil, ephemeralSeed: seed(3))
        var b = HandshakeState(
            role: .responder, identity: identity(2), genesis: testGenesis, expected: nil, ephemeralSeed: seed(4))
        let first = a.start()
        _ = try b.read(Array(first.prefix(42)))
        let second = try b.read(Array(first.dropFirst(42))).reply
        _ = try a.read(Array(second.prefix(42)))
        let third = try a.read(Array(second.dropFirst(42)))
        let session = try #require(third.session)
        let frame = sealed(record(RecordType.ping, [0, 0, 0, 0, 0, 0, 0, 1]), session.sending)
        #expect(Hex.encode(first) == Vector.first)
        #expect(Hex.encode(second) == Vector.second)
        #expect(Hex.encode(third.reply) == Vector.third)
        #expect(Hex.encode(frame) == Vector.frame)
    }

    @Test func identitiesKeepTheirSeed() throws {
        // RFC 8032, test 1.
        let seed = try #require(Hex.decode("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
        let known = try #require(NodeIdentity(seed: seed))
        #expect(known.id.hex == "0xd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
        #expect(known.seed == seed)
        #expect(NodeIdentity(seed: [1]) == nil)
        #expect(NodeID(hex: known.id.hex) == known.id)
        let signature = known.sign([])
        #expect(Hex.encode(signature).hasPrefix("0xe5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"))
        #expect(known.id.verifies(signature, of: []) && !known.id.verifies(signature, of: [0]))
        #expect(!known.id.verifies([], of: []))
        #expect(NodeIdentity.random().id != NodeIdentity.random().id)
    }
}
