// What a Byzantine validator is to the simulator: something that sees what it is sent and answers as it likes. It has its key, the validator
// set and the time; it can do all that signatures allow, and no more. It may run honest replicas inside (`Puppet`) and bend what goes in and out.
public import Consensus
internal import Crypto
internal import Primitives

/// A message to some nodes.
public struct Lie: Sendable {
    public var message: ConsensusMessage
    /// Node indices: 0..<n are the validators.
    public var receivers: [Int]
    /// How long it waits before it goes on its way.
    public var afterMilliseconds: UInt64

    public init(_ message: ConsensusMessage, to receivers: [Int], afterMilliseconds: UInt64 = 0) {
        self.message = message
        self.receivers = receivers
        self.afterMilliseconds = afterMilliseconds
    }
}

/// What an adversary knows and may use.
public struct AdversaryContext: Sendable {
    /// Its node; for validators the same as its index in the set.
    public let node: Int
    public let validator: Int
    /// What an honest replica in its place would be configured with, its key included.
    public let configuration: ConsensusConfiguration
    /// For each node its validator index; `nil` for followers.
    public let validatorOfNode: [Int?]
    public internal(set) var nowMilliseconds: UInt64 = 0
    public internal(set) var wallClockMilliseconds: UInt64 = 0
    public var random: SeededRandom

    public var set: ValidatorSet { configuration.validators }
    public var domain: SigningDomain { configuration.domain }
    /// All nodes but its own.
    public var others: [Int] { validatorOfNode.indices.filter { $0 != node } }

    /// Its signature over a statement.
    public func signed<S: Statement>(_ statement: S) -> Signed<S> {
        guard let key = configuration.key else { preconditionFailure("an adversary is a validator") }
        return Signed(statement: statement, signer: UInt16(validator), signature: key.sign(statement.digest(domain)))
    }

    /// Those of the others to whom a message goes when each is chosen with this chance.
    public mutating func some(of nodes: [Int], percent: UInt64) -> [Int] { nodes.filter { _ in random.chance(percent) } }
}

/// A validator that does not follow the protocol. Each kind is a named type in its own file.
public protocol Adversary: Sendable {
    /// How often `wake` is called; 0 for never.
    var wakeIntervalMilliseconds: UInt64 { get }
    mutating func start(_ context: inout AdversaryContext) -> [Lie]
    /// `from` is a node.
    mutating func receive(_ message: ConsensusMessage, from: Int, _ context: inout AdversaryContext) -> [Lie]
    mutating func wake(_ context: inout AdversaryContext) -> [Lie]
}

extension Adversary {
    public var wakeIntervalMilliseconds: UInt64 { 0 }
    public mutating func start(_ context: inout AdversaryContext) -> [Lie] { [] }
    public mutating func wake(_ context: inout AdversaryContext) -> [Lie] { [] }
}

/// The kinds of adversaries by the names that manifests use.
public enum AdversaryKind: String, CaseIterable, Sendable {
    case liar

    public func make() -> any Adversary {
        switch self {
        case .liar: Liar()
        }
    }

    /// Whether it may sign two proposals for one view, so that a certified block can give way.
    public var mayEquivocateAsLeader: Bool {
        switch self {
        case .liar: true
        }
    }
}
