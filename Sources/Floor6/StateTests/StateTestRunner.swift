// Floor 6, StateTests: runs upstream's test files of all kinds against the engine.
import Foundation
public import Engine
import Primitives
import Synchronization

/// A path that does not exist.
public struct MissingPath: Error, CustomStringConvertible {
    public let path: String
    public var description: String { "No such file or folder: \(path)" }
}

public struct StateTestRunner: Sendable {
    /// Runs only cases of this fork when set, and then no kinds without forks.
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
        guard let data = FileManager.default.contents(atPath: file), let json = try? JSONReader.parse([UInt8](data)) else {
            return StateTestReport(otherFiles: 1)
        }
        var recorder = TestRecorder(file: file, only: only)
        switch TestFile(json) {
        case .other: return StateTestReport(otherFiles: 1)
        case .notApplicable(let subject):
            recorder.report.notApplicable[subject, default: 0] += json.count
        case .tests(let kind) where only != nil && !kind.hasForks: break
        case .tests(.basic): BasicTest.run(json, &recorder)
        case .tests(let kind):
            for (name, value) in json.members ?? [] {
                recorder.kind = kind
                recorder.test = name
                do {
                    try StateTestRunner.run(value, &recorder)
                } catch {
                    recorder.record { () throws(StateTestFormatError) in throw error }
                }
            }
        }
        return recorder.report
    }

    private static func run(_ json: JSONValue, _ recorder: inout TestRecorder) throws(StateTestFormatError) {
        switch recorder.kind {
        case .state: try StateTest(json).run(&recorder)
        case .blockchain: try BlockchainTest(json).run(&recorder)
        case .transaction: try TransactionTest(json).run(&recorder)
        case .rlp: try RLPTest(json).run(&recorder)
        case .trie: try TrieTest(json, isSecure: recorder.file.lowercased().contains("secure")).run(&recorder)
        case .difficulty: DifficultyTest.run(json, &recorder)
        // Files of this kind differ too much to be taken test by test.
        case .basic: return
        }
    }
}
