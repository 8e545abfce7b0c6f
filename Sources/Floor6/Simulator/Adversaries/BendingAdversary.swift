// What many adversaries are: an honest replica inside, of whose messages some are bent on their way out.
public import Consensus

public protocol BendingAdversary: Adversary {
    /// The honest mind; `nil` before the start.
    var puppet: Puppet? { get set }
    /// What leaves in place of what the honest mind wants sent.
    mutating func bend(_ honest: [Lie], _ context: inout AdversaryContext) -> [Lie]
}

extension BendingAdversary {
    public var wakeIntervalMilliseconds: UInt64 { 10 }

    public mutating func start(_ context: inout AdversaryContext) -> [Lie] {
        puppet = Puppet(context)
        let honest = puppet?.start(&context) ?? []
        return bend(honest, &context)
    }

    public mutating func receive(_ message: ConsensusMessage, from: Int, _ context: inout AdversaryContext) -> [Lie] {
        let honest = puppet?.receive(message, from: from, &context) ?? []
        return bend(honest, &context)
    }

    public mutating func wake(_ context: inout AdversaryContext) -> [Lie] {
        let honest = puppet?.wake(&context) ?? []
        return bend(honest, &context)
    }
}

extension AdversaryContext {
    /// The nodes of the first other validators whose weight together is at most F.
    var victims: [Int] {
        var weight: UInt64 = 0
        return others.filter { other in
            guard let validator = validatorOfNode[other] else { return false }
            weight += set.validators[validator].weight
            return weight <= set.faultWeight
        }
    }
}
