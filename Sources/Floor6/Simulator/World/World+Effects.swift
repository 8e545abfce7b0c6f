// What nodes do: their turns, their writes, and carrying out what replicas ask for. The durable part of a turn comes first; a crash may come
// before it, after it, or amid what follows.
internal import Consensus
internal import Primitives

extension World {
    // MARK: Lives

    func start(_ node: SimulatedNode) {
        node.incarnation += 1
        node.timer = .max
        node.inbox = []
        node.isWriting = false
        node.certified = Set(node.disk.final)
        audit(4, node)
        if node.adversary != nil {
            lie(node) { $0.start(&$1) }
            wake(node, isFirst: true)
            return
        }
        if let torn = node.disk.tornRecord, (try? SafetyRecord.decode(torn)) != nil {
            checks.storage.note("a torn record decodes", node: node.index)
        }
        var configuration = node.configuration
        if !node.votes { configuration.key = nil }
        let recovered = node.disk.recovered(epoch: configuration.epoch, genesisHash: configuration.genesisHash, withoutRecord: !node.votes)
        do {
            node.replica = try Replica(configuration: configuration, recovered: recovered, now: milliseconds)
        } catch {
            checks.storage.note("refuses its own store: \(error)", node: node.index)
            return
        }
        restartMachines(node)
        guard let effects = node.replica?.start(now: milliseconds, wallClockMilliseconds: wallClock(node)) else { return }
        endTurn(node, effects)
        queue.push(.attend(node.index, incarnation: node.incarnation), at: now)
    }

    func crash(_ node: SimulatedNode) {
        guard node.adversary == nil else { return }
        audit(5, node)
        node.replica = nil
        node.incarnation += 1
        node.isWriting = false
        node.inbox = []
        node.machines?.crash()
    }

    // MARK: Adversaries

    func lie(_ node: SimulatedNode, _ act: (inout any Adversary, inout AdversaryContext) -> [Lie]) {
        guard var adversary = node.adversary, var context = node.context else { return }
        node.adversary = nil
        context.nowMilliseconds = milliseconds
        context.wallClockMilliseconds = wallClock(node)
        let lies = act(&adversary, &context)
        node.adversary = adversary
        node.context = context
        for lie in lies {
            let parcel = Parcel(lie.message, usesWire: false)
            for to in lie.receivers where to != node.index && nodes.indices.contains(to) {
                send(parcel, node.index, to, after: lie.afterMilliseconds * 1_000)
            }
        }
    }

    func wake(_ node: SimulatedNode, isFirst: Bool = false) {
        guard let adversary = node.adversary, adversary.wakeIntervalMilliseconds > 0 else { return }
        if !isFirst { lie(node) { $0.wake(&$1) } }
        queue.push(.wake(node.index), at: now + adversary.wakeIntervalMilliseconds * 1_000)
    }

    // MARK: Turns

    func step(_ node: SimulatedNode, _ input: Input) {
        guard node.replica != nil else { return }
        stepCount &+= 1
        guard let effects = node.replica?.step(input, now: milliseconds, wallClockMilliseconds: wallClock(node)) else { return }
        endTurn(node, effects)
    }

    /// Stores what the turn wants stored, then does the rest; or crashes somewhere on the way.
    private func endTurn(_ node: SimulatedNode, _ effects: [Effect]) {
        if effects.isEmpty { return }
        if node.diskMicroseconds > 0, effects.first?.isStoring == true {
            node.isWriting = true
            queue.push(.written(node.index, incarnation: node.incarnation, effects), at: now + node.diskMicroseconds)
            return
        }
        finish(node, effects)
    }

    func written(_ node: SimulatedNode, _ incarnation: Int, _ effects: [Effect]) {
        guard node.incarnation == incarnation else { return }
        guard node.pauses == 0 else { return node.inbox.insert(.written(node.index, incarnation: incarnation, effects), at: 0) }
        node.isWriting = false
        audit(6, node)
        finish(node, effects)
        drain(node)
    }

    private func finish(_ node: SimulatedNode, _ effects: [Effect]) {
        var survives = effects.count
        if let perMille = mix?.crashPerMille, perMille > 0, !isHealed, faultRandom.chance(perMille: perMille) {
            // Before storing, or after storing and before or amid the rest.
            survives = faultRandom.chance(30) ? -1 : faultRandom.index(effects.count + 1)
        }
        if survives >= 0, let problem = node.disk.commit(effects, at: milliseconds) { checks.storage.note(problem, node: node.index) }
        if survives >= effects.count {
            for effect in effects { carryOut(effect, node) }
        } else {
            for effect in effects.prefix(max(0, survives)) { carryOut(effect, node) }
            crash(node)
            queue.push(.restart(node.index), at: now + faultRandom.within(1_000...400_000))
        }
        if let view = node.replica?.view, view > highestView { reached(view) }
    }

    private func reached(_ view: UInt64) {
        highestView = view
        if !pendingTriggers.isEmpty { fireTriggers() }
    }

    // MARK: Effects

