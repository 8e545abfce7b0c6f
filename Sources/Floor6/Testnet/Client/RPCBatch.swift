// Floor 6, Testnet: JSON-RPC calls of one kind in one request, and the few answers that the launcher and the benchmark read.
internal import Foundation

/// Requests and answers of JSON-RPC batches.
enum RPCBatch {
    /// Calls per request; servers commonly take 100 and more.
    static let limit = 100

    struct Failure: Decodable {
        var code: Int
        var message: String
    }

    struct Reply<Result: Decodable>: Decodable {
        var id: Int
        var result: Result?
        var error: Failure?
    }

    /// A batch; `parameters` are JSON arrays, and the identifiers count from 0.
    static func request(_ method: String, _ parameters: [String]) -> [UInt8] {
        var text = "["
        for (index, list) in parameters.enumerated() {
            if index > 0 { text += "," }
            text += "{\"jsonrpc\":\"2.0\",\"id\":\(index),\"method\":\"\(method)\",\"params\":\(list)}"
        }
        return Array((text + "]").utf8)
    }

    /// The answers in the order of the calls; `nil` where one is missing.
    static func answers<Result: Decodable>(_ body: [UInt8], count: Int, as type: Result.Type) -> [Reply<Result>?] {
        var ordered = [Reply<Result>?](repeating: nil, count: count)
        for reply in (try? JSONDecoder().decode([Reply<Result>].self, from: Data(body))) ?? [] where ordered.indices.contains(reply.id) {
            ordered[reply.id] = reply
        }
        return ordered
    }
}

/// Reads blocks of a node.
struct BlockReader {
    let connection: HTTPConnection

    private static func hex(_ number: UInt64) -> String { "0x" + String(number, radix: 16) }

    /// The number of transactions of each block, in order; fails as a whole.
    func transactionCounts(_ heights: Range<UInt64>) -> [Int]? {
        collect(heights, "eth_getBlockTransactionCountByNumber", { "[\"\($0)\"]" }, String.self) { text in
            text.hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : nil
        }
    }

    private struct BlockHashes: Decodable { var transactions: [String] }

    /// The hashes of each block's transactions, in order; fails as a whole.
    func transactionHashes(_ heights: Range<UInt64>) -> [[String]]? {
        collect(heights, "eth_getBlockByNumber", { "[\"\($0)\",false]" }, BlockHashes.self) { $0.transactions }
    }

    func collect<Result: Decodable, Value>(
        _ heights: Range<UInt64>, _ method: String, _ parameters: (String) -> String, _ type: Result.Type,
        _ value: (Result) -> Value?
    ) -> [Value]? {
        var values: [Value] = []
        var next = heights.lowerBound
        while next < heights.upperBound {
            let end = min(heights.upperBound, next + UInt64(RPCBatch.limit))
            let list = (next..<end).map { parameters(BlockReader.hex($0)) }
            guard let body = try? connection.post(RPCBatch.request(method, list)) else { return nil }
            for reply in RPCBatch.answers(body, count: list.count, as: type) {
                guard let result = reply?.result, let one = value(result) else { return nil }
                values.append(one)
            }
            next = end
        }
        return values
    }
}

/// Counts the transactions that become final, for the status line.
public final class TransactionCounter {
    private let reader: BlockReader
    private var height: UInt64?
    /// After a pause only the newest blocks are asked for.
    private static let window: UInt64 = 400

    public init(port: UInt16) { reader = BlockReader(connection: HTTPConnection(port: port, timeoutMilliseconds: 1_000)) }

    /// Transactions of the blocks that became final since the last call; `nil` when that is not known.
    public func advance(to finalized: UInt64) -> Int? {
        defer { height = finalized }
        guard let height, height < finalized, finalized - height <= TransactionCounter.window else {
            return height == finalized ? 0 : nil
        }
        return reader.transactionCounts((height + 1)..<(finalized + 1))?.reduce(0, +)
    }
}
