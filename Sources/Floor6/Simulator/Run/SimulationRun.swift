// One run: a safety phase with faults, in which nothing wrong may happen; then everything heals, and a liveness phase in which progress must come.
internal import Consensus
internal import Engine
internal import Primitives

public struct SimulationRun: Sendable {
    public let plan: SimulationPlan
    public let seed: UInt64

    public init(plan: SimulationPlan, seed: UInt64) {
        self.plan = plan
        self.seed = seed
    }

    /// Runs to the end. The same plan and seed give the same result on every machine.
    public func run() -> SimulationResult {
        guard let world = World(plan: plan, seed: seed) else { return refused("the weights make no validator set") }
        world.startAll()
        world.run(until: world.now + plan.safetyMilliseconds * 1_000) { world.checks.hasProblems }
        guard !world.checks.hasProblems else { return finish(world, recovery: 0) }
        world.heal()
        return finish(world, recovery: awaitProgress(world))
    }

    /// The time that progress took, 0 when it did not come.
    private func awaitProgress(_ world: World) -> UInt64 {
        let goal = world.checks.agreement.height + plan.expectations.blocksAfterHeal
        let healedAt = world.milliseconds
        let live = world.live
        func lowest() -> UInt64 { live.map { $0.disk.finalHeight }.min() ?? 0 }
        world.run(until: world.now + plan.livenessMilliseconds * 1_000) {
            world.checks.hasProblems || lowest() >= goal && world.checks.inclusion.missingCount == 0
        }
        guard !world.checks.hasProblems else { return 0 }
        let elapsed = world.milliseconds - healedAt
        world.checks.liveness.ended(
            lowest: lowest(), goal: goal, afterMilliseconds: elapsed,
            detail: live.map { "node \($0.index): view \($0.replica?.view ?? 0), height \($0.disk.finalHeight)" }.joined(separator: "; "))
        world.checks.inclusion.ended()
        compareMachines(world)
        return lowest() >= goal ? max(1, elapsed) : 0
    }

    private func compareMachines(_ world: World) {
        var reference: [(height: UInt64, accounts: [Address: AccountRecord])] = []
        for node in world.live {
            guard let machines = node.machines else { continue }
            guard let own = try? machines.settle() else {
                world.checks.storage.note("storing the last blocks failed", node: node.index)
                continue
            }
            for other in reference {
                world.checks.machines.ended(node: node.index, height: own.height, accounts: own.accounts, reference: other)
            }
            reference.append(own)
        }
    }

    private func finish(_ world: World, recovery: UInt64) -> SimulationResult {
        var violations = world.checks.violations(atMilliseconds: world.milliseconds)
        if plan.expectations.findsFork {
            let forks = violations.contains { $0.check == "AgreementCheck" }
            let problem = Violation(check: "ForkExpected", what: "no fork was found", atMilliseconds: world.milliseconds)
            violations = forks ? [] : [problem]
        }
        return SimulationResult(
            seed: seed, violations: violations, auditor: world.auditor.hex, views: world.highestView,
            finalHeight: world.checks.agreement.height, events: world.eventCount, messages: world.network.sentCount,
            milliseconds: world.milliseconds, recoveryMilliseconds: recovery, faults: world.mix?.names ?? [],
            revertedBlocks: world.checks.certified.revertedCount, named: world.checks.blame.named.sorted(),
            transactions: world.checks.inclusion.acceptedCount)
    }

    private func refused(_ why: String) -> SimulationResult {
        SimulationResult(
            seed: seed, violations: [Violation(check: "SimulationPlan", what: why, atMilliseconds: 0)], auditor: "", views: 0, finalHeight: 0,
            events: 0, messages: 0, milliseconds: 0, recoveryMilliseconds: 0, faults: [], revertedBlocks: 0, named: [], transactions: 0)
    }
}
