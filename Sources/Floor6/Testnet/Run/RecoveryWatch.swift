// Floor 6, Testnet: how long the network takes after a fault. Recovered means: every node that should run has finalised a block that
// no node had when the fault ended. A fault that begins before the one before is over takes its place: they are judged together.

/// Watches one fault at a time.
struct RecoveryWatch {
    private let limitMilliseconds: UInt64
    private(set) var results: [RunReport.Recovery] = []
    /// Names of those that were not recovered from in time.
    private(set) var failures: [String] = []
    /// When the last change happened, and the highest height then.
    private var since: UInt64?
    private var goal: UInt64?

    init(limitMilliseconds: UInt64) { self.limitMilliseconds = limitMilliseconds }

    /// Whether a recovery is not over yet.
    var isWaiting: Bool { since != nil }

    mutating func note(_ step: TimelineStep, _ manifest: Manifest, atMilliseconds now: UInt64) {
        switch step {
        case .begin(let fault):
            results.append(.init(fault: manifest.faults[fault].kind.name, atMilliseconds: now, recoveryMilliseconds: nil))
            since = now
            goal = nil
        case .end:
            since = now
            goal = nil
        // A new node fetches the chain first; that it has the whole chain is checked at the end.
        case .join: break
        }
    }

    /// - Parameters:
    ///   - isQuiet: whether no fault is going on.
    ///   - heights: the final heights of the nodes that should run.
    ///   - highest: that of any node, ever.
    mutating func look(nowMilliseconds now: UInt64, isQuiet: Bool, heights: [UInt64], highest: UInt64) {
        guard isQuiet, let start = since else { return }
        let wanted = goal ?? highest
        goal = wanted
        let isRecovered = heights.allSatisfy { $0 > wanted }
        guard isRecovered || now > start + limitMilliseconds else { return }
        since = nil
        guard let last = results.indices.last else { return }
        if isRecovered {
            results[last].recoveryMilliseconds = now - start
        } else {
            let heights = heights.map { String($0) }.joined(separator: ", ")
            failures.append("\(results[last].fault) at \(results[last].atMilliseconds) ms: final heights \(heights), none above \(wanted) everywhere")
        }
    }
}