    private func carryOut(_ effect: Effect, _ node: SimulatedNode) {
        switch effect {
        case .persist, .storeBlock, .storeCommit: break
        case .broadcast(let message): broadcast(message, node)
        case .send(let message, let to):
            let parcel = Parcel(message, usesWire: usesWire)
            for other in nodes where other.index != node.index && other.validator == Int(to) { send(parcel, node.index, other.index) }
            watch(message, node)
        case .request(let request, let preferred):
            let target = preferred.map { Int($0.rawValue) } ?? nodeRandom.index(nodes.count)
            if target != node.index { send(Parcel(.blockRequest(request), usesWire: usesWire), node.index, target) }
        case .respond(let request, let peer):
            send(Parcel(.blockResponse(node.disk.answer(request)), usesWire: usesWire), node.index, Int(peer.rawValue))
        case .setTimer(let time):
            node.timer = time
            queue.push(.timer(node.index, incarnation: node.incarnation, due: time), at: max(now, time * 1_000))
        case .buildPayload(let view, let parent): build(view: view, parent: parent, node)
        case .checkPayload(let block): check(block, node)
        case .certified(let hash): certified(hash, node)
        case .finalised(let hashes, let certificate): finalised(hashes, certificate, node)
        case .misbehaviour(let what):
            checks.blame.reported(what, node: node.index, validatorOfNode: { nodes[$0].validator }, isSuspect: { isSuspect[$0] })
        }
    }

    private func broadcast(_ message: ConsensusMessage, _ node: SimulatedNode) {
        if latency != nil, case .proposal(let proposal) = message { latency?.proposed(proposal.block.header, at: now) }
        let parcel = Parcel(message, usesWire: usesWire)
        for to in nodes.indices where to != node.index { send(parcel, node.index, to) }
        watch(message, node)
    }

    private func watch(_ message: ConsensusMessage, _ node: SimulatedNode) {
        guard let validator = node.validator, !isSuspect[validator] else { return }
        checks.durability.sent(message, node: node.index, record: node.disk.record)
        checks.slashable.sent(message, by: validator)
    }

    func send(_ parcel: Parcel, _ from: Int, _ to: Int, after microseconds: UInt64 = 0) {
        if isolatesLeader, isLeader(from) || isLeader(to) { return }
        if let filter, !filter(from, to, parcel.message) { return }
        let (first, second) = network.arrivals(from: from, to: to, now: now + microseconds)
        if let first { queue.push(.deliver(to: to, from: from, parcel), at: first) }
        if let second { queue.push(.deliver(to: to, from: from, parcel), at: second) }
    }

    private func isLeader(_ node: Int) -> Bool { nodes[node].validator == Int(ring.set.leader(view: highestView)) }

    // MARK: Payloads

    private func build(view: UInt64, parent: BlockHeader, _ node: SimulatedNode) {
        if node.machines != nil { return buildFromPool(view: view, parent: parent, node) }
        let payload = (0..<plan.payloadBytes).map { _ in UInt8(truncatingIfNeeded: nodeRandom.next()) }
        let wait = node.hasWork ? nodeRandom.below(plan.handlingMicroseconds + 1) : plan.timing.idleBlockIntervalMilliseconds * 1_000
        queue.push(.payload(node.index, incarnation: node.incarnation, view: view, payload), at: now + wait)
    }

    private func check(_ block: Block, _ node: SimulatedNode) {
        let isValid = node.machines?.check(block) ?? true
        let wait = nodeRandom.below(plan.handlingMicroseconds + 1)
        queue.push(.checked(node.index, incarnation: node.incarnation, block.hash, isValid), at: now + wait)
    }

    // MARK: Blocks

    private func certified(_ hash: Hash256, _ node: SimulatedNode) {
        guard let block = node.disk.block(hash) else { return checks.storage.note("a certified block is not stored", node: node.index) }
        if !node.certified.insert(hash).inserted { checks.storage.note("a block is certified twice", node: node.index) }
        latency?.certified(block.header, at: now, node: node.index)
        checks.certified.certified(height: block.header.height, hash: hash)
        if node.machines != nil { execute(block, node) }
    }

    private func finalised(_ hashes: [Hash256], _ certificate: CommitCertificate, _ node: SimulatedNode) {
        if hashes.last != certificate.blockHash { checks.storage.note("the certificate is not the last final block's", node: node.index) }
        for hash in hashes {
            guard let header = node.disk.block(hash)?.header else {
                checks.storage.note("a final block is not stored", node: node.index)
                continue
            }
            if !node.certified.contains(hash) { checks.storage.note("a final block was not certified before", node: node.index) }
            guard isWatched(node) else { continue }
            latency?.finalised(header, at: now, node: node.index)
            checks.agreement.finalised(height: header.height, hash: hash, node: node.index)
            checks.certified.finalised(height: header.height, hash: hash)
            auditor.add(hash.w0 ^ now)
        }
        if let last = hashes.last, node.machines != nil { finalise(last, node) }
        if !pendingTriggers.isEmpty { fireTriggers() }
    }

    /// What a node says counts: a node that has a twin or lost its memory may be made to believe in a fork only by more than F liars, too, but
    /// its key is one of the liars'.
    func isWatched(_ node: SimulatedNode) -> Bool { node.validator.map { !isSuspect[$0] } ?? true }
}

extension Effect {
    /// Belongs to the durable part of a turn, which comes first.
    var isStoring: Bool {
        switch self {
        case .persist, .storeBlock, .storeCommit: true
        default: false
        }
    }
}
