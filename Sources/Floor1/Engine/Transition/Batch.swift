// Floor 1, Engine: a run of blocks to be executed as one, as the prover gives it to the guest.
public import Primitives

/// Blocks on top of a tip. Nothing here is trusted: `BatchTransition` checks that the blocks follow the tip and each other.
public struct Batch: Equatable, Sendable {
    /// The hash of the genesis header, which names the chain. Only carried into the statement.
    public var chainIdentity: Hash256
    public var rules: ChainRules
    public var before: ChainTip
    public var blocks: [BatchBlock]

    public init(chainIdentity: Hash256, rules: ChainRules, before: ChainTip, blocks: [BatchBlock]) {
        self.chainIdentity = chainIdentity
        self.rules = rules
        self.before = before
        self.blocks = blocks
    }

    /// Most blocks of one batch: an hour of ten blocks per second, far above what one proof takes.
    public static let blockCountLimit = 36_000
    /// Most bytes of one payload; blocks of the network stay below it.
    public static let payloadByteLimit = 1 << 24

    public func encode() -> [UInt8] {
        var writer = CanonicalWriter(capacity: 512)
        writer.write(chainIdentity)
        rules.encode(into: &writer)
        before.encode(into: &writer)
        writer.write(UInt32(blocks.count))
        for block in blocks {
            block.header.encode(into: &writer)
            writer.write(block.payload)
        }
        return writer.bytes
    }

    public static func decode(_ bytes: [UInt8]) throws(CanonicalError) -> Batch {
        var reader = CanonicalReader(bytes)
        let chainIdentity = try reader.readHash()
        let rules = try ChainRules.decode(from: &reader)
        let before = try ChainTip.decode(from: &reader)
        var blocks: [BatchBlock] = []
        for _ in 0..<(try reader.readCount(limit: blockCountLimit)) {
            let header = try BlockHeader.decode(from: &reader)
            blocks.append(BatchBlock(header: header, payload: try reader.readBytes(limit: payloadByteLimit)))
        }
        try reader.finish()
        return Batch(chainIdentity: chainIdentity, rules: rules, before: before, blocks: blocks)
    }
}

/// A block as validators ordered it.
public struct BatchBlock: Equatable, Sendable {
    public var header: BlockHeader
    public var payload: [UInt8]

    public init(header: BlockHeader, payload: [UInt8]) {
        self.header = header
        self.payload = payload
    }
}

extension ChainRules {
    func encode(into writer: inout CanonicalWriter) {
        writer.write(chainID)
        writer.write(fork.rawValue)
        writer.write(gasLimit)
        writer.write(minimumBaseFeePerGas)
    }

    static func decode(from reader: inout CanonicalReader) throws(CanonicalError) -> ChainRules {
        let chainID = try reader.read(UInt64.self)
        guard let fork = Fork(rawValue: try reader.read(UInt8.self)) else { throw .invalidValue }
        return ChainRules(chainID: chainID, fork: fork, gasLimit: try reader.read(), minimumBaseFeePerGas: try reader.readUInt256())
    }
}
