// Two honest minds behind one key, each of which talks to one half of the others: as leader it proposes two blocks, and it votes twice.
public import Consensus

public struct Equivocator: Adversary {
    private var minds: [Puppet] = []
    public let wakeIntervalMilliseconds: UInt64 = 10

    public init() {}

    public mutating func start(_ context: inout AdversaryContext) -> [Lie] {
        minds = [Puppet(context), Puppet(context)].compactMap { $0 }
        return each(&context) { $0.start(&$1) }
    }

    public mutating func receive(_ message: ConsensusMessage, from: Int, _ context: inout AdversaryContext) -> [Lie] {
        each(&context) { $0.receive(message, from: from, &$1) }
    }

    public mutating func wake(_ context: inout AdversaryContext) -> [Lie] { each(&context) { $0.wake(&$1) } }

    private mutating func each(_ context: inout AdversaryContext, _ act: (inout Puppet, inout AdversaryContext) -> [Lie]) -> [Lie] {
        var sent: [Lie] = []
        for mind in minds.indices {
            for lie in act(&minds[mind], &context) {
                var half = lie
                half.receivers = lie.receivers.filter { $0 % minds.count == mind }
                sent.append(half)
            }
        }
        return sent
    }
}
