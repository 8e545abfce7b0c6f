// Floor 6, StateTests: runs upstream's GeneralStateTests files against the engine.
import Foundation
public import Engine
import Primitives
import Synchronization

/// One case that did not give the expected result.
public struct StateTestFailure: Sendable {
    public let file: String
    public let test: String
    public let fork: String
    public let index: Int
    public let reason: String
}

/// Totals of a run.
public struct StateTestReport: Sendable {
    public var passed = 0
    public var failures: [StateTestFailure] = []
    /// Files that hold something other than state tests.
    public var otherFiles = 0
    /// Cases of forks that the engine does not know, by fork name.
    public var unsupported: [String: Int] = [:]
    /// Cases passed and failed, by fork name.
    public var byFork: [String: (passed: Int, failed: Int)] = [:]

    mutating func add(_ other: StateTestReport) {
        passed += other.passed
        failures += other.failures
        otherFiles += other.otherFiles
        unsupported.merge(other.unsupported, uniquingKeysWith: +)
        byFork.merge(other.byFork) { ($0.passed + $1.passed, $0.failed + $1.failed) }
    }

    mutating func record(_ failure: StateTestFailure?, fork: String) {
        if let failure {
            failures.append(failure)
            byFork[fork, default: (0, 0)].failed += 1
        } else {
            passed += 1
            byFork[fork, default: (0, 0)].passed += 1
        }
    }
}

/// A path that does not exist.
public struct MissingPath: Error, CustomStringConvertible {
    public let path: String
    public var description: String { "No such file or folder: \(path)" }
}

public struct StateTestRunner: Sendable {
    /// Runs only this fork when set.
    private let only: Fork?

    public init(only: Fork?) { self.only = only }

    /// The fork with upstream's name for it, if the engine knows it.
    public static func fork(named name: String) -> Fork? {
        switch name.lowercased() {
        case "frontier": .frontier
        case "homestead": .homestead
        case "eip150": .tangerineWhistle
        case "eip158": .spuriousDragon
        case "byzantium": .byzantium
        case "constantinople": .constantinople
        case "constantinoplefix": .petersburg
        case "istanbul": .istanbul
        case "berlin": .berlin
        case "london": .london
        case "paris", "merge": .paris
        case "shanghai": .shanghai
        case "cancun": .cancun
        case "prague": .prague
        case "osaka": .osaka
        default: nil
        }
    }

    /// All JSON files at or below the given paths, sorted.
    /// - Throws: `MissingPath`, or an error of Foundation when a folder cannot be read.
    public static func files(_ paths: [String]) throws -> [String] {
        var result: [String] = []
        for path in paths {
            var isFolder: ObjCBool = false
            guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                throw MissingPath(path: path)
            }
            if isFolder.boolValue {
                let below = try FileManager.default.subpathsOfDirectory(atPath: path)
                result += below.filter { $0.hasSuffix(".json") }.map { path + "/" + $0 }
            } else {
                result.append(path)
            }
        }
        return result.sorted()
    }

    /// Runs files on `threads` threads; `progress` is called with the number of finished files, from any of them.
    public func run(_ files: [String], threads: Int, progress: @escaping @Sendable (Int) -> Void) -> StateTestReport {
        let next = Mutex(0)
        let finished = Mutex(0)
        let total = Mutex(StateTestReport())
        let group = DispatchGroup()
        for _ in 0..<max(threads, 1) {
            group.enter()
            let worker = Thread {
                var report = StateTestReport()
                while true {
                    let index = next.withLock { value in
                        value += 1
                        return value - 1
                    }
                    guard index < files.count else { break }
                    report.add(run(file: files[index]))
                    progress(
                        finished.withLock { value in
                            value += 1
                            return value
                        })
                }
                let part = report
                total.withLock { $0.add(part) }
                group.leave()
            }
            worker.stackSize = 8 << 20
            worker.start()
        }
        group.wait()
        var report = total.withLock { $0 }
        report.failures.sort { ($0.file, $0.test, $0.fork, $0.index) < ($1.file, $1.test, $1.fork, $1.index) }
        return report
    }

    private func run(file: String) -> StateTestReport {
        var report = StateTestReport()
        guard let data = FileManager.default.contents(atPath: file), let json = try? JSONReader.parse([UInt8](data)),
            StateTest.isStateTest(json)
        else {
            report.otherFiles = 1
            return report
        }
        for (name, value) in json.members ?? [] {
            do {
                report.add(run(try StateTest(name: name, value), file))
            } catch {
                report.record(
                    StateTestFailure(file: file, test: name, fork: "", index: 0, reason: "cannot read \(error.field)"), fork: "")
            }
        }
        return report
    }

    private func run(_ test: StateTest, _ file: String) -> StateTestReport {
        var report = StateTestReport()
        for (name, cases) in test.posts {
            guard let fork = StateTestRunner.fork(named: name) else {
                report.unsupported[name, default: 0] += cases.count
                continue
            }
            guard only == nil || only == fork else { continue }
            for (index, json) in cases.enumerated() {
                var failure: StateTestFailure?
                do {
                    if let reason = try test.check(try StateTestCase(json), fork) {
                        failure = StateTestFailure(file: file, test: test.name, fork: name, index: index, reason: reason)
                    }
                } catch {
                    failure = StateTestFailure(file: file, test: test.name, fork: name, index: index, reason: "cannot read \(error.field)")
                }
                report.record(failure, fork: name)
            }
        }
        return report
    }
}
