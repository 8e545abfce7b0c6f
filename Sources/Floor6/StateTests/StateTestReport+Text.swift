// Floor 6, StateTests: a run's report for people and for programs.
import Foundation

extension StateTestReport {
    /// The failing cases, counts per kind and fork, and `N passed, M failed` alone on the last line.
    public func text() -> String {
        var lines = failures.map { failure in
            let place = failure.fork.isEmpty ? "" : " [\(failure.fork) \(failure.index)]"
            return "FAIL \(failure.file): \(failure.test)\(place): \(failure.reason)"
        }
        for kind in TestKind.allCases {
            guard let forks = counts[kind] else { continue }
            lines.append("\(kind.rawValue): \(StateTestReport.sum(forks))")
            for fork in forks.keys.sorted() where !fork.isEmpty {
                lines.append("  \(fork): \(forks[fork] ?? TestCounts())")
            }
        }
        for fork in unsupported.keys.sorted() { lines.append("Not supported: \(unsupported[fork] ?? 0) cases of the fork \(fork)") }
        for subject in notApplicable.keys.sorted() { lines.append("Not applicable: \(notApplicable[subject] ?? 0) cases of \(subject)") }
        if otherFiles > 0 { lines.append("\(otherFiles) \(otherFiles == 1 ? "file holds" : "files hold") no tests") }
        lines.append("\(passed) passed, \(failures.count) failed")
        return lines.joined(separator: "\n")
    }

    private static func sum(_ forks: [String: TestCounts]) -> TestCounts {
        forks.values.reduce(into: TestCounts()) { total, counts in
            total.passed += counts.passed
            total.failed += counts.failed
        }
    }

    private struct Summary: Encodable {
        struct Kind: Encodable {
            let passed: Int
            let failed: Int
            let forks: [String: TestCounts]
        }
        struct Failure: Encodable {
            let kind: String
            let file: String
            let test: String
            let fork: String
            let index: Int
            let reason: String
        }
        let passed: Int
        let failed: Int
        let kinds: [String: Kind]
        let unsupported: [String: Int]
        let notApplicable: [String: Int]
        let otherFiles: Int
        let failures: [Failure]
    }

    /// One JSON object with totals and failures, keys sorted.
    public func json() throws -> String {
        var kinds: [String: Summary.Kind] = [:]
        for (kind, forks) in counts {
            let sum = StateTestReport.sum(forks)
            kinds[kind.rawValue] = Summary.Kind(passed: sum.passed, failed: sum.failed, forks: forks.filter { !$0.key.isEmpty })
        }
        let summary = Summary(
            passed: passed, failed: failures.count, kinds: kinds, unsupported: unsupported, notApplicable: notApplicable, otherFiles: otherFiles,
            failures: failures.map {
                .init(kind: $0.kind.rawValue, file: $0.file, test: $0.test, fork: $0.fork, index: $0.index, reason: $0.reason)
            })
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(summary), as: UTF8.self)
    }
}

extension TestCounts: CustomStringConvertible {
    public var description: String { "\(passed) passed, \(failed) failed" }
}
