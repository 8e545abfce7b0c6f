// Proposals without their payload: a block proposed again in a later view, and the proof that a block was proposed in a view.
public import Crypto
public import Primitives

/// A leader's word for a block whose payload is known or can be fetched by hash. With `view` above the header's view it proposes the block
/// again (the tip rule); with an equal one it is a fresh proposal, sent as the answer to a `ProposalRequest`.
public struct HeaderProposal: Equatable, Sendable {
    public var view: UInt64
    /// The view under which timeouts of the justification report the block; 0 in a fresh proposal.
    public var tipView: UInt64
    public var header: BlockHeader
    public var justification: Justification
    /// Of the leader of `view`, over the `ProposalStatement` of `view` and the header's hash.
    public var signature: RecoverableSignature

    public init(view: UInt64, tipView: UInt64, header: BlockHeader, justification: Justification, signature: RecoverableSignature) {
        self.view = view
        self.tipView = tipView
        self.header = header
        self.justification = justification
        self.signature = signature
    }

    init(_ proposal: Proposal) {
        self.init(
            view: proposal.block.header.view, tipView: 0, header: proposal.block.header, justification: proposal.justification,
            signature: proposal.signature)
    }

    var isFresh: Bool { view == header.view }

    public func statement(hash: Hash256) -> ProposalStatement { ProposalStatement(epoch: header.epoch, view: view, blockHash: hash) }

    func encode(into writer: inout CanonicalWriter) {
        writer.write(view)
        writer.write(tipView)
        header.encode(into: &writer)
        justification.encode(into: &writer)
        writer.writeRaw(signature.compact)
    }

    static func decode(from reader: inout CanonicalReader) throws(CanonicalError) -> HeaderProposal {
        HeaderProposal(
            view: try reader.read(), tipView: try reader.read(), header: try BlockHeader.decode(from: &reader),
            justification: try Justification.decode(from: &reader), signature: try reader.readSignature())
    }
}

/// "Show me that this block was validly proposed in this view." Answered with a `HeaderProposal` by whoever accepted it then.
public struct ProposalRequest: Equatable, Sendable {
    public var view: UInt64
    public var blockHash: Hash256

    public init(view: UInt64, blockHash: Hash256) {
        self.view = view
        self.blockHash = blockHash
    }

    func encode(into writer: inout CanonicalWriter) {
        writer.write(view)
        writer.write(blockHash)
    }

    static func decode(from reader: inout CanonicalReader) throws(CanonicalError) -> ProposalRequest {
        ProposalRequest(view: try reader.read(), blockHash: try reader.readHash())
    }
}
