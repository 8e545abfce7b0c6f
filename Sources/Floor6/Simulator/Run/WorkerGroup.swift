// Threads that do one thing and end. Stacks are large, because replicas are large values.
internal import Glibc

enum WorkerGroup {
    private static let stackBytes = 8 << 20

    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Runs `body` on `count` threads and waits until all have returned.
    static func run(_ count: Int, _ body: @escaping @Sendable () -> Void) {
        guard count > 1 else { return body() }
        var threads: [pthread_t] = []
        for _ in 0..<count {
            var attributes = pthread_attr_t()
            unsafe pthread_attr_init(&attributes)
            unsafe pthread_attr_setstacksize(&attributes, stackBytes)
            var thread = pthread_t()
            let work = unsafe Unmanaged.passRetained(Work(body)).toOpaque()
            let status = unsafe pthread_create(
                &thread, &attributes,
                { argument in
                    if let argument = unsafe argument { unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
                    return nil
                }, work)
            precondition(status == 0, "no thread can be made")
            unsafe pthread_attr_destroy(&attributes)
            threads.append(thread)
        }
        for thread in threads { unsafe pthread_join(thread, nil) }
    }
}
