// Seeded mutations into everything that reads bytes of a peer. The properties: no trap, no session from changed
// handshake bytes, no frame but a prefix of what was sent, no message above its channel's limit.

import Network
import Primitives
import Testing

@Suite struct FuzzTests {
    /// Feeds a state machine; the session if one comes out.
    private func feed(_ state: HandshakeState, _ bytes: [UInt8]) -> Session? {
        var state = state
        var rest = bytes[...]
        do throws(HandshakeError) {
            while state.bytesNeeded > 0, rest.count >= state.bytesNeeded {
                let part = Array(rest.prefix(state.bytesNeeded))
                rest = rest.dropFirst(part.count)
                if let session = try state.read(part).session { return session }
            }
        } catch {
            return nil
        }
        return nil
    }

    @Test(arguments: 0..<4 as Range<UInt64>) func changedHandshakesGiveNoSession(seed: UInt64) throws {
        var generator = Generator(seed)
        var a = HandshakeState(role: .initiator, identity: identity(1), genesis: testGenesis, expected: nil)
        let first = a.start()
        let freshB = HandshakeState(role: .responder, identity: identity(2), genesis: testGenesis, expected: nil)
        var b = freshB
        _ = try b.read(Array(first.prefix(42)))
        let second = try b.read(Array(first.dropFirst(42))).reply
        var answered = a
        _ = try answered.read(Array(second.prefix(42)))
        let third = try answered.read(Array(second.dropFirst(42))).reply
        #expect(feed(b, third) != nil && feed(a, second) != nil)
        for _ in 0..<17_000 {
            let changedFirst = generator.mutated(first)
            #expect(feed(freshB, changedFirst) == nil)
            let changedSecond = generator.mutated(second)
            if !changedSecond.starts(with: second) { #expect(feed(a, changedSecond) == nil) }
            let changedThird = generator.mutated(third)
            if !changedThird.starts(with: third) { #expect(feed(b, changedThird) == nil) }
        }
    }

    @Test(arguments: 0..<4 as Range<UInt64>) func changedFramesGiveAPrefix(seed: UInt64) {
        var generator = Generator(seed)
        let key = generator.bytes(32)
        let buffer = ReceiveBuffer()
        for _ in 0..<50_000 {
            let sender = FrameCipher(key: key, rekeyInterval: 3)
            let plaintexts = (0..<1 + generator.below(5)).map { _ in generator.bytes(1 + generator.below(60)) }
            let stream = generator.mutated(plaintexts.flatMap { sealed($0, sender) })
            let decoder = FrameDecoder(cipher: FrameCipher(key: key, rekeyInterval: 3))
            var frames: [[UInt8]] = []
            var rest = stream[...]
            do throws(FrameError) {
                while !rest.isEmpty {
                    rest = rest.dropFirst(buffer.append(rest.prefix(1 + generator.below(50))))
                    while let frame = try decoder.next(in: buffer) { frames.append(Array(frame)) }
                }
            } catch {}
            _ = buffer.take(buffer.count)
            if !plaintexts.starts(with: frames) { Issue.record("frames that were not sent, seed \(seed)") }
        }
    }

    @Test(arguments: 0..<8 as Range<UInt64>) func changedRecordsNeverTrap(seed: UInt64) {
        var generator = Generator(seed)
        var reassembler = Reassembler()
        var messages = 0
        for _ in 0..<25_000 {
            var plaintext: [UInt8] = []
            for _ in 0...generator.below(4) {
                let types: [UInt8] = [0, 1, 2, 3, 0x10, 0x12, 0x20, 0x22, 0xf0, 0xf1, 0xf2, 0xf3, 0x34, 0xff]
                var body = generator.bytes(generator.below(40))
                let type = types[generator.below(types.count)]
                if type & 0xf0 == 0x10 { body = [0, 0, 0, UInt8(generator.below(120))] + body }
                plaintext += record(type, body)
            }
            if generator.below(4) > 0 { plaintext = generator.mutated(plaintext) }
            plaintext.withUnsafeBytes { frame in
                var cursor = RecordCursor()
                do throws(FrameError) {
                    while let record = try reassembler.next(frame, &cursor) {
                        if case .message(let channel, let message) = record {
                            messages += 1
                            if message.count > channel.maximumMessageBytes { Issue.record("too long, seed \(seed)") }
                        }
                    }
                } catch {
                    reassembler = Reassembler()
                }
            }
        }
        #expect(messages > 500)
    }
}
