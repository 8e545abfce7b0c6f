// Threads that do one thing and end.
internal import Glibc

enum WorkerGroup {
    /// Processor time that the process has used so far.
    static var processorSeconds: Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Runs `body` on `count` threads and waits until all have returned.
    static func run(_ count: Int, _ body: @escaping @Sendable () -> Void) {
        guard count > 1 else { return body() }
        var threads: [pthread_t] = []
        for _ in 0..<count {
            var thread = pthread_t()
            let work = unsafe Unmanaged.passRetained(Work(body)).toOpaque()
            let status = unsafe pthread_create(
                &thread, nil,
                { argument in
                    if let argument = unsafe argument { unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
                    return nil
                }, work)
            precondition(status == 0, "no thread can be made")
            threads.append(thread)
        }
        for thread in threads { pthread_join(thread, nil) }
    }
}
