// `hyperseq evm run`: what a case answers, and that no text traps it.
import Foundation
import StateTests
import Testing

@Suite("Cases of the EVM as JSON")
struct EVMCaseTests {
    static let sender = "0x1111111111111111111111111111111111111111"
    static let contract = "0xcccccccccccccccccccccccccccccccccccccccc"

    static func line(code: String, transaction: String? = nil, fork: String = "Cancun") -> String {
        let usual = """
            {"sender":"\(sender)","nonce":"0x0","gasLimit":"0x186a0","gasPrice":"0xa","to":"\(contract)","value":"0x1","data":"0x"}
            """
        return """
            {"fork":"\(fork)","env":{"currentNumber":"0x1","currentTimestamp":"0x2","currentGasLimit":"0x1c9c380","currentBaseFee":"0x7",\
            "currentCoinbase":"0xb000000000000000000000000000000000000000","currentRandom":"0x0"},\
            "pre":{"\(sender)":{"nonce":"0x0","balance":"0xde0b6b3a7640000","code":"0x","storage":{}},\
            "\(contract)":{"nonce":"0x1","balance":"0x0","code":"\(code)","storage":{"0x1":"0x5"}}},\
            "transactions":[\(transaction ?? usual)]}
            """
    }

    func answer(_ line: String) throws -> [String: Any] {
        let bytes = EVMCaseRunner.run(line: Array(line.utf8))
        return try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    }

    @Test("status, gas, output, logs and every changed account")
    func everything() throws {
        // SSTORE(1, 0), SSTORE(2, 7), LOG1(0, 32, 9), RETURN(0, 1)
        let answer = try answer(EVMCaseTests.line(code: "0x60006001556007600255600960206000a160016000f3"))
        let result = try #require((answer["results"] as? [[String: Any]])?.first)
        #expect(result["status"] as? String == "success")
        #expect(result["output"] as? String == "0x00")
        #expect((result["gasRefunded"] as? Int ?? 0) > 0)
        let log = try #require((result["logs"] as? [[Any]])?.first)
        #expect(log.first as? String == EVMCaseTests.contract)
        let post = try #require(answer["post"] as? [String: [String: Any]])
        #expect(post.count == 3)
        #expect(post[EVMCaseTests.contract]?["balance"] as? String == "0x1")
        #expect(post[EVMCaseTests.contract]?["storage"] as? [String: String] == ["0x1": "0x0", "0x2": "0x7"])
        #expect(post[EVMCaseTests.sender]?["nonce"] as? Int == 1)
        #expect(post["0xb000000000000000000000000000000000000000"]?["balance"] != nil)
    }

    @Test("halted, reverted, removed and invalid")
    func outcomes() throws {
        func status(_ line: String) throws -> String? { (try answer(line)["results"] as? [[String: Any]])?.first?["status"] as? String }
        #expect(try status(EVMCaseTests.line(code: "0xfe")) == "halted")
        #expect(try status(EVMCaseTests.line(code: "0x60006000fd")) == "reverted")
        #expect(try status(EVMCaseTests.line(code: "0x", transaction: "\"0x02c0\"")) == "invalid")
        let gone = try answer(EVMCaseTests.line(code: "0x6000ff", fork: "Shanghai"))
        let post = try #require(gone["post"] as? [String: [String: Any]])
        #expect(post[EVMCaseTests.contract]?["removed"] as? Bool == true)
    }

    @Test("2,000 damaged cases are answered")
    func damaged() throws {
        let whole = Array(EVMCaseTests.line(code: "0x600160005500").utf8)
        var state: UInt64 = 5
        for _ in 0..<2000 {
            var text = whole
            for _ in 0..<3 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let place = Int((state >> 33) % UInt64(text.count))
                if state & 1 == 0 { text[place] = UInt8(truncatingIfNeeded: state >> 20) } else { text.remove(at: place) }
            }
            #expect(EVMCaseRunner.run(line: text).first == UInt8(ascii: "{"))
        }
    }
}
