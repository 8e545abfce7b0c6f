// Follows the protocol, but never says anything to the same others of at most F weight: no proposal, no vote, no certificate.
public struct Withholder: BendingAdversary {
    public var puppet: Puppet?

    public init() {}

    public mutating func bend(_ honest: [Lie], _ context: inout AdversaryContext) -> [Lie] {
        let victims = context.victims
        return honest.map { lie in
            var lie = lie
            lie.receivers.removeAll { victims.contains($0) }
            return lie
        }
    }
}
