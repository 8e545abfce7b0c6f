// POSIX signals as loop events. Invariant: the uv handle and its core live until uv has called the close callback.

import CLibUV
import Glibc

/// Calls a closure on the loop for each arrival of a signal, instead of the default action, until released.
@LoopActor
public final class LoopSignal {
    /// The signals a daemon ends on.
    public enum Kind: Sendable {
        case interrupt
        case terminate

        var number: Int32 {
            switch self {
            case .interrupt: SIGINT
            case .terminate: SIGTERM
            }
        }
    }

    @LoopActor
    @safe private final class Core {
        var body: (@LoopActor () -> Void)?
        let handle: UnsafeMutablePointer<uv_signal_t>

        init(_ kind: Kind, _ body: @escaping @LoopActor () -> Void) {
            self.body = body
            unsafe handle = .allocate(capacity: 1)
            unsafe uv_signal_init(EventLoop.shared.loop, handle)
            unsafe handle.pointee.data = Unmanaged.passRetained(self).toOpaque()
            unsafe uv_signal_start(handle, { raw, _ in
                guard let raw = unsafe raw, let data = unsafe raw.pointee.data else { return }
                let core = unsafe Unmanaged<Core>.fromOpaque(data).takeUnretainedValue()
                LoopActor.assumeIsolated { core.body?() }
            }, kind.number)
        }

        func close() {
            body = nil
            unsafe uv_close(UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self)) { raw in
                guard let raw = unsafe raw, let data = unsafe raw.pointee.data else { return }
                unsafe Unmanaged<Core>.fromOpaque(data).release()
                unsafe UnsafeMutableRawPointer(raw).assumingMemoryBound(to: uv_signal_t.self).deallocate()
            }
        }
    }

    private let core: Core

    public init(_ kind: Kind, _ body: @escaping @LoopActor () -> Void) {
        core = Core(kind, body)
    }

    deinit {
        let core = core
        if LoopActor.isCurrent {
            LoopActor.assumeIsolated { core.close() }
        } else {
            LoopActor.run { core.close() }
        }
    }
}
