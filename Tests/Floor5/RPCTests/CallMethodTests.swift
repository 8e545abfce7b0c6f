import Engine
import Primitives
import RPC
import Testing

@Suite struct CallMethodTests {
    private func object(_ to: Address?, _ members: String = "") -> String {
        let extra = members.isEmpty ? "" : ",\(members)"
        return "{\"from\":\(Fixtures.alice.address.quoted)" + (to.map { ",\"to\":\($0.quoted)" } ?? "") + extra + "}"
    }

    @Test func callsAndReverts() async throws {
        let harness = Harness()
        #expect(try await harness.result("eth_call", object(Fixtures.counter)).string == "0x")
        let revert = try await harness.error("eth_call", object(Fixtures.reverter))
        #expect(revert.code == 3 && revert.message == "execution reverted: no")
        #expect(revert.data == Hex.encode(Fixtures.errorString))
        let panic = try await harness.error("eth_call", object(Fixtures.panicker))
        #expect(panic.code == 3 && panic.message == "execution reverted: arithmetic underflow or overflow")
        #expect(try await harness.error("eth_call", object(Fixtures.endless)).message == "out of gas")
        #expect(try await harness.error("eth_call", object(Fixtures.invalid)).message.hasPrefix("invalid opcode"))
        let poor = try await harness.error("eth_call", "{\"from\":\(Address(small: 0x99).quoted),\"to\":\(Fixtures.counter.quoted),\"value\":\"0x1\"}")
        #expect(poor.code == -32000 && poor.message.hasPrefix("insufficient funds for gas * price + value"))
    }

    @Test func gasOfCalls() async throws {
        let harness = Harness()
        let capped = try #require(try await harness.result("eth_call", object(Fixtures.gasTeller, "\"gas\":\"0xffffffffffff\"")).quantity)
        #expect(capped < 50_000_000 && capped > 49_900_000)
        let given = try #require(try await harness.result("eth_call", object(Fixtures.gasTeller, "\"gas\":\"0x186a0\"")).quantity)
        #expect(given == UInt256(100_000 - 21_000 - 2))
        // A price without a gas limit demands no more than the sender has.
        _ = try await harness.result("eth_call", object(Fixtures.gasTeller, "\"gasPrice\":\"0x174876e800\""))
    }

    @Test(arguments: [
        "5", "{\"to\":\"0x12\"}", "{\"data\":\"0x1\"}", "{\"value\":\"1\"}", "{\"accessList\":5}", "{\"accessList\":[{}]}",
        "{\"authorizationList\":[{\"nonce\":\"0x1ffffffffffffffff\"}]}",
    ])
    func malformedObjects(_ object: String) async throws {
        #expect(try await Harness().error("eth_call", object).code == -32602)
    }

    @Test func contradictions() async throws {
        let harness = Harness()
        #expect(try await harness.error("eth_call", object(nil, "\"data\":\"0x01\",\"input\":\"0x02\"")).message.hasPrefix("both \"data\" and \"input\""))
        #expect(try await harness.error("eth_call", object(nil, "\"gasPrice\":\"0x1\",\"maxFeePerGas\":\"0x1\"")).message.hasPrefix("both gasPrice"))
        #expect(try await harness.error("eth_call", object(nil, "\"chainId\":\"0x1\"")).message.hasPrefix("chainId does not match"))
    }

    @Test func overrides() async throws {
        let harness = Harness()
        let target = Address(small: 0x5000)
        let code = "{\(target.quoted):{\"code\":\"0x5f545f5260205ff3\",\"state\":{\"0x0\":\"0x2a\"}}}"
        let word = try await harness.result("eth_call", "\(object(target)),\"latest\",\(code)").string
        #expect(word == Hash256(UInt256(42)).hex)
        let numbered = "{\(target.quoted):{\"code\":\"0x435f5260205ff3\"}}"
        let number = try await harness.result("eth_call", "\(object(target)),\"latest\",\(numbered),{\"number\":\"0x1234\"}").string
        #expect(number == Hash256(UInt256(0x1234)).hex)
        let rich = "{\(Address(small: 0x99).quoted):{\"balance\":\"0x10\"}}"
        _ = try await harness.result(
            "eth_call", "{\"from\":\(Address(small: 0x99).quoted),\"to\":\(Address(small: 0x98).quoted),\"value\":\"0x10\"},\"latest\",\(rich)")
        let both = "{\(target.quoted):{\"state\":{},\"stateDiff\":{}}}"
        #expect(try await harness.error("eth_call", "\(object(target)),\"latest\",\(both)").code == -32602)
    }

