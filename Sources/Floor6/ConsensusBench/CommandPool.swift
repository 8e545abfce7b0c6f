// Floor 6, ConsensusBench: the commands that clients sent, until they are final. A pure value.
//
// Invariants: a command is named by its sequence number and lies in one slot of a ring; every sequence below `base` is final;
// one at or above `base + capacity` is refused. Each command is reported final once, however often blocks carry it.
internal import Primitives

package struct CommandPool {
    /// Consecutive sequence numbers.
    package struct Run: Equatable {
        package var first: UInt64
        package var count: UInt32

        package init(first: UInt64, count: UInt32) {
            self.first = first
            self.count = count
        }
    }

    private enum State: UInt8 {
        case unknown
        case pending
        case final
    }

    /// Bytes of every command.
    package let payloadBytes: Int
    private let capacity: Int
    private var states: [State]
    private var bytes: [UInt8]
    /// The selection that last met the command in a block that is on the way.
    private var marks: [UInt32]
    private var selection: UInt32 = 0
    private var base: UInt64 = 0
    /// In order of arrival; those that became final are skipped and leave from the front.
    private var pending: [UInt64] = []
    private var head = 0
    package private(set) var pendingCount = 0
    /// Commands that a final block carried a second time.
    package private(set) var repeatedCount: UInt64 = 0

    package static let sequenceByteCount = 8

    package init(payloadBytes: Int, capacity: Int) {
        self.payloadBytes = payloadBytes
        self.capacity = capacity
        states = Array(repeating: .unknown, count: capacity)
        bytes = Array(repeating: 0, count: capacity * payloadBytes)
        marks = Array(repeating: 0, count: capacity)
    }

    private var recordBytes: Int { Self.sequenceByteCount + payloadBytes }

    private func slot(_ sequence: UInt64) -> Int { Int(sequence % UInt64(capacity)) }

    private func isInWindow(_ sequence: UInt64) -> Bool { sequence >= base && sequence - base < UInt64(capacity) }

    /// Takes commands with consecutive sequence numbers, whose payloads follow each other from `offset` to the end of `frame`.
    package mutating func add(first: UInt64, _ frame: [UInt8], from offset: Int) {
        var offset = offset
        var sequence = first
        while frame.count - offset >= payloadBytes, isInWindow(sequence) || sequence < base {
            let slot = slot(sequence)
            if sequence >= base, states[slot] == .unknown {
                states[slot] = .pending
                let start = slot * payloadBytes
                for index in 0..<payloadBytes { bytes[start + index] = frame[offset + index] }
                pending.append(sequence)
                pendingCount += 1
            }
            offset += payloadBytes
            sequence &+= 1
        }
    }

    /// A payload of at most `limit` pending commands that none of `ordered` holds: the payloads of blocks that are not final yet.
    package mutating func payload(limit: Int, excluding ordered: [[UInt8]]) -> [UInt8] {
        selection &+= 1
        for payload in ordered {
            for index in 0..<count(payload) {
                let sequence = sequence(index, of: payload)
                if isInWindow(sequence) { marks[slot(sequence)] = selection }
            }
        }
        var out: [UInt8] = []
        out.reserveCapacity(min(limit, pendingCount) * recordBytes)
        var taken = 0
        var position = head
        while position < pending.count, taken < limit {
            let sequence = pending[position]
            position += 1
            guard isInWindow(sequence) else { continue }
            let slot = slot(sequence)
            guard states[slot] == .pending, marks[slot] != selection else { continue }
            for shift in stride(from: 56, through: 0, by: -8) { out.append(UInt8(truncatingIfNeeded: sequence >> UInt64(shift))) }
            out.append(contentsOf: bytes[slot * payloadBytes..<(slot + 1) * payloadBytes])
            taken += 1
        }
        return out
    }

    /// Whether a payload is a list of at most `limit` commands.
    package func isWellFormed(_ payload: [UInt8], limit: Int) -> Bool {
        payload.count % recordBytes == 0 && payload.count / recordBytes <= limit
    }

    /// The commands of a final block that were not final before, in the order of the block.
    package mutating func finalise(_ payload: [UInt8]) -> [Run] {
        var runs: [Run] = []
        for index in 0..<count(payload) {
            let sequence = sequence(index, of: payload)
            guard isInWindow(sequence), states[slot(sequence)] != .final else {
                repeatedCount += 1
                continue
            }
            let slot = slot(sequence)
            if states[slot] == .pending { pendingCount -= 1 }
            states[slot] = .final
            if let last = runs.last, last.first &+ UInt64(last.count) == sequence {
                runs[runs.count - 1].count += 1
            } else {
                runs.append(Run(first: sequence, count: 1))
            }
        }
        forgetFinal()
        return runs
    }

    private mutating func forgetFinal() {
        while head < pending.count, pending[head] < base || states[slot(pending[head])] == .final { head += 1 }
        if head >= capacity || head == pending.count {
            pending.removeFirst(head)
            head = 0
        }
        while states[slot(base)] == .final {
            states[slot(base)] = .unknown
            base += 1
        }
    }

    /// The number of commands of a well-formed payload.
    private func count(_ payload: [UInt8]) -> Int { payload.count / recordBytes }

    private func sequence(_ index: Int, of payload: [UInt8]) -> UInt64 {
        let offset = index * recordBytes
        var sequence: UInt64 = 0
        for position in offset..<offset + Self.sequenceByteCount { sequence = sequence << 8 | UInt64(payload[position]) }
        return sequence
    }
}
