// Floor 6, hyperseq: from a manifest to the simulator's plan. Validators come first, in the manifest's order, then full nodes.
internal import Simulator
internal import Testnet

/// A manifest as the simulator takes it.
struct SimulationMapping {
    private let manifest: Manifest
    private let nodes: [ManifestNode]
    private let file: String

    init(_ manifest: Manifest, file: String) {
        self.manifest = manifest
        self.file = file
        nodes = manifest.nodes.filter { $0.role == .validator } + manifest.nodes.filter { $0.role == .full }
    }

    /// - Parameter isQuiet: without faults and adversaries.
    func plan(isQuiet: Bool) throws(ConfigError) -> SimulationPlan {
        guard manifest.runners.contains(.simulator) else {
            throw ConfigError(file: file, key: "runner", message: "is not for the simulator; run it with: hyperseq testnet run \(file)")
        }
        var plan = SimulationPlan(weights: nodes.filter { $0.role == .validator }.map(\.stake))
        plan.name = manifest.name
        plan.followers = manifest.nodes.count { $0.role == .full }
        plan.links = links()
        if manifest.load.ratePerSecond > 0 {
            plan.depth = .machines
            plan.load = LoadPlan(accounts: manifest.load.senders, transfersPerSecond: manifest.load.ratePerSecond)
        }
        if isQuiet { return plan }
        plan.adversaries = try adversaries()
        plan.faults = manifest.faults.flatMap { timed($0) }
        let isScripted = !manifest.faults.isEmpty || !plan.adversaries.isEmpty
        if isScripted { plan.safetyMilliseconds = manifest.durationMilliseconds }
        // Without a word about faults, each run draws its own.
        if !isScripted || manifest.faults.contains(where: { $0.kind == .swarm }) { plan.swarm = SwarmRanges() }
        return plan
    }

    private func adversaries() throws(ConfigError) -> [AdversaryPlan] {
        var plans: [AdversaryPlan] = []
        for (index, node) in nodes.enumerated() where !node.byzantine.isEmpty {
            guard node.byzantine.count == 1, let kind = AdversaryKind(rawValue: node.byzantine[0]) else {
                let known = AdversaryKind.allCases.map { $0.rawValue }.joined(separator: ", ")
                throw ConfigError(file: file, key: "node.\(node.name).byzantine", message: "must be one of \(known)")
            }
            plans.append(AdversaryPlan(validator: index, kind: kind))
        }
        return plans
    }

    private func links() -> Simulator.LinkPlan {
        guard !manifest.links.isPlain else { return Simulator.LinkPlan() }
        var plan = Simulator.LinkPlan(quality: quality(manifest.links.standard))
        for (from, source) in nodes.enumerated() {
            for (to, target) in nodes.enumerated() where from != to {
                let own = manifest.linkQuality(from: source, to: target)
                if own != manifest.links.standard { plan.overrides.append(.init(from: from, to: to, quality: quality(own))) }
            }
        }
        return plan
    }

    private func quality(_ quality: Testnet.LinkQuality) -> Simulator.LinkQuality {
        // The simulator draws in hundredths: a share that is not zero stays so.
        func percent(_ perMille: UInt64) -> UInt64 { (perMille + 9) / 10 }
        return Simulator.LinkQuality(
            delayMicroseconds: quality.latencyMicroseconds, jitterMicroseconds: quality.jitterMicroseconds,
            lossPercent: percent(quality.lossPerMille), duplicatePercent: percent(quality.duplicatePerMille),
            isReordering: quality.reorderPerMille > 0)
    }

    private func timed(_ fault: Fault) -> [TimedFault] {
        let trigger: FaultTrigger
        switch fault.at {
        case .milliseconds(let time): trigger = .time(milliseconds: time)
        case .height(let height): trigger = .height(height)
        }
        return kinds(fault.kind).map { TimedFault(at: trigger, forMilliseconds: fault.durationMilliseconds, $0) }
    }

    private func kinds(_ kind: Testnet.FaultKind) -> [Simulator.FaultKind] {
        switch kind {
        case .kill(let choice): return [.crash(nodes: indices(choice))]
        case .pause(let choice): return [.pause(nodes: indices(choice))]
        case .isolate(.leader): return [.isolateLeader]
        case .isolate(let choice):
            let alone = indices(choice)
            return [.partition(groups: [nodes.indices.filter { !alone.contains($0) }])]
        case .partition(let groups, let oneWay):
            let named = groups.map { $0.compactMap { name in nodes.firstIndex { $0.name == name } } }
            if oneWay { return [.oneWay(from: named[0], to: named[1])] }
            // Nodes in no group hear each other.
            let rest = nodes.indices.filter { index in !named.contains { $0.contains(index) } }
            return [.partition(groups: rest.isEmpty ? named : named + [rest])]
        case .shape(let change): return [.links(quality(change.applied(to: manifest.links.standard)))]
        case .clockSkew(let choice, let milliseconds): return [.clockSkew(nodes: indices(choice), milliseconds: milliseconds)]
        case .fsyncDelay(let choice, let microseconds):
            return [.slowDisk(nodes: indices(choice), milliseconds: max(1, microseconds / 1_000))]
        case .oldDisk(let choice, let age): return [.oldDisk(nodes: indices(choice), milliseconds: age)]
        case .tornWrite(let choice): return [.tornRecord(nodes: indices(choice))]
        // Processes only, which the manifest's reader has refused, and the swarm, which is no part of the timeline.
        case .stop, .restart, .wipeData, .swarm: return []
        }
    }

    /// Every run of a manifest hits the same nodes: `"any"` is drawn from its seed.
    private func indices(_ choice: NodeChoice) -> [Int] {
        switch choice {
        case .all: return Array(nodes.indices)
        case .named(let names): return names.compactMap { name in nodes.firstIndex { $0.name == name } }
        case .any, .leader: return [Int(manifest.seed % UInt64(nodes.count))]
        }
    }
}
