// Floor 6, ConsensusBench: what a replica adds to the signature checks that it cannot do without: decoding, rules and tallies.
// The same signatures are checked by the replica and by bare libsecp256k1, view by view in turn, on one thread.
internal import CSecp256k1
internal import Consensus
internal import Crypto
internal import Glibc
internal import Primitives

/// What handling votes costs.
public struct VotesBenchmarkResult: Codable, Sendable {
    public var validators: Int
    public var views: Int
    /// Votes and commit votes that came in; of these a quorum's were verified.
    public var messages: Int
    public var verified: Int
    /// Processor time of the replica for all messages, per verified one.
    public var replicaMicroseconds: Double
    /// One `secp256k1_ecdsa_recover`: what the replica has to do, since a contract's `ecrecover` must accept the same signatures.
    public var recoverMicroseconds: Double
    /// One `secp256k1_ecdsa_verify`.
    public var verifyMicroseconds: Double
    public var verifiedPerSecond: Double
    /// Shares of the bare check.
    public var overheadOverRecover: Double
    public var overheadOverVerify: Double
}

public struct VotesBenchmark {
    private let validators: Int
    private let views: Int

    public init(validators: Int, views: Int) {
        self.validators = validators
        self.views = views
    }

    /// What comes in one view.
    private struct ViewMessages {
        var proposal: [UInt8]
        var votes: [(bytes: [UInt8], signer: UInt16)] = []
        var checks: [(digest: Hash256, signature: RecoverableSignature, signer: UInt16)] = []
    }

    public func run() throws(ConsensusBenchmarkError) -> VotesBenchmarkResult {
        guard let (configuration, indices) = BenchmarkChain.configuration(validators: validators, own: 0, maximumPayloadBytes: 0) else {
            throw ConsensusBenchmarkError(description: "the number of validators does not fit")
        }
        var keys = [SecretKey?](repeating: nil, count: validators)
        for (node, index) in indices.enumerated() { keys[Int(index)] = BenchmarkChain.secretKey(node) }
        let signers = keys.compactMap { $0 }
        var follower = configuration
        follower.key = nil
        guard signers.count == validators, var replica = try? Replica(configuration: follower, recovered: nil, now: 0) else {
            throw ConsensusBenchmarkError(description: "the replica does not start")
        }
        _ = replica.start(now: 0, wallClockMilliseconds: 0)
        let bare = BareSecp256k1(signers.map(\.publicKey))
        var (handled, recovered, verified) = (UInt64(0), UInt64(0), UInt64(0))
        var messages = 0
        var checks = 0
        for view in Self.makeViews(views, configuration, signers) {
            try Self.feed(&replica, view.proposal, from: nil)
            var start = Self.nanoseconds()
            for vote in view.votes { try Self.feed(&replica, vote.bytes, from: vote.signer) }
            handled += Self.nanoseconds() - start
            messages += view.votes.count
            let needed = view.checks.filter { $0.signer < configuration.validators.quorumWeight }
            checks += needed.count
            let prepared = needed.map { bare.prepare($0.digest, $0.signature) }
            start = Self.nanoseconds()
            let areRecovered = prepared.allSatisfy(bare.recover)
            recovered += Self.nanoseconds() - start
            start = Self.nanoseconds()
            let areVerified = zip(prepared, needed).allSatisfy { bare.verify($0, by: Int($1.signer)) }
            verified += Self.nanoseconds() - start
            guard areRecovered, areVerified else { throw ConsensusBenchmarkError(description: "libsecp256k1 refuses a signature") }
        }
        guard replica.finalisedHeight == UInt64(views) else {
            throw ConsensusBenchmarkError(description: "the replica finalised \(replica.finalisedHeight) of \(views) blocks")
        }
        func each(_ nanoseconds: UInt64) -> Double { Double(nanoseconds) / 1_000 / Double(checks) }
        return VotesBenchmarkResult(
            validators: validators, views: views, messages: messages, verified: checks, replicaMicroseconds: each(handled),
            recoverMicroseconds: each(recovered), verifyMicroseconds: each(verified), verifiedPerSecond: 1_000_000 / each(handled),
            overheadOverRecover: each(handled) / each(recovered) - 1, overheadOverVerify: each(handled) / each(verified) - 1)
    }

    /// As a node does with a message of a peer.
    private static func feed(_ replica: inout Replica, _ bytes: [UInt8], from: UInt16?) throws(ConsensusBenchmarkError) {
        do {
            let message = try ConsensusMessage.decode(bytes, maximumPayloadBytes: 0)
            _ = replica.step(.message(message, from: from, peer: PeerToken(1)), now: 0, wallClockMilliseconds: 0)
        } catch {
            throw ConsensusBenchmarkError(description: "a message does not decode: \(error)")
        }
    }

