// Many seeds of one plan, on several threads. Each run is its own world, so the results do not depend on how many threads there are.
internal import Synchronization

/// What a campaign found.
public struct CampaignResult: Sendable, Encodable {
    public var firstSeed: UInt64
    public var runs: Int
    public var violations: Int
    /// The runs with violations, by seed; at most `Campaign.failureLimit`.
    public var failures: [SimulationResult]
    public var views: UInt64
    public var events: UInt64
    public var messages: UInt64
    public var finalBlocks: UInt64
    public var transactions: Int
    public var virtualMilliseconds: UInt64
    /// In how many runs each fault took part, by its first words.
    public var faultRuns: [String: Int]
    public var longestRecoveryMilliseconds: UInt64
    public var revertedBlocks: Int
    /// The auditors of all runs in the order of their seeds, digested into one.
    public var auditor: String
    public var threads: Int
    public var seconds: Double
    /// Processor time of all threads: what counts on a machine that does other things besides.
    public var processorSeconds: Double

    public var isGood: Bool { violations == 0 }
    /// Views for each second of processor time.
    public var viewsPerSecondAndCore: Double { processorSeconds > 0 ? Double(views) / processorSeconds : 0 }
}

public struct Campaign: Sendable {
    public var plan: SimulationPlan
    public var firstSeed: UInt64
    public var runs: Int
    public var threads: Int
    public static let failureLimit = 20

    public init(plan: SimulationPlan, firstSeed: UInt64, runs: Int, threads: Int) {
        self.plan = plan
        self.firstSeed = firstSeed
        self.runs = max(0, runs)
        self.threads = max(1, min(threads, max(1, runs)))
    }

    /// Runs all seeds. `progress` is called after each run, on any thread, with the number of runs done and of violations so far.
    public func run(progress: @escaping @Sendable (_ done: Int, _ failed: Int) -> Void = { _, _ in }) -> CampaignResult {
        let start = ContinuousClock.now
        let processorStart = WorkerGroup.processorSeconds
        let shared = Shared(firstSeed: firstSeed)
        WorkerGroup.run(threads) {
            while true {
                let index = shared.next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < runs else { return }
                let result = SimulationRun(plan: plan, seed: firstSeed &+ UInt64(index)).run()
                let (done, failed) = shared.totals.withLock { totals in
                    totals.add(result, at: index)
                    return (totals.taken + totals.waiting.count, totals.result.violations)
                }
                progress(done, failed)
            }
        }
        var result = shared.totals.withLock { $0.finished }
        result.threads = threads
        result.processorSeconds = WorkerGroup.processorSeconds - processorStart
        let elapsed = ContinuousClock.now - start
        result.seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
        return result
    }
}

/// What the threads of a campaign share.
private final class Shared: Sendable {
    let next = Atomic<Int>(0)
    let totals: Mutex<Totals>

    init(firstSeed: UInt64) { totals = Mutex(Totals(firstSeed: firstSeed)) }
}

/// Sums over runs, taken in the order of their seeds.
private struct Totals: Sendable {
    var result: CampaignResult
    var waiting: [Int: SimulationResult] = [:]
    var taken = 0
    private var auditor = AuditorHash()

    init(firstSeed: UInt64) {
        result = CampaignResult(
            firstSeed: firstSeed, runs: 0, violations: 0, failures: [], views: 0, events: 0, messages: 0, finalBlocks: 0, transactions: 0,
            virtualMilliseconds: 0, faultRuns: [:], longestRecoveryMilliseconds: 0, revertedBlocks: 0, auditor: "", threads: 0, seconds: 0,
            processorSeconds: 0)
    }

    mutating func add(_ run: SimulationResult, at index: Int) {
        waiting[index] = run
        while let next = waiting.removeValue(forKey: taken) {
            take(next)
            taken += 1
        }
    }

    private mutating func take(_ run: SimulationResult) {
        result.runs += 1
        result.views += run.views
        result.events += run.events
        result.messages += run.messages
        result.finalBlocks += run.finalHeight
        result.transactions += run.transactions
        result.virtualMilliseconds += run.milliseconds
        result.revertedBlocks += run.revertedBlocks
        result.longestRecoveryMilliseconds = max(result.longestRecoveryMilliseconds, run.recoveryMilliseconds)
        for fault in run.faults { result.faultRuns[Totals.kind(fault), default: 0] += 1 }
        for byte in run.auditor.utf8 { auditor.add(UInt64(byte)) }
        if !run.isGood {
            result.violations += 1
            if result.failures.count < Campaign.failureLimit { result.failures.append(run) }
        }
    }

    /// A fault's name without its numbers.
    private static func kind(_ fault: String) -> String {
        var words = fault.split(separator: " ")
        while let last = words.last, words.count > 1, last.contains(where: \.isNumber) || ["to", "of", "ms", "%", "turns"].contains(last) {
            words.removeLast()
        }
        return words.joined(separator: " ")
    }

    var finished: CampaignResult {
        var result = result
        result.auditor = auditor.hex
        return result
    }
}
