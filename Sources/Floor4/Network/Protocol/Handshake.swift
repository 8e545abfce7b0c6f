// The handshake as a state machine over bytes: no sockets, no clock. Specs/wire-format.md has the byte layout.
//
// It follows Noise XX and SIGMA: an ephemeral X25519 exchange, then each side sends its ed25519 key and a signature of
// the transcript hash under a key of the exchange. The transcript binds protocol name and version, genesis hash, both
// ephemerals and both identities; the session keys depend on all of it.

import CSodium
package import Primitives

/// Why a handshake failed.
package enum HandshakeError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A step was given the wrong number of bytes or was not expected.
    case malformed
    case notOurProtocol
    case wrongVersion(theirs: UInt16, ours: UInt16)
    case wrongGenesis(theirs: Hash256, ours: Hash256)
    /// The ephemeral key is a low-order point.
    case weakKey
    /// The authentication part does not decrypt: bytes were changed on the way.
    case tampered
    /// The signature is not the claimed identity's.
    case badSignature
    /// Another identity than the one that was dialled.
    case unexpectedIdentity(NodeID)
    /// The peer has our own key.
    case ourselves

    package var description: String {
        switch self {
        case .malformed: "malformed handshake"
        case .notOurProtocol: "the peer does not speak this protocol"
        case .wrongVersion(let theirs, let ours): "protocol version \(theirs), ours is \(ours)"
        case .wrongGenesis(let theirs, let ours): "another chain: genesis \(theirs.hex), ours is \(ours.hex)"
        case .weakKey: "low-order ephemeral key"
        case .tampered: "handshake bytes were tampered with"
        case .badSignature: "identity signature is wrong"
        case .unexpectedIdentity(let id): "unexpected identity \(id.hex)"
        case .ourselves: "the peer uses our own identity"
        }
    }
}

/// What an authenticated handshake gives.
package struct Session {
    package let remote: NodeID
    package let sending: FrameCipher
    package let receiving: FrameCipher
}

