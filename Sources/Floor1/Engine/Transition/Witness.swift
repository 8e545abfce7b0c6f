// Floor 1, Engine: the part of the state that a batch touches, with what shows that it is the state.
//
// A multi-proof of the state tree: the touched leaves, and the digests beside their joint paths that do not follow from them.
// `WitnessTree` computes the root from it; nothing here is trusted before that. Specs/guest.md has the format.
public import Primitives

/// What the guest is given of the state before a batch.
public struct Witness: Equatable, Sendable {
    /// Ascending by index.
    public var leaves: [WitnessLeaf]
    /// In the order in which `WitnessTree` asks for them: level by level from the leaves, ascending by index.
    public var siblings: [PoseidonDigest]
    /// The code that is read; its hash is computed.
    public var codes: [[UInt8]]

    public init(leaves: [WitnessLeaf] = [], siblings: [PoseidonDigest] = [], codes: [[UInt8]] = []) {
        self.leaves = leaves
        self.siblings = siblings
        self.codes = codes
    }

    static let leafCountLimit = 1 << 24
    static let siblingCountLimit = 1 << 26
    static let codeCountLimit = 1 << 20
    /// Far above EIP-170's limit, which genesis accounts need not keep.
    static let codeByteLimit = 1 << 24

    public func encode() -> [UInt8] {
        var writer = CanonicalWriter(capacity: 12 + leaves.count * 101 + siblings.count * 32)
        writer.write(UInt32(leaves.count))
        for leaf in leaves { leaf.encode(into: &writer) }
        writer.write(UInt32(siblings.count))
        for sibling in siblings { writer.write(sibling.hash256) }
        writer.write(UInt32(codes.count))
        for code in codes { writer.write(code) }
        return writer.bytes
    }

    public static func decode(_ bytes: [UInt8]) throws(CanonicalError) -> Witness {
        var reader = CanonicalReader(bytes)
        var witness = Witness()
        for _ in 0..<(try reader.readCount(limit: leafCountLimit)) { witness.leaves.append(try WitnessLeaf.decode(from: &reader)) }
        for _ in 0..<(try reader.readCount(limit: siblingCountLimit)) { witness.siblings.append(try readDigest(&reader)) }
        for _ in 0..<(try reader.readCount(limit: codeCountLimit)) { witness.codes.append(try reader.readBytes(limit: codeByteLimit)) }
        try reader.finish()
        return witness
    }

    fileprivate static func readDigest(_ reader: inout CanonicalReader) throws(CanonicalError) -> PoseidonDigest {
        guard let digest = PoseidonDigest(try reader.readHash()) else { throw .invalidValue }
        return digest
    }
}

/// A touched leaf. A live account's leaf comes with what its value is the digest of.
public struct WitnessLeaf: Equatable, Sendable {
    public enum Content: Equatable, Sendable {
        /// A slot's word, a dead account's zero, or a value that nobody asks for.
        case value(Hash256)
        case account(AccountRecord)
    }

    public var index: UInt32
    public var key: PoseidonDigest
    public var nextKey: PoseidonDigest
    public var content: Content

    public init(index: UInt32, key: PoseidonDigest, nextKey: PoseidonDigest, content: Content) {
        self.index = index
        self.key = key
        self.nextKey = nextKey
        self.content = content
    }

    func encode(into writer: inout CanonicalWriter) {
        writer.write(index)
        writer.write(key.hash256)
        writer.write(nextKey.hash256)
        switch content {
        case .value(let value):
            writer.write(false)
            writer.write(value)
        case .account(let record):
            writer.write(true)
            writer.write(record.nonce)
            writer.write(record.balance)
            writer.write(record.codeHash)
        }
    }

    static func decode(from reader: inout CanonicalReader) throws(CanonicalError) -> WitnessLeaf {
        let index = try reader.read(UInt32.self)
        let key = try Witness.readDigest(&reader)
        let nextKey = try Witness.readDigest(&reader)
        let content: Content
        if try reader.readBool() {
            content = .account(
                AccountRecord(nonce: try reader.read(), balance: try reader.readUInt256(), codeHash: try reader.readHash()))
        } else {
            content = .value(try reader.readHash())
        }
        return WitnessLeaf(index: index, key: key, nextKey: nextKey, content: content)
    }
}
