// Floor 5, RPC: counters and latency histograms of the server in Prometheus' text form.
import Synchronization

/// What the server counts. One lock: recording takes some ten nanoseconds beside a request of many microseconds.
package final class RPCMetrics: Sendable {
    /// Upper bounds of the latency buckets in microseconds.
    private static let bounds: [Int64] = [50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 50_000, 250_000, 1_000_000, 5_000_000]

    private struct Counter {
        var succeeded: UInt64 = 0
        var failed: UInt64 = 0
        var buckets: [UInt64] = Array(repeating: 0, count: RPCMetrics.bounds.count + 1)
        var microseconds: Int64 = 0
    }

    private struct State {
        var counters: [Counter]
        var unknown: UInt64 = 0
        var refused: UInt64 = 0
        var connectionsRefused: UInt64 = 0
        var httpConnections: Int = 0
        var webSocketConnections: Int = 0
    }

    private let names: [String]
    private let state: Mutex<State>

    package init(methodNames: [String]) {
        names = methodNames
        state = Mutex(State(counters: Array(repeating: Counter(), count: methodNames.count)))
    }

    /// One answered request; `method` is `nil` for a malformed one or an unknown name.
    package func record(method: Int?, failed: Bool, duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let microseconds = max(0, seconds &* 1_000_000 &+ attoseconds / 1_000_000_000_000)
        let bucket = RPCMetrics.bounds.firstIndex { microseconds <= $0 } ?? RPCMetrics.bounds.count
        state.withLock { state in
            guard let method, method < state.counters.count else {
                state.unknown += 1
                return
            }
            if failed { state.counters[method].failed += 1 } else { state.counters[method].succeeded += 1 }
            state.counters[method].buckets[bucket] += 1
            state.counters[method].microseconds &+= microseconds
        }
    }

    /// A body that was refused as a whole.
    package func refused() { state.withLock { $0.refused += 1 } }

    package func connectionRefused() { state.withLock { $0.connectionsRefused += 1 } }

    /// Counts a connection in (+1) or out (-1).
    package func connections(http: Int = 0, webSocket: Int = 0) {
        state.withLock {
            $0.httpConnections += http
            $0.webSocketConnections += webSocket
        }
    }

    /// Prometheus text exposition format 0.0.4; methods that were never called are left out.
    package func text() -> String {
        let state = self.state.withLock { $0 }
        var text = "# TYPE hyperseq_rpc_requests_total counter\n"
        for (name, counter) in zip(names, state.counters) {
            if counter.succeeded > 0 { text += "hyperseq_rpc_requests_total{method=\"\(name)\",outcome=\"ok\"} \(counter.succeeded)\n" }
            if counter.failed > 0 { text += "hyperseq_rpc_requests_total{method=\"\(name)\",outcome=\"error\"} \(counter.failed)\n" }
        }
        if state.unknown > 0 { text += "hyperseq_rpc_requests_total{method=\"unknown\",outcome=\"error\"} \(state.unknown)\n" }
        text += "# TYPE hyperseq_rpc_bodies_refused_total counter\nhyperseq_rpc_bodies_refused_total \(state.refused)\n"
        text += "# TYPE hyperseq_rpc_connections_refused_total counter\n"
        text += "hyperseq_rpc_connections_refused_total \(state.connectionsRefused)\n"
        text += "# TYPE hyperseq_rpc_connections gauge\n"
        text += "hyperseq_rpc_connections{transport=\"http\"} \(state.httpConnections)\n"
        text += "hyperseq_rpc_connections{transport=\"websocket\"} \(state.webSocketConnections)\n"
        text += "# TYPE hyperseq_rpc_duration_seconds histogram\n"
        for (name, counter) in zip(names, state.counters) where counter.succeeded + counter.failed > 0 {
            text += RPCMetrics.histogram(name, counter)
        }
        return text
    }

    private static func histogram(_ name: String, _ counter: Counter) -> String {
        var text = ""
        var sum: UInt64 = 0
        for (bound, count) in zip(bounds, counter.buckets) {
            sum += count
            text += "hyperseq_rpc_duration_seconds_bucket{method=\"\(name)\",le=\"\(seconds(bound))\"} \(sum)\n"
        }
        sum += counter.buckets[bounds.count]
        text += "hyperseq_rpc_duration_seconds_bucket{method=\"\(name)\",le=\"+Inf\"} \(sum)\n"
        text += "hyperseq_rpc_duration_seconds_sum{method=\"\(name)\"} \(seconds(counter.microseconds))\n"
        return text + "hyperseq_rpc_duration_seconds_count{method=\"\(name)\"} \(sum)\n"
    }

    private static func seconds(_ microseconds: Int64) -> String {
        let fraction = String(microseconds % 1_000_000)
        return "\(microseconds / 1_000_000)." + String(repeating: "0", count: 6 - fraction.count) + fraction
    }
}
