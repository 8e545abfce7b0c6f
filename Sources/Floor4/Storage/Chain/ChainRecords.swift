// Floor 4, Storage: the content of the records of executed blocks. Decoding never traps, whatever the bytes.
package import Engine
package import Primitives

/// Where an included transaction stands.
package struct TransactionPlace: Equatable, Sendable {
    package var height: UInt64
    package var index: UInt32

    package init(height: UInt64, index: UInt32) {
        self.height = height
        self.index = index
    }

    /// The key of the table `transactions`.
    var key: Key {
        var key = Key(height)
        key.append(index)
        return key
    }
}

package enum ChainRecords {
    static let bloomByteCount = 256

    // MARK: - Blocks

    /// The hash comes first: BLOCKHASH reads only that.
    package static func encode(_ block: BlockRecord) -> [UInt8] {
        var writer = CanonicalWriter(capacity: 640 + 32 * block.transactionHashes.count)
        writer.write(block.hash)
        block.header.encode(into: &writer)
        writer.write(block.gasLimit)
        writer.write(block.gasUsed)
        writer.write(block.baseFeePerGas)
        writer.write(block.prevRandao)
        writer.write(block.stateRoot)
        writer.write(block.transactionsRoot)
        writer.write(block.receiptsRoot)
        writer.write(block.logsBloom)
        writer.write(UInt32(block.transactionHashes.count))
        for hash in block.transactionHashes { writer.write(hash) }
        return writer.bytes
    }

    package static func decodeBlock(_ reader: inout CanonicalReader) throws(CanonicalError) -> BlockRecord {
        var block = BlockRecord(
            hash: try reader.readHash(), header: try BlockHeader.decode(from: &reader), gasLimit: try reader.read(),
            gasUsed: try reader.read(), baseFeePerGas: try reader.readUInt256(), prevRandao: try reader.readHash(),
            stateRoot: try reader.readHash(), transactionsRoot: try reader.readHash(), receiptsRoot: try reader.readHash(),
            logsBloom: try reader.readBytes(limit: bloomByteCount), transactionHashes: [])
        guard block.logsBloom.count == bloomByteCount else { throw .invalidValue }
        let count = try reader.readCount(limit: reader.remaining / Hash256.byteCount)
        block.transactionHashes.reserveCapacity(count)
        for _ in 0..<count { block.transactionHashes.append(try reader.readHash()) }
        return block
    }

    /// Headers below the first stored block, newest first.
    package static func encode(_ headers: [BlockHeader]) -> [UInt8] {
        var writer = CanonicalWriter()
        writer.write(UInt32(headers.count))
        for header in headers { header.encode(into: &writer) }
        return writer.bytes
    }

    package static func decodeHeaders(_ reader: inout CanonicalReader) throws(CanonicalError) -> [BlockHeader] {
        let count = try reader.readCount(limit: SnapshotManifest.ancestorLimit)
        var headers: [BlockHeader] = []
        for _ in 0..<count { headers.append(try BlockHeader.decode(from: &reader)) }
        return headers
    }

    // MARK: - Transactions

    /// Height and index are the key.
    package static func encode(_ record: TransactionRecord) -> [UInt8] {
        let raw = record.transaction.encode()
        let receipt = record.receipt
        var writer = CanonicalWriter(capacity: 256 + raw.count + receipt.logs.reduce(0) { $0 + 160 + $1.data.count })
        writer.write(record.hash)
        writer.write(record.sender)
        writer.write(record.blockHash)
        writer.write(record.firstLogIndex)
        writer.write(raw)
        writer.write(receipt.type.rawValue)
        writer.write(receipt.succeeded)
        writer.write(receipt.cumulativeGasUsed)
        writer.write(receipt.gasUsed)
        writer.write(receipt.effectiveGasPrice)
        writer.write(receipt.contractAddress != nil)
        if let address = receipt.contractAddress { writer.write(address) }
        writer.write(UInt32(receipt.logs.count))
        for log in receipt.logs {
            writer.write(log.address)
            writer.write(UInt8(log.topics.count))
            for topic in log.topics { writer.write(topic) }
            writer.write(log.data)
        }
        return writer.bytes
    }

    package static func decodeTransaction(
        _ reader: inout CanonicalReader, at place: TransactionPlace
    ) throws(CanonicalError) -> TransactionRecord {
        let hash = try reader.readHash()
        let sender = try reader.readAddress()
        let blockHash = try reader.readHash()
        let firstLogIndex: UInt32 = try reader.read()
        let raw = try reader.readBytes(limit: reader.remaining)
        let transaction: Transaction
        do throws(TransactionDecodingError) {
            transaction = try Transaction.decode(raw)
        } catch {
            throw CanonicalError.invalidValue
        }
        return TransactionRecord(
            hash: hash, sender: sender, transaction: transaction, blockHash: blockHash, blockHeight: place.height,
            index: place.index, firstLogIndex: firstLogIndex, receipt: try decodeReceipt(&reader))
    }

    private static func decodeReceipt(_ reader: inout CanonicalReader) throws(CanonicalError) -> Receipt {
        guard let type = TransactionType(rawValue: try reader.read()) else { throw .invalidValue }
        var receipt = Receipt(
            type: type, succeeded: try reader.readBool(), cumulativeGasUsed: try reader.read(), gasUsed: try reader.read(),
            effectiveGasPrice: try reader.readUInt256(), contractAddress: nil, logs: [])
        if try reader.readBool() { receipt.contractAddress = try reader.readAddress() }
        // An address, a count of topics and a length are the least that a log takes.
        let count = try reader.readCount(limit: reader.remaining / (Address.byteCount + 1 + 4))
        receipt.logs.reserveCapacity(count)
        for _ in 0..<count {
            var log = Log(address: try reader.readAddress(), topics: [], data: [])
            for _ in 0..<(try reader.read(UInt8.self)) { log.topics.append(try reader.readHash()) }
            log.data = try reader.readBytes(limit: reader.remaining)
            receipt.logs.append(log)
        }
        return receipt
    }

    package static func encode(_ place: TransactionPlace) -> [UInt8] { place.key.bytes }

    package static func decodePlace(_ reader: inout CanonicalReader) throws(CanonicalError) -> TransactionPlace {
        TransactionPlace(height: try reader.read(), index: try reader.read())
    }

    // MARK: - Skipped transactions

    package static func encode(_ skipped: SkippedRecord) -> [UInt8] {
        var writer = CanonicalWriter(capacity: 64)
        writer.write(skipped.blockHeight)
        writer.write(Array(skipped.reason.utf8))
        return writer.bytes
    }

    package static func decodeSkipped(_ reader: inout CanonicalReader) throws(CanonicalError) -> SkippedRecord {
        let height: UInt64 = try reader.read()
        let text = try reader.readBytes(limit: reader.remaining)
        guard let reason = String(validating: text, as: UTF8.self) else { throw .invalidValue }
        return SkippedRecord(blockHeight: height, reason: reason)
    }

    // MARK: - State

    static let accountByteCount = 72

    /// An account that ceased to exist is an empty record.
    package static func encode(_ account: AccountRecord?) -> [UInt8] {
        guard let account else { return [] }
        var writer = CanonicalWriter(capacity: accountByteCount)
        writer.write(account.nonce)
        writer.write(account.balance)
        writer.write(account.codeHash)
        return writer.bytes
    }

    package static func decodeAccount(_ reader: inout CanonicalReader) throws(CanonicalError) -> AccountRecord? {
        if reader.remaining == 0 { return nil }
        return AccountRecord(nonce: try reader.read(), balance: try reader.readUInt256(), codeHash: try reader.readHash())
    }

    package static func decodeValue(_ reader: inout CanonicalReader) throws(CanonicalError) -> UInt256 {
        try reader.readUInt256()
    }

    /// The versions of a row lie together, newest first: the version that holds at a height is the first at or behind this key.
    static func accountKey(_ address: Address, _ height: UInt64) -> Key {
        var key = Key(address)
        key.append(~height)
        return key
    }

    static func slotKey(_ address: Address, _ slot: UInt256, _ height: UInt64) -> Key {
        var key = Key(address)
        key.append(Hash256(slot))
        key.append(~height)
        return key
    }
}

/// A transaction of a payload that could not be included.
public struct SkippedRecord: Equatable, Sendable {
    /// The newest block whose payload had it.
    public var blockHeight: UInt64
    /// In go-ethereum's words.
    public var reason: String

    public init(blockHeight: UInt64, reason: String) {
        self.blockHeight = blockHeight
        self.reason = reason
    }
}
