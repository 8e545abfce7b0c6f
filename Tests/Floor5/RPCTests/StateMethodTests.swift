import Engine
import Primitives
import RPC
import Testing

@Suite struct StateMethodTests {
    @Test func readsAtEveryKindOfBlock() async throws {
        let harness = Harness()
        let block = harness.node.mine([Fixtures.transaction(nonce: 0, to: Fixtures.counter)])
        let counter = Fixtures.counter.quoted
        let one = Hash256(UInt256(1)).hex
        let zero = Hash256.zero.hex
        #expect(try await harness.result("eth_getStorageAt", "\(counter),\"0x0\",\"latest\"").string == one)
        #expect(try await harness.result("eth_getStorageAt", "\(counter),\(Hash256.zero.quoted),\"latest\"").string == one)
        #expect(try await harness.result("eth_getStorageAt", "\(counter),\"0x0\"").string == one)
        #expect(try await harness.result("eth_getStorageAt", "\(counter),\"0x0\",\"0x0\"").string == zero)
        #expect(try await harness.result("eth_getStorageAt", "\(counter),\"0x0\",\"earliest\"").string == zero)
        #expect(try await harness.result("eth_getStorageAt", "\(counter),\"0x0\",\(block.hash.quoted)").string == one)
        let object = "{\"blockHash\":\(block.hash.quoted),\"requireCanonical\":true}"
        #expect(try await harness.result("eth_getStorageAt", "\(counter),\"0x0\",\(object)").string == one)
        #expect(try await harness.result("eth_getStorageAt", "\(counter),\"0x0\",{\"blockNumber\":\"0x0\"}").string == zero)
        #expect(try await harness.error("eth_getStorageAt", "\(counter),\"0x0\",\"0x9\"").message == "header not found")
        #expect(try await harness.error("eth_getStorageAt", "\(counter),\"0x0\",{}").code == -32602)
        #expect(try await harness.error("eth_getStorageAt", "\(counter),\"0x0\",\(Hash256.zero.quoted)").message == "header for hash not found")
    }

    @Test func accounts() async throws {
        let harness = Harness()
        let alice = Fixtures.alice.address.quoted
        #expect(try await harness.result("eth_getBalance", "\(alice),\"latest\"").quantity == Fixtures.ether)
        #expect(try await harness.result("eth_getBalance", "\(Address(small: 0x77).quoted)").string == "0x0")
        #expect(try await harness.result("eth_getCode", "\(Fixtures.gasTeller.quoted),\"latest\"").string == "0x5a60005260206000f3")
        #expect(try await harness.result("eth_getCode", "\(alice),\"latest\"").string == "0x")
        #expect(try await harness.result("eth_getTransactionCount", "\(alice),\"latest\"").string == "0x0")
        try await harness.submit(Fixtures.transaction(nonce: 0, to: Fixtures.counter).encode())
        #expect(try await harness.result("eth_getTransactionCount", "\(alice),\"latest\"").string == "0x0")
        #expect(try await harness.result("eth_getTransactionCount", "\(alice),\"pending\"").string == "0x1")
        harness.node.mine()
        #expect(try await harness.result("eth_getTransactionCount", "\(alice),\"latest\"").string == "0x1")
        #expect(try await harness.result("eth_getTransactionCount", "\(alice),\"earliest\"").string == "0x0")
    }

    @Test func prunedState() async throws {
        let harness = Harness()
        harness.node.mine([])
        harness.node.state.withLock { $0.prunedBelow = 1 }
        let error = try await harness.error("eth_getBalance", "\(Address.zero.quoted),\"0x0\"")
        #expect(error.code == -32000 && error.message.contains("state of block 0"))
    }
}
