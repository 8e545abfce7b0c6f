// Floor 5, Node: counters of a node in the Prometheus text format.
import Engine
import Primitives

final class NodeMetrics: Sendable {
    struct Counters {
        var blocksExecuted: UInt64 = 0
        var transactionsExecuted: UInt64 = 0
        var transactionsSkipped: UInt64 = 0
        var gasUsed: UInt64 = 0
        var payloadsChecked: UInt64 = 0
        var checkMicroseconds: UInt64 = 0
        var executionMicroseconds: UInt64 = 0
        var rootMicroseconds: UInt64 = 0
        var blocksStored: UInt64 = 0
        var storeMicroseconds: UInt64 = 0
        var durableCommits: UInt64 = 0
        var durableCommitMicroseconds: UInt64 = 0
        var misbehaviours: UInt64 = 0
    }

    private let counters = Protected(Counters())

    func executed(_ block: ExecutedBlock, microseconds: UInt64, rootMicroseconds: UInt64) {
        counters.with { counters in
            counters.blocksExecuted += 1
            counters.transactionsExecuted += UInt64(block.transactions.count)
            counters.transactionsSkipped += UInt64(block.skipped.count)
            counters.gasUsed += block.record.gasUsed
            counters.executionMicroseconds += microseconds
            counters.rootMicroseconds += rootMicroseconds
        }
    }

    func checked(microseconds: UInt64) {
        counters.with { counters in
            counters.payloadsChecked += 1
            counters.checkMicroseconds += microseconds
        }
    }

    func stored(blocks: Int, microseconds: UInt64) {
        counters.with { counters in
            counters.blocksStored += UInt64(blocks)
            counters.storeMicroseconds += microseconds
        }
    }

    func committed(microseconds: UInt64) {
        counters.with { counters in
            counters.durableCommits += 1
            counters.durableCommitMicroseconds += microseconds
        }
    }

    func misbehaved() { counters.with { $0.misbehaviours += 1 } }

    var current: Counters { counters.with { $0 } }
}

/// Writes the Prometheus text exposition format, version 0.0.4.
struct MetricsText {
    private(set) var text = ""

    mutating func counter(_ name: String, _ help: String, _ value: UInt64) { sample(name, help, "counter", "\(value)") }

    mutating func gauge(_ name: String, _ help: String, _ value: UInt64) { sample(name, help, "gauge", "\(value)") }

    /// A counter of time, given in microseconds and shown in seconds.
    mutating func seconds(_ name: String, _ help: String, microseconds: UInt64) {
        let fraction = String(microseconds % 1_000_000)
        sample(
            name, help, "counter",
            "\(microseconds / 1_000_000).\(String(repeating: "0", count: 6 - fraction.count))\(fraction)")
    }

    private mutating func sample(_ name: String, _ help: String, _ kind: String, _ value: String) {
        text += "# HELP hyperseq_\(name) \(help)\n# TYPE hyperseq_\(name) \(kind)\nhyperseq_\(name) \(value)\n"
    }
}
