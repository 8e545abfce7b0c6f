// Benchmark folders: reading, running at a small size, and what happens when something is wrong.
import EngineBench
import Foundation
import Primitives
import Testing

/// A folder with one case: code that returns its calldata's first word. 21000 + 32 calldata bytes + the instructions.
private final class Folder {
    let path: String

    init(gas: Int, word: String = String(repeating: "0", count: 63) + "7", cases: String? = nil) throws {
        path = NSTemporaryDirectory() + "evm-bench-\(UInt64.random(in: 0...UInt64.max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        // PUSH0 CALLDATALOAD PUSH0 MSTORE PUSH1 32 PUSH0 RETURN
        try write("echo.hex", "5f355f5260205ff3\n")
        let usual = """
            {"echo": {"hex": "echo.hex", "n": 7, "small": 7, "selector": "", "data": "", "gas_per_iter": null, "ops_per_iter": 3,
              "caller": "0x000000000000000000000000000000000000cafe", "target": "0x000000000000000000000000000000000000beef",
              "others": {}}}
            """
        try write("cases.json", cases ?? usual)
        try write("expected.json", #"{"echo": {"n": {"n": 7, "gas": \#(gas), "exec": 0, "refund": 0, "ret": "\#(word)"}}}"#)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    private func write(_ name: String, _ text: String) throws {
        try text.write(toFile: path + "/" + name, atomically: true, encoding: .utf8)
    }
}

struct BenchTests {
    /// 21000, 31 zero bytes, one other; PUSH0 x3, PUSH1, CALLDATALOAD, MSTORE and one word of memory.
    private static let gas = 21000 + 31 * 4 + 16 + 3 * 2 + 3 + 3 + 3 + 3

    @Test func runsAndChecksACase() throws {
        let folder = try Folder(gas: BenchTests.gas)
        let suite = try BenchSuite(folder: folder.path)
        #expect(suite.cases.map(\.name) == ["echo"])
        let result = try BenchRunner.run(suite.cases[0], repetitions: 3)
        #expect(result.cpuNanoseconds.count == 3)
        #expect(result.gas == UInt64(BenchTests.gas))
        #expect(try result.json().contains(#""case":"echo""#))
    }

    @Test func refusesAnotherGasAndAnotherWord() throws {
        let dear = try Folder(gas: BenchTests.gas + 1)
        let dearCase = try BenchSuite(folder: dear.path).cases[0]
        #expect(throws: BenchMismatch.self) { try BenchRunner.run(dearCase, repetitions: 1) }
        let wrong = try Folder(gas: BenchTests.gas, word: String(repeating: "0", count: 63) + "8")
        let wrongCase = try BenchSuite(folder: wrong.path).cases[0]
        #expect(throws: BenchMismatch.self) { try BenchRunner.run(wrongCase, repetitions: 1) }
    }

    @Test func saysWhatIsWrongWithAFolder() throws {
        #expect(throws: BenchFormatError.self) { try BenchSuite(folder: "/nowhere") }
        let folder = try Folder(gas: 0, cases: #"{"echo": {"hex": "echo.hex"}}"#)
        #expect(throws: BenchFormatError.self) { try BenchSuite(folder: folder.path) }
        let empty = try Folder(gas: 0, cases: "{}")
        #expect(throws: BenchFormatError.self) { try BenchSuite(folder: empty.path) }
    }
}
