// Tests of the pool of opaque commands: each is ordered once, whatever blocks carry.
import Testing

import ConsensusBench

@Suite struct CommandPoolTests {
    private func frame(_ payloads: [[UInt8]]) -> [UInt8] {
        Array(repeating: 0, count: ClientFrame.commandsHeaderByteCount) + payloads.flatMap { $0 }
    }

    private func pool(_ first: UInt64 = 0, count: Int, capacity: Int = 16) -> CommandPool {
        var pool = CommandPool(payloadBytes: 2, capacity: capacity)
        pool.add(first: first, frame((0..<count).map { [UInt8($0), 7] }), from: ClientFrame.commandsHeaderByteCount)
        return pool
    }

    @Test func payloadsHoldCommandsInOrderOfArrival() {
        var pool = pool(count: 3)
        #expect(
            pool.payload(limit: 2, excluding: [])
                == [0, 0, 0, 0, 0, 0, 0, 0, 0, 7] + [0, 0, 0, 0, 0, 0, 0, 1, 1, 7])
    }

    @Test func commandsOfBlocksOnTheWayAreLeftOut() {
        var pool = pool(count: 3)
        let first = pool.payload(limit: 2, excluding: [])
        let second = pool.payload(limit: 2, excluding: [first])
        #expect(second == [0, 0, 0, 0, 0, 0, 0, 2, 2, 7])
        #expect(pool.payload(limit: 2, excluding: [first, second]).isEmpty)
        // The block gave way to another branch: its commands are free again.
        #expect(pool.payload(limit: 2, excluding: [second]) == first)
    }

    @Test func finalCommandsAreReportedOnce() {
        var pool = pool(count: 3)
        let payload = pool.payload(limit: 3, excluding: [])
        #expect(pool.finalise(payload) == [CommandPool.Run(first: 0, count: 3)])
        #expect(pool.pendingCount == 0)
        #expect(pool.finalise(payload).isEmpty)
        #expect(pool.repeatedCount == 3)
        #expect(pool.payload(limit: 3, excluding: []).isEmpty)
    }

    @Test func aCommandThatIsFinalBeforeItArrivesIsNotPending() {
        var other = pool(count: 2)
        let payload = other.payload(limit: 2, excluding: [])
        var pool = CommandPool(payloadBytes: 2, capacity: 16)
        #expect(pool.finalise(payload) == [CommandPool.Run(first: 0, count: 2)])
        pool.add(first: 0, frame([[0, 7], [1, 7], [2, 7]]), from: ClientFrame.commandsHeaderByteCount)
        #expect(pool.pendingCount == 1)
    }

    @Test func theWindowMovesWithFinality() {
        var pool = pool(count: 6, capacity: 4)
        #expect(pool.pendingCount == 4)
        let payload = pool.payload(limit: 2, excluding: [])
        _ = pool.finalise(payload)
        pool.add(first: 4, frame([[4, 7], [5, 7], [6, 7]]), from: ClientFrame.commandsHeaderByteCount)
        #expect(pool.pendingCount == 4)
        #expect(pool.payload(limit: 9, excluding: []).count == 4 * 10)
    }

    @Test func aFrameCutShortGivesWholeCommandsOnly() {
        var pool = CommandPool(payloadBytes: 2, capacity: 4)
        pool.add(first: .max, frame([[1, 2], [3]]), from: ClientFrame.commandsHeaderByteCount)
        #expect(pool.pendingCount == 0)
        pool.add(first: 0, frame([[1, 2], [3]]), from: ClientFrame.commandsHeaderByteCount)
        #expect(pool.pendingCount == 1)
        #expect(!pool.isWellFormed([1], limit: 1))
        #expect(!pool.isWellFormed(Array(repeating: 0, count: 20), limit: 1))
    }
}
