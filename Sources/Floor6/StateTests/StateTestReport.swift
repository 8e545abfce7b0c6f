// Floor 6, StateTests: what a run of tests has found, and how tests say it.
import Engine

/// One case that did not give the expected result.
public struct StateTestFailure: Sendable {
    public let kind: TestKind
    public let file: String
    public let test: String
    /// Empty for kinds without forks.
    public let fork: String
    public let index: Int
    public let reason: String
}

/// Passed and failed cases.
public struct TestCounts: Encodable, Equatable, Sendable {
    public var passed = 0
    public var failed = 0
}

/// Totals of a run.
public struct StateTestReport: Sendable {
    public var failures: [StateTestFailure] = []
    /// Files that hold no tests.
    public var otherFiles = 0
    /// Cases of forks that the engine does not know, by fork name.
    public var unsupported: [String: Int] = [:]
    /// Cases that test what the engine has no code for, by what they test.
    public var notApplicable: [String: Int] = [:]
    /// Counts by kind and fork name; the name is empty for kinds without forks.
    public var counts: [TestKind: [String: TestCounts]] = [:]

    init(otherFiles: Int = 0) { self.otherFiles = otherFiles }

    public var passed: Int { counts.values.reduce(0) { $0 + $1.values.reduce(0) { $0 + $1.passed } } }

    mutating func add(_ other: StateTestReport) {
        failures += other.failures
        otherFiles += other.otherFiles
        unsupported.merge(other.unsupported, uniquingKeysWith: +)
        notApplicable.merge(other.notApplicable, uniquingKeysWith: +)
        for (kind, forks) in other.counts {
            counts[kind, default: [:]].merge(forks) { TestCounts(passed: $0.passed + $1.passed, failed: $0.failed + $1.failed) }
        }
    }
}

/// Collects the results of one file.
struct TestRecorder {
    let file: String
    let only: Fork?
    var kind = TestKind.state
    var test = ""
    var report = StateTestReport()

    init(file: String, only: Fork?) {
        self.file = file
        self.only = only
    }

    /// The fork with this name when it is to be run; counts `cases` as unsupported when the engine does not know it.
    mutating func select(_ name: String, cases: Int) -> Fork? {
        guard let fork = StateTestRunner.fork(named: name) else {
            report.unsupported[name, default: 0] += cases
            return nil
        }
        return only == nil || only == fork ? fork : nil
    }

    /// Records a case: `check` gives why it fails, or `nil`.
    mutating func record(fork: String = "", index: Int = 0, _ check: () throws(StateTestFormatError) -> String?) {
        var reason: String?
        do {
            reason = try check()
        } catch {
            reason = "cannot read \(error.field)"
        }
        if let reason {
            report.failures.append(StateTestFailure(kind: kind, file: file, test: test, fork: fork, index: index, reason: reason))
            report.counts[kind, default: [:]][fork, default: TestCounts()].failed += 1
        } else {
            report.counts[kind, default: [:]][fork, default: TestCounts()].passed += 1
        }
    }
}
