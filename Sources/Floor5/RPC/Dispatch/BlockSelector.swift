// Floor 5, RPC: which block a parameter means (execution-apis `BlockNumberOrTag`, EIP-1898).
import Consensus
package import Engine
package import Primitives

/// A block as a client names it.
package enum BlockSelector: Equatable, Sendable {
    case earliest
    case latest
    case pending
    case safe
    case finalized
    case number(UInt64)
    case hash(Hash256)

    package init(_ value: JSONValue) throws(HexText.Failure) {
        switch value {
        case .string(let text): self = try BlockSelector(text: text)
        case .object: self = try BlockSelector(object: value)
        default: throw HexText.Failure(message: "a block number, tag or hash is expected, not \(value.kind)")
        }
    }

    private init(text: [UInt8]) throws(HexText.Failure) {
        if JSONValue.equal(text, "latest") {
            self = .latest
        } else if JSONValue.equal(text, "pending") {
            self = .pending
        } else if JSONValue.equal(text, "finalized") {
            self = .finalized
        } else if JSONValue.equal(text, "safe") {
            self = .safe
        } else if JSONValue.equal(text, "earliest") {
            self = .earliest
        } else if text.count == 66 {
            self = .hash(try HexText.hash(text))
        } else {
            self = .number(try HexText.quantity64(text))
        }
    }

    private init(object: JSONValue) throws(HexText.Failure) {
        let number = object.present("blockNumber")
        let hash = object.present("blockHash")
        switch (number, hash) {
        case (nil, .string(let text)?): self = .hash(try HexText.hash(text))
        case (.string(let text)?, nil): self = try BlockSelector(text: text)
        case (.some, .some): throw HexText.Failure(message: "cannot specify both BlockHash and BlockNumber, choose one or the other")
        default: throw HexText.Failure(message: "an object with blockNumber or blockHash is expected")
        }
    }
}

extension RPCCall {
    /// The height that a selector other than a hash means; `pending` counts as `latest`.
    package func height(_ selector: BlockSelector) -> UInt64? {
        switch selector {
        case .earliest: return 0
        case .latest, .pending: return backend.heads().latest
        case .safe: return backend.heads().safe
        case .finalized: return backend.heads().finalized
        case .number(let number): return number
        case .hash: return nil
        }
    }

    /// The block that a selector means, `nil` when there is none. `pending` counts as `latest`.
    package func record(_ selector: BlockSelector) throws(RPCError) -> BlockRecord? {
        do throws(BackendError) {
            if case .hash(let hash) = selector { return try backend.block(hash: hash) }
            guard let height = height(selector) else { return nil }
            return try backend.block(height: height)
        } catch {
            throw RPCError(error)
        }
    }

    /// The same for methods that cannot do without the block.
    package func existingRecord(_ selector: BlockSelector) throws(RPCError) -> BlockRecord {
        if let record = try record(selector) { return record }
        if case .hash = selector { throw .server("header for hash not found") }
        throw .headerNotFound
    }

    /// The height whose state a selector means.
    package func stateHeight(_ selector: BlockSelector) throws(RPCError) -> UInt64 {
        switch selector {
        case .hash: return try existingRecord(selector).header.height
        case .number(let number):
            guard number <= backend.heads().latest else { throw .headerNotFound }
            return number
        default: return height(selector) ?? 0
        }
    }

    /// The included transactions of a block.
    package func transactions(_ height: UInt64) throws(RPCError) -> [TransactionRecord] {
        do throws(BackendError) { return try backend.transactions(height: height) } catch { throw RPCError(error) }
    }
}
