// Floor 5, RPC: which logs a client asks for (execution-apis `Filter`).
package import Engine
package import Primitives

/// Criteria of a log query.
package struct LogFilter: Sendable {
    package enum Range: Equatable, Sendable {
        case blocks(from: BlockSelector?, to: BlockSelector?)
        case block(Hash256)
    }

    package var range: Range
    /// Any of these; all when empty.
    package var addresses: [Address]
    /// Per position any of these; all when empty.
    package var topics: [[Hash256]]
    private let addressKeys: [LogsBloomKey]
    private let topicKeys: [[LogsBloomKey]]

    /// Topics that a log can have.
    private static let topicLimit = 4

    /// Reads a filter object; the error names what is wrong.
    package init(_ value: JSONValue?, limits: RPCLimits) throws(RPCError) {
        let object = value ?? .object([])
        guard case .object = object else { throw .invalidArgument(0, "a filter object is expected, not \(object.kind)") }
        range = try LogFilter.range(object)
        addresses = try LogFilter.alternatives(object.present("address"), "address", limits) { text throws(HexText.Failure) in
            try HexText.address(text)
        }
        topics = []
        if let list = object.present("topics") {
            guard case .array(let positions) = list else { throw .invalidArgument(0, "topics must be an array") }
            guard positions.count <= LogFilter.topicLimit else { throw .invalidParameters("exceed max topics") }
            for position in positions {
                let present = position.isNull ? nil : position
                topics.append(
                    try LogFilter.alternatives(present, "topic", limits) { text throws(HexText.Failure) in try HexText.hash(text) })
            }
        }
        addressKeys = addresses.map { LogsBloomKey(address: $0) }
        topicKeys = topics.map { $0.map { LogsBloomKey(topic: $0) } }
    }

    private static func range(_ object: JSONValue) throws(RPCError) -> Range {
        let from = object.present("fromBlock")
        let to = object.present("toBlock")
        do throws(HexText.Failure) {
            if let hash = object.present("blockHash") {
                guard from == nil, to == nil else {
                    throw HexText.Failure(
                        message: "cannot specify both BlockHash and FromBlock/ToBlock, choose one or the other")
                }
                guard let text = hash.text else { throw HexText.Failure(message: "blockHash must be a string") }
                return .block(try HexText.hash(text))
            }
            var ends: [BlockSelector?] = []
            for end in [from, to] {
                guard let end else {
                    ends.append(nil)
                    continue
                }
                let selector = try BlockSelector(end)
                if case .hash = selector { throw HexText.Failure(message: "a block number or tag is expected") }
                ends.append(selector)
            }
            return .blocks(from: ends[0], to: ends[1])
        } catch {
            throw .invalidArgument(0, error.message)
        }
    }

    /// One value or a list of values; an empty list and a null within it mean any.
    private static func alternatives<T>(
        _ value: JSONValue?, _ name: String, _ limits: RPCLimits, _ decode: ([UInt8]) throws(HexText.Failure) -> T
    ) throws(RPCError) -> [T] {
        guard let value else { return [] }
        let list: [JSONValue]
        if case .array(let elements) = value { list = elements } else { list = [value] }
        guard list.count <= limits.logFilterAlternativeCount else {
            throw .invalidParameters("exceed max \(name) alternatives: the limit is \(limits.logFilterAlternativeCount)")
        }
        var result: [T] = []
        for element in list {
            if element.isNull { return [] }
            guard let text = element.text else { throw .invalidArgument(0, "\(name) must be a string, not \(element.kind)") }
            do throws(HexText.Failure) { result.append(try decode(text)) } catch {
                throw .invalidArgument(0, "\(name): \(error.message)")
            }
        }
        return result
    }

    // MARK: - Matching

    package func matches(_ log: Log) -> Bool {
        guard addresses.isEmpty || addresses.contains(log.address) else { return false }
        guard topics.count <= log.topics.count else { return false }
        for (wanted, topic) in zip(topics, log.topics) where !wanted.isEmpty && !wanted.contains(topic) { return false }
        return true
    }

    /// False only when the block surely has no matching log.
    package func mayMatch(_ block: BlockRecord) -> Bool {
        guard let bloom = LogsBloom(bytes: block.logsBloom) else { return true }
        guard addressKeys.isEmpty || addressKeys.contains(where: { bloom.contains($0) }) else { return false }
        return topicKeys.allSatisfy { keys in keys.isEmpty || keys.contains { bloom.contains($0) } }
    }

    /// The matching logs of a block.
    package func matches(in transactions: [TransactionRecord]) -> [LogEntry] {
        transactions.flatMap { record in LogEntry.all(of: record).filter { matches($0.log) } }
    }
}
