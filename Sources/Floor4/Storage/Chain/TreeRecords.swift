// Floor 4, Storage: the content of the records of the state tree. Decoding never traps, whatever the bytes.
package import Engine
package import Primitives

package enum TreeRecords {
    static let leafByteCount = 96

    package static func encode(_ leaf: TreeLeaf) -> [UInt8] {
        leaf.key.hash256.bytes + leaf.nextKey.hash256.bytes + leaf.value.bytes
    }

    package static func decodeLeaf(_ reader: inout CanonicalReader) throws(CanonicalError) -> TreeLeaf {
        TreeLeaf(key: try digest(&reader), nextKey: try digest(&reader), value: try reader.readHash())
    }

    /// The digest at a position of a bundle; `nil` when nothing is there: all zero, which no subtree with leaves hashes to.
    package static func decodeNode(_ bundle: [UInt8], slot: Int) throws(CanonicalError) -> PoseidonDigest? {
        guard bundle.count == TreeBundle.byteCount, slot >= 0, slot < TreeBundle.slots else { throw .invalidValue }
        var reader = CanonicalReader(bundle, offset: slot * Hash256.byteCount)
        let found = try digest(&reader)
        return found == .zero ? nil : found
    }

    static func set(_ bundle: inout [UInt8], slot: Int, _ digest: PoseidonDigest) {
        bundle.replaceSubrange(slot * 32..<slot * 32 + 32, with: digest.hash256.bytes)
    }

    private static func digest(_ reader: inout CanonicalReader) throws(CanonicalError) -> PoseidonDigest {
        guard let digest = PoseidonDigest(try reader.readHash()) else { throw .invalidValue }
        return digest
    }
}
