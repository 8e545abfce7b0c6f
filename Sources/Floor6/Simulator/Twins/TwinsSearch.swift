// Floor 6, Simulator: searching the scenarios of a setting: all of them up to names, or random ones.

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
    /// The number of scenarios up to the first failure.
    public var firstFailureAfter: UInt64?

    public static let maximumExamples = 8

    public init() {}

    public mutating func merge(_ other: TwinsReport) {
        if let first = other.firstFailureAfter { firstFailureAfter = min(firstFailureAfter ?? .max, scenarios + first) }
        scenarios += other.scenarios
        turns += other.turns
        failures += other.failures
        examples += other.examples.prefix(max(0, TwinsReport.maximumExamples - examples.count))
    }

    mutating func note(_ scenario: TwinsScenario, _ pause: TwinsWorld.Pause, _ violation: TwinsViolation?) {
        scenarios += 1
        guard pause != .progressed else { return }
        failures += 1
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
    private let partitions: Partitions
    private let renamings: [Renaming]
    /// For each renaming where each partition goes.
    private let images: [[Int]]

    public init(_ setting: TwinsSetting, maximumGroups: Int) {
        self.setting = setting
        partitions = Partitions(nodes: setting.nodes, maximumGroups: maximumGroups)
        renamings = Renaming.all(setting)
        var images: [[Int]] = []
        for renaming in renamings { images.append(partitions.images(renaming.nodes)) }
        self.images = images
    }

    /// Partitions of a round.
    public var partitionCount: Int { partitions.list.count }
    /// Renamings that change no scenario's meaning.
    public var symmetryCount: Int { renamings.count }

    // MARK: One scenario

    /// Runs one scenario; what it broke.
    public static func run(_ scenario: TwinsScenario) -> TwinsViolation? {
        var world = TwinsWorld(setting: scenario.setting, leaders: scenario.leaders)
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
    public func exhaust(_ leaders: LeaderSequence, isOver: () -> Bool) -> TwinsReport {
        var report = TwinsReport()
        let world = TwinsWorld(setting: setting, leaders: leaders.leaders)
        exhaust(world, leaders, leaders.stabiliser, &report, isOver)
        return report
    }

    private func exhaust(
        _ start: TwinsWorld, _ leaders: LeaderSequence, _ stabiliser: [Int], _ report: inout TwinsReport, _ isOver: () -> Bool
    ) {
        var world = start
        let pause = world.run()
        report.turns += UInt64(world.steps - start.steps)
        guard pause == .needsPartition else {
            let scenario = TwinsScenario(setting: setting, leaders: leaders.leaders, partitions: world.partitions)
            return report.note(scenario, pause, world.violation)
        }
        for partition in partitions.list.indices {
            let images = stabiliser.map { self.images[$0][partition] }
            guard images.allSatisfy({ $0 >= partition }) else { continue }
            if isOver() { return }
            var next = world
            next.choose(partitions.list[partition])
            exhaust(next, leaders, zip(stabiliser, images).filter { $1 == partition }.map(\.0), &report, isOver)
        }
    }

    // MARK: Random scenarios

    /// `count` scenarios drawn evenly from `seed`.
    public func sample(seed: UInt64, count: UInt64, isOver: () -> Bool) -> TwinsReport {
        var random = SeededRandom(seed: seed)
        var report = TwinsReport()
        for _ in 0..<count where !isOver() {
            let scenario = TwinsScenario(
                setting: setting, leaders: (0..<setting.rounds).map { _ in UInt8(random.index(setting.keys)) },
                partitions: (0..<setting.rounds).map { _ in partitions.list[random.index(partitions.list.count)] })
            var world = TwinsWorld(setting: setting, leaders: scenario.leaders)
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
