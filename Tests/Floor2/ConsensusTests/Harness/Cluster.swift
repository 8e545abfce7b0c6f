// A whole network in one value: virtual time, seeded delays, loss, duplication, partitions, crashes, silence and twins.
// Crypto is real. A run is a function of its seed.
import Consensus
import Crypto
import Primitives

/// Faults of a run; all off by default.
struct Faults {
    var lossPercent: UInt64 = 0
    var duplicatePercent: UInt64 = 0
    var delayMilliseconds: ClosedRange<UInt64> = 1...5
    /// One in a hundred messages takes this long.
    var spikeMilliseconds: UInt64 = 0
    /// Chance per turn, in 1/1000, that the node crashes before, while or after it stores.
    var crashPerMille: UInt64 = 0
    /// Encode and decode each message on its way.
    var usesWire = true
}

final class Cluster {
    struct Node {
        var signer: Int
        var key: SigningKey?
        var replica: Replica?
        var disk: Disk
        var incarnation = 0
        var certified: Set<Hash256> = []
        var isSilent = false
        var group = 0
        var work = true
        var timer: UInt64 = .max
        var finalisedCount: UInt64 = 0
        /// In place of a replica.
        var liar: Liar?
    }

    enum Event {
        case deliver(to: Int, from: Int, ConsensusMessage)
        case deliverBytes(to: Int, from: Int, [UInt8])
        case timer(Int, incarnation: Int, due: UInt64)
        case payload(Int, incarnation: Int, view: UInt64)
        case checked(Int, incarnation: Int, Hash256, Bool)
        case restart(Int)
    }

    let set: ValidatorSet
    let genesis: BlockHeader
    let timing: ConsensusTiming
    var nodes: [Node] = []
    var queue = EventQueue<Event>()
    var random: Random
    var faults = Faults()
    var monitor = Monitor()
    var now: UInt64 = 1
    var misbehaviour: [Misbehaviour] = []
    var steps = 0
    /// Whether a node finds a payload valid.
    var isPayloadValid: (Int, Block) -> Bool = { _, _ in true }
    /// Sees each message before it is sent; may drop it.
    var filter: ((_ from: Int, _ to: Int, ConsensusMessage) -> Bool)?
    var tipRule = false
    static let wallClockStart: UInt64 = 1_700_000_000_000
    static let maximumPayloadBytes = 1 << 16

    init(weights: [UInt64], seed: UInt64, timing: ConsensusTiming = .test, twins: [Int] = [], followers: Int = 0, isSimulated: Bool = false) {
        random = Random(seed: seed)
        let keys: [SigningKey] = isSimulated ? weights.indices.map { .simulated(SimulatedKey(UInt64($0))) } : testKeys(weights.count).map { .secp256k1($0) }
        set = ValidatorSet(zip(keys, weights).map(Validator.init), seed: Keccak256.hash([UInt8(truncatingIfNeeded: seed)]))!
        genesis = testGenesis
        self.timing = timing
        let sorted = keys.sorted { $0.address < $1.address }
        for (index, key) in sorted.enumerated() { nodes.append(Node(signer: index, key: key, disk: Disk(genesis: genesis))) }
        for twin in twins {
            nodes.append(Node(signer: twin, key: sorted[twin], disk: Disk(genesis: genesis)))
            monitor.isExempt.insert(twin)
        }
        for _ in 0..<followers { nodes.append(Node(signer: -1, key: nil, disk: Disk(genesis: genesis))) }
    }

    // MARK: Running

    func configuration(_ node: Int) -> ConsensusConfiguration {
        var configuration = ConsensusConfiguration(
            validators: set, epoch: 1, genesisHeader: genesis, chainId: 270, timing: timing,
            maximumPayloadBytes: Cluster.maximumPayloadBytes, key: nodes[node].key)
        configuration.tipRule = tipRule
        return configuration
    }

    var domain: SigningDomain { SigningDomain(chainId: 270, genesisHash: genesis.hash) }

    func startAll() { for node in nodes.indices where nodes[node].replica == nil { start(node) } }

