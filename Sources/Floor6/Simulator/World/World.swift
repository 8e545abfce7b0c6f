// The simulated world: virtual time, its events, and the nodes they happen to. Everything that happens is an event of one queue, every draw
// comes from the seed; so plan and seed determine a run. Confined to one thread.
//
// Time is in microseconds here; replicas are told milliseconds.
internal import Consensus
internal import Crypto
internal import Engine
internal import Mempool
internal import Primitives

final class World {
    enum Event {
        case deliver(to: Int, from: Int, Parcel)
        case timer(Int, incarnation: Int, due: UInt64)
        case payload(Int, incarnation: Int, view: UInt64, [UInt8])
        case checked(Int, incarnation: Int, Hash256, Bool)
        /// A durable write is done: what had to wait for it happens.
        case written(Int, incarnation: Int, [Effect])
        case restart(Int)
        case wake(Int)
        case faultBegins(Int)
        case faultEnds(Int)
        case chaos
        case clients
        case transactions(to: Int, [PooledTransaction])
        /// The node looks at its pool: it may have work for its replica, or build a block.
        case attend(Int, incarnation: Int)
    }

    let plan: SimulationPlan
    let seed: UInt64
    let ring: KeyRing
    let genesis: BlockHeader
    var nodes: [SimulatedNode] = []
    var queue = EventQueue<Event>()
    var network: VirtualNetwork
    /// Microseconds since the start. Begins at one millisecond, so that no time is zero.
    var now: UInt64 = 1_000
    var isHealed = false

    var faultRandom: SeededRandom
    var nodeRandom: SeededRandom

    // Faults: see World+Faults.swift.
    var mix: SwarmMix?
    var active: [(id: Int, kind: FaultKind)] = []
    var nextFault = 0
    /// Faults that the next random moment ends.
    var chaosFaults: [Int] = []
    /// Faults of disks that are still to come.
    var losses: [FaultKind] = []
    var isolatesLeader = false
    var pendingTriggers: [(index: Int, trigger: FaultTrigger)] = []
    /// Validators whose misbehaviour is intended.
    var isSuspect: [Bool]
    let usesWire: Bool

    var checks: Checks
    var auditor = AuditorHash()
    var eventCount: UInt64 = 0
    var stepCount: UInt64 = 0
    /// The highest view that an honest replica has reached.
    var highestView: UInt64 = 0
    var clients: Clients?
    var latency: LatencyRecorder?
    /// Sees each message before it is sent; may drop it. For scenarios that choose who hears what in which view.
    var filter: ((_ from: Int, _ to: Int, _ message: ConsensusMessage) -> Bool)?

    /// `nil` when the plan's weights make no validator set.
    init?(plan: SimulationPlan, seed: UInt64) {
        guard let ring = KeyRing(plan: plan, seed: seed) else { return nil }
        self.plan = plan
        self.seed = seed
        self.ring = ring
        var draw = SeededRandom(seed: seed, stream: 0)
        usesWire = draw.chance(plan.wirePercent)
        network = VirtualNetwork(count: plan.nodeCount, plan: plan.links, random: SeededRandom(seed: seed, stream: 1))
        faultRandom = SeededRandom(seed: seed, stream: 2)
        nodeRandom = SeededRandom(seed: seed, stream: 3)
        isSuspect = Array(repeating: false, count: plan.weights.count)
        checks = Checks(plan: plan)
        let chain = plan.depth == .machines ? SimulatedChain(plan: plan) : nil
        genesis = chain?.header ?? World.plainGenesis
        if let chain { clients = Clients(plan: plan, chain: chain, random: SeededRandom(seed: seed, stream: 4)) }
        makeNodes(chain)
        drawSwarm()
        for (index, fault) in plan.faults.enumerated() {
            if case .time(let milliseconds) = fault.trigger {
                queue.push(.faultBegins(index), at: now + milliseconds * 1_000)
            } else {
                pendingTriggers.append((index, fault.trigger))
            }
        }
    }

    /// The block at height 0 of a chain without accounts.
    static let plainGenesis = BlockHeader(
        epoch: 0, view: 0, height: 0, parentHash: .zero, parentView: 0, payloadRoot: Keccak256.hash([]), payloadByteCount: 0,
        timestampMilliseconds: 0, proposer: .zero)

