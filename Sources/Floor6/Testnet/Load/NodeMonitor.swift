// Floor 6, Testnet: watches when each height becomes safe and final at one node.
internal import Synchronization

/// Asks a node for its heads every few milliseconds. Times are those of the answer's arrival, so each is late by up to the
/// pause between two questions and the time of one answer.
final class NodeMonitor: Sendable {
    /// When heights became safe and final here, in microseconds of the host's clock.
    struct Times {
        var safe: [UInt64: UInt64] = [:]
        var final: [UInt64: UInt64] = [:]
        var highestSafe: UInt64 = 0
        var highestFinal: UInt64 = 0
    }

    private let port: UInt16
    private let pauseMicroseconds: UInt64
    private let times = Mutex(Times())
    private let pool = Atomic<UInt64>(0)
    private let memory = Atomic<UInt64>(0)
    private let final = Atomic<UInt64>(0)
    private let stopped = Atomic<Bool>(false)

    init(port: UInt16, pauseMicroseconds: UInt64) {
        self.port = port
        self.pauseMicroseconds = pauseMicroseconds
    }

    /// Transactions that wait in the node's pool.
    var poolCount: UInt64 { pool.load(ordering: .relaxed) }
    var residentBytes: UInt64 { memory.load(ordering: .relaxed) }
    /// Of the last answer; less than the highest after a node has lost its databases.
    var currentFinal: UInt64 { final.load(ordering: .relaxed) }
    var snapshot: Times { times.withLock { $0 } }
    var highestFinal: UInt64 { times.withLock { $0.highestFinal } }

    func stop() { stopped.store(true, ordering: .relaxed) }

    /// Runs on a thread of its own until `stop`.
    func run() {
        let client = StatusClient(port: port)
        while !stopped.load(ordering: .relaxed) {
            if let facts = client.ask() {
                let now = HostSystem.microseconds
                pool.store(facts.poolCount?.value ?? 0, ordering: .relaxed)
                memory.store(facts.residentBytes?.value ?? 0, ordering: .relaxed)
                final.store(facts.finalized.value, ordering: .relaxed)
                times.withLock { $0.note(safe: facts.safe.value, final: facts.finalized.value, at: now) }
            }
            HostSystem.sleep(microseconds: pauseMicroseconds)
        }
    }
}

extension NodeMonitor.Times {
    /// The first answer only sets where the watch begins.
    fileprivate mutating func note(safe newSafe: UInt64, final newFinal: UInt64, at now: UInt64) {
        if highestSafe == 0, highestFinal == 0 {
            (highestSafe, highestFinal) = (newSafe, newFinal)
            return
        }
        while highestSafe < newSafe {
            highestSafe += 1
            safe[highestSafe] = now
        }
        while highestFinal < newFinal {
            highestFinal += 1
            final[highestFinal] = now
        }
    }
}
