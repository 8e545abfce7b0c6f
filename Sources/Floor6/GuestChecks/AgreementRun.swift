// Floor 6, GuestChecks: guest and native on the same random batches, every output compared. Broken witnesses too: the guest
// must refuse what native execution over the same witness refuses, and with the same error.
import Engine
import Foundation
import Primitives
import Synchronization
import ZKVM

public struct AgreementReport: Sendable {
    public var batches = 0
    public var transactions = 0
    public var skipped = 0
    public var brokenTapes = 0
    public var cycleCount: UInt64 = 0
    /// In words, with the seed.
    public var differences: [String] = []

    mutating func add(_ other: AgreementReport) {
        batches += other.batches
        transactions += other.transactions
        skipped += other.skipped
        brokenTapes += other.brokenTapes
        cycleCount += other.cycleCount
        differences += other.differences
    }
}

public struct AgreementRun: Sendable {
    private let program: GuestProgram

    public init(program: GuestProgram) { self.program = program }

    /// One batch per seed, seeds in a row.
    public func run(
        seed: UInt64, batches: Int, threads: Int, progress: @escaping @Sendable (Int) -> Void
    ) -> AgreementReport {
        let total = Mutex(AgreementReport())
        let next = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            while true {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < batches else { return }
                let report = compare(seed: seed &+ UInt64(index))
                let done = total.withLock { total in
                    total.add(report)
                    return total.batches
                }
                progress(done)
            }
        }
        return total.withLock { $0 }
    }

    /// The comparison for one seed.
    func compare(seed: UInt64) -> AgreementReport {
        var report = AgreementReport()
        report.batches = 1
        do {
            var batches = try RandomBatches(seed: seed)
            let batch = try batches.draw()
            report.transactions = batch.transactionCount
            report.skipped = batch.skippedCount
            let run = program.run(tape: batch.tape)
            report.cycleCount = run.cycleCount
            if run.stop != .halted(code: 0) || run.output != batch.statement.encode() {
                report.differences.append("seed \(seed): the guest ended with \(run.stop), native execution is fine")
            }
            // Seldom, for a broken tape that gets far costs as much as a good one.
            if seed % 4 == 0 { compareBroken(batch.tape, seed, &report) }
        } catch {
            report.differences.append("seed \(seed): native execution failed: \(error)")
        }
        return report
    }

    /// A tape with a bit turned or an end cut off.
    private func compareBroken(_ tape: [UInt8], _ seed: UInt64, _ report: inout AgreementReport) {
        var random = SeededRandom(seed: seed ^ 0xb0b0)
        var broken = tape
        if random.oneIn(5) {
            broken.removeLast(random.below(broken.count))
        } else {
            broken[random.below(broken.count)] ^= 1 << UInt8(random.below(8))
        }
        report.brokenTapes += 1
        let run = program.run(tape: broken)
        report.cycleCount += run.cycleCount
        let expected: StopReason
        var output: [UInt8] = []
        do {
            output = try BatchTransition.run(tape: broken).encode()
            expected = .halted(code: 0)
        } catch {
            expected = .halted(code: error.code)
        }
        if run.stop != expected || run.output != output {
            report.differences.append("seed \(seed): on a broken tape the guest ended with \(run.stop), native execution with \(expected)")
        }
    }
}
