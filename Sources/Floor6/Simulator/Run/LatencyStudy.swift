// The latency of a wide-area network without faults, against what the speed of light leaves: certified after two message delays, final after three.
internal import Consensus

/// Validators in regions.
public struct LatencyScenario: Sendable {
    public var name: String
    public var regions: [String]
    public var validators: Int
    /// What a model without any cost of computing gives for the median node, in milliseconds.
    public var floorCertified: Double
    public var floorFinal: Double

    public init(name: String, regions: [String], validators: Int, floorCertified: Double, floorFinal: Double) {
        self.name = name
        self.regions = regions
        self.validators = validators
        self.floorCertified = floorCertified
        self.floorFinal = floorFinal
    }

    private static let europe = ["eu-central-1", "eu-west-1", "eu-west-2", "eu-west-3", "eu-north-1", "eu-south-1"]
    private static let america = ["us-east-1", "us-east-2", "us-west-1", "us-west-2"]

    /// The rows of the floor table (Specs/simulator.md). The last one takes all regions of the matrix.
    public static func table(_ matrix: RegionMatrix) -> [LatencyScenario] {
        [
            LatencyScenario(name: "1 region", regions: ["us-east-1"], validators: 4, floorCertified: 5, floorFinal: 8),
            LatencyScenario(name: "1 region", regions: ["us-east-1"], validators: 100, floorCertified: 5, floorFinal: 8),
            LatencyScenario(name: "EU, 6 regions", regions: europe, validators: 32, floorCertified: 23, floorFinal: 35),
            LatencyScenario(name: "EU, 6 regions", regions: europe, validators: 100, floorCertified: 20, floorFinal: 30),
            LatencyScenario(name: "US, 4 regions", regions: america, validators: 32, floorCertified: 46, floorFinal: 73),
            LatencyScenario(name: "EU and US, 10 regions", regions: europe + america, validators: 100, floorCertified: 81, floorFinal: 126),
            LatencyScenario(name: "global, 21 regions", regions: matrix.regions, validators: 100, floorCertified: 182, floorFinal: 278),
        ]
    }
}

/// What a scenario measured, in milliseconds.
public struct LatencyResult: Sendable, Encodable {
    public var name: String
    public var validators: Int
    public var views: Int
    public var period: Double
    public var certified: Double
    public var final: Double
    public var floorCertified: Double
    public var floorFinal: Double
    public var violations: [Violation]

    /// Deviations from the floor in percent.
    public var certifiedPercent: Double { (certified / floorCertified - 1) * 100 }
    public var finalPercent: Double { (final / floorFinal - 1) * 100 }
}

public struct LatencyStudy: Sendable {
    public let matrix: RegionMatrix
    public let seed: UInt64
    /// Views that are measured: with random leaders, means over fewer move by some percent.
    public let views: Int

    public init(matrix: RegionMatrix, seed: UInt64, views: Int) {
        self.matrix = matrix
        self.seed = seed
        self.views = views
    }

    public func run(_ scenario: LatencyScenario) throws(RegionMatrix.Problem) -> LatencyResult {
        var plan = SimulationPlan(weights: Array(repeating: 1, count: scenario.validators))
        plan.timing = ConsensusTiming(
            baseTimeoutMilliseconds: 5_000, maximumTimeoutMilliseconds: 20_000, minimumBlockIntervalMilliseconds: 0,
            idleBlockIntervalMilliseconds: 0)
        plan.payloadBytes = 0
        plan.handlingMicroseconds = 0
        plan.wirePercent = 0
        plan.links.delayMicroseconds = try matrix.delays(nodes: scenario.validators, over: scenario.regions)
        guard let world = World(plan: plan, seed: seed) else { throw .noRegions }
        world.latency = LatencyRecorder(nodeCount: scenario.validators)
        world.startAll()
        let goal = UInt64(views)
        let limit = world.now + goal * 1_000_000
        world.run(until: limit) { world.highestView > goal || world.checks.hasProblems }
        let summary = world.latency?.summary ?? (views: 0, period: 0, certified: 0, final: 0)
        return LatencyResult(
            name: scenario.name, validators: scenario.validators, views: summary.views, period: Double(summary.period) / 1_000,
            certified: Double(summary.certified) / 1_000, final: Double(summary.final) / 1_000, floorCertified: scenario.floorCertified,
            floorFinal: scenario.floorFinal, violations: world.checks.violations(atMilliseconds: world.milliseconds))
    }
}
