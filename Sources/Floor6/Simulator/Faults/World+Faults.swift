// Faults begin and end: the timeline of the plan, and what the swarm's mix does at random moments. `heal` ends all of them.
internal import Consensus

extension World {
    // MARK: The timeline

    func beginFault(_ index: Int) {
        guard !isHealed, plan.faults.indices.contains(index) else { return }
        let fault = plan.faults[index]
        begin(fault.kind, forMilliseconds: fault.forMilliseconds)
    }

    /// Faults that wait for a height or a view.
    func fireTriggers() {
        for item in pendingTriggers {
            let isDue: Bool
            switch item.trigger {
            case .time: isDue = false
            case .height(let height): isDue = checks.agreement.height >= height
            case .view(let view): isDue = highestView >= view
            }
            guard isDue else { continue }
            pendingTriggers.removeAll { $0.index == item.index }
            queue.push(.faultBegins(item.index), at: now)
        }
    }

    // MARK: One fault

    func begin(_ kind: FaultKind, forMilliseconds duration: UInt64?) {
        auditor.add(now ^ 0xfa17)
        nextFault += 1
        active.append((nextFault, kind))
        switch kind {
        case .crash(let indices): for index in indices { crash(nodes[index]) }
        case .pause(let indices): for index in indices { nodes[index].pauses += 1 }
        case .partition, .oneWay, .isolateLeader, .links: applyLinks()
        case .clockSkew(let indices, let milliseconds): for index in indices { nodes[index].clockOffsetMilliseconds = milliseconds }
        case .slowDisk(let indices, let milliseconds): for index in indices { nodes[index].diskMicroseconds = milliseconds * 1_000 }
        case .oldDisk(let indices, let milliseconds): lose(indices, since: milliseconds, votes: false)
        case .amnesia(let indices, let milliseconds): lose(indices, since: milliseconds, votes: true)
        case .tornRecord(let indices): for index in indices { tear(nodes[index]) }
        }
        if let duration { queue.push(.faultEnds(nextFault), at: now + duration * 1_000) }
    }

    func endFault(_ id: Int) {
        guard let position = active.firstIndex(where: { $0.id == id }) else { return }
        auditor.add(now ^ 0xe17d)
        let kind = active.remove(at: position).kind
        switch kind {
        case .crash(let indices): for index in indices where nodes[index].replica == nil && !nodes[index].isFrozen { start(nodes[index]) }
        case .pause(let indices):
            for index in indices {
                nodes[index].pauses -= 1
                drain(nodes[index])
            }
        case .partition, .oneWay, .isolateLeader, .links: applyLinks()
        case .clockSkew(let indices, _): for index in indices { nodes[index].clockOffsetMilliseconds = 0 }
        case .slowDisk(let indices, _): for index in indices { nodes[index].diskMicroseconds = 0 }
        case .oldDisk, .amnesia, .tornRecord: break
        }
    }

    /// The links as the active faults leave them.
    private func applyLinks() {
        network.clearCuts()
        network.setQuality(isHealed ? nil : mix?.quality)
        isolatesLeader = false
        for fault in active {
            switch fault.kind {
            case .partition(let groups): network.partition(groups)
            case .oneWay(let from, let to): for a in from { for b in to where a != b { network.cut(from: a, to: b) } }
            case .isolateLeader: isolatesLeader = true
            case .links(let quality): network.setQuality(quality)
            default: break
            }
        }
    }

    /// A crash after which the newest writes are gone.
    private func lose(_ indices: [Int], since milliseconds: UInt64, votes: Bool) {
        for index in indices where nodes[index].isHonest {
            let node = nodes[index]
            crash(node)
            node.disk.rollBack(to: self.milliseconds > milliseconds ? self.milliseconds - milliseconds : 0)
            node.machines?.reset()
            if votes, let validator = node.validator { isSuspect[validator] = true } else { node.votes = false }
            queue.push(.restart(index), at: now + World.restartMicroseconds)
        }
    }

    private func tear(_ node: SimulatedNode) {
        guard node.isHonest else { return }
        crash(node)
        node.disk.tear()
        node.votes = false
        queue.push(.restart(node.index), at: now + World.restartMicroseconds)
    }

    private static let restartMicroseconds: UInt64 = 50_000

    // MARK: The swarm

