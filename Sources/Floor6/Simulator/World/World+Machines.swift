// The machines' part of the world: payloads from the pool, execution of certified blocks, and clients.
internal import Consensus
internal import Crypto
internal import Engine
internal import Mempool
internal import Primitives

extension World {
    /// The node looks at its pool and tells its replica; when a block is asked for, it builds one.
    func attend(_ node: SimulatedNode) {
        if let machines = node.machines { node.hasWork = machines.hasWork }
        step(node, .workAvailable(node.hasWork))
        if node.machines?.pendingBuild != nil { tryBuild(node) }
    }

    func attendSoon(_ node: SimulatedNode) {
        guard let machines = node.machines, machines.hasWork != node.hasWork || machines.pendingBuild != nil else { return }
        queue.push(.attend(node.index, incarnation: node.incarnation), at: now)
    }

    func buildFromPool(view: UInt64, parent: BlockHeader, _ node: SimulatedNode) {
        node.machines?.pendingBuild = (view, parent)
        queue.push(.attend(node.index, incarnation: node.incarnation), at: now)
    }

    private func tryBuild(_ node: SimulatedNode) {
        guard let machines = node.machines, let build = machines.pendingBuild, !node.isHeld else { return }
        guard build.view == node.replica?.view else {
            machines.pendingBuild = nil
            return
        }
        let payload = machines.payload(on: build.parent, disk: node.disk)
        if payload == nil {
            let due = build.parent.timestampMilliseconds + plan.timing.idleBlockIntervalMilliseconds
            let clock = wallClock(node)
            if due > clock {
                let wait = min(due - clock, plan.timing.idleBlockIntervalMilliseconds)
                queue.push(.attend(node.index, incarnation: node.incarnation), at: now + max(1, wait) * 1_000)
                return
            }
        }
        machines.pendingBuild = nil
        let wait = nodeRandom.below(plan.handlingMicroseconds + 1)
        queue.push(
            .payload(node.index, incarnation: node.incarnation, view: build.view, payload ?? Payload.encode([])), at: now + wait)
    }

    func execute(_ block: Block, _ node: SimulatedNode) {
        do {
            try node.machines?.execute(block, node.disk)
            attendSoon(node)
        } catch {
            checks.storage.note("executing failed: \(error)", node: node.index)
        }
    }

    func finalise(_ hash: Hash256, _ node: SimulatedNode) {
        do {
            for block in try node.machines?.finalise(hash) ?? [] where isWatched(node) {
                checks.machines.executed(block, node: node.index)
                for transaction in block.transactions { checks.inclusion.included(transaction.hash, height: block.record.header.height) }
                auditor.add(block.record.stateRoot.w0)
            }
        } catch {
            checks.storage.note("executing failed: \(error)", node: node.index)
        }
    }

    func restartMachines(_ node: SimulatedNode) {
        do {
            try node.machines?.restart(node.disk)
            node.hasWork = node.machines?.hasWork ?? node.hasWork
        } catch {
            checks.storage.note("executing stored blocks failed: \(error)", node: node.index)
        }
    }

    // MARK: Clients

    func clientsAct() {
        guard clients != nil else { return }
        let targets = nodes.indices.filter { nodes[$0].replica != nil && !nodes[$0].isHeld }
        let sent = clients?.act(milliseconds: milliseconds, signsNew: !isHealed) { checks.inclusion.isIncluded($0) } ?? []
        for transaction in sent {
            guard let target = clients?.random.pick(targets) else { break }
            submit(transaction, nodes[target])
        }
        queue.push(.clients, at: now + Clients.intervalMilliseconds * 1_000)
    }

    /// A client hands a transaction to a node, which takes it into its pool and passes it on to the coming leaders.
    private func submit(_ transaction: PooledTransaction, _ node: SimulatedNode) {
        auditor.add(transaction.hash.w0)
        guard let machines = node.machines, machines.admit(transaction) else { return }
        if isWatched(node) { checks.inclusion.accepted(transaction.hash) }
        attendSoon(node)
        for leader in node.replica?.nextLeaders(World.leadersTold) ?? [] {
            let arrival = network.arrivals(from: node.index, to: Int(leader), now: now).first
            if Int(leader) != node.index, let arrival { queue.push(.transactions(to: Int(leader), [transaction]), at: arrival) }
        }
    }

    /// As the node does: a new transaction goes to the leaders of this many coming views.
    private static let leadersTold = 3

    func receive(_ transactions: [PooledTransaction], _ node: SimulatedNode) {
        guard !node.isHeld else { return node.inbox.append(.transactions(to: node.index, transactions)) }
        guard node.replica != nil, let machines = node.machines else { return }
        audit(7, node)
        for transaction in transactions { _ = machines.admit(transaction) }
        attendSoon(node)
    }
}
