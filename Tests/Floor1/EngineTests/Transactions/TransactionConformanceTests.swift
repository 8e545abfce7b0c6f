// Ethereum's TransactionTests and RLPTests.
import Engine
import Foundation
import Primitives
import Testing

@Suite(.enabled(if: ConformanceFiles.arePresent))
struct TransactionConformanceTests {
    /// Faults that the codec does not judge: the state transition refuses them.
    static let judgedByExecution: [String] = [
        "GASLIMIT_PRICE_PRODUCT_OVERFLOW", "INITCODE_SIZE_EXCEEDED", "INTRINSIC_GAS_TOO_LOW",
        "PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS_2",
    ]

    @Test(arguments: ["ethereum-tests/TransactionTests", "execution-spec-tests/transaction_tests"])
    func transactions(folder: String) throws {
        var accepted = 0
        var refused = 0
        for (file, content) in try ConformanceFiles.objects(folder) {
            for (name, value) in content {
                let test = try #require(value as? [String: Any])
                let results = try #require(test["result"] as? [String: [String: String]])
                let fork = try #require(["Prague", "Cancun", "Shanghai", "London"].first { results[$0] != nil })
                let result = try #require(results[fork])
                let text = try #require(test["txbytes"] as? String)
                let raw = try #require(Hex.decode(text))
                let transaction = try? Transaction.decode(raw)
                if let transaction { #expect(transaction.encode() == raw, "\(file) \(name)") }
                if let exception = result["exception"] {
                    if Self.judgedByExecution.contains(where: { exception.hasSuffix("." + $0) }) { continue }
                    // The fixtures' chain is number 1; a transaction of another chain has its own sender there.
                    let isOurs = transaction?.chainID == nil || transaction?.chainID == 1
                    #expect(transaction?.recoverSender() == nil || !isOurs, "\(file) \(name) \(exception)")
                    refused += 1
                } else {
                    #expect(transaction?.recoverSender()?.hex == result["sender"], "\(file) \(name)")
                    #expect(transaction?.hash.hex == result["hash"], "\(file) \(name)")
                    accepted += 1
                }
            }
        }
        #expect(refused > 10)
        #expect(accepted >= (folder.hasPrefix("ethereum-tests") ? 50 : 0))
    }

    @Test func rlp() throws {
        var count = 0
        for (file, content) in try ConformanceFiles.objects("ethereum-tests/RLPTests") {
            for (name, value) in content {
                let test = try #require(value as? [String: Any])
                let text = try #require(test["out"] as? String)
                let raw = try #require(Hex.decode(text))
                let item = try? RLPItem.decode(raw)
                count += 1
                if let expected = test["in"] as? String, expected == "INVALID" {
                    #expect(item == nil, "\(file) \(name)")
                } else {
                    #expect(item.map(encode) == raw, "\(file) \(name)")
                    if let input = test["in"], !(input as? String == "VALID") {
                        #expect(try encode(convert(input)) == raw, "\(file) \(name)")
                    }
                }
            }
        }
        #expect(count >= 50)
    }

    private func encode(_ item: RLPItem) -> [UInt8] {
        var writer = RLPWriter()
        write(item, to: &writer)
        return writer.bytes
    }

    private func write(_ item: RLPItem, to writer: inout RLPWriter) {
        switch item {
        case .string(let bytes): writer.write(bytes)
        case .list(let items): writer.writeList { list in for item in items { write(item, to: &list) } }
        }
    }

    /// The fixtures' JSON: text, numbers, "#" and decimal digits for big numbers, arrays.
    private func convert(_ value: Any) throws -> RLPItem {
        if let list = value as? [Any] { return .list(try list.map(convert)) }
        if let text = value as? String {
            guard text.hasPrefix("#") else { return .string(Array(text.utf8)) }
            return .string(decimalBytes(text.dropFirst()))
        }
        let number = try #require(value as? NSNumber)
        return .string(UInt256(number.uint64Value).minimalBytes)
    }

    /// Big-endian bytes of a decimal number of any size.
    private func decimalBytes(_ digits: Substring) -> [UInt8] {
        var bytes: [UInt8] = []
        for digit in digits.utf8 {
            var carry = Int(digit) - 48
            for index in bytes.indices.reversed() {
                carry += Int(bytes[index]) * 10
                bytes[index] = UInt8(truncatingIfNeeded: carry)
                carry >>= 8
            }
            if carry > 0 { bytes.insert(UInt8(carry), at: 0) }
        }
        return bytes
    }
}
