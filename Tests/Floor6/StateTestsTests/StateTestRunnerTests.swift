// The runner on files written here, and on a sample of upstream's files when they are at hand.
import Engine
import Foundation
import StateTests
import Testing

@Suite("State test runner")
struct StateTestRunnerTests {
    /// The folder of upstream's fixtures: below `HYPERSEQ_FIXTURES`, or below `shared` beside the repository.
    static var fixtures: String? {
        var root = ProcessInfo.processInfo.environment["HYPERSEQ_FIXTURES"]
        if root == nil {
            let here = URL(filePath: #filePath)
            root = here.deletingLastPathComponent().appending(path: "../../../../shared").standardizedFileURL.path
        }
        let path = (root ?? "") + "/fixtures"
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }

    @Test("all of upstream's test files pass")
    func fixtures() throws {
        guard let fixtures = StateTestRunnerTests.fixtures else {
            print("No fixtures at hand: upstream's test files are not run.")
            return
        }
        let report = StateTestRunner(only: nil).run(try StateTestRunner.files([fixtures]), threads: 2) { _ in }
        #expect(report.failures.isEmpty, "\(report.text())")
        #expect(report.unsupported.isEmpty)
        // Of each kind at least what the fixtures held when this was written: a kind that is no longer recognised is a failure.
        let least: [TestKind: Int] = [
            .state: 49_000, .blockchain: 573, .transaction: 2684, .rlp: 55, .trie: 25, .difficulty: 5002, .basic: 17,
        ]
        for kind in TestKind.allCases {
            let passed = report.counts[kind]?.values.reduce(0) { $0 + $1.passed } ?? 0
            #expect(passed >= least[kind] ?? 1, "\(kind.rawValue): \(passed)")
        }
    }

    @Test("every kind is told from its content; what a kind finds wrong is a failure")
    func kinds() throws {
        let cases: [(TestKind, good: String, bad: String)] = [
            (.rlp, ##"{"a":{"in":["x",[],7,"#256"],"out":"0xc678c007820100"}}"##, #"{"a":{"in":"x","out":"0x79"}}"#),
            (.rlp, #"{"a":{"in":"INVALID","out":"0x8100"}}"#, #"{"a":{"in":"INVALID","out":"0x80"}}"#),
            (
                .trie, #"{"a":{"in":[["k","v"],["k",null]],"root":"0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"}}"#,
                #"{"a":{"in":{"k":"v"},"root":"0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"}}"#
            ),
            (
                .difficulty,
                #"{"a":{"parentTimestamp":"42","parentDifficulty":"1000000","currentTimestamp":"43","currentBlockNumber":"42","currentDifficulty":"1000488"}}"#,
                #"{"a":{"parentTimestamp":"42","parentDifficulty":"1000000","currentTimestamp":"43","currentBlockNumber":"42","currentDifficulty":"1"}}"#
            ),
            (.basic, #"{"a":{"seq":[1,2],"term":true,"out":"2012"}}"#, #"{"a":{"seq":[1,2],"term":false,"out":"2012"}}"#),
            (
                .transaction, #"{"a":{"txbytes":"0xc0","result":{"Cancun":{"exception":"x","intrinsicGas":"0x00"}}}}"#,
                #"{"a":{"txbytes":"0xc0","result":{"Cancun":{"hash":"0x00","intrinsicGas":"0x00"}}}}"#
            ),
        ]
        for (kind, good, bad) in cases {
            let passing = try run(good)
            #expect(passing.passed == 1 && passing.failures.isEmpty && passing.counts[kind] != nil, "\(passing.text())")
            let failing = try run(bad)
            #expect(failing.passed == 0 && failing.failures.first?.kind == kind, "\(failing.text())")
        }
        #expect(try run(#"{"a":{"args":[],"types":[],"result":"0x"}}"#).notApplicable.values.reduce(0, +) == 1)
        // A block without its genesis can only fail.
        let chain = #"{"a":{"blocks":[],"genesisRLP":"0xc0","network":"Cancun","lastblockhash":"0x00","pre":{}}}"#
        #expect(try run(chain).failures.first?.reason == "the genesis block is not decoded")
        #expect(try run(cases[0].good, only: .prague).counts.isEmpty)
    }

    /// Runs one file with this text.
    func run(_ text: String, only: Fork? = nil) throws -> StateTestReport {
        let path = NSTemporaryDirectory() + "state-test-\(UUID().uuidString).json"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        return StateTestRunner(only: only).run([path], threads: 1) { _ in }
    }

    static func file(exception: String, gas: String, forks: [String]) -> String {
        let result = """
            {"hash":"0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421",
             "logs":"0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347",
             "indexes":{"data":0,"gas":0,"value":0}\(exception)}
            """
        let posts = forks.map { "\"\($0)\":[\(result)]" }.joined(separator: ",")
        return """
            {"a":{"env":{"currentCoinbase":"0x2adc25665018aa1fe0e6bc666dac8fc2697ff9ba","currentNumber":"0x01","currentTimestamp":"0x01",
            "currentGasLimit":"0x1000000","currentDifficulty":"0x00"},"pre":{},"post":{\(posts)},
            "transaction":{"data":["0x"],"gasLimit":["\(gas)"],"value":["0x00"],"gasPrice":"0x00","nonce":"0x00",
            "sender":"0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b","to":"0x095e7baea6a6c7c4c2dfeb977efac326af552d87"}}}
            """
    }

    @Test("expected rejections pass, unexpected ones and unexpected successes fail")
    func rejections() throws {
        let exception = #","expectException":"TransactionException.INTRINSIC_GAS_TOO_LOW""#
        let rejected = try run(StateTestRunnerTests.file(exception: exception, gas: "0x10", forks: ["Cancun", "Prague", "Osaka", "Verkle"]))
        #expect(rejected.passed == 3 && rejected.failures.isEmpty && rejected.unsupported == ["Verkle": 1])
        let unexpected = try run(StateTestRunnerTests.file(exception: "", gas: "0x10", forks: ["Cancun"]))
        #expect(unexpected.failures.first?.reason.hasPrefix("rejected: intrinsic gas too low") == true)
        let accepted = try run(StateTestRunnerTests.file(exception: exception, gas: "0x10000", forks: ["Cancun"]))
        #expect(accepted.failures.first?.reason.hasPrefix("accepted") == true)
        // Accepted: the sender's nonce changes the root.
        #expect(accepted.counts[.state]?["Cancun"]?.failed == 1)
        let wrongRoot = try run(StateTestRunnerTests.file(exception: "", gas: "0x10000", forks: ["Cancun"]))
        #expect(wrongRoot.failures.first?.reason.hasPrefix("state root") == true)
        #expect(wrongRoot.text().hasSuffix("\n0 passed, 1 failed"))
        #expect(try wrongRoot.json().contains("\"failed\":1,"))
    }

    @Test("one fork can be selected; other files are counted, broken tests fail")
    func selection() throws {
        let exception = #","expectException":"x""#
        #expect(try run(StateTestRunnerTests.file(exception: exception, gas: "0x10", forks: ["Cancun", "Prague"]), only: .prague).passed == 1)
        for text in ["[]", "{", "{\"a\":{\"b\":1}}", "", String(repeating: "[", count: 1000)] { #expect(try run(text).otherFiles == 1) }
        let broken = StateTestRunnerTests.file(exception: "", gas: "zz", forks: ["Cancun"])
        #expect(try run(broken).failures.first?.reason == "cannot read gasLimit")
    }
}
