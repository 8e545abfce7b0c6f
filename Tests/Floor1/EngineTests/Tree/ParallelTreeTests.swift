// Updates whose parts run on several threads equal updates on one, whatever the order of the parts.
import Dispatch
import Engine
import Primitives
import Testing

/// Runs parts on the threads of the machine.
private final class Threads: BatchRunner {
    override var width: Int { 4 }
    override func run(parts: Int, _ body: (Int) -> Void) {
        withoutActuallyEscaping(body) { body in
            nonisolated(unsafe) let body = body
            DispatchQueue.concurrentPerform(iterations: parts) { unsafe body($0) }
        }
    }
}

/// Runs parts in descending order.
private final class Backwards: BatchRunner {
    override var width: Int { 3 }
    override func run(parts: Int, _ body: (Int) -> Void) {
        for part in (0..<parts).reversed() { body(part) }
    }
}

@Suite struct ParallelTreeTests {
    @Test(arguments: [41, 42, 43] as [UInt64])
    func equalsSerial(seed: UInt64) throws {
        var population = TreePopulation(seed: seed, size: 4_000)
        let store = MemoryTreeStore()
        for (accounts, slots) in [(3_000, 0), (0, 1), (1, 0), (2_000, 2_000), (300, 300), (127, 129), (1_500, 10)] {
            let changes = population.changes(accounts: accounts, slots: slots)
            let update = try StateTree.update(store, with: changes)
            #expect(try StateTree.update(store, with: changes, runner: Threads()) == update)
            #expect(try StateTree.update(store, with: changes, runner: Backwards()) == update)
            try store.apply(update)
        }
    }

    /// Through layers too, whose nodes are read as one batch.
    @Test func layersEqualApplied() throws {
        var population = TreePopulation(seed: 44, size: 3_000)
        let base = MemoryTreeStore()
        try base.apply(try StateTree.update(base, with: population.changes(accounts: 2_000, slots: 0)))
        let applied = MemoryTreeStore()
        population = TreePopulation(seed: 44, size: 3_000)
        try applied.apply(try StateTree.update(applied, with: population.changes(accounts: 2_000, slots: 0)))
        var layers: [TreeUpdate] = []
        for _ in 0..<4 {
            let changes = population.changes(accounts: 700, slots: 300)
            let update = try StateTree.update(LayeredTreeStore(base: base, layers: layers), with: changes, runner: Threads())
            #expect(update == (try StateTree.update(applied, with: changes)))
            try applied.apply(update)
            layers.append(update)
        }
    }
}
