// The global actor of everything that lives on the libuv loop: network, node, timers.

/// Isolation to the one libuv loop thread of the process.
///
/// Calls between `@LoopActor` code are plain function calls; libuv callbacks enter through `assumeIsolated`.
/// Never write `[unowned self]` in an isolated closure that starts a `Task` (Swift 6.3.1 releases too often).
@globalActor
public actor LoopActor {
    public static let shared = LoopActor()

    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe EventLoop.shared.asUnownedSerialExecutor()
    }

    /// Runs `body` on the loop in a later step. Any thread may call it; bodies of one caller keep their order.
    public static func run(_ body: @escaping @LoopActor @Sendable () -> Void) {
        EventLoop.shared.post(body)
    }

    /// Runs `body` once before the loop polls for I/O again, after all jobs of this turn. A body registered by an
    /// end-of-turn body runs in the same turn, behind those already registered.
    @LoopActor
    public static func atEndOfTurn(_ body: @escaping @LoopActor () -> Void) {
        EventLoop.shared.atEndOfTurn(body)
    }

    /// Whether the caller is on the loop thread.
    public static var isCurrent: Bool { EventLoop.shared.isOnLoopThread }

    /// Runs `body` at once as loop-isolated code; traps when the caller is on another thread.
    public static func assumeIsolated<T: Sendable>(_ body: @LoopActor () -> T) -> T {
        precondition(EventLoop.shared.isOnLoopThread, "not on the loop thread")
        return withoutActuallyEscaping(body) { escaping in
            let plain = unsafe unsafeBitCast(escaping, to: (() -> T).self)
            return plain()
        }
    }
}
