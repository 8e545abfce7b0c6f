// Floor 5, RPC: the logs of simulated transactions, transfers of ether among them when they are wanted.
import Engine
import Primitives

/// Collects the logs of one transaction after the other. Logs of frames that fail are dropped.
final class SimulationObserver: ExecutionObserver {
    /// EIP-7528: the address that stands for ether.
    static let etherAddress = Address(w0: 0xeeee_eeee_eeee_eeee, w1: 0xeeee_eeee_eeee_eeee, w2: 0xeeee_eeee)
    /// Topic of `Transfer(address,address,uint256)`.
    static let transferTopic = Keccak256.hash(Array("Transfer(address,address,uint256)".utf8))

    private let deadline: ContinuousClock.Instant
    private let tracesTransfers: Bool
    /// Where in `logs` the logs of each open frame begin.
    private var marks: [Int] = []
    private(set) var logs: [Log] = []

    init(deadline: ContinuousClock.Instant, tracesTransfers: Bool) {
        self.deadline = deadline
        self.tracesTransfers = tracesTransfers
        super.init(seesFrames: true)
    }

    func reset() {
        marks = []
        logs = []
    }

    override func shouldStop() -> Bool { ContinuousClock.now >= deadline }

    override func enter(_ frame: FrameStart) {
        marks.append(logs.count)
        let movesValue = frame.origin == .call || frame.origin.isCreation
        if movesValue { transfer(frame.from, frame.to, frame.value) }
    }

    override func leave(_ frame: FrameEnd) {
        guard let mark = marks.popLast(), frame.result != .success else { return }
        logs.removeLast(logs.count - mark)
    }

    override func logged(_ log: Log) { logs.append(log) }

    override func selfDestructed(_ contract: Address, heir: Address, balance: UInt256) { transfer(contract, heir, balance) }

    private func transfer(_ from: Address, _ to: Address, _ value: UInt256) {
        guard tracesTransfers, !value.isZero else { return }
        logs.append(
            Log(
                address: SimulationObserver.etherAddress,
                topics: [SimulationObserver.transferTopic, Hash256(from.word), Hash256(to.word)], data: value.bigEndianBytes))
    }
}
