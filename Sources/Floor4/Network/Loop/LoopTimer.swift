// One-shot timers on the loop. Invariant: the uv handle and its core live until uv has called the close callback.

import CLibUV

/// A one-shot timer; scheduling it again moves it. It is cancelled when released.
@LoopActor
public final class LoopTimer {
    /// What the uv handle refers to; outlives the timer until the handle is closed.
    @LoopActor
    @safe private final class Core {
        var body: (@LoopActor () -> Void)?
        let handle: UnsafeMutablePointer<uv_timer_t>

        init(_ body: @escaping @LoopActor () -> Void) {
            self.body = body
            unsafe handle = .allocate(capacity: 1)
            unsafe uv_timer_init(EventLoop.shared.loop, handle)
            unsafe handle.pointee.data = Unmanaged.passRetained(self).toOpaque()
        }

        func close() {
            body = nil
            unsafe uv_close(UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self)) { raw in
                guard let raw = unsafe raw, let data = unsafe raw.pointee.data else { return }
                unsafe Unmanaged<Core>.fromOpaque(data).release()
                unsafe UnsafeMutableRawPointer(raw).assumingMemoryBound(to: uv_timer_t.self).deallocate()
            }
        }
    }

    private let core: Core

    /// - Parameter body: called on the loop each time a schedule runs out.
    public init(_ body: @escaping @LoopActor () -> Void) {
        core = Core(body)
    }

    deinit {
        let core = core
        if LoopActor.isCurrent {
            LoopActor.assumeIsolated { core.close() }
        } else {
            LoopActor.run { core.close() }
        }
    }

    /// Calls the body once after the delay (0: in the next turn), instead of any earlier schedule.
    public func schedule(afterMilliseconds delay: UInt64) {
        unsafe uv_update_time(EventLoop.shared.loop)
        unsafe uv_timer_start(core.handle, { raw in
            guard let raw = unsafe raw, let data = unsafe raw.pointee.data else { return }
            let core = unsafe Unmanaged<Core>.fromOpaque(data).takeUnretainedValue()
            LoopActor.assumeIsolated { core.body?() }
        }, delay, 0)
    }

    public func cancel() {
        unsafe uv_timer_stop(core.handle)
    }

    public var isScheduled: Bool {
        unsafe uv_is_active(UnsafeMutableRawPointer(core.handle).assumingMemoryBound(to: uv_handle_t.self)) != 0
    }
}