    private func makeNodes(_ chain: SimulatedChain?) {
        var base = ConsensusConfiguration(
            validators: ring.set, epoch: 1, genesisHeader: genesis, chainId: SimulationPlan.chainID, timing: plan.timing,
            maximumPayloadBytes: SimulationPlan.maximumPayloadBytes, key: nil)
        base.timing = plan.timing
        base.tipRule = plan.tipRule
        #if MUTANTS
            base.mutant = plan.mutant
        #endif
        let count = plan.weights.count
        let validators: [Int?] = Array(0..<count) + Array(repeating: nil, count: plan.followers) + plan.twins.map { $0 }
        for (index, validator) in validators.enumerated() {
            var configuration = base
            configuration.key = validator.map { ring.keys[$0] }
            let node = SimulatedNode(index: index, validator: validator, configuration: configuration)
            node.disk.checksEncoding = usesWire
            if let chain { node.machines = NodeMachines(chain: chain, storeLag: nodeRandom.index(4)) }
            nodes.append(node)
        }
        for twin in plan.twins { isSuspect[twin] = true }
        for item in plan.adversaries { replace(item.validator, by: item.kind) }
    }

    /// Puts an adversary in the place of a validator.
    func replace(_ validator: Int, by kind: AdversaryKind) {
        let node = nodes[validator]
        node.adversary = kind.make()
        node.context = AdversaryContext(
            node: validator, validator: validator, configuration: node.configuration, validatorOfNode: nodes.map(\.validator),
            random: SeededRandom(seed: seed, stream: 100 + UInt64(validator)))
        isSuspect[validator] = true
        if kind.mayEquivocateAsLeader { checks.certifiedStays = false }
    }

    // MARK: Time

    var milliseconds: UInt64 { now / 1_000 }

    func wallClock(_ node: SimulatedNode) -> UInt64 {
        let time = Int64(SimulationPlan.wallClockStartMilliseconds + milliseconds) + node.clockOffsetMilliseconds
        return UInt64(max(0, time))
    }

    func startAll() {
        for node in nodes where node.replica == nil { start(node) }
        if mix != nil { queue.push(.chaos, at: now + 20_000) }
        if clients != nil { queue.push(.clients, at: now + 1_000) }
    }

    /// Runs until the time in microseconds, or until `isDone`, which is asked now and then.
    func run(until end: UInt64, isDone: () -> Bool = { false }) {
        var untilAsked = 0
        while let next = queue.nextTime, next <= end {
            guard let (time, event) = queue.pop() else { break }
            now = max(now, time)
            eventCount &+= 1
            handle(event)
            untilAsked -= 1
            if untilAsked <= 0 {
                untilAsked = World.eventsBetweenQuestions
                if isDone() { return }
            }
        }
        if !isDone() { now = max(now, end) }
    }

    private static let eventsBetweenQuestions = 32

    // MARK: Events

    func handle(_ event: Event) {
        switch event {
        case .deliver(let to, let from, let parcel): deliver(parcel, from: from, to: nodes[to])
        case .timer(let index, let incarnation, let due):
            let node = nodes[index]
            guard node.incarnation == incarnation, node.timer == due else { return }
            guard !node.isHeld else { return node.inbox.append(event) }
            node.timer = .max
            audit(1, node)
            step(node, .timer)
        case .payload(let index, let incarnation, let view, let payload):
            guard let node = alive(index, incarnation, event) else { return }
            audit(2, node)
            step(node, .payloadBuilt(view: view, payload: payload))
        case .checked(let index, let incarnation, let hash, let isValid):
            guard let node = alive(index, incarnation, event) else { return }
            audit(3, node)
            step(node, .payloadChecked(blockHash: hash, isValid: isValid))
        case .written(let index, let incarnation, let effects): written(nodes[index], incarnation, effects)
        case .restart(let index): if nodes[index].replica == nil, !nodes[index].isFrozen { start(nodes[index]) }
        case .wake(let index): wake(nodes[index])
        case .faultBegins(let index): beginFault(index)
        case .faultEnds(let id): endFault(id)
        case .chaos: chaos()
        case .clients: clientsAct()
        case .transactions(let to, let transactions): receive(transactions, nodes[to])
        case .attend(let index, let incarnation):
            guard let node = alive(index, incarnation, event) else { return }
            attend(node)
        }
    }

