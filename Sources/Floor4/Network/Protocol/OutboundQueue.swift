// What waits to be sent to one peer, and the packing of it into frames. Invariants: each channel's queue is bounded in
// messages and bytes, and in messages of each kind whose sender says so (`MessageSlot`); a message whose first fragment is out is never dropped; frames of consensus messages and control
// records carry nothing else, so that they need not wait for bulk data to arrive.

/// A queue of messages; removing from the front is cheap.
private struct Lane {
    private struct Entry {
        var message: [UInt8]
        var kind: UInt8?
    }

    private var entries: [Entry] = []
    private var head = 0
    private(set) var bytes = 0
    /// Bytes of the first message that are out already; above 0 only while it is being fragmented.
    var sent = 0

    var count: Int { entries.count - head }
    var first: [UInt8]? { head < entries.count ? entries[head].message : nil }

    mutating func append(_ message: [UInt8], kind: UInt8?) {
        entries.append(Entry(message: message, kind: kind))
        bytes += message.count
    }

    mutating func removeFirst() {
        bytes -= entries[head].message.count
        entries[head].message = []
        head += 1
        sent = 0
        if head == entries.count {
            entries.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 1024 {
            entries.removeFirst(head)
            head = 0
        }
    }

    /// Drops the oldest message that has not been begun; `false` when there is none.
    mutating func dropOldest() -> Bool {
        guard sent > 0 else {
            guard count > 0 else { return false }
            removeFirst()
            return true
        }
        guard count > 1 else { return false }
        bytes -= entries[head + 1].message.count
        entries[head + 1] = entries[head]
        entries[head].message = []
        head += 1
        return true
    }

    /// Drops the oldest messages of a kind until a new one makes at most `depth`; one that has been begun does not count.
    /// - Returns: how many were dropped. Only lanes whose callers give kinds are searched: they are short.
    mutating func makeRoom(in slot: MessageSlot) -> UInt64 {
        let from = sent > 0 ? head + 1 : head
        let places = (from..<entries.count).filter { entries[$0].kind == slot.kind }
        let excess = max(0, places.count - slot.depth + 1)
        for place in places.prefix(excess).reversed() {
            bytes -= entries[place].message.count
            entries.remove(at: place)
        }
        return UInt64(excess)
    }
}

package struct OutboundQueue {
    /// Control records waiting; a peer's pings are answered newest first lost last, so few are enough.
    private static let controlRecords = 16

    private let limits: NetworkLimits
    private var lanes = Channel.allCases.map { _ in Lane() }
    private var control: [ControlRecord] = []
    /// Messages lost to full queues.
    package private(set) var drops: UInt64 = 0
    /// Messages that newer ones of their kind have replaced.
    package private(set) var superseded: UInt64 = 0
    /// Messages put into frames completely.
    package private(set) var sent: UInt64 = 0

    package init(limits: NetworkLimits) { self.limits = limits }

    package var isEmpty: Bool { control.isEmpty && lanes.allSatisfy { $0.count == 0 } }

    package func queuedMessages(_ channel: Channel) -> Int { lanes[channel.index].count }
    package func queuedBytes(_ channel: Channel) -> Int { lanes[channel.index].bytes }

    /// Queues a message; `false` when it is too long or the queue is full and keeps what it has.
    package mutating func enqueue(_ message: [UInt8], channel: Channel, slot: MessageSlot? = nil) -> Bool {
        let limit = limits[channel]
        let index = channel.index
        guard message.count <= channel.maximumMessageBytes, message.count <= limit.queuedBytes else {
            drops += 1
            return false
        }
        if let slot { superseded += lanes[index].makeRoom(in: slot) }
        while lanes[index].count >= limit.queuedMessages || lanes[index].bytes + message.count > limit.queuedBytes {
            drops += 1
            guard channel.dropsOldestWhenFull, lanes[index].dropOldest() else { return false }
        }
        lanes[index].append(message, kind: slot?.kind)
        return true
    }

    package mutating func enqueue(_ record: ControlRecord) {
        if control.count == Self.controlRecords { control.removeFirst() }
        control.append(record)
    }

    /// Fills `out` with the plaintext of the next urgent frame: control records and consensus messages.
    /// - Returns: the number of bytes, 0 when there is nothing.
    package mutating func fillUrgent(_ out: UnsafeMutableRawBufferPointer) -> Int {
        var offset = 0
        while let record = control.first, out.count - offset >= 16 {
            unsafe write(record, out, &offset)
            control.removeFirst()
        }
        unsafe fill(.consensus, out, &offset)
        return offset
    }

    /// Fills `out` with the plaintext of the next frame of the other channels, the higher ones first.
    package mutating func fillBulk(_ out: UnsafeMutableRawBufferPointer) -> Int {
        var offset = 0
        unsafe fill(.sync, out, &offset)
        unsafe fill(.blocks, out, &offset)
        unsafe fill(.transactions, out, &offset)
        return offset
    }

    // MARK: - Packing

    private mutating func fill(_ channel: Channel, _ out: UnsafeMutableRawBufferPointer, _ offset: inout Int) {
        let index = channel.index
        while let message = lanes[index].first {
            let room = out.count - offset - FrameFormat.recordHeaderByteCount
            let begun = lanes[index].sent
            let left = message.count - begun
            if begun == 0, left <= room {
                unsafe append(message, from: 0, count: left, type: RecordType.whole | channel.rawValue, out, &offset)
            } else if begun == 0 {
                // A short message waits for the next frame rather than being cut.
                let space = room - FrameFormat.totalByteCount
                guard space >= FrameFormat.minimumFragmentBytes,
                    offset == 0 || left + FrameFormat.recordHeaderByteCount > out.count
                else { return }
                unsafe append(
                    message, from: 0, count: space, type: RecordType.first | channel.rawValue, total: message.count,
                    out, &offset)
                lanes[index].sent = space
                continue
            } else {
                guard room >= min(left, FrameFormat.minimumFragmentBytes) else { return }
                let count = min(left, room)
                unsafe append(
                    message, from: begun, count: count, type: RecordType.next | channel.rawValue, out, &offset)
                lanes[index].sent += count
                guard lanes[index].sent == message.count else { return }
            }
            lanes[index].removeFirst()
            sent += 1
        }
    }

    private func header(
        _ type: UInt8, _ count: Int, _ out: UnsafeMutableRawBufferPointer, _ offset: inout Int
    ) {
        unsafe out[offset] = type
        unsafe out[offset + 1] = UInt8(truncatingIfNeeded: count >> 8)
        unsafe out[offset + 2] = UInt8(truncatingIfNeeded: count)
        offset += FrameFormat.recordHeaderByteCount
    }

    private func append(
        _ message: [UInt8], from start: Int, count: Int, type: UInt8, total: Int? = nil,
        _ out: UnsafeMutableRawBufferPointer, _ offset: inout Int
    ) {
        unsafe header(type, count + (total == nil ? 0 : FrameFormat.totalByteCount), out, &offset)
        if let total {
            let encoded = UInt32(truncatingIfNeeded: total).bigEndian
            unsafe out.storeBytes(of: encoded, toByteOffset: offset, as: UInt32.self)
            offset += FrameFormat.totalByteCount
        }
        guard count > 0 else { return }
        unsafe message.withUnsafeBytes { bytes in
            let part = unsafe UnsafeRawBufferPointer(rebasing: bytes[start..<start + count])
            unsafe UnsafeMutableRawBufferPointer(rebasing: out[offset..<offset + count]).copyMemory(from: part)
        }
        offset += count
    }

    private func write(_ record: ControlRecord, _ out: UnsafeMutableRawBufferPointer, _ offset: inout Int) {
        switch record {
        case .ready: unsafe header(RecordType.ready, 0, out, &offset)
        case .ping(let value), .pong(let value):
            let type = if case .ping = record { RecordType.ping } else { RecordType.pong }
            unsafe header(type, 8, out, &offset)
            unsafe out.storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt64.self)
            offset += 8
        case .goodbye(let reason):
            unsafe header(RecordType.goodbye, 1, out, &offset)
            unsafe out[offset] = reason.rawValue
            offset += 1
        }
    }
}
