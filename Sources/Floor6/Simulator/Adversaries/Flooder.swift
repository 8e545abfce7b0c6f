// Follows the protocol, and floods the others with votes and timeouts of far-future views, votes for blocks that do not exist, and questions.
internal import Consensus
internal import Primitives

public struct Flooder: BendingAdversary {
    public var puppet: Puppet?
    /// Messages to everybody each time it wakes; not for each one it hears, because answers to its questions would multiply without end.
    private static let burst = 16

    public init() {}

    public mutating func bend(_ honest: [Lie], _ context: inout AdversaryContext) -> [Lie] { honest }

    public mutating func wake(_ context: inout AdversaryContext) -> [Lie] {
        let honest = puppet?.wake(&context) ?? []
        guard let view = puppet?.replica.view else { return honest }
        var sent = honest
        for _ in 0..<Flooder.burst {
            let hash = Hash256(w0: context.random.next(), w1: context.random.next(), w2: context.random.next(), w3: 1)
            let far = context.random.chance(50) ? view &+ context.random.below(4) : context.random.next() >> 1
            let vote = context.signed(VoteStatement(epoch: context.configuration.epoch, view: far, blockHash: hash, parentView: 0))
            let commit = context.signed(
                CommitStatement(epoch: context.configuration.epoch, view: far, height: context.random.next() >> 1, blockHash: hash))
            let messages: [ConsensusMessage] = [.vote(vote), .commitVote(commit), .blockRequest(.block(hash))]
            sent.append(Lie(messages[context.random.index(messages.count)], to: context.others))
        }
        return sent
    }
}
