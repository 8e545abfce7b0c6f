// Guest and native on the same batches. The guest program has to be there: `make guest` builds it, and `make test` does so first.
import Engine
import Foundation
import GuestChecks
import Testing
import ZKVM

private let programPath = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../" + GuestProgram.path).standardized.path

private let isBuilt = FileManager.default.fileExists(atPath: programPath)

@Suite struct AgreementTests {
    @Test(.enabled(if: isBuilt, "no guest program: run `make guest`")) func guestAndNativeAgree() throws {
        let report = AgreementRun(program: try GuestProgram(path: programPath)).run(seed: 1_000_000, batches: 30, threads: 2) { _ in }
        #expect(report.differences.isEmpty, "\(report.differences)")
        #expect(report.batches == 30)
        #expect(report.transactions > 30)
        #expect(report.skipped > 3)
    }

    /// The native half alone: witnesses are complete, and what they lead to is what execution over the whole state led to.
    @Test func witnessesSuffice() throws {
        for seed in 0..<100 as Range<UInt64> {
            var batches = try RandomBatches(seed: seed)
            let batch = try batches.draw()
            #expect(try BatchTransition.run(tape: batch.tape) == batch.statement, "seed \(seed)")
        }
    }

    /// Tapes that are not what they should be give errors and never a trap, whatever is changed.
    @Test func brokenTapesAreRefused() throws {
        var refused = 0
        for seed in 0..<20 as Range<UInt64> {
            var batches = try RandomBatches(seed: seed)
            let tape = try batches.draw().tape
            var state = seed
            for _ in 0..<40 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                var broken = tape
                broken[Int(state >> 33) % broken.count] ^= UInt8(1) << UInt8(state >> 61)
                if (try? BatchTransition.run(tape: broken)) == nil { refused += 1 }
            }
        }
        // A turned bit in what is only carried along (the chain's identity) changes the statement instead.
        #expect(refused > 700)
    }
}
