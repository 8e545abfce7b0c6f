// Floor 5, RPC: ends the execution of a call when its time is up, wherever the interpreter is.
import Engine

/// Stops an execution at an instant.
final class DeadlineObserver: ExecutionObserver {
    private let deadline: ContinuousClock.Instant

    init(_ deadline: ContinuousClock.Instant) {
        self.deadline = deadline
        super.init()
    }

    override func shouldStop() -> Bool { ContinuousClock.now >= deadline }
}