    /// A chain with a block in each view, and everybody's votes, in ascending order of signers.
    private static func makeViews(_ count: Int, _ configuration: ConsensusConfiguration, _ keys: [SecretKey]) -> [ViewMessages] {
        let domain = configuration.domain
        var parent = configuration.genesisHeader
        var certificate = QuorumCertificate.genesis(epoch: 0, hash: configuration.genesisHash)
        var views: [ViewMessages] = []
        for view in 1...UInt64(count) {
            let leader = Int(configuration.validators.leader(view: view))
            let header = BlockHeader(
                epoch: 0, view: view, height: view, parentHash: certificate.blockHash, parentView: parent.view,
                payloadRoot: Keccak256.hash([]), payloadByteCount: 0, timestampMilliseconds: view,
                proposer: configuration.validators.validators[leader].address)
            let hash = header.hash
            let signature = keys[leader].sign(ProposalStatement(epoch: 0, view: view, blockHash: hash).digest(domain))
            let proposal = Proposal(
                block: Block(header: header, payload: []), justification: .quorum(certificate), signature: signature)
            var messages = ViewMessages(proposal: ConsensusMessage.proposal(proposal).encoded)
            let vote = VoteStatement(epoch: 0, view: view, blockHash: hash, parentView: parent.view)
            let commit = CommitStatement(epoch: 0, view: view, height: view, blockHash: hash)
            certificate = QuorumCertificate(statement: vote, signers: SignerBitmap(), signatures: [])
            for (index, key) in keys.enumerated() {
                let signed = Vote(statement: vote, signer: UInt16(index), signature: key.sign(vote.digest(domain)))
                messages.votes.append((ConsensusMessage.vote(signed).encoded, UInt16(index)))
                messages.checks.append((vote.digest(domain), signed.signature, UInt16(index)))
                if UInt64(index) < configuration.validators.quorumWeight {
                    certificate.signers.insert(index)
                    certificate.signatures.append(signed.signature)
                }
            }
            for (index, key) in keys.enumerated() {
                let signed = CommitVote(statement: commit, signer: UInt16(index), signature: key.sign(commit.digest(domain)))
                messages.votes.append((ConsensusMessage.commitVote(signed).encoded, UInt16(index)))
                messages.checks.append((commit.digest(domain), signed.signature, UInt16(index)))
            }
            views.append(messages)
            parent = header
        }
        return views
    }

    /// Processor time of this thread: others on the machine do not count.
    private static func nanoseconds() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

/// libsecp256k1 with everything parsed beforehand.
@safe private final class BareSecp256k1 {
    struct Check {
        var digest: [UInt8]
        var signature: secp256k1_ecdsa_signature
        var recoverable: secp256k1_ecdsa_recoverable_signature
    }

    private let context: OpaquePointer
    private var keys: [secp256k1_pubkey] = []

    init(_ keys: [PublicKey]) {
        guard let context = unsafe secp256k1_context_create(UInt32(SECP256K1_CONTEXT_NONE)) else {
            preconditionFailure("libsecp256k1 gave no context")
        }
        unsafe self.context = context
        for key in keys {
            var parsed = secp256k1_pubkey()
            let bytes = key.compressed
            let status = unsafe secp256k1_ec_pubkey_parse(context, &parsed, bytes, bytes.count)
            precondition(status == 1, "libsecp256k1 refuses a key of ours")
            self.keys.append(parsed)
        }
    }

    deinit { unsafe secp256k1_context_destroy(context) }

    func prepare(_ digest: Hash256, _ signature: RecoverableSignature) -> Check {
        var check = Check(digest: digest.bytes, signature: .init(), recoverable: .init())
        let bytes = signature.r.bigEndianBytes + signature.s.bigEndianBytes
        let plain = unsafe secp256k1_ecdsa_signature_parse_compact(context, &check.signature, bytes)
        let withParity = unsafe secp256k1_ecdsa_recoverable_signature_parse_compact(
            context, &check.recoverable, bytes, Int32(signature.yParity))
        precondition(plain == 1 && withParity == 1, "libsecp256k1 refuses the form of a signature of ours")
        return check
    }

    func recover(_ check: Check) -> Bool {
        var key = secp256k1_pubkey()
        var signature = check.recoverable
        return unsafe secp256k1_ecdsa_recover(context, &key, &signature, check.digest) == 1
    }

    func verify(_ check: Check, by index: Int) -> Bool {
        var signature = check.signature
        return unsafe secp256k1_ecdsa_verify(context, &signature, check.digest, &keys[index]) == 1
    }
}
