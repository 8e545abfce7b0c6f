// The header of a block of our chains. It stands on floor 0 because the engine proves what consensus orders: both hash it.

/// The header of a block; its hash names the block.
public struct BlockHeader: Equatable, Sendable {
    public var epoch: UInt32
    /// The view in which the block was first proposed.
    public var view: UInt64
    public var height: UInt64
    public var parentHash: Hash256
    /// The view of the certificate of the parent on which this block was built.
    public var parentView: UInt64
    /// Keccak-256 of the payload bytes.
    public var payloadRoot: Hash256
    public var payloadByteCount: UInt32
    public var timestampMilliseconds: UInt64
    /// The validator that made the block; it also receives the fees.
    public var proposer: Address

    public init(
        epoch: UInt32, view: UInt64, height: UInt64, parentHash: Hash256, parentView: UInt64, payloadRoot: Hash256,
        payloadByteCount: UInt32, timestampMilliseconds: UInt64, proposer: Address
    ) {
        self.epoch = epoch
        self.view = view
        self.height = height
        self.parentHash = parentHash
        self.parentView = parentView
        self.payloadRoot = payloadRoot
        self.payloadByteCount = payloadByteCount
        self.timestampMilliseconds = timestampMilliseconds
        self.proposer = proposer
    }

    /// Size of the canonical encoding.
    public static let byteCount = 4 + 8 + 8 + 32 + 8 + 32 + 4 + 8 + 20

    public func encode(into writer: inout CanonicalWriter) {
        writer.write(epoch)
        writer.write(view)
        writer.write(height)
        writer.write(parentHash)
        writer.write(parentView)
        writer.write(payloadRoot)
        writer.write(payloadByteCount)
        writer.write(timestampMilliseconds)
        writer.write(proposer)
    }

    public static func decode(from reader: inout CanonicalReader) throws(CanonicalError) -> BlockHeader {
        BlockHeader(
            epoch: try reader.read(), view: try reader.read(), height: try reader.read(), parentHash: try reader.readHash(),
            parentView: try reader.read(), payloadRoot: try reader.readHash(), payloadByteCount: try reader.read(),
            timestampMilliseconds: try reader.read(), proposer: try reader.readAddress())
    }

    /// Keccak-256 of the canonical encoding.
    public var hash: Hash256 {
        var writer = CanonicalWriter(capacity: BlockHeader.byteCount)
        encode(into: &writer)
        return Keccak256.hash(writer.bytes)
    }
}
