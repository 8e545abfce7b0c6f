// Floor 1, Engine: where a chain stands after a block. A batch's statement names the tip before and after it, so that batches
// join without gaps: whoever settles them compares the one with the other.
public import Primitives

/// All that the execution of the next blocks takes from the past, the content of the state tree apart.
public struct ChainTip: Equatable, Sendable {
    /// The newest block.
    public var blockHash: Hash256
    public var height: UInt64
    /// The state after it.
    public var stateRoot: Hash256
    /// The root does not contain the number of leaves, and an appended leaf's place follows from it.
    public var leafCount: UInt64
    public var facts: ParentFacts

    public init(blockHash: Hash256, height: UInt64, stateRoot: Hash256, leafCount: UInt64, facts: ParentFacts) {
        self.blockHash = blockHash
        self.height = height
        self.stateRoot = stateRoot
        self.leafCount = leafCount
        self.facts = facts
    }

    /// The tip that an executed block leaves.
    public init(after block: ExecutedBlock) {
        self.init(
            blockHash: block.record.hash, height: block.record.header.height, stateRoot: block.record.stateRoot,
            leafCount: block.tree.leafCount, facts: block.record.facts)
    }

    func encode(into writer: inout CanonicalWriter) {
        writer.write(blockHash)
        writer.write(height)
        writer.write(stateRoot)
        writer.write(leafCount)
        writer.write(facts.baseFeePerGas)
        writer.write(facts.gasUsed)
        writer.write(facts.gasLimit)
    }

    static func decode(from reader: inout CanonicalReader) throws(CanonicalError) -> ChainTip {
        let blockHash = try reader.readHash()
        let height = try reader.read(UInt64.self)
        let stateRoot = try reader.readHash()
        let leafCount = try reader.read(UInt64.self)
        let facts = ParentFacts(
            baseFeePerGas: try reader.readUInt256(), gasUsed: try reader.read(), gasLimit: try reader.read())
        return ChainTip(blockHash: blockHash, height: height, stateRoot: stateRoot, leafCount: leafCount, facts: facts)
    }
}
