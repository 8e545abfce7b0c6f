// An honest replica inside an adversary: it runs as the program would, on a disk that never fails; the adversary decides what it hears and which
// of its messages leave. Several of them are several minds behind one key.
public import Consensus
internal import Primitives

public struct Puppet: Sendable {
    public private(set) var replica: Replica
    private var disk: VirtualDisk
    private var timer: UInt64?

    /// `nil` when the configuration is refused, which a valid one is not.
    public init?(_ context: AdversaryContext) {
        guard let replica = try? Replica(configuration: context.configuration, recovered: nil, now: context.nowMilliseconds) else { return nil }
        self.replica = replica
        disk = VirtualDisk(genesis: context.configuration.genesisHeader)
    }

    /// The first turn. Returns what the replica wants sent.
    public mutating func start(_ context: inout AdversaryContext) -> [Lie] {
        let effects = replica.start(now: context.nowMilliseconds, wallClockMilliseconds: context.wallClockMilliseconds)
        return carryOut(effects, &context) + step(.workAvailable(true), &context)
    }

    public mutating func receive(_ message: ConsensusMessage, from node: Int, _ context: inout AdversaryContext) -> [Lie] {
        let validator = context.validatorOfNode[node].map { UInt16($0) }
        return step(.message(message, from: validator, peer: PeerToken(UInt64(node))), &context)
    }

    /// Call it from `wake`: lets the replica's timer fire when it is due.
    public mutating func wake(_ context: inout AdversaryContext) -> [Lie] {
        guard let timer, context.nowMilliseconds >= timer else { return [] }
        self.timer = nil
        return step(.timer, &context)
    }

    public mutating func step(_ input: Input, _ context: inout AdversaryContext) -> [Lie] {
        let effects = replica.step(input, now: context.nowMilliseconds, wallClockMilliseconds: context.wallClockMilliseconds)
        return carryOut(effects, &context)
    }

    private mutating func carryOut(_ effects: [Effect], _ context: inout AdversaryContext) -> [Lie] {
        _ = disk.commit(effects, at: context.nowMilliseconds)
        var lies: [Lie] = []
        for effect in effects {
            switch effect {
            case .broadcast(let message): lies.append(Lie(message, to: context.others))
            case .send(let message, let to):
                lies.append(Lie(message, to: context.others.filter { context.validatorOfNode[$0] == Int(to) }))
            case .request(let request, let preferred):
                let target = preferred.map { Int($0.rawValue) } ?? context.random.pick(context.others) ?? context.node
                if target != context.node { lies.append(Lie(.blockRequest(request), to: [target])) }
            case .respond(let request, let peer): lies.append(Lie(.blockResponse(disk.answer(request)), to: [Int(peer.rawValue)]))
            case .setTimer(let time): timer = time
            case .buildPayload(let view, _):
                lies += step(.payloadBuilt(view: view, payload: [UInt8(truncatingIfNeeded: context.random.next())]), &context)
            case .checkPayload(let block): lies += step(.payloadChecked(blockHash: block.hash, isValid: true), &context)
            default: break
            }
        }
        return lies
    }
}
