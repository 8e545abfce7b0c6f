// Floor 5, Node: the engine's batches on all cores.
import Dispatch
public import Engine
import Glibc

/// Runs the parts of a batch side by side, one of them on the calling thread.
public final class ParallelRunner: BatchRunner {
    private let coreCount: Int

    public override init() {
        coreCount = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        super.init()
    }

    public override var width: Int { coreCount }

    public override func run(parts: Int, _ body: (Int) -> Void) {
        guard parts > 1 else { return super.run(parts: parts, body) }
        withoutActuallyEscaping(body) { body in
            // `concurrentPerform` returns after the last call, and the parts share nothing that they write.
            nonisolated(unsafe) let body = body
            DispatchQueue.concurrentPerform(iterations: parts) { unsafe body($0) }
        }
    }
}
