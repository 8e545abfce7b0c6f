// The loop: order, end of turn, timers, signals, and the same thread for everything.

import Glibc
import Network
import Testing

@Suite(.serialized) struct LoopTests {
    @LoopActor final class Box {
        var values: [Int] = []
    }

    @Test func postedBodiesKeepTheirOrder() async {
        let box = Box()
        let all = await withCheckedContinuation { (done: CheckedContinuation<[Int], Never>) in
            for value in 0..<5000 { LoopActor.run { box.values.append(value) } }
            LoopActor.run { done.resume(returning: box.values) }
        }
        #expect(all == Array(0..<5000))
    }

    @Test func manyThreadsMayPost() async throws {
        let boxes = (0..<4).map { _ in Box() }
        await withTaskGroup(of: Void.self) { group in
            for box in boxes {
                group.addTask { for value in 0..<2000 { LoopActor.run { box.values.append(value) } } }
            }
        }
        try await eventually { boxes.allSatisfy { $0.values == Array(0..<2000) } }
    }

    @Test @LoopActor func everythingIsOnOneThread() async {
        let first = pthread_self()
        #expect(LoopActor.isCurrent)
        await Task.yield()
        #expect(pthread_self() == first)
        let other = await Task.detached { LoopActor.isCurrent }.value
        #expect(!other)
    }

    @Test func endOfTurnRunsOnceBehindTheTurn() async {
        let box = Box()
        let all = await withCheckedContinuation { (done: CheckedContinuation<[Int], Never>) in
            LoopActor.run {
                LoopActor.atEndOfTurn {
                    box.values.append(3)
                    LoopActor.atEndOfTurn {
                        box.values.append(4)
                        done.resume(returning: box.values)
                    }
                }
                box.values.append(1)
                LoopActor.run { box.values.append(2) }
            }
        }
        #expect(all == [1, 2, 3, 4])
    }

    @Test @LoopActor func timersFireOnceInOrderAndCanBeCancelled() async throws {
        let box = Box()
        let late = LoopTimer { box.values.append(2) }
        let early = LoopTimer { box.values.append(1) }
        let never = LoopTimer { box.values.append(9) }
        var dropped: LoopTimer? = LoopTimer { box.values.append(8) }
        late.schedule(afterMilliseconds: 40)
        early.schedule(afterMilliseconds: 10)
        never.schedule(afterMilliseconds: 5)
        never.cancel()
        dropped?.schedule(afterMilliseconds: 5)
        dropped = nil
        let start = monotonicMicroseconds()
        try await eventually { box.values.count == 2 }
        #expect(monotonicMicroseconds() - start >= 35_000)
        #expect(box.values == [1, 2])
        #expect(!late.isScheduled && !early.isScheduled)
        late.schedule(afterMilliseconds: 0)
        try await eventually { box.values.count == 3 }
    }

    @Test @LoopActor func aSignalReachesItsClosure() async throws {
        let box = Box()
        let signal = LoopSignal(.terminate) { box.values.append(1) }
        kill(getpid(), SIGTERM)
        try await eventually { box.values == [1] }
        withExtendedLifetime(signal) {}
    }
}
