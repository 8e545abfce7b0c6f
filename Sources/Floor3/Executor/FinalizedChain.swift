// Floor 3, Executor: what execution needs of the chain before it.
public import Engine

/// The stored, final part of the chain as execution reads it. Storage implements it; the base class is a chain without blocks.
/// Confined to one thread.
open class FinalizedChain {
    public init() {}

    /// The newest stored block; `nil` before genesis is stored.
    open func head() throws(StateError) -> BlockRecord? { nil }

    /// The state after the head.
    open func state() throws(StateError) -> StateDatabase { StateDatabase() }

    /// The state tree after the head.
    open func tree() throws(StateError) -> TreeStore { TreeStore() }
}