    func drawSwarm() {
        let losesDisks = plan.faults.contains {
            switch $0.kind {
            case .oldDisk, .amnesia: true
            default: false
            }
        }
        if let ranges = plan.swarm {
            let drawn = SwarmMix.draw(ranges, plan: plan, set: ring.set, &faultRandom)
            mix = drawn
            if let adversary = drawn.adversary { replace(adversary.validator, by: adversary.kind) }
            if let amnesiac = drawn.amnesiac {
                isSuspect[amnesiac] = true
                // Its second life may propose and vote again in views of its first.
                checks.certifiedStays = false
            }
            for node in nodes { node.hasWork = faultRandom.chance(80) }
            network.setQuality(drawn.quality)
            scheduleLosses(drawn, ranges)
        }
        if losesDisks || mix?.oldDisk != nil || mix?.amnesiac != nil { for node in nodes { node.disk.keepsHistory = true } }
    }

    /// Faults of disks come once, at a drawn time.
    private func scheduleLosses(_ mix: SwarmMix, _ ranges: SwarmRanges) {
        func plan(_ kind: FaultKind) { losses.append(kind) }
        let lost = faultRandom.within(100...max(100, ranges.maximumLostMilliseconds))
        if let node = mix.oldDisk { plan(.oldDisk(nodes: [node], milliseconds: lost)) }
        if let node = mix.amnesiac { plan(.amnesia(nodes: [node], milliseconds: lost)) }
        if let node = mix.torn { plan(.tornRecord(nodes: [node])) }
    }

    /// A random moment: the faults of the last one end, others begin.
    func chaos() {
        guard !isHealed, let mix, let ranges = plan.swarm else { return }
        for id in chaosFaults { endFault(id) }
        chaosFaults = []
        func now(_ kind: FaultKind, forMilliseconds duration: UInt64? = nil) {
            begin(kind, forMilliseconds: duration)
            chaosFaults.append(nextFault)
        }
        let all = Array(nodes.indices)
        switch faultRandom.below(5) {
        case 0 where mix.splits:
            let side = all.map { _ in faultRandom.index(2) }
            now(.partition(groups: [0, 1].map { group in all.filter { side[$0] == group } }))
        case 1 where mix.cutsOneWay:
            now(.oneWay(from: all.filter { _ in faultRandom.chance(50) }, to: all.filter { _ in faultRandom.chance(50) }))
        case 2 where mix.isolates:
            let alone = faultRandom.index(nodes.count)
            now(.partition(groups: [all.filter { $0 != alone }]))
        case 3 where mix.isolatesLeader: now(.isolateLeader)
        default: break
        }
        if mix.pauses, faultRandom.chance(40) {
            begin(.pause(nodes: [faultRandom.index(nodes.count)]), forMilliseconds: faultRandom.within(1...ranges.maximumPauseMilliseconds))
        }
        if mix.slowDisks, faultRandom.chance(40) {
            now(.slowDisk(nodes: [faultRandom.index(nodes.count)], milliseconds: faultRandom.within(1...ranges.maximumDiskMilliseconds)))
        }
        if !mix.skewed.isEmpty, faultRandom.chance(50) {
            let range = ranges.clockStepMilliseconds
            let step = Int64(faultRandom.below(2 * range + 1)) - Int64(range)
            now(.clockSkew(nodes: mix.skewed, milliseconds: step))
        }
        if !losses.isEmpty, faultRandom.chance(20) { begin(losses.removeFirst(), forMilliseconds: nil) }
        if mix.togglesWork, nodes.first?.machines == nil {
            let node = nodes[faultRandom.index(nodes.count)]
            node.hasWork = faultRandom.chance(70)
            queue.push(.attend(node.index, incarnation: node.incarnation), at: self.now)
        }
        queue.push(.chaos, at: self.now + faultRandom.within(50...600) * 1_000)
    }

    // MARK: The end of faults

    /// Ends all faults. Who was crashed restarts, except who is stopped for good; adversaries go on.
    func heal() {
        auditor.add(now ^ 0x4ea1)
        isHealed = true
        pendingTriggers = []
        if let frozen = mix?.frozen {
            nodes[frozen].isFrozen = true
            crash(nodes[frozen])
        }
        for fault in active { endFault(fault.id) }
        applyLinks()
        for node in nodes {
            if node.replica == nil, node.isHonest, !node.isFrozen { start(node) }
            if !node.hasWork, node.machines == nil {
                node.hasWork = true
                queue.push(.attend(node.index, incarnation: node.incarnation), at: now)
            }
        }
    }

    /// Honest nodes that run.
    var live: [SimulatedNode] { nodes.filter { $0.isHonest && !$0.isFrozen && isWatched($0) } }
}
