// Floor 5, RPC: Swift tasks on threads of our own. Executing contracts on the shared concurrency pool of a two-core machine
// would hold up everything else in the process.
import NIOPosix

/// A fixed number of threads that run tasks first come, first served.
final class PoolExecutor: TaskExecutor {
    private let pool: NIOThreadPool

    init(threads: Int) {
        pool = NIOThreadPool(numberOfThreads: max(1, threads))
        pool.start()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // A job must run, or its task leaks: after the shutdown the pool still calls this, marked as cancelled.
        pool.submit { _ in unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    /// Runs a plain function on one of the threads.
    func execute(_ body: @escaping @Sendable () -> Void) {
        pool.submit { state in
            if case .active = state { body() }
        }
    }

    func stop() async throws { try await pool.shutdownGracefully() }
}
