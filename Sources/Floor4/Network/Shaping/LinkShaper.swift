// One direction of a link under a shape, as a pure machine: messages and a clock in, messages out when they are due.
// Invariants: what it holds is bounded; with the same seed, shape, messages and clock it does the same.

package struct LinkShaper {
    /// A message as the network passes it on.
    package struct Item: Equatable {
        package var message: [UInt8]
        package var channel: Channel
        package var slot: MessageSlot?

        package init(_ message: [UInt8], _ channel: Channel, _ slot: MessageSlot? = nil) {
            self.message = message
            self.channel = channel
            self.slot = slot
        }
    }

    /// What may be held back, as the buffers of a real path; beyond it messages are lost.
    package static let maximumHeldBytes = 64 << 20
    package static let maximumHeldMessages = 65_536
    /// A message that is to be overtaken waits for at least so long.
    static let leastReorderMilliseconds: UInt64 = 5
    /// Longer delays than an hour are cut: nothing overflows.
    private static let maximumMilliseconds: UInt64 = 3_600_000

    private struct Held {
        var dueMicroseconds: UInt64
        var item: Item
    }

    package let shape: LinkShape
    private var random: SplitMix64
    /// In order of time; equal times in order of arrival.
    private var held: [Held] = []
    private var head = 0
    package private(set) var heldBytes = 0
    /// When the line is free again, for consensus messages and for all others.
    private var urgentFreeMicroseconds: UInt64 = 0
    private var bulkFreeMicroseconds: UInt64 = 0
    /// Per channel, when its newest message is due: the order of a channel is kept.
    private var newestDueMicroseconds = [UInt64](repeating: 0, count: Channel.allCases.count)
    /// Messages lost, by the shape or because too much was held.
    package private(set) var lost: UInt64 = 0

    package init(shape: LinkShape, seed: UInt64) {
        self.shape = shape
        random = SplitMix64(seed: seed)
    }

    package var heldMessages: Int { held.count - head }

    /// When the next message is due; `nil` when nothing is held.
    package var nextDueMicroseconds: UInt64? { head < held.count ? held[head].dueMicroseconds : nil }

    /// Takes a message in.
    package mutating func push(_ item: Item, nowMicroseconds now: UInt64) {
        guard !shape.isBlocked, !random.happens(shape.lossPerMille) else {
            lost += 1
            return
        }
        let copies = random.happens(shape.duplicatePerMille) ? 2 : 1
        for _ in 0..<copies {
            guard heldMessages < Self.maximumHeldMessages, heldBytes + item.message.count <= Self.maximumHeldBytes else {
                lost += 1
                return
            }
            insert(Held(dueMicroseconds: due(item, now), item: item))
        }
    }

    /// The messages that are due.
    package mutating func popDue(nowMicroseconds now: UInt64) -> [Item] {
        var due: [Item] = []
        while head < held.count, held[head].dueMicroseconds <= now {
            due.append(held[head].item)
            heldBytes -= held[head].item.message.count
            held[head].item.message = []
            head += 1
        }
        if head == held.count {
            held.removeAll(keepingCapacity: held.count < 1024)
            head = 0
        } else if head >= 1024 {
            held.removeFirst(head)
            head = 0
        }
        return due
    }

    /// Forgets what is held: the connection is gone.
    package mutating func clear() {
        held = []
        head = 0
        heldBytes = 0
    }

    private mutating func due(_ item: Item, _ now: UInt64) -> UInt64 {
        let delay = min(shape.delayMilliseconds, Self.maximumMilliseconds) * 1_000
        let jitter = min(shape.jitterMilliseconds, Self.maximumMilliseconds) * 1_000
        var due = transmitted(item, now) + delay + (jitter == 0 ? 0 : random.next() % (jitter + 1))
        if random.happens(shape.reorderPerMille) {
            return due + max(delay + jitter, Self.leastReorderMilliseconds * 1_000)
        }
        due = max(due, newestDueMicroseconds[item.channel.index])
        newestDueMicroseconds[item.channel.index] = due
        return due
    }

    /// When the last byte of the message has been put on the line.
    private mutating func transmitted(_ item: Item, _ now: UInt64) -> UInt64 {
        guard shape.bandwidthBytesPerSecond > 0 else { return now }
        let cost = UInt64(item.message.count) * 1_000_000 / shape.bandwidthBytesPerSecond
        if item.channel == .consensus {
            urgentFreeMicroseconds = max(now, urgentFreeMicroseconds) + cost
            bulkFreeMicroseconds = max(now, bulkFreeMicroseconds) + cost
            return urgentFreeMicroseconds
        }
        bulkFreeMicroseconds = max(now, bulkFreeMicroseconds) + cost
        return bulkFreeMicroseconds
    }

    private mutating func insert(_ new: Held) {
        var at = held.count
        while at > head, held[at - 1].dueMicroseconds > new.dueMicroseconds { at -= 1 }
        held.insert(new, at: at)
        heldBytes += new.item.message.count
    }
}

/// A small seeded generator (SplitMix64): the draws of a shaper can be repeated. Not for secrets.
package struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// True in so many of a thousand cases. Draws nothing for 0, so that an unused fault changes no other's draws.
    mutating func happens(_ perMille: UInt64) -> Bool { perMille > 0 && next() % 1_000 < perMille }
}