    // MARK: - Estimates

    @Test func plainTransfers() async throws {
        let harness = Harness()
        for data in ["", "\"data\":\"0x\"", "\"input\":\"0x\"", "\"value\":\"0x1\""] {
            #expect(try await harness.result("eth_estimateGas", object(Fixtures.bob.address, data)).string == "0x5208", "\(data)")
        }
    }

    @Test func estimatesSuffice() async throws {
        let harness = Harness()
        for (index, target) in [Fixtures.counter, Fixtures.logger, Fixtures.swallower, Fixtures.gasTeller].enumerated() {
            let estimate = try #require(try await harness.result("eth_estimateGas", object(target)).quantity?.asUInt64)
            harness.node.mine([Fixtures.transaction(nonce: UInt64(index), to: target, gas: estimate)])
            let receipt = try harness.node.transactions(height: UInt64(index + 1))[0].receipt
            #expect(receipt.succeeded)
            #expect(estimate < receipt.gasUsed * 12 / 10 + 5_000)
        }
        // The inner call did not fail unseen: the counter counted twice.
        #expect(try await harness.result("eth_getStorageAt", "\(Fixtures.counter.quoted),\"0x0\"").string == Hash256(UInt256(2)).hex)
    }

    @Test func creation() async throws {
        let harness = Harness()
        // Returns the one byte 00 as code.
        let estimate = try #require(try await harness.result("eth_estimateGas", object(nil, "\"data\":\"0x60015ff3\"")).quantity?.asUInt64)
        harness.node.mine([Fixtures.transaction(nonce: 0, to: nil, data: Fixtures.bytes("60015ff3"), gas: estimate)])
        let record = try harness.node.transactions(height: 1)[0]
        #expect(record.receipt.succeeded)
        let receipt = try await harness.result("eth_getTransactionReceipt", record.hash.quoted)
        #expect(receipt["contractAddress"]?.string == record.receipt.contractAddress?.hex)
        #expect(receipt["to"]?.isNull == true)
    }

    @Test func failingEstimates() async throws {
        let harness = Harness()
        let revert = try await harness.error("eth_estimateGas", object(Fixtures.reverter))
        #expect(revert.code == 3 && revert.message == "execution reverted: no" && revert.data != nil)
        #expect(try await harness.error("eth_estimateGas", object(Fixtures.endless)).message == "gas required exceeds allowance (30000000)")
        // Funds count only when a price is given.
        let poor = Address(small: 0x99).quoted
        #expect(try await harness.result("eth_estimateGas", "{\"from\":\(poor),\"to\":\(Fixtures.bob.address.quoted)}").string == "0x5208")
        let priced = "{\"from\":\(poor),\"to\":\(Fixtures.counter.quoted),\"gasPrice\":\"0x2710\"}"
        #expect(try await harness.error("eth_estimateGas", priced).message == "gas required exceeds allowance (0)")
        let sent = "{\"from\":\(poor),\"to\":\(Fixtures.counter.quoted),\"gasPrice\":\"0x2710\",\"value\":\"0x1\"}"
        #expect(try await harness.error("eth_estimateGas", sent).message == "insufficient funds for transfer")
    }

    @Test func timeLimit() async throws {
        var limits = RPCLimits()
        limits.callTimeMilliseconds = 0
        let error = try await Harness(limits: limits).error("eth_call", object(Fixtures.counter))
        #expect(error.code == -32000 && error.message == "execution aborted (timeout = 0ms)")
    }

    /// The time limit also holds where no state is read: this loop would run for minutes.
    @Test func timeLimitInsideTheInterpreter() async throws {
        var limits = RPCLimits()
        limits.callTimeMilliseconds = 20
        limits.callGas = 1 << 40
        let error = try await Harness(limits: limits).error("eth_call", object(Fixtures.endless, "\"gas\":\"0x10000000000\""))
        #expect(error.code == -32000 && error.message == "execution aborted (timeout = 20ms)")
    }
}
