// Follows the protocol, but its proposals leave in the last instant before the others give up the view.
internal import Consensus

public struct LastInstantProposer: BendingAdversary {
    public var puppet: Puppet?
    /// What is left of the timeout when the proposal leaves.
    static let remainingMilliseconds: UInt64 = 5

    public init() {}

    public mutating func bend(_ honest: [Lie], _ context: inout AdversaryContext) -> [Lie] {
        let timeout = context.configuration.timing.baseTimeoutMilliseconds
        return honest.map { lie in
            guard case .proposal = lie.message else { return lie }
            var lie = lie
            lie.afterMilliseconds = timeout > LastInstantProposer.remainingMilliseconds ? timeout - LastInstantProposer.remainingMilliseconds : 0
            return lie
        }
    }
}
