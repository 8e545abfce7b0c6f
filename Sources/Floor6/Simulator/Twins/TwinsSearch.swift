// Floor 6, Simulator: searching the scenarios of a setting: all of them up to names, or random ones.
#if MUTANTS
    public import Consensus
#endif

/// What a search found.
public struct TwinsReport: Sendable {
    public struct Failure: Sendable {
        public let scenario: TwinsScenario
        public let violation: TwinsViolation
    }

    /// Scenarios run to their end.
    public var scenarios: UInt64 = 0
    /// Turns of replicas; prefixes that scenarios share are run once.
    public var turns: UInt64 = 0
    /// Scenarios that failed, and the first few of them.
    public var failures: UInt64 = 0
    public var examples: [Failure] = []
    /// Those among the failures that were forks.
    public var forks: UInt64 = 0
    /// Whether the search ended before it was through.
    public var isCutShort = false
    /// The number of scenarios up to the first failure.
    public var firstFailureAfter: UInt64?

    public static let maximumExamples = 8

    public init() {}

    public mutating func merge(_ other: TwinsReport) {
        if let first = other.firstFailureAfter { firstFailureAfter = min(firstFailureAfter ?? .max, scenarios + first) }
        scenarios += other.scenarios
        turns += other.turns
        failures += other.failures
        forks += other.forks
        isCutShort = isCutShort || other.isCutShort
        examples += other.examples.prefix(max(0, TwinsReport.maximumExamples - examples.count))
    }

    mutating func note(_ scenario: TwinsScenario, _ pause: TwinsWorld.Pause, _ violation: TwinsViolation?) {
        scenarios += 1
        guard pause != .progressed else { return }
        failures += 1
        if violation?.isFork == true { forks += 1 }
        if firstFailureAfter == nil { firstFailureAfter = scenarios }
        if examples.count < TwinsReport.maximumExamples {
            examples.append(Failure(scenario: scenario, violation: violation ?? .stuck))
        }
    }
}

/// The scenarios of one setting.
///
/// A scenario is the leader of each round and the partition of each round. Two that differ only in the names of equal keys, or of a twin and
/// its original, are the same; the one whose leaders, then partitions, come first in lexicographic order stands for all.
public struct TwinsSearch: Sendable {
    public let setting: TwinsSetting
    /// The rule that all replicas break, if any.
    public var breakage = TwinsBreakage()
    private let partitions: Partitions
    private let renamings: [Renaming]

    public init(_ setting: TwinsSetting, maximumGroups: Int) {
        self.setting = setting
        partitions = Partitions(nodes: setting.nodes, maximumGroups: maximumGroups)
        renamings = Renaming.all(setting)
    }

    /// Partitions of a round.
    public var partitionCount: Int { partitions.list.count }
    /// Renamings that change no scenario's meaning.
    public var symmetryCount: Int { renamings.count }

    // MARK: One scenario

    /// Runs one scenario; what it broke.
    public static func run(_ scenario: TwinsScenario) -> TwinsViolation? {
        var world = TwinsWorld(setting: scenario.setting, leaders: scenario.leaders, breakage: TwinsBreakage())
        for partition in scenario.partitions { world.choose(partition) }
        return world.run() == .progressed ? nil : world.violation ?? .stuck
    }

    // MARK: All scenarios

    /// The sequences of leaders that stand for all others.
    public func leaderSequences() -> [LeaderSequence] {
        var sequences: [LeaderSequence] = []
        func extend(_ prefix: [UInt8], _ stabiliser: [Int]) {
            guard prefix.count < setting.rounds else {
                return sequences.append(LeaderSequence(leaders: prefix, stabiliser: stabiliser))
            }
            for leader in 0..<setting.keys {
                let images = stabiliser.map { renamings[$0].keys[leader] }
                guard images.allSatisfy({ $0 >= leader }) else { continue }
                extend(prefix + [UInt8(leader)], zip(stabiliser, images).filter { $1 == leader }.map(\.0))
            }
        }
        extend([], Array(renamings.indices))
        return sequences
    }

    /// All scenarios with these leaders. The rounds that scenarios share are run once: the world is copied where they part.
    public func exhaust(_ leaders: LeaderSequence, maximumScenarios: UInt64 = .max, isOver: () -> Bool) -> TwinsReport {
        var report = TwinsReport()
        let world = TwinsWorld(setting: setting, leaders: leaders.leaders, breakage: breakage)
        exhaust(world, leaders, leaders.stabiliser.map { partitions.images(renamings[$0].nodes) }, &report, maximumScenarios, isOver)
        return report
    }

    private func exhaust(
        _ start: TwinsWorld, _ leaders: LeaderSequence, _ stabiliser: [[Int]], _ report: inout TwinsReport, _ maximum: UInt64,
        _ isOver: () -> Bool
    ) {
        var world = start
        let pause = world.run()
        report.turns += UInt64(world.steps - start.steps)
        guard pause == .needsPartition else {
            let scenario = TwinsScenario(setting: setting, leaders: leaders.leaders, partitions: world.partitions)
            return report.note(scenario, pause, world.violation)
        }
        for partition in partitions.list.indices {
            guard stabiliser.allSatisfy({ $0[partition] >= partition }) else { continue }
            if report.scenarios >= maximum || isOver() {
                report.isCutShort = true
                return
            }
            var next = world
            next.choose(partitions.list[partition])
            exhaust(next, leaders, stabiliser.filter { $0[partition] == partition }, &report, maximum, isOver)
        }
    }

    // MARK: Random scenarios

    /// `count` scenarios drawn evenly from `seed`.
    public func sample(seed: UInt64, count: UInt64, isOver: () -> Bool) -> TwinsReport {
        var random = SeededRandom(seed: seed)
        var report = TwinsReport()
        for _ in 0..<count {
            if isOver() {
                report.isCutShort = true
                break
            }
            let scenario = TwinsScenario(
                setting: setting, leaders: (0..<setting.rounds).map { _ in UInt8(random.index(setting.keys)) },
                partitions: (0..<setting.rounds).map { _ in partitions.list[random.index(partitions.list.count)] })
            var world = TwinsWorld(setting: setting, leaders: scenario.leaders, breakage: breakage)
            for partition in scenario.partitions { world.choose(partition) }
            let pause = world.run()
            report.turns += UInt64(world.steps)
            report.note(scenario, pause, world.violation)
        }
        return report
    }
}

/// The leaders of all rounds.
public struct LeaderSequence: Sendable {
    public let leaders: [UInt8]
    /// Renamings that leave them as they are.
    let stabiliser: [Int]
}

/// A rule that replicas are told to break; only builds with MUTANTS can.
public struct TwinsBreakage: Sendable {
    #if MUTANTS
        public var mutant: Mutant?
    #endif

    public init() {}
}
