// Floor 6, ConsensusBench: the client. It keeps a number of commands in flight, sends each to all replicas, and believes that a
// command is final when F + 1 replicas have said so: one of them is honest.
import Consensus
import Network
import Primitives

@LoopActor
final class BenchmarkClient {
    /// What a measurement saw.
    struct Measurement: Sendable {
        var microseconds: UInt64 = 0
        /// Of each command that became final meanwhile, from the sending to the belief.
        var latencies: [UInt32] = []
        /// Of each replica, at both ends.
        var before: [ReplicaReport] = []
        var after: [ReplicaReport] = []
        var clientProcessorMicroseconds: UInt64 = 0
    }

    private enum Phase {
        case connecting
        case warmingUp
        case measuring
        case ended
    }

    /// The command that a slot of the window stands for.
    private struct Slot {
        var sequence: UInt64 = .max
        var sentAt: UInt64 = 0
        var reporters: UInt16 = 0
    }

    private let plan: ConsensusBenchmarkPlan
    private let folder: String
    private let ended: @Sendable (Result<Measurement, ConsensusBenchmarkError>) -> Void
    private var phase = Phase.connecting
    private var connections: [LocalConnection] = []
    private var reports: [ReplicaReport?]
    private var onReports: (([ReplicaReport]) -> Void)?
    private var timer: LoopTimer?
    private var deadline: UInt64

    private var slots: [Slot]
    private var next: UInt64 = 0
    private var sendable: Int
    private var isSendScheduled = false
    /// The hash of each final height, told by the first replica that reported it, for the newest heights.
    private var hashes: [UInt64: Hash256] = [:]
    private var highest: UInt64 = 0
    private static let comparedHeights: UInt64 = 4_096

    private var measurement = Measurement()
    private var measuredFrom: UInt64 = 0

    /// How long replicas may take to start and to connect to each other.
    private static let startLimitMicroseconds: UInt64 = 30_000_000
    private static let pollMilliseconds: UInt64 = 20
    static let warmUpMilliseconds: UInt64 = 1_500

    init(
        plan: ConsensusBenchmarkPlan, folder: String,
        ended: @escaping @Sendable (Result<Measurement, ConsensusBenchmarkError>) -> Void
    ) {
        self.plan = plan
        self.folder = folder
        self.ended = ended
        reports = Array(repeating: nil, count: plan.validators)
        slots = Array(repeating: Slot(), count: plan.windowCount)
        sendable = plan.inFlight
        deadline = monotonicMicroseconds() + Self.startLimitMicroseconds
    }

    func start() {
        timer = LoopTimer { [weak self] in self?.tick() }
        connect()
    }

    private func fail(_ reason: String) {
        guard phase != .ended else { return }
        finish(.failure(ConsensusBenchmarkError(description: reason)))
    }

    private func finish(_ result: Result<Measurement, ConsensusBenchmarkError>) {
        phase = .ended
        timer = nil
        for connection in connections { connection.close() }
        connections = []
        ended(result)
    }

    // MARK: - Phases

    /// Connects to the replicas that have not been reached yet. A replica ends with its client's connection, so none that is open
    /// may be given up.
    private func connect() {
        for index in 0..<plan.validators where index >= connections.count || !connections[index].isOpen {
            if index < connections.count { connections[index].close() }
            let connection = LocalConnection.connect(
                path: ConsensusBenchmark.socket(folder, index), owner: self, maximumFrameBytes: ClientFrame.maximumBytes)
            if index < connections.count { connections[index] = connection } else { connections.append(connection) }
        }
        timer?.schedule(afterMilliseconds: Self.pollMilliseconds)
    }

    private func tick() {
        switch phase {
        case .connecting:
            guard monotonicMicroseconds() < deadline else {
                fail("the replicas did not connect to each other")
                return
            }
            guard connections.allSatisfy(\.isOpen) else {
                connect()
                return
            }
            ask { [weak self] reports in
                guard let self else { return }
                if reports.allSatisfy({ $0.connectedPeers == UInt64(self.plan.validators - 1) }) {
                    self.phase = .warmingUp
                    self.scheduleSend()
                    self.timer?.schedule(afterMilliseconds: Self.warmUpMilliseconds)
                } else {
                    self.timer?.schedule(afterMilliseconds: Self.pollMilliseconds)
                }
            }
        case .warmingUp:
            ask { [weak self] reports in self?.beginMeasuring(reports) }
        case .measuring:
            measurement.microseconds = monotonicMicroseconds() - measuredFrom
            measurement.clientProcessorMicroseconds = HostProcess.processorMicroseconds() - measurement.clientProcessorMicroseconds
            let seen = measurement
            ask { [weak self] reports in
                var seen = seen
                seen.after = reports
                self?.finish(.success(seen))
            }
        case .ended: break
        }
    }

