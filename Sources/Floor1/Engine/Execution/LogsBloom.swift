// Floor 1, Engine: the 2048-bit filter over a receipt's or block's logs (yellow paper, section 4.3.1).
//
// It has no false negatives: what was inserted is always contained.
public import Primitives

/// A logs bloom filter.
public struct LogsBloom: Equatable, Sendable {
    /// Number of bytes of the encoded form.
    public static let byteCount = 256

    /// The 256 bytes as receipts and headers carry them.
    public private(set) var bytes: [UInt8]

    /// The empty filter.
    public init() { bytes = [UInt8](repeating: 0, count: LogsBloom.byteCount) }

    /// The filter over these logs.
    public init(_ logs: [Log]) {
        self.init()
        for log in logs { insert(log) }
    }

    /// The filter of exactly 256 bytes; `nil` for any other count.
    public init?(bytes: [UInt8]) {
        guard bytes.count == LogsBloom.byteCount else { return nil }
        self.bytes = bytes
    }

    /// Adds the log's address and topics.
    public mutating func insert(_ log: Log) {
        insert(LogsBloomKey(address: log.address))
        for topic in log.topics { insert(LogsBloomKey(topic: topic)) }
    }

    /// Adds all that is in `other`.
    public mutating func formUnion(_ other: LogsBloom) {
        for index in 0..<LogsBloom.byteCount { bytes[index] |= other.bytes[index] }
    }

    /// `false` only when no log of this address was inserted.
    public func contains(address: Address) -> Bool { contains(LogsBloomKey(address: address)) }

    /// `false` only when no log with this topic was inserted.
    public func contains(topic: Hash256) -> Bool { contains(LogsBloomKey(topic: topic)) }

    /// The same for a key that is hashed once and tested against many filters.
    public func contains(_ key: LogsBloomKey) -> Bool {
        for position in 0..<3 {
            let bit = key.bits[position]
            if bytes[LogsBloom.byteCount - 1 - bit >> 3] & (1 << UInt8(bit & 7)) == 0 { return false }
        }
        return true
    }

    private mutating func insert(_ key: LogsBloomKey) {
        for position in 0..<3 {
            let bit = key.bits[position]
            bytes[LogsBloom.byteCount - 1 - bit >> 3] |= 1 << UInt8(bit & 7)
        }
    }
}

/// The three bits, 0 to 2047, that an address or a topic sets.
public struct LogsBloomKey: Sendable {
    let bits: InlineArray<3, Int>

    public init(address: Address) { self.init(hash: Keccak256.hash(address.bytes)) }

    public init(topic: Hash256) { self.init(hash: Keccak256.hash(topic.bytes)) }

    private init(hash: Hash256) {
        bits = [Int((hash.w0 >> 48) & 2047), Int((hash.w0 >> 32) & 2047), Int((hash.w0 >> 16) & 2047)]
    }
}
