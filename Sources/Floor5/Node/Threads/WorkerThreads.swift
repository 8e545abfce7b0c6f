// Floor 5, Node: a few threads that take jobs from one bounded queue, for work that must not hold up the loop: signature
// recovery, payload checks, execution.
import Glibc

/// Runs jobs in the order given; with one thread that is also the order in which they finish.
final class WorkerThreads: @unchecked Sendable {
    typealias Job = @Sendable () -> Void

    private struct Queue {
        var jobs: [Job] = []
        var head = 0
        var isStopping = false
    }

    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var queue = Queue()
    private var threads: [pthread_t] = []
    private let limit: Int

    /// `limit` bounds the jobs that wait; `tryEnqueue` refuses more.
    init(name: String, count: Int, limit: Int) {
        self.limit = limit
        unsafe mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        unsafe condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(condition, nil)
        for _ in 0..<count {
            // The EVM keeps its frames on the heap, yet precompiles and decoding recurse a little: 8 MiB is ample.
            var attributes = unsafe pthread_attr_t()
            unsafe pthread_attr_init(&attributes)
            unsafe pthread_attr_setstacksize(&attributes, 8 << 20)
            var thread = pthread_t()
            let context = unsafe Unmanaged.passRetained(self).toOpaque()
            let result = unsafe pthread_create(
                &thread, &attributes,
                { context in
                    guard let context = unsafe context else { return nil }
                    unsafe Unmanaged<WorkerThreads>.fromOpaque(context).takeRetainedValue().work()
                    return nil
                }, context)
            precondition(result == 0, "pthread_create failed")
            unsafe pthread_attr_destroy(&attributes)
            unsafe pthread_setname_np(thread, String(name.prefix(15)))
            threads.append(thread)
        }
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe pthread_cond_destroy(condition)
        unsafe mutex.deallocate()
        unsafe condition.deallocate()
    }

    /// Adds a job; `false` when the queue is full or stopping.
    @discardableResult
    func tryEnqueue(_ job: @escaping Job) -> Bool {
        enqueue(job, ignoringLimit: false)
    }

    /// Adds a job of our own making whose number is bounded by other means.
    func enqueue(_ job: @escaping Job) {
        _ = enqueue(job, ignoringLimit: true)
    }

    private func enqueue(_ job: @escaping Job, ignoringLimit: Bool) -> Bool {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        guard !queue.isStopping, ignoringLimit || queue.jobs.count - queue.head < limit else { return false }
        queue.jobs.append(job)
        unsafe pthread_cond_signal(condition)
        return true
    }

    /// Finishes the jobs that wait and ends the threads. Not to be called from one of them.
    func stop() {
        unsafe pthread_mutex_lock(mutex)
        queue.isStopping = true
        unsafe pthread_cond_broadcast(condition)
        unsafe pthread_mutex_unlock(mutex)
        for thread in threads { unsafe pthread_join(thread, nil) }
        threads = []
    }

    private func work() {
        while let job = next() { job() }
    }

    private func next() -> Job? {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while queue.head == queue.jobs.count {
            if queue.isStopping { return nil }
            unsafe pthread_cond_wait(condition, mutex)
        }
        let job = queue.jobs[queue.head]
        queue.head += 1
        if queue.head == queue.jobs.count {
            queue.jobs.removeAll(keepingCapacity: true)
            queue.head = 0
        } else if queue.head >= 1_024 {
            queue.jobs.removeFirst(queue.head)
            queue.head = 0
        }
        return job
    }
}
