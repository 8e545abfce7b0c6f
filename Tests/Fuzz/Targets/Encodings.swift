// Any bytes as RLP, and as a case of `hyperseq evm run`.
import Primitives
import StateTests

func fuzzRLP(_ bytes: [UInt8]) {
    guard let item = try? RLPItem.decode(bytes) else { return }
    var writer = RLPWriter()
    write(item, &writer)
    precondition(writer.bytes == bytes, "decoding is not the inverse of encoding")
    _ = try? item.uint64()
    _ = try? item.uint256()
    _ = try? item.hash()
    _ = try? item.optionalAddress()
}

private func write(_ item: RLPItem, _ writer: inout RLPWriter) {
    if let items = try? item.items() {
        writer.writeList { list in
            for item in items { write(item, &list) }
        }
    } else if let bytes = try? item.bytes() {
        writer.write(bytes)
    }
}

func fuzzCase(_ bytes: [UInt8]) {
    precondition(EVMCaseRunner.run(line: bytes).first == UInt8(ascii: "{"))
}
