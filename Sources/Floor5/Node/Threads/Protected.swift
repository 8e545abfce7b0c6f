// Floor 5, Node: a value behind a lock.
import Network

/// A value that any thread may use, one at a time. Keep the closures short: other threads wait for them.
final class Protected<Value>: @unchecked Sendable {
    private let lock = Lock()
    private var value: Value

    init(_ value: Value) { self.value = value }

    func with<Result, Failure: Error>(_ body: (inout Value) throws(Failure) -> Result) throws(Failure) -> Result {
        try lock.withLock { () throws(Failure) -> Result in try body(&value) }
    }
}
