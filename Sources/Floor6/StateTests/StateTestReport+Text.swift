// Floor 6, StateTests: a run's report for people and for programs.
import Foundation

extension StateTestReport {
    /// The failing cases, totals per fork, and `N passed, M failed` alone on the last line.
    public func text() -> String {
        var lines = failures.map { "FAIL \($0.file): \($0.test) [\($0.fork) \($0.index)]: \($0.reason)" }
        for fork in byFork.keys.sorted() {
            guard let counts = byFork[fork] else { continue }
            lines.append("\(fork): \(counts.passed) passed, \(counts.failed) failed")
        }
        if otherFiles > 0 { lines.append("\(otherFiles) files are no state tests") }
        for fork in unsupported.keys.sorted() { lines.append("\(unsupported[fork] ?? 0) cases of \(fork), which is not supported") }
        lines.append("\(passed) passed, \(failures.count) failed")
        return lines.joined(separator: "\n")
    }

    private struct Summary: Encodable {
        struct Counts: Encodable {
            let passed: Int
            let failed: Int
        }
        struct Failure: Encodable {
            let file: String
            let test: String
            let fork: String
            let index: Int
            let reason: String
        }
        let passed: Int
        let failed: Int
        let forks: [String: Counts]
        let unsupported: [String: Int]
        let otherFiles: Int
        let failures: [Failure]
    }

    /// One JSON object with totals and failures, keys sorted.
    public func json() throws -> String {
        let summary = Summary(
            passed: passed, failed: failures.count, forks: byFork.mapValues { Summary.Counts(passed: $0.passed, failed: $0.failed) },
            unsupported: unsupported, otherFiles: otherFiles,
            failures: failures.map { .init(file: $0.file, test: $0.test, fork: $0.fork, index: $0.index, reason: $0.reason) })
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(summary), as: UTF8.self)
    }
}
