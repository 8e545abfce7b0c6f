// Floor 4, Storage: what a snapshot says about itself: the block after which the state is, and what a node needs besides the
// state to execute the next one. Decoding takes hostile bytes.
public import Engine
public import Primitives

/// The head of a snapshot.
public struct SnapshotManifest: Equatable, Sendable {
    private static let magic: [UInt8] = Array("hyperseq state 1".utf8)
    /// BLOCKHASH looks back 256 blocks: the parent hashes of the block and 255 headers below it.
    public static let ancestorLimit = 255

    /// The chain's identity.
    public var genesisHash: Hash256
    public var leafCount: UInt64
    public var block: BlockRecord
    /// Of that block.
    public var transactions: [TransactionRecord]
    /// The headers below the block, newest first, as far as BLOCKHASH looks.
    public var ancestors: [BlockHeader]

    public init(
        genesisHash: Hash256, leafCount: UInt64, block: BlockRecord, transactions: [TransactionRecord], ancestors: [BlockHeader]
    ) {
        self.genesisHash = genesisHash
        self.leafCount = leafCount
        self.block = block
        self.transactions = transactions
        self.ancestors = ancestors
    }

    public var chunkCount: UInt64 { UnverifiedStateChunk.count(leaves: leafCount) }

    public func encode() -> [UInt8] {
        var writer = CanonicalWriter()
        writer.writeRaw(SnapshotManifest.magic)
        writer.write(genesisHash)
        writer.write(leafCount)
        writer.write(ChainRecords.encode(block))
        writer.write(UInt32(transactions.count))
        for record in transactions { writer.write(ChainRecords.encode(record)) }
        writer.write(ChainRecords.encode(ancestors))
        return writer.bytes
    }

    /// Checks everything that follows from the block's hash: header, ancestors, places of the transactions. The state root and the
    /// hash itself must be compared with what the caller trusts.
    public static func decode(_ bytes: [UInt8]) throws(CanonicalError) -> SnapshotManifest {
        var reader = CanonicalReader(bytes)
        guard try reader.readRaw(magic.count) == magic else { throw .invalidValue }
        let genesisHash = try reader.readHash()
        let leafCount: UInt64 = try reader.read()
        guard leafCount > 0, leafCount <= 1 << UInt64(StateTree.depth) else { throw .invalidValue }
        let block = try nested(&reader, ChainRecords.decodeBlock)
        guard block.hash == block.header.hash else { throw .invalidValue }
        let count = try reader.readCount(limit: block.transactionHashes.count)
        guard count == block.transactionHashes.count else { throw .invalidValue }
        var transactions: [TransactionRecord] = []
        for index in 0..<count {
            let place = TransactionPlace(height: block.header.height, index: UInt32(index))
            let record = try nested(&reader) { (inner) throws(CanonicalError) in try ChainRecords.decodeTransaction(&inner, at: place) }
            guard record.hash == block.transactionHashes[index], record.hash == record.transaction.hash, record.blockHash == block.hash
            else { throw .invalidValue }
            transactions.append(record)
        }
        let ancestors = try nested(&reader, ChainRecords.decodeHeaders)
        try reader.finish()
        guard ancestors.count == min(UInt64(ancestorLimit), block.header.height) else { throw .invalidValue }
        var child = block.header
        for header in ancestors {
            guard header.hash == child.parentHash, header.height + 1 == child.height else { throw .invalidValue }
            child = header
        }
        return SnapshotManifest(
            genesisHash: genesisHash, leafCount: leafCount, block: block, transactions: transactions, ancestors: ancestors)
    }

    private static func nested<R>(
        _ reader: inout CanonicalReader, _ decode: (inout CanonicalReader) throws(CanonicalError) -> R
    ) throws(CanonicalError) -> R {
        var inner = CanonicalReader(try reader.readBytes(limit: reader.remaining))
        let value = try decode(&inner)
        try inner.finish()
        return value
    }
}