    /// Puts a liar in the place of a validator. Call before `startAll`.
    func replaceByLiar(_ node: Int, seed: UInt64) {
        nodes[node].liar = Liar(index: node, key: nodes[node].key!, set: set, domain: configuration(node).domain, seed: seed)
        monitor.isExempt.insert(node)
    }

    private func lie(_ node: Int, _ message: ConsensusMessage) {
        let lies = nodes[node].liar!.answer(message, nodes: nodes.count, wallClock: Cluster.wallClockStart + now)
        for (to, lie) in lies { send(lie, node, to) }
    }

    func start(_ node: Int) {
        guard nodes[node].liar == nil else { return }
        nodes[node].incarnation += 1
        nodes[node].timer = .max
        nodes[node].certified = Set(nodes[node].disk.final)
        do {
            nodes[node].replica = try Replica(configuration: configuration(node), recovered: nodes[node].disk.recovered, now: now)
        } catch {
            monitor.problems.append("node \(node) refuses its own store: \(error)")
            return
        }
        let effects = nodes[node].replica!.start(now: now, wallClockMilliseconds: Cluster.wallClockStart + now)
        carryOut(effects, node)
        step(node, .workAvailable(nodes[node].work))
    }

    func crash(_ node: Int) {
        nodes[node].replica = nil
        nodes[node].incarnation += 1
    }

    /// Runs until the time, or until `isDone`.
    func run(until end: UInt64, isDone: () -> Bool = { false }) {
        while let next = queue.nextTime, next <= end, !isDone() {
            guard let (time, event) = queue.pop() else { break }
            now = max(now, time)
            handle(event)
        }
        if !isDone() { now = max(now, end) }
    }

    private func handle(_ event: Event) {
        switch event {
        case .deliver(let to, _, let message) where nodes[to].liar != nil: lie(to, message)
        case .deliver(let to, let from, let message): step(to, .message(message, from: validator(from), peer: PeerToken(UInt64(from))))
        case .deliverBytes(let to, let from, let bytes):
            guard let message = try? ConsensusMessage.decode(bytes, maximumPayloadBytes: Cluster.maximumPayloadBytes) else {
                monitor.problems.append("a message does not survive encoding")
                return
            }
            if nodes[to].liar != nil { return lie(to, message) }
            step(to, .message(message, from: validator(from), peer: PeerToken(UInt64(from))))
        case .timer(let node, let incarnation, let due):
            guard nodes[node].incarnation == incarnation, nodes[node].timer == due else { return }
            nodes[node].timer = .max
            step(node, .timer)
        case .payload(let node, let incarnation, let view):
            guard nodes[node].incarnation == incarnation else { return }
            step(node, .payloadBuilt(view: view, payload: (0..<8).map { _ in UInt8(truncatingIfNeeded: random.next()) }))
        case .checked(let node, let incarnation, let hash, let isValid):
            guard nodes[node].incarnation == incarnation else { return }
            step(node, .payloadChecked(blockHash: hash, isValid: isValid))
        case .restart(let node):
            if nodes[node].replica == nil { start(node) }
        }
    }

    private func validator(_ node: Int) -> UInt16? { nodes[node].signer < 0 ? nil : UInt16(nodes[node].signer) }

    func step(_ node: Int, _ input: Input) {
        guard nodes[node].replica != nil else { return }
        steps += 1
        let effects = nodes[node].replica!.step(input, now: now, wallClockMilliseconds: Cluster.wallClockStart + now)
        carryOut(effects, node)
    }

    func setWork(_ node: Int, _ isAvailable: Bool) {
        nodes[node].work = isAvailable
        step(node, .workAvailable(isAvailable))
    }

    // MARK: Effects

    private func carryOut(_ effects: [Effect], _ node: Int) {
        var survives = effects.count
        if faults.crashPerMille > 0, random.below(1000) < faults.crashPerMille {
            // Before storing, or after storing and before or amid sending.
            if random.chance(30) { survives = -1 } else { survives = random.index(effects.count + 1) }
        }
        if survives >= 0, let problem = nodes[node].disk.apply(effects) { monitor.problems.append("node \(node): \(problem)") }
        for effect in effects.prefix(max(0, survives)) { carryOut(effect, node) }
        if survives < effects.count {
            crash(node)
            queue.push(.restart(node), at: now + random.within(1...400))
        }
    }

