// The faults of one run, drawn from the ranges of its plan: each kind takes part or not, with a strength of its own. Runs that differ in which
// faults they mix find more than runs that all have a little of everything.
internal import Consensus

struct SwarmMix: Sendable {
    var quality = LinkQuality()
    var splits = false
    var cutsOneWay = false
    var isolates = false
    var isolatesLeader = false
    var crashPerMille: UInt64 = 0
    var pauses = false
    var slowDisks = false
    var togglesWork = false

    /// Validators that together weigh at most F, with what befalls them.
    var adversary: AdversaryPlan?
    var skewed: [Int] = []
    var oldDisk: Int?
    var amnesiac: Int?
    var torn: Int?
    /// Stopped for good when the faults end.
    var frozen: Int?

    static func draw(_ ranges: SwarmRanges, plan: SimulationPlan, set: ValidatorSet, _ random: inout SeededRandom) -> SwarmMix {
        var mix = SwarmMix()
        let percent = ranges.participationPercent
        mix.quality.delayMicroseconds = random.within(200...2_000)
        mix.quality.jitterMicroseconds = random.within(ranges.maximumDelayMicroseconds)
        if random.chance(percent) { mix.quality.lossPercent = random.below(ranges.maximumLossPercent + 1) }
        if random.chance(percent) { mix.quality.duplicatePercent = random.below(ranges.maximumDuplicatePercent + 1) }
        if random.chance(percent) {
            mix.quality.clogPerMille = random.within(1...20)
            mix.quality.clogMicroseconds = random.within(100...max(100, ranges.maximumClogMilliseconds)) * 1_000
        }
        mix.quality.isReordering = random.chance(percent)
        mix.splits = random.chance(percent)
        mix.cutsOneWay = random.chance(percent)
        mix.isolates = random.chance(percent)
        mix.isolatesLeader = random.chance(percent / 2)
        if random.chance(percent) { mix.crashPerMille = random.below(ranges.maximumCrashPerMille + 1) }
        mix.pauses = random.chance(percent)
        mix.slowDisks = random.chance(percent)
        mix.togglesWork = random.chance(percent)
        mix.drawVictims(ranges, plan, set, &random)
        return mix
    }

    /// Faults that cost a vote or an honest key: all of them together stay within F.
    private mutating func drawVictims(_ ranges: SwarmRanges, _ plan: SimulationPlan, _ set: ValidatorSet, _ random: inout SeededRandom) {
        var budget = set.faultWeight
        var taken = plan.twins + plan.adversaries.map(\.validator)
        for validator in taken { budget -= min(budget, set.validators[validator].weight) }
        func victim(_ random: inout SeededRandom) -> Int? {
            guard random.chance(ranges.participationPercent / 2) else { return nil }
            let fitting = set.validators.indices.filter { set.validators[$0].weight <= budget && !taken.contains($0) }
            guard let chosen = random.pick(fitting) else { return nil }
            taken.append(chosen)
            budget -= set.validators[chosen].weight
            return chosen
        }
        if ranges.hasAdversaries, let validator = victim(&random), let kind = random.pick(AdversaryKind.allCases) {
            adversary = AdversaryPlan(validator: validator, kind: kind)
        }
        if let validator = victim(&random) { skewed = [validator] }
        oldDisk = victim(&random)
        amnesiac = victim(&random)
        torn = victim(&random)
        frozen = victim(&random)
    }

    /// The names of the faults that take part.
    var names: [String] {
        var names = ["delay to \((quality.delayMicroseconds + quality.jitterMicroseconds) / 1_000) ms"]
        if quality.lossPercent > 0 { names.append("loss \(quality.lossPercent) %") }
        if quality.duplicatePercent > 0 { names.append("duplicates \(quality.duplicatePercent) %") }
        if quality.clogPerMille > 0 { names.append("clogs of \(quality.clogMicroseconds / 1_000) ms") }
        if quality.isReordering { names.append("reordering") }
        if splits { names.append("partitions") }
        if cutsOneWay { names.append("one-way cuts") }
        if isolates { names.append("isolation") }
        if isolatesLeader { names.append("leader isolation") }
        if crashPerMille > 0 { names.append("crashes \(crashPerMille)/1000 turns") }
        if pauses { names.append("pauses") }
        if slowDisks { names.append("slow disks") }
        if togglesWork { names.append("changing work") }
        if let adversary { names.append("adversary \(adversary.kind.rawValue) v\(adversary.validator)") }
        if !skewed.isEmpty { names.append("clock of " + skewed.map { "v\($0)" }.joined(separator: " ")) }
        if let oldDisk { names.append("old disk v\(oldDisk)") }
        if let amnesiac { names.append("amnesia v\(amnesiac)") }
        if let torn { names.append("torn record v\(torn)") }
        if let frozen { names.append("stopped for good v\(frozen)") }
        return names
    }
}