    private func beginMeasuring(_ reports: [ReplicaReport]) {
        phase = .measuring
        measurement.before = reports
        measurement.clientProcessorMicroseconds = HostProcess.processorMicroseconds()
        measuredFrom = monotonicMicroseconds()
        timer?.schedule(afterMilliseconds: UInt64(plan.seconds) * 1_000)
    }

    private func ask(_ body: @escaping ([ReplicaReport]) -> Void) {
        reports = Array(repeating: nil, count: plan.validators)
        onReports = body
        for connection in connections { connection.send([ClientFrame.reportRequest]) }
    }

    // MARK: - Commands

    private func scheduleSend() {
        guard !isSendScheduled else { return }
        isSendScheduled = true
        LoopActor.atEndOfTurn { [weak self] in self?.sendCommands() }
    }

    /// Sends as many new commands as may be in flight, in one frame to each replica.
    private func sendCommands() {
        isSendScheduled = false
        guard phase != .ended, sendable > 0 else { return }
        let now = monotonicMicroseconds()
        var writer = CanonicalWriter(capacity: ClientFrame.commandsHeaderByteCount + sendable * plan.payloadBytes)
        writer.write(ClientFrame.commands)
        writer.write(next)
        for _ in 0..<sendable {
            slots[Int(next % UInt64(slots.count))] = Slot(sequence: next, sentAt: now)
            fillPayload(next, &writer)
            next += 1
        }
        sendable = 0
        for connection in connections { connection.send(writer.bytes) }
    }

    /// Bytes that differ from command to command.
    private func fillPayload(_ sequence: UInt64, _ writer: inout CanonicalWriter) {
        var word = sequence &* 0x9e37_79b9_7f4a_7c15
        for index in 0..<plan.payloadBytes {
            if index % 8 == 0 { word = (word ^ word >> 29) &* 0xbf58_476d_1ce4_e5b9 }
            writer.write(UInt8(truncatingIfNeeded: word >> UInt64(index % 8 * 8)))
        }
    }

    private func note(_ block: FinalBlock, from replica: Int) {
        if let known = hashes[block.height] {
            guard known == block.hash else { return fail("replica \(replica) has another final block at height \(block.height)") }
        } else if block.height > highest || highest - block.height < Self.comparedHeights {
            hashes[block.height] = block.hash
            highest = max(highest, block.height)
            if highest > Self.comparedHeights { hashes[highest - Self.comparedHeights] = nil }
        }
        let now = monotonicMicroseconds()
        for run in block.runs {
            for sequence in run.first..<run.first &+ UInt64(run.count) {
                let position = Int(sequence % UInt64(slots.count))
                guard slots[position].sequence == sequence else { continue }
                slots[position].reporters |= 1 << UInt16(replica)
                guard slots[position].reporters.nonzeroBitCount == plan.believableCount else { continue }
                if phase == .measuring { measurement.latencies.append(UInt32(clamping: now - slots[position].sentAt)) }
                slots[position].sequence = .max
                sendable += 1
            }
        }
    }
}

extension BenchmarkClient: LocalConnectionOwner {
    func opened(_ connection: LocalConnection) {}

    func received(_ frame: [UInt8], on connection: LocalConnection) {
        guard let replica = connections.firstIndex(where: { $0 === connection }) else { return }
        do throws(CanonicalError) {
            var reader = CanonicalReader(frame)
            switch try reader.read(UInt8.self) {
            case ClientFrame.finalBlocks:
                for block in try ClientFrame.decodeFinalBlocks(frame) { note(block, from: replica) }
                if sendable > 0 { scheduleSend() }
            case ClientFrame.report:
                reports[replica] = try ReplicaReport.decode(from: &reader)
                let all = reports.compactMap { $0 }
                if all.count == plan.validators, let body = onReports {
                    onReports = nil
                    body(all)
                }
            default: throw .invalidValue
            }
        } catch {
            fail("replica \(replica) sent a malformed frame")
        }
    }

    func closed(_ connection: LocalConnection, reason: String) {
        guard phase != .connecting, let replica = connections.firstIndex(where: { $0 === connection }) else { return }
        fail("replica \(replica) is gone: \(reason)")
    }
}