/// One side of a handshake. Feed it `bytesNeeded` bytes at a time until a session comes out.
package struct HandshakeState {
    package enum Role: Sendable, Equatable {
        case initiator
        case responder
    }

    /// What to do after a step: send the reply (if any); the session comes with the last step.
    package struct Step {
        package var reply: [UInt8] = []
        package var session: Session?
    }

    private enum Stage {
        case prologue
        case ephemeral
        case authentication
        case ended
    }

    package static let protocolName = "Hyperseq transport: X25519 ed25519 ChaCha20-Poly1305 BLAKE2b"
    package static let magic: [UInt8] = Array("HYPERSEQ".utf8)
    package static let version: UInt16 = 1
    static let keyByteCount = 32
    static let tagByteCount = 16
    package static let prologueByteCount = 8 + 2 + 32
    static let authenticationByteCount = 32 + 64 + tagByteCount

    package let role: Role
    private let identity: NodeIdentity
    private let genesis: Hash256
    private let expected: NodeID?
    private let ephemeralSecret: Secret
    private let ephemeral: [UInt8]
    private var stage = Stage.prologue
    private var transcript: [UInt8]
    private var shared: Secret?
    private var remote: NodeID?

    /// - Parameters:
    ///   - expected: the identity that was dialled (initiator); `nil` accepts any, to be judged by the caller.
    ///   - ephemeralSeed: 32 bytes, for test vectors only; otherwise random.
    package init(
        role: Role, identity: NodeIdentity, genesis: Hash256, expected: NodeID?, ephemeralSeed: [UInt8]? = nil
    ) {
        self.role = role
        self.identity = identity
        self.genesis = genesis
        self.expected = expected
        if let ephemeralSeed, ephemeralSeed.count == Self.keyByteCount {
            ephemeralSecret = Secret(copying: ephemeralSeed)
        } else {
            ephemeralSecret = Secret.random(count: Self.keyByteCount)
        }
        var point = [UInt8](repeating: 0, count: Self.keyByteCount)
        unsafe crypto_scalarmult_base(&point, ephemeralSecret.pointer)
        ephemeral = point
        transcript = Blake2b.hash(Array(Self.protocolName.utf8))
    }

    /// Our protocol, version and genesis: what each side sends first, and all that a refused stranger learns.
    package var prologue: [UInt8] {
        var writer = CanonicalWriter(capacity: Self.prologueByteCount)
        writer.writeRaw(Self.magic)
        writer.write(Self.version)
        writer.write(genesis)
        return writer.bytes
    }

    /// The initiator's first message; the responder sends nothing first.
    package mutating func start() -> [UInt8] {
        guard role == .initiator else { return [] }
        mix(prologue)
        mix(ephemeral)
        return prologue + ephemeral
    }

    /// The exact number of bytes that the next `read` takes; 0 when the handshake has ended.
    package var bytesNeeded: Int {
        switch (role, stage) {
        case (_, .prologue): Self.prologueByteCount
        case (.initiator, .ephemeral): Self.keyByteCount + Self.authenticationByteCount
        case (.responder, .ephemeral): Self.keyByteCount
        case (_, .authentication): Self.authenticationByteCount
        case (_, .ended): 0
        }
    }

    /// Takes the next part of the peer's bytes. After an error the handshake is over.
    package mutating func read(_ bytes: [UInt8]) throws(HandshakeError) -> Step {
        guard stage != .ended, bytes.count == bytesNeeded else {
            stage = .ended
            throw .malformed
        }
        let current = stage
        stage = .ended
        switch (role, current) {
        case (_, .prologue):
            try readPrologue(bytes)
            stage = .ephemeral
            return Step()
        case (.initiator, .ephemeral): return try readResponderMessage(bytes)
        case (.responder, .ephemeral):
            let step = try readInitiatorEphemeral(bytes)
            stage = .authentication
            return step
        case (.responder, .authentication): return try readInitiatorAuthentication(bytes)
        case (.initiator, .authentication), (_, .ended): throw .malformed
        }
    }

    // MARK: - Steps

    private mutating func readPrologue(_ bytes: [UInt8]) throws(HandshakeError) {
        var reader = CanonicalReader(bytes)
        let theirs: (magic: [UInt8], version: UInt16, genesis: Hash256)
        do {
            theirs = (try reader.readRaw(Self.magic.count), try reader.read(), try reader.readHash())
        } catch {
            throw .malformed
        }
        guard theirs.magic == Self.magic else { throw .notOurProtocol }
        guard theirs.version == Self.version else {
            throw .wrongVersion(theirs: theirs.version, ours: Self.version)
        }
        guard theirs.genesis == genesis else { throw .wrongGenesis(theirs: theirs.genesis, ours: genesis) }
        mix(bytes)
    }

    private mutating func readInitiatorEphemeral(_ bytes: [UInt8]) throws(HandshakeError) -> Step {
        mix(bytes)
        mix(prologue)
        mix(ephemeral)
        try exchange(with: bytes)
        return Step(reply: prologue + ephemeral + (try authenticate(as: .responder)))
    }

    private mutating func readResponderMessage(_ bytes: [UInt8]) throws(HandshakeError) -> Step {
        let theirEphemeral = Array(bytes[..<Self.keyByteCount])
        mix(theirEphemeral)
        try exchange(with: theirEphemeral)
        try check(Array(bytes[Self.keyByteCount...]), of: .responder)
        let reply = try authenticate(as: .initiator)
        return Step(reply: reply, session: try session())
    }

    private mutating func readInitiatorAuthentication(_ bytes: [UInt8]) throws(HandshakeError) -> Step {
        try check(bytes, of: .initiator)
        return Step(session: try session())
    }

    private mutating func exchange(with theirs: [UInt8]) throws(HandshakeError) {
        let secret = Secret(count: Self.keyByteCount)
        // Fails when the point is of low order (the result would be zero).
        guard unsafe crypto_scalarmult(secret.pointer, ephemeralSecret.pointer, theirs) == 0 else { throw .weakKey }
        shared = secret
    }

    // MARK: - Authentication

    private static func label(_ role: Role) -> [UInt8] {
        switch role {
        case .initiator: Array("Hyperseq initiator".utf8)
        case .responder: Array("Hyperseq responder".utf8)
        }
    }

    private mutating func mix(_ bytes: [UInt8]) { transcript = Blake2b.hash(transcript + bytes) }

    private func derive(_ purpose: String) throws(HandshakeError) -> Secret {
        guard let shared else { throw .malformed }
        return Blake2b.derive(shared, Array(purpose.utf8) + transcript)
    }

    /// Our key and our signature of the transcript, encrypted.
    private mutating func authenticate(as role: Role) throws(HandshakeError) -> [UInt8] {
        let key = try derive(role == .initiator ? "initiator authentication" : "responder authentication")
        let associated = transcript
        mix(identity.id.bytes)
        let plain = identity.id.bytes + identity.sign(Self.label(role) + transcript)
        var sealed = [UInt8](repeating: 0, count: plain.count + Self.tagByteCount)
        let nonce = [UInt8](repeating: 0, count: FrameCipher.nonceByteCount)
        unsafe crypto_aead_chacha20poly1305_ietf_encrypt(
            &sealed, nil, plain, UInt64(plain.count), associated, UInt64(associated.count), nil, nonce, key.pointer)
        mix(sealed)
        return sealed
    }

    private mutating func check(_ sealed: [UInt8], of role: Role) throws(HandshakeError) {
        let key = try derive(role == .initiator ? "initiator authentication" : "responder authentication")
        guard sealed.count == Self.authenticationByteCount else { throw .malformed }
        var plain = [UInt8](repeating: 0, count: sealed.count - Self.tagByteCount)
        let nonce = [UInt8](repeating: 0, count: FrameCipher.nonceByteCount)
        let opened = unsafe crypto_aead_chacha20poly1305_ietf_decrypt(
            &plain, nil, nil, sealed, UInt64(sealed.count), transcript, UInt64(transcript.count), nonce, key.pointer)
        guard opened == 0 else { throw .tampered }
        guard let id = NodeID(bytes: Array(plain[..<NodeID.byteCount])) else { throw .malformed }
        mix(id.bytes)
        guard id.verifies(Array(plain[NodeID.byteCount...]), of: Self.label(role) + transcript) else {
            throw .badSignature
        }
        guard id != identity.id else { throw .ourselves }
        if let expected, id != expected { throw .unexpectedIdentity(id) }
        mix(sealed)
        remote = id
    }

    private mutating func session() throws(HandshakeError) -> Session {
        guard let remote else { throw .malformed }
        let fromInitiator = FrameCipher(key: try derive("initiator to responder"))
        let fromResponder = FrameCipher(key: try derive("responder to initiator"))
        shared = nil
        return role == .initiator
            ? Session(remote: remote, sending: fromInitiator, receiving: fromResponder)
            : Session(remote: remote, sending: fromResponder, receiving: fromInitiator)
    }
}
