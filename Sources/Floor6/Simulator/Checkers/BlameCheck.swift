// No honest validator is blamed: what replicas report as misbehaviour names only those who do misbehave.
public import Consensus

public struct BlameCheck: Checker {
    public private(set) var problems: [String] = []
    /// Validators that misbehaved, as replicas named them.
    public private(set) var named: [Int] = []

    public init() {}

    /// `isSuspect`: whether this validator may misbehave. `validatorOfNode`: who is behind a connection.
    public mutating func reported(_ what: Misbehaviour, node: Int, validatorOfNode: (Int) -> Int?, isSuspect: (Int) -> Bool) {
        let culprit: Int?
        switch what {
        case .invalidMessage(let peer): culprit = validatorOfNode(Int(peer.rawValue))
        case .invalidSignature(let validator): culprit = Int(validator)
        case .equivocation(let validator, _): culprit = Int(validator)
        case .invalidPayload(let validator, _): culprit = Int(validator)
        case .conflictingFinality:
            problems.note("node \(node) sees conflicting finality")
            return
        }
        guard let culprit, isSuspect(culprit) else {
            problems.note("node \(node) blames an honest validator: \(what)")
            return
        }
        if !named.contains(culprit) { named.append(culprit) }
    }
}