    private func carryOut(_ effect: Effect, _ node: Int) {
        let incarnation = nodes[node].incarnation
        switch effect {
        case .persist, .storeBlock, .storeCommit: break
        case .broadcast(let message):
            for to in nodes.indices where to != node { send(message, node, to) }
            monitor.sent(message, by: node, signer: nodes[node].signer, record: nodes[node].disk.record)
        case .send(let message, let to):
            for other in nodes.indices where other != node && nodes[other].signer == Int(to) { send(message, node, other) }
        case .request(let request, let preferred):
            let target = preferred.map { Int($0.rawValue) } ?? random.index(nodes.count)
            if target != node { send(.blockRequest(request), node, target) }
        case .respond(let request, let peer):
            send(.blockResponse(nodes[node].disk.answer(request)), node, Int(peer.rawValue))
        case .setTimer(let time):
            nodes[node].timer = time
            queue.push(.timer(node, incarnation: incarnation, due: time), at: max(now, time))
        case .buildPayload(let view, _):
            let wait = nodes[node].work ? random.below(2) : timing.idleBlockIntervalMilliseconds
            queue.push(.payload(node, incarnation: incarnation, view: view), at: now + wait)
        case .checkPayload(let block):
            let isValid = isPayloadValid(node, block)
            queue.push(.checked(node, incarnation: incarnation, block.header.hash, isValid), at: now + random.below(2))
        case .certified(let hash):
            if nodes[node].disk.blocks[hash] == nil { monitor.problems.append("certified block is not stored") }
            if !nodes[node].certified.insert(hash).inserted { monitor.problems.append("block certified twice") }
        case .finalised(let hashes, let certificate):
            noteFinal(hashes, certificate, node)
        case .misbehaviour(let what): misbehaviour.append(what)
        }
    }

    private func noteFinal(_ hashes: [Hash256], _ certificate: CommitCertificate, _ node: Int) {
        if hashes.last != certificate.blockHash { monitor.problems.append("certificate is not that of the last final block") }
        for hash in hashes {
            guard let header = nodes[node].disk.blocks[hash]?.header else {
                monitor.problems.append("final block is not stored")
                continue
            }
            if !nodes[node].certified.contains(hash) { monitor.problems.append("final block was not certified before") }
            monitor.finalised(header.height, hash, node: node)
            nodes[node].finalisedCount = max(nodes[node].finalisedCount, header.height)
        }
    }

    private func send(_ message: ConsensusMessage, _ from: Int, _ to: Int) {
        guard !nodes[from].isSilent, nodes[from].group == nodes[to].group, !random.chance(faults.lossPercent) else { return }
        if let filter, !filter(from, to, message) { return }
        let copies = random.chance(faults.duplicatePercent) ? 2 : 1
        let bytes = faults.usesWire ? message.encoded : []
        for _ in 0..<copies {
            let spike = faults.spikeMilliseconds > 0 && random.chance(1) ? faults.spikeMilliseconds : 0
            let time = now + random.within(faults.delayMilliseconds) + spike
            queue.push(faults.usesWire ? .deliverBytes(to: to, from: from, bytes) : .deliver(to: to, from: from, message), at: time)
        }
    }

    // MARK: Reading

    func finalisedHeight(_ node: Int) -> UInt64 { UInt64(nodes[node].disk.final.count - 1) }
    var lowest: UInt64 { nodes.indices.filter { !nodes[$0].isSilent && nodes[$0].liar == nil }.map(finalisedHeight).min() ?? 0 }
    var highest: UInt64 { nodes.indices.map(finalisedHeight).max() ?? 0 }
}

extension ConsensusTiming {
    static var test: ConsensusTiming {
        ConsensusTiming(
            baseTimeoutMilliseconds: 200, maximumTimeoutMilliseconds: 3_200, minimumBlockIntervalMilliseconds: 0,
            idleBlockIntervalMilliseconds: 400)
    }
}

extension Validator {
    init(_ key: SigningKey, _ weight: UInt64) {
        switch key {
        case .secp256k1(let key): self.init(publicKey: key.publicKey, weight: weight)!
        case .simulated(let key): self.init(simulated: key, weight: weight)
        }
    }
}
