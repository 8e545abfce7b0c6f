// Lives in the past: remembers everybody's messages, its own too, and sends them again much later.
public import Consensus

public struct Outdated: BendingAdversary {
    public var puppet: Puppet?
    private var past: [ConsensusMessage] = []
    private static let memory = 256

    public init() {}

    public mutating func receive(_ message: ConsensusMessage, from: Int, _ context: inout AdversaryContext) -> [Lie] {
        remember(message)
        let honest = puppet?.receive(message, from: from, &context) ?? []
        return bend(honest, &context)
    }

    private mutating func remember(_ message: ConsensusMessage) {
        switch message {
        case .blockRequest, .blockResponse: return
        default: past.append(message)
        }
        if past.count > Outdated.memory { past.removeFirst(Outdated.memory / 2) }
    }

    public mutating func bend(_ honest: [Lie], _ context: inout AdversaryContext) -> [Lie] {
        for lie in honest { remember(lie.message) }
        guard context.random.chance(30), let old = context.random.pick(past) else { return honest }
        return honest + [Lie(old, to: context.some(of: context.others, percent: 60))]
    }
}
