// Floor 6, Testnet: the order in which a run's faults begin and end. Pure: the run tells the time and the height and carries out
// what comes back.

/// What the run has to do now.
enum TimelineStep: Equatable {
    case begin(Int)
    case end(Int)
    /// The node at this position is started for the first time.
    case join(Int)
}

/// The timeline of a run. Every fault begins once and, when it has a length, ends once, also when the run is cut short.
struct FaultTimeline {
    private let faults: [Fault]
    private var waiting: [Int]
    /// Faults that have begun, with the time of their end.
    private var active: [(fault: Int, end: UInt64)] = []
    private var joining: [(node: Int, at: TimelinePoint)]

    init(_ manifest: Manifest) {
        faults = manifest.faults
        waiting = Array(manifest.faults.indices)
        joining = manifest.nodes.indices.filter { !manifest.nodes[$0].startsAtOnce }.map { ($0, manifest.nodes[$0].start) }
    }

    /// Whether nothing is going on and nothing will.
    var isOver: Bool { waiting.isEmpty && active.isEmpty && joining.isEmpty }
    var hasActive: Bool { !active.isEmpty }

    /// - Parameters:
    ///   - now: milliseconds since the chain has started.
    ///   - height: the highest final height anywhere.
    /// - Returns: ends before beginnings, each in the manifest's order.
    mutating func advance(now: UInt64, height: UInt64) -> [TimelineStep] {
        func isDue(_ point: TimelinePoint) -> Bool {
            switch point {
            case .milliseconds(let time): return time <= now
            case .height(let wanted): return wanted <= height
            }
        }
        var steps: [TimelineStep] = active.filter { $0.end <= now }.map { .end($0.fault) }
        active.removeAll { $0.end <= now }
        steps += joining.filter { isDue($0.at) }.map { .join($0.node) }
        joining.removeAll { isDue($0.at) }
        for index in waiting where isDue(faults[index].at) {
            steps.append(.begin(index))
            if let length = faults[index].durationMilliseconds { active.append((index, now + length)) }
        }
        waiting.removeAll { isDue(faults[$0].at) }
        return steps
    }

    /// At the end of the run: what goes on ends now, what has not begun never does.
    mutating func cutShort() -> [TimelineStep] {
        defer { (active, waiting, joining) = ([], [], []) }
        return active.map { .end($0.fault) }
    }

    /// Faults that the run was too short for.
    var notBegun: [Int] { waiting }
}
