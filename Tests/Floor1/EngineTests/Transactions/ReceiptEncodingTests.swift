// Receipts and bloom filters: a mainnet-shaped vector, and no false negatives.
import Engine
import Primitives
import Testing

@Suite struct ReceiptEncodingTests {
    /// The bits of this address, worked out in the design notes of Ethereum's filter.
    @Test func bloomOfAKnownAddress() {
        let address = Address(hex: "0x0f572e5295c57f15886f9b263e2f6d2d6c7b5ec6") ?? .zero
        var bloom = LogsBloom()
        bloom.insert(Log(address: address, topics: [], data: []))
        var expected = [UInt8](repeating: 0, count: 256)
        for bit in [1323, 431, 1319] { expected[255 - bit / 8] |= 1 << UInt8(bit % 8) }
        #expect(bloom.bytes == expected)
    }

    @Test(arguments: [14, 15] as [UInt64])
    func bloomHasNoFalseNegatives(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let logs = (0..<30).map { _ in
            Log(address: random.address(), topics: (0..<random.below(5)).map { _ in Hash256(random.word()) }, data: [])
        }
        let bloom = LogsBloom(logs)
        var union = LogsBloom(Array(logs[..<10]))
        union.formUnion(LogsBloom(Array(logs[10...])))
        #expect(union == bloom)
        #expect(LogsBloom(bytes: bloom.bytes) == bloom)
        #expect(LogsBloom(bytes: [1]) == nil)
        for log in logs {
            #expect(bloom.contains(address: log.address))
            for topic in log.topics { #expect(bloom.contains(topic: topic)) }
        }
        let strangers = (0..<1000).filter { _ in bloom.contains(address: random.address()) }
        #expect(strangers.count < 30)
        #expect(!LogsBloom().contains(address: logs[0].address))
    }

    @Test func encodesByType() throws {
        let log = Log(address: Address(small: 1), topics: [.zero], data: [1, 2, 3])
        var receipt = Receipt(
            type: .legacy, succeeded: true, cumulativeGasUsed: 21000, gasUsed: 21000, effectiveGasPrice: 1, contractAddress: nil,
            logs: [log])
        let fields = try RLPItem.decode(receipt.encode()).items()
        #expect(fields.count == 4)
        #expect(try fields[0].uint64() == 1)
        #expect(try fields[1].uint64() == 21000)
        #expect(try fields[2].bytes() == receipt.logsBloom.bytes)
        let entry = try fields[3].items()[0].items()
        #expect(try entry[0].address() == log.address)
        #expect(try entry[1].items()[0].hash() == .zero)
        #expect(try entry[2].bytes() == log.data)

        receipt.type = .setCode
        receipt.succeeded = false
        let typed = receipt.encode()
        #expect(typed[0] == 4)
        #expect(try RLPItem.decode(Array(typed[1...])).items()[0].uint64() == 0)
        // Keccak of an empty list's RLP: the logs hash of most state tests.
        #expect(Keccak256.hash(Log.encode([])).hex == "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347")
    }
}
