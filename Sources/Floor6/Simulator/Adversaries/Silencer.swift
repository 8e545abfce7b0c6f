// Follows the protocol, but says nothing when it leads: no block of it ever comes.
internal import Consensus

public struct Silencer: BendingAdversary {
    public var puppet: Puppet?

    public init() {}

    public mutating func bend(_ honest: [Lie], _ context: inout AdversaryContext) -> [Lie] {
        honest.filter { lie in
            if case .proposal = lie.message { return false }
            return true
        }
    }
}
