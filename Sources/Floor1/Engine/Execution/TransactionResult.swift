// Floor 1, Engine: what became of one transaction of a block.
public import Primitives

/// The result of trying a transaction at its place in a block.
public enum TransactionResult: Equatable, Sendable {
    case included(TransactionOutcome)
    /// Invalid in the state it met; it has no effect.
    case skipped(TransactionInvalidity)
}

extension TransactionExecutor {
    /// Executes a transaction, or finds why it cannot be included.
    public func attempt(_ transaction: Transaction, sender: Address) throws(StateError) -> TransactionResult {
        do throws(ExecutionError) {
            return .included(try execute(transaction, sender: sender))
        } catch {
            switch error {
            case .invalid(let invalidity): return .skipped(invalidity)
            case .state(let failure): throw failure
            case .interrupted:
                // Only observers interrupt, and whole blocks have none.
                throw .unavailable
            }
        }
    }
}
