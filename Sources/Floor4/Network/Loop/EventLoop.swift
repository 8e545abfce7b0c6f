// The process-wide libuv loop on its own thread, as a Swift serial executor.
//
// One turn of the loop: timers, then this file's prepare callback, then the poll for I/O (whose callbacks
// enter with `LoopActor.assumeIsolated`). The prepare callback runs what was enqueued (at most a budget, so that
// sockets progress), then the end-of-turn closures; the loop blocks in the poll only when nothing is left.
// Invariants: `local`, `endOfTurn` and every uv handle but `wake` are touched on the loop thread only;
// `inbox` only under the lock; `uv_async_send` is called only when the inbox goes from empty to non-empty.

import CLibUV
import Glibc

@safe final class EventLoop: SerialExecutor, @unchecked Sendable {
    static let shared = EventLoop()

    private enum Work {
        case job(UnownedJob)
        case body(@LoopActor @Sendable () -> Void)
    }

    /// Jobs run per turn before the sockets get a chance again.
    private static let drainBudget = 1024
    /// End-of-turn closures may register further ones; after this many the rest waits for the next turn.
    private static let endOfTurnBudget = 4096

    let loop: UnsafeMutablePointer<uv_loop_t>
    private let wake: UnsafeMutablePointer<uv_async_t>
    private let prepare: UnsafeMutablePointer<uv_prepare_t>
    private let idle: UnsafeMutablePointer<uv_idle_t>
    private var thread = pthread_t()

    private let lock = Lock()
    private var inbox: [Work] = []

    private var local: [Work] = []
    private var localHead = 0
    private var endOfTurn: [@LoopActor () -> Void] = []
    private var idling = false

    private init() {
        // libuv writes to sockets without MSG_NOSIGNAL.
        signal(SIGPIPE, SIG_IGN)
        unsafe loop = .allocate(capacity: 1)
        unsafe wake = .allocate(capacity: 1)
        unsafe prepare = .allocate(capacity: 1)
        unsafe idle = .allocate(capacity: 1)
        unsafe check(uv_loop_init(loop))
        unsafe check(uv_async_init(loop, wake) { _ in EventLoop.shared.takeInbox() })
        unsafe check(uv_prepare_init(loop, prepare))
        unsafe check(uv_prepare_start(prepare) { _ in EventLoop.shared.turn() })
        unsafe check(uv_idle_init(loop, idle))
        // The new thread waits in `shared` until this initialiser is done, so it sees every field.
        let status = unsafe pthread_create(&thread, nil, { _ in
            unsafe uv_run(EventLoop.shared.loop, UV_RUN_DEFAULT)
            return nil
        }, nil)
        check(status)
    }

    private func check(_ status: Int32) {
        precondition(status == 0, "libuv cannot start its loop: code \(status)")
    }

    @inline(__always)
    var isOnLoopThread: Bool { pthread_equal(pthread_self(), thread) != 0 }

    // MARK: - SerialExecutor

    func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        add(.job(unowned))
    }

    func checkIsolated() {
        precondition(isOnLoopThread, "not on the loop thread")
    }

    func isIsolatingCurrentContext() -> Bool? { isOnLoopThread }

    // MARK: - Work

    func post(_ body: @escaping @LoopActor @Sendable () -> Void) { add(.body(body)) }

    private func add(_ work: Work) {
        if isOnLoopThread {
            local.append(work)
            return
        }
        let wasEmpty = lock.withLock {
            inbox.append(work)
            return inbox.count == 1
        }
        if wasEmpty { unsafe uv_async_send(wake) }
    }

    /// Runs on the loop thread only.
    func atEndOfTurn(_ body: @escaping @LoopActor () -> Void) { endOfTurn.append(body) }

    private func takeInbox() {
        var taken: [Work] = []
        lock.withLock { swap(&taken, &inbox) }
        if localHead == local.count {
            local = taken
            localHead = 0
        } else {
            local.append(contentsOf: taken)
        }
    }

    private func turn() {
        drain()
        LoopActor.assumeIsolated { self.runEndOfTurn() }
        setIdling(localHead < local.count || !endOfTurn.isEmpty)
    }

    private func drain() {
        var budget = Self.drainBudget
        while localHead < local.count, budget > 0 {
            let work = local[localHead]
            localHead += 1
            budget -= 1
            switch work {
            case .job(let job): unsafe job.runSynchronously(on: asUnownedSerialExecutor())
            case .body(let body): LoopActor.assumeIsolated { body() }
            }
        }
        if localHead == local.count {
            local.removeAll(keepingCapacity: localHead <= Self.drainBudget)
            localHead = 0
        } else if localHead >= Self.drainBudget {
            local.removeFirst(localHead)
            localHead = 0
        }
    }

    @LoopActor
    private func runEndOfTurn() {
        var budget = Self.endOfTurnBudget
        while !endOfTurn.isEmpty, budget > 0 {
            var round: [@LoopActor () -> Void] = []
            swap(&round, &endOfTurn)
            for body in round { body() }
            budget -= round.count
        }
    }

    /// An active idle handle keeps the poll from blocking.
    private func setIdling(_ wanted: Bool) {
        guard wanted != idling else { return }
        idling = wanted
        if wanted {
            unsafe uv_idle_start(idle) { _ in }
        } else {
            unsafe uv_idle_stop(idle)
        }
    }
}
