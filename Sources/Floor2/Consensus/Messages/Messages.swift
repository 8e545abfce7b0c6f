// What replicas send to each other. Values here are decoded but not verified.
public import Crypto
public import Primitives

/// A statement with one validator's signature.
public struct Signed<S: Statement>: Equatable, Sendable {
    public var statement: S
    /// The signer's index in the validator set.
    public var signer: UInt16
    public var signature: RecoverableSignature

    public init(statement: S, signer: UInt16, signature: RecoverableSignature) {
        self.statement = statement
        self.signer = signer
        self.signature = signature
    }
}

public typealias Vote = Signed<VoteStatement>
public typealias CommitVote = Signed<CommitStatement>

/// A leader's block of a view with the certificate of the view before.
public struct Proposal: Equatable, Sendable {
    public var block: Block
    public var justification: Justification
    /// The leader's, over the `ProposalStatement` of the header's epoch, view and hash.
    public var signature: RecoverableSignature

    public init(block: Block, justification: Justification, signature: RecoverableSignature) {
        self.block = block
        self.justification = justification
        self.signature = signature
    }

    public var statement: ProposalStatement {
        ProposalStatement(epoch: block.header.epoch, view: block.header.view, blockHash: block.hash)
    }
}

/// A signed timeout with what proves its certificate view and lets anybody enter its view.
public struct Timeout: Equatable, Sendable {
    public var signed: Signed<TimeoutStatement>
    /// The certificate that the statement names.
    public var highQC: QuorumCertificate
    /// What let the signer enter the view.
    public var entry: Justification

    public init(signed: Signed<TimeoutStatement>, highQC: QuorumCertificate, entry: Justification) {
        self.signed = signed
        self.highQC = highQC
        self.entry = entry
    }
}

/// A question for blocks.
public enum BlockRequest: Equatable, Hashable, Sendable {
    /// The block with this hash, final or not.
    case block(Hash256)
    /// Final blocks from this height on, at most `count` or a little more (see `BlockResponse`).
    case range(fromHeight: UInt64, count: UInt16)

    /// The largest `count`.
    public static let maximumCount: UInt16 = 64
}

/// The answer to a `BlockRequest`.
///
/// To `.block`: that block and no certificate. To `.range`: consecutive final blocks from the asked height on, ascending, with the commit
/// certificate of the last one: as many as asked, or fewer so that they end at a height with a stored certificate and stay below a few
/// megabytes; when there is no certificate in the range, on to the next height that has one. No blocks: "I do not have them".
public struct BlockResponse: Equatable, Sendable {
    public var request: BlockRequest
    public var blocks: [Block]
    public var certificate: CommitCertificate?

    /// Most blocks in one response.
    public static let maximumCount = 256

    public init(request: BlockRequest, blocks: [Block], certificate: CommitCertificate?) {
        self.request = request
        self.blocks = blocks
        self.certificate = certificate
    }
}

/// Everything that travels on the consensus channels. Indirect: a message has many readers and is never changed, so copies share it.
public indirect enum ConsensusMessage: Equatable, Sendable {
    case proposal(Proposal)
    case vote(Vote)
    case commitVote(CommitVote)
    case timeout(Timeout)
    case quorumCertificate(QuorumCertificate)
    case timeoutCertificate(TimeoutCertificate)
    case commitCertificate(CommitCertificate)
    case blockRequest(BlockRequest)
    case blockResponse(BlockResponse)
    case headerProposal(HeaderProposal)
    case proposalRequest(ProposalRequest)
}
