// Floor 1, Engine: the two forms in which the interpreter and its driver are compiled.
//
// Both are generic over a `Tracer` and are specialised for each of the two types below. What tracing needs stands under
// `if T.isOn`, a constant in each specialisation, so that execution without an observer holds none of it.
// Rule for both: whatever an observer does, outcome, gas and state are the same.

/// Whether an observer is told what happens.
protocol Tracer {
    static var isOn: Bool { get }
}

/// Blocks are executed with this one.
enum Unobserved: Tracer {
    static var isOn: Bool { @inline(__always) get { false } }
}

/// For an executor with an `ExecutionObserver`.
enum Observed: Tracer {
    static var isOn: Bool { @inline(__always) get { true } }
}
