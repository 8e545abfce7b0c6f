// Floor 1, Engine: why a batch proves nothing.
public import Primitives

/// Each has a number, which is the guest's exit code.
public enum TransitionError: Error, Equatable, Sendable {
    case malformedTape(CanonicalError)
    case malformedBatch(CanonicalError)
    case malformedWitness(CanonicalError)
    /// The witness is not part of the state that the batch begins with.
    case foreignWitness
    case emptyBatch
    /// A block does not follow the one before it.
    case brokenChain(height: UInt64)
    /// A payload is not the one its header names, or can't be ordered at all.
    case badPayload(height: UInt64)
    /// Something was read that the witness does not have.
    case state(StateError)

    /// Never zero.
    public var code: UInt32 {
        switch self {
        case .malformedTape: 1
        case .malformedBatch: 2
        case .malformedWitness: 3
        case .foreignWitness: 4
        case .emptyBatch: 5
        case .brokenChain: 6
        case .badPayload: 7
        case .state(.unavailable): 8
        case .state(.treeFull): 9
        }
    }
}
