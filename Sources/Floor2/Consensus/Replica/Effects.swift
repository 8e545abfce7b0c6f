// The two alphabets of the replica: what may happen to it, and what it wants done.
public import Primitives

/// Names a connection of the node; the replica only hands it back.
public struct PeerToken: Hashable, Sendable {
    public var rawValue: UInt64
    public init(_ rawValue: UInt64) { self.rawValue = rawValue }
}

/// What happens to a replica.
public enum Input: Sendable {
    /// A decoded message. `from`: the validator index that the connection has proven, `nil` for other peers. Votes and timeouts count only
    /// when they come from their signer.
    case message(ConsensusMessage, from: UInt16?, peer: PeerToken)
    /// The time of the last `setTimer` has come. Early or late ones do no harm.
    case timer
    /// The answer to `buildPayload`.
    case payloadBuilt(view: UInt64, payload: [UInt8])
    /// The answer to `checkPayload`.
    case payloadChecked(blockHash: Hash256, isValid: Bool)
    /// Whether transactions wait that the next leaders would include: while it is `true`, a view without a block is given up after the
    /// base timeout. Tell it on every change; before the first word the replica takes it for `false`.
    case workAvailable(Bool)
    /// The answer to a request (also accepted as a message).
    case blocks(BlockResponse, from: PeerToken)
}

/// What a replica wants done, in this order. Everything that stores comes first; it must be durable, in one transaction, before anything
/// after it leaves the node.
public enum Effect: Sendable {
    /// Replace the safety record.
    indirect case persist(SafetyRecord)
    indirect case storeBlock(Block)
    /// Store the certificate under the height it makes final.
    indirect case storeCommit(CommitCertificate)
    /// To all validators. Proposals are also of use to nodes that follow.
    indirect case broadcast(ConsensusMessage)
    indirect case send(ConsensusMessage, to: UInt16)
    /// Ask one peer: the preferred one, or any when there is none. Without an answer the replica asks again later, without preference.
    case request(BlockRequest, preferring: PeerToken?)
    /// Answer a peer's request from the store.
    case respond(BlockRequest, to: PeerToken)
    /// Wake the replica at this time (of `now`). Replaces the timer set before.
    case setTimer(atMilliseconds: UInt64)
    /// We lead `view`: answer with `payloadBuilt`, at once or when there is work or the idle interval has passed.
    indirect case buildPayload(view: UInt64, parent: BlockHeader)
    /// Is the payload statelessly valid? Answer with `payloadChecked`.
    indirect case checkPayload(Block)
    /// A stored block has a quorum certificate. Told once for each block, parents first, and again after a restart; after a view
    /// change a certified block above the final head may give way to another branch.
    case certified(Hash256)
    /// These blocks are final, ascending; each was told as `certified` before. The certificate is that of the last one; the node may
    /// hand it to peers that follow.
    indirect case finalised([Hash256], CommitCertificate)
    /// Somebody broke the rules; for logs, peer scores and slashing.
    indirect case misbehaviour(Misbehaviour)
}

/// A breach of the rules.
public enum Misbehaviour: Equatable, Sendable {
    /// A message that an honest peer does not send: a bad signature or certificate. The connection deserves to be closed.
    case invalidMessage(from: PeerToken)
    /// A vote or timeout of this validator has a bad signature.
    case invalidSignature(validator: UInt16)
    /// The validator signed two statements that no honest one signs both. Told once for each offence; keep it.
    case equivocation(validator: UInt16, Evidence)
    /// The leader's block has an invalid payload.
    case invalidPayload(validator: UInt16, blockHash: Hash256)
    /// A valid commit certificate contradicts what is final here: more than F of the weight lies.
    case conflictingFinality(CommitCertificate)
}
