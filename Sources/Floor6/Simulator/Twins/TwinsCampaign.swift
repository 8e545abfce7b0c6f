// Floor 6, Simulator: a search of twins scenarios on several threads: one job for each sequence of leaders, or for each block of random ones.
internal import Synchronization

public struct TwinsCampaign: Sendable {
    public var search: TwinsSearch
    public var isRandom: Bool
    public var seed: UInt64
    /// Of all jobs together when random, else of each sequence of leaders.
    public var maximumScenarios: UInt64
    public var deadline: ContinuousClock.Instant?
    public var threads: Int

    /// Random scenarios of one job; each job has a seed of its own.
    static let blockCount: UInt64 = 256

    public init(
        search: TwinsSearch, isRandom: Bool, seed: UInt64, maximumScenarios: UInt64, deadline: ContinuousClock.Instant?, threads: Int
    ) {
        self.search = search
        self.isRandom = isRandom
        self.seed = seed
        self.maximumScenarios = maximumScenarios
        self.deadline = deadline
        self.threads = max(1, threads)
    }

    /// Runs to the end, the limit or the deadline. `progress` gets the share of the jobs that are done and the scenarios so far.
    public func run(progress: @escaping @Sendable (Double, UInt64) -> Void = { _, _ in }) -> TwinsReport {
        let sequences = isRandom ? [] : search.leaderSequences()
        let blocks = maximumScenarios / TwinsCampaign.blockCount + (maximumScenarios % TwinsCampaign.blockCount == 0 ? 0 : 1)
        let jobs = isRandom ? Int(clamping: blocks) : sequences.count
        let shared = SharedReports()
        WorkerGroup.run(min(threads, max(1, jobs))) {
            while !isOver {
                let job = shared.next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard job < jobs else { return }
                let report =
                    isRandom
                    ? search.sample(seed: seed &+ UInt64(job), count: blockSize(job)) { isOver }
                    : search.exhaust(sequences[job], maximumScenarios: maximumScenarios) { isOver }
                shared.reports.withLock { $0[job] = report }
                let total = shared.reports.withLock { $0.values.reduce(0) { $0 + $1.scenarios } }
                progress(Double(job + 1) / Double(jobs), total)
            }
        }
        var report = TwinsReport()
        let reports = shared.reports.withLock { $0 }
        for job in reports.keys.sorted() { if let one = reports[job] { report.merge(one) } }
        if reports.count < jobs { report.isCutShort = true }
        return report
    }

    private func blockSize(_ job: Int) -> UInt64 {
        min(TwinsCampaign.blockCount, maximumScenarios - UInt64(job) * TwinsCampaign.blockCount)
    }

    private var isOver: Bool { deadline.map { ContinuousClock.now >= $0 } ?? false }
}

private final class SharedReports: Sendable {
    let next = Atomic<Int>(0)
    let reports = Mutex<[Int: TwinsReport]>([:])
}
