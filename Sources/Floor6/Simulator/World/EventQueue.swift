// Events in the order of their virtual time; equal times in the order of scheduling. So a run has one order of events.

struct EventQueue<Event> {
    /// Small, so that moving it in the heap is cheap; the event stays in its slot.
    private struct Item {
        var time: UInt64
        var sequence: UInt64
        var slot: Int

        static func < (a: Item, b: Item) -> Bool { a.time != b.time ? a.time < b.time : a.sequence < b.sequence }
    }

    private var heap: [Item] = []
    private var slots: [Event?] = []
    private var free: [Int] = []
    private var sequence: UInt64 = 0

    var isEmpty: Bool { heap.isEmpty }
    var count: Int { heap.count }
    var nextTime: UInt64? { heap.first?.time }

    mutating func push(_ event: Event, at time: UInt64) {
        sequence += 1
        let slot: Int
        if let reused = free.popLast() {
            slot = reused
            slots[slot] = event
        } else {
            slot = slots.count
            slots.append(event)
        }
        let item = Item(time: time, sequence: sequence, slot: slot)
        heap.append(item)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) >> 2
            guard item < heap[parent] else { break }
            heap[child] = heap[parent]
            child = parent
        }
        heap[child] = item
    }

    mutating func pop() -> (time: UInt64, event: Event)? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        if !heap.isEmpty { sink(last) }
        guard let event = slots[first.slot].take() else { return nil }
        free.append(first.slot)
        return (first.time, event)
    }

    /// Puts an item at the top of the heap and lets it sink to its place. The heap has four children to a node.
    private mutating func sink(_ item: Item) {
        let count = heap.count
        var parent = 0
        while true {
            let first = 4 * parent + 1
            guard first < count else { break }
            var least = first
            var child = first + 1
            while child < min(first + 4, count) {
                if heap[child] < heap[least] { least = child }
                child += 1
            }
            guard heap[least] < item else { break }
            heap[parent] = heap[least]
            parent = least
        }
        heap[parent] = item
    }
}
