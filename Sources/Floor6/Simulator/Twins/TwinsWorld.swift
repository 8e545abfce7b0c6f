// Floor 6, Simulator: replicas in a network whose partitions belong to views, as a value that can be copied at any moment.
//
// A proposal, vote or timeout of view v reaches whom the partition of v lets it reach; any other message goes by the view its sender is in. A
// view in which nothing moves ends by timeouts: once a node sends its timeout again, the partition is over for what it sends in that view. After
// the last partitioned view all can talk. Time is virtual: a hop takes one millisecond, messages arrive in the order of sending.
// Payloads are built and found valid at once; those of two nodes differ, so twins that lead equivocate.
internal import Consensus
internal import Primitives

struct TwinsWorld {
    struct Node {
        let key: Int
        var replica: Replica
        var store = TwinsStore()
        var timer: UInt64 = .max
        /// The last view whose timeout was sent, and the last one whose timeout was sent twice.
        var timeoutView: UInt64 = 0
        var resentView: UInt64 = 0
    }

    private struct Delivery {
        let time: UInt64
        let from: Int
        let to: Int
        let message: ConsensusMessage
    }

    /// Why the world stands still.
    enum Pause: Equatable {
        /// A node acts in a view whose partition is not chosen yet.
        case needsPartition
        /// Every node finalised a block of a view after the partitioned ones.
        case progressed
        /// No progress within `patience`.
        case stuck
        /// Somebody broke a rule (`violation`).
        case violated
    }

    let setting: TwinsSetting
    var nodes: [Node]
    private(set) var partitions: [[UInt8]] = []
    private(set) var violation: TwinsViolation?
    private var watch: TwinsWatch
    private var queue: [Delivery] = []
    private var queueHead = 0
    private(set) var now: UInt64 = 1
    /// Effects that wait for the partition of their sender's view.
    private var stalled: [(node: Int, effects: [Effect])] = []
    /// Turns of replicas so far.
    private(set) var steps = 0

    /// Turns after which a scenario counts as stuck; those that progress take a few hundred per view.
    static let patience = 40_000
    private static let wallClockStart: UInt64 = 1_700_000_000_000

    init(setting: TwinsSetting, leaders: [UInt8], breakage: TwinsBreakage) {
        self.setting = setting
        watch = TwinsWatch(setting: setting)
        nodes = setting.configurations(leaders: leaders, breakage: breakage).enumerated().map { node, configuration in
            do {
                return Node(key: setting.key(of: node), replica: try Replica(configuration: configuration, recovered: nil, now: 1))
            } catch {
                preconditionFailure("a replica starts from nothing")
            }
        }
        for node in nodes.indices {
            stalled.append((node, nodes[node].replica.start(now: now, wallClockMilliseconds: wallClock)))
            stalled.append((node, nodes[node].replica.step(.workAvailable(true), now: now, wallClockMilliseconds: wallClock)))
        }
    }

    private var wallClock: UInt64 { TwinsWorld.wallClockStart + now }

    /// Chooses the partition of the next view.
    mutating func choose(_ partition: [UInt8]) { partitions.append(partition) }

    // MARK: Running

    mutating func run() -> Pause {
        while violation == nil {
            while let next = stalled.first {
                if partitions.count < min(setting.rounds, Int(clamping: nodes[next.node].replica.view)) { return .needsPartition }
                stalled.removeFirst()
                for effect in next.effects { carryOut(effect, next.node) }
                if violation != nil { return .violated }
            }
            if nodes.allSatisfy({ $0.store.finalView > UInt64(setting.rounds) }) { return .progressed }
            guard steps < TwinsWorld.patience, event() else { return .stuck }
        }
        return .violated
    }

    /// Handles the next arrival or timer; `false` when there is none.
    private mutating func event() -> Bool {
        var earliest = nodes.startIndex
        for node in nodes.indices where nodes[node].timer < nodes[earliest].timer { earliest = node }
        let timer = nodes[earliest].timer
        if queueHead < queue.count, queue[queueHead].time <= timer {
            let delivery = queue[queueHead]
            queueHead += 1
            if queueHead == queue.count {
                queue.removeAll(keepingCapacity: true)
                queueHead = 0
            }
            now = max(now, delivery.time)
            step(
                delivery.to,
                .message(delivery.message, from: UInt16(nodes[delivery.from].key), peer: PeerToken(UInt64(delivery.from))))
            return true
        }
        guard timer != .max else { return false }
        now = max(now, timer)
        nodes[earliest].timer = .max
        step(earliest, .timer)
        return true
    }

    private mutating func step(_ node: Int, _ input: Input) {
        steps += 1
        stalled.append((node, nodes[node].replica.step(input, now: now, wallClockMilliseconds: wallClock)))
    }

    // MARK: Effects

    private mutating func carryOut(_ effect: Effect, _ node: Int) {
        switch effect {
        case .persist: break
        case .storeBlock(let block): nodes[node].store.keep(block)
        case .storeCommit(let certificate): nodes[node].store.keep(certificate)
        case .broadcast(let message):
            if case .timeout(let timeout) = message { noteTimeout(timeout.signed.statement.view, node) }
            note(watch.sent(message, by: nodes[node].key))
            for to in nodes.indices where to != node { send(message, node, to) }
        case .send(let message, let key):
            for to in nodes.indices where to != node && nodes[to].key == Int(key) { send(message, node, to) }
        case .request(let request, let preferred):
            if let preferred {
                send(.blockRequest(request), node, Int(preferred.rawValue))
            } else {
                for to in nodes.indices where to != node { send(.blockRequest(request), node, to) }
            }
        case .respond(let request, let peer): send(.blockResponse(nodes[node].store.answer(request)), node, Int(peer.rawValue))
        case .setTimer(let time): nodes[node].timer = time
        case .buildPayload(let view, _): step(node, .payloadBuilt(view: view, payload: [UInt8(node)]))
        case .checkPayload(let block): step(node, .payloadChecked(blockHash: block.header.hash, isValid: true))
        case .certified: break
        case .finalised(let hashes, _):
            nodes[node].store.finalise(hashes)
            note(watch.finalised(nodes[node].store, count: hashes.count, node: node))
        case .misbehaviour(let what): note(watch.blamed(what, by: node))
        }
    }

    private mutating func note(_ found: TwinsViolation?) { if violation == nil { violation = found } }

    private mutating func noteTimeout(_ view: UInt64, _ node: Int) {
        if nodes[node].timeoutView == view { nodes[node].resentView = view }
        nodes[node].timeoutView = view
    }

    private mutating func send(_ message: ConsensusMessage, _ from: Int, _ to: Int) {
        guard isReachable(to, from: from, view: round(of: message, from)) else { return }
        queue.append(Delivery(time: now + 1, from: from, to: to, message: message))
    }

    /// The view whose partition the message goes by.
    private func round(of message: ConsensusMessage, _ from: Int) -> UInt64 {
        switch message {
        case .proposal(let proposal): proposal.statement.view
        case .vote(let vote): vote.statement.view
        case .timeout(let timeout): timeout.signed.statement.view
        default: nodes[from].replica.view
        }
    }

    private func isReachable(_ to: Int, from: Int, view: UInt64) -> Bool {
        guard view >= 1, view <= UInt64(partitions.count), view != nodes[from].resentView else { return true }
        let groups = partitions[Int(view) - 1]
        return groups[from] == groups[to]
    }
}
