// Floor 5, Node: a few threads that take jobs from a bounded queue, for work that must not hold up the loop: signature
// recovery, payload checks, execution.
import Glibc

/// Jobs in order of arrival.
private struct JobQueue {
    private var jobs: [WorkerThreads.Job] = []
    private var head = 0
    /// Taken places are given back when there are this many of them.
    private static let compactionCount = 1_024

    var count: Int { jobs.count - head }

    mutating func append(_ job: @escaping WorkerThreads.Job) { jobs.append(job) }

    mutating func popFirst() -> WorkerThreads.Job? {
        guard head < jobs.count else { return nil }
        let job = jobs[head]
        head += 1
        if head == jobs.count {
            jobs.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= Self.compactionCount {
            jobs.removeFirst(head)
            head = 0
        }
        return job
    }
}

/// Runs urgent jobs before others, each kind in the order given; with one thread that is also the order in which they finish.
@safe final class WorkerThreads: @unchecked Sendable {
    typealias Job = @Sendable () -> Void

    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var urgent = JobQueue()
    private var ordinary = JobQueue()
    private var isStopping = false
    private var threads: [pthread_t] = []
    private let limit: Int

    /// `limit` bounds the ordinary jobs that wait; `tryEnqueue` refuses more.
    init(count: Int, limit: Int) {
        self.limit = limit
        unsafe mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        unsafe condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(condition, nil)
        for _ in 0..<count {
            // The EVM keeps its frames on the heap, yet precompiles and decoding recurse a little: 8 MiB is ample.
            let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
            unsafe pthread_attr_init(attributes)
            unsafe pthread_attr_setstacksize(attributes, 8 << 20)
            var thread: pthread_t = 0
            let context = unsafe Unmanaged.passRetained(self).toOpaque()
            let result = unsafe pthread_create(
                &thread, attributes,
                { context in
                    guard let context = unsafe context else { return nil }
                    unsafe Unmanaged<WorkerThreads>.fromOpaque(context).takeRetainedValue().work()
                    return nil
                }, context)
            precondition(result == 0, "pthread_create failed")
            unsafe pthread_attr_destroy(attributes)
            unsafe attributes.deallocate()
            threads.append(thread)
        }
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe pthread_cond_destroy(condition)
        unsafe mutex.deallocate()
        unsafe condition.deallocate()
    }

    /// Adds a job; `false` when as many wait as are allowed.
    @discardableResult
    func tryEnqueue(_ job: @escaping Job) -> Bool {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        guard !isStopping, ordinary.count < limit else { return false }
        ordinary.append(job)
        unsafe pthread_cond_signal(condition)
        return true
    }

    /// Adds a job that goes before the ordinary ones and whose number is bounded by other means.
    func enqueueUrgent(_ job: @escaping Job) {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        guard !isStopping else { return }
        urgent.append(job)
        unsafe pthread_cond_signal(condition)
    }

    /// Finishes the jobs that wait and ends the threads. Not to be called from one of them.
    func stop() {
        unsafe pthread_mutex_lock(mutex)
        isStopping = true
        unsafe pthread_cond_broadcast(condition)
        unsafe pthread_mutex_unlock(mutex)
        for thread in threads { pthread_join(thread, nil) }
        threads = []
    }

    private func work() {
        while let job = next() { job() }
    }

    private func next() -> Job? {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while true {
            if let job = urgent.popFirst() ?? ordinary.popFirst() { return job }
            if isStopping { return nil }
            unsafe pthread_cond_wait(condition, mutex)
        }
    }
}