    /// The node, when it still lives the life the event belongs to and is not held up; else the event is void, or waits.
    private func alive(_ index: Int, _ incarnation: Int, _ event: Event) -> SimulatedNode? {
        let node = nodes[index]
        guard node.incarnation == incarnation else { return nil }
        guard !node.isHeld else {
            node.inbox.append(event)
            return nil
        }
        return node
    }

    private func deliver(_ parcel: Parcel, from: Int, to node: SimulatedNode) {
        guard !node.isHeld else { return node.inbox.append(.deliver(to: node.index, from: from, parcel)) }
        guard node.replica != nil || node.adversary != nil else { return }
        auditor.add(now << 16 ^ UInt64(node.index) << 8 ^ UInt64(from))
        auditor.add(parcel.message.fingerprint)
        var message = parcel.message
        if let bytes = parcel.bytes {
            guard let decoded = try? ConsensusMessage.decode(bytes, maximumPayloadBytes: SimulationPlan.maximumPayloadBytes), decoded == message
            else { return checks.storage.note("a message does not survive encoding", node: from) }
            message = decoded
        }
        if node.adversary != nil { return lie(node) { $0.receive(message, from: from, &$1) } }
        let validator = nodes[from].validator.map { UInt16($0) }
        step(node, .message(message, from: validator, peer: PeerToken(UInt64(from))))
    }

    func audit(_ kind: UInt64, _ node: SimulatedNode) { auditor.add(now << 16 ^ UInt64(node.index) << 8 ^ kind) }

    /// What came while the node was held up.
    func drain(_ node: SimulatedNode) {
        guard node.pauses == 0 else { return }
        if case .written = node.inbox.first {
            // The write ended while the process stood still: it comes before anything that waits for it.
            let event = node.inbox.removeFirst()
            return handle(event)
        }
        guard !node.isHeld, !node.inbox.isEmpty else { return }
        var waiting: [Event] = []
        swap(&waiting, &node.inbox)
        for (position, event) in waiting.enumerated() {
            guard !node.isHeld else {
                node.inbox = Array(waiting[position...]) + node.inbox
                return
            }
            handle(event)
        }
    }
}

extension ConsensusMessage {
    /// A word that differs between different messages, for the auditor.
    var fingerprint: UInt64 {
        func mix(_ view: UInt64, _ hash: Hash256, _ more: UInt64) -> UInt64 {
            (view &* 0x9e37_79b9_7f4a_7c15) ^ hash.w0 &+ hash.w3 ^ (more &* 0xd134_2543_de82_ef95) &+ UInt64(kind)
        }
        switch self {
        case .proposal(let value): return mix(value.block.header.view, value.block.header.payloadRoot, value.block.header.timestampMilliseconds)
        case .vote(let value): return mix(value.statement.view, value.statement.blockHash, UInt64(value.signer))
        case .commitVote(let value): return mix(value.statement.view, value.statement.blockHash, UInt64(value.signer))
        case .timeout(let value):
            let statement = value.signed.statement
            return mix(statement.view, statement.highQCHash, UInt64(value.signed.signer) ^ statement.tipView << 20 ^ statement.tipHash.w0)
        case .quorumCertificate(let value): return mix(value.view, value.blockHash, UInt64(value.signatures.count))
        case .timeoutCertificate(let value): return mix(value.view, value.highQC.blockHash, UInt64(value.signatures.count))
        case .commitCertificate(let value): return mix(value.view, value.blockHash, UInt64(value.signatures.count))
        case .blockRequest(.block(let hash)): return mix(1, hash, 0)
        case .blockRequest(.range(let from, let count)): return mix(from, .zero, UInt64(count))
        case .blockResponse(let value):
            return mix(UInt64(value.blocks.count), value.certificate?.blockHash ?? .zero, value.blocks.last?.header.view ?? 0)
        case .headerProposal(let value): return mix(value.view, value.header.payloadRoot, value.tipView)
        case .proposalRequest(let value): return mix(value.view, value.blockHash, 0)
        }
    }
}
