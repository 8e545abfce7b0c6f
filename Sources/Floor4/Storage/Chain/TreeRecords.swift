// Floor 4, Storage: the content of a bundle of the state tree: 15 digests, and in the lowest group up to eight leaves behind
// them. Reading never traps, whatever the bytes.
package import Engine
package import Primitives

package enum TreeRecords {
    package static let leafByteCount = 96

    /// The digest at a position of a bundle; `nil` when nothing is there: all zero, which no subtree with leaves hashes to.
    package static func node(_ bundle: UnsafeRawBufferPointer, slot: Int) throws(CanonicalError) -> PoseidonDigest? {
        guard isBundle(bundle.count), slot >= 0, slot < TreeBundle.slots, let base = bundle.baseAddress else { throw .invalidValue }
        let found = try unsafe digest(base + slot * Hash256.byteCount)
        return found == .zero ? nil : found
    }

    /// The leaf at a place of a bundle of the lowest group; `nil` when the bundle has fewer.
    package static func leaf(_ bundle: UnsafeRawBufferPointer, place: Int) throws(CanonicalError) -> TreeLeaf? {
        guard isBundle(bundle.count), place >= 0, place < TreeBundle.leafCount, let base = bundle.baseAddress else {
            throw .invalidValue
        }
        guard place < leafCount(bundle.count) else { return nil }
        let start = unsafe base + TreeBundle.byteCount + place * leafByteCount
        return TreeLeaf(
            key: try unsafe digest(start), nextKey: try unsafe digest(start + 32), value: unsafe Hash256(loading: start + 64))
    }

    /// Whether a bundle can have this many bytes.
    static func isBundle(_ count: Int) -> Bool {
        let rest = count - TreeBundle.byteCount
        return rest >= 0 && rest % leafByteCount == 0 && rest / leafByteCount <= TreeBundle.leafCount
    }

    /// Leaves in a bundle of so many bytes.
    static func leafCount(_ count: Int) -> Int { (count - TreeBundle.byteCount) / leafByteCount }

    private static func digest(_ pointer: UnsafeRawPointer) throws(CanonicalError) -> PoseidonDigest {
        guard let digest = PoseidonDigest(unsafe Hash256(loading: pointer)) else { throw .invalidValue }
        return digest
    }
}

/// A bundle that is being changed.
struct BundleBuffer {
    private(set) var bytes = [UInt8](repeating: 0, count: TreeBundle.byteCount)

    mutating func clear() {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(contentsOf: repeatElement(0, count: TreeBundle.byteCount))
    }

    /// Takes the content of a stored bundle.
    mutating func load(_ content: UnsafeRawBufferPointer) {
        bytes.removeAll(keepingCapacity: true)
        unsafe bytes.append(contentsOf: content)
    }

    mutating func set(slot: Int, _ digest: PoseidonDigest) { store(digest.hash256, at: slot * Hash256.byteCount) }

    /// Sets or appends a leaf; `false` when that would leave a gap.
    mutating func set(place: Int, _ leaf: TreeLeaf) -> Bool {
        let count = TreeRecords.leafCount(bytes.count)
        guard place <= count, place < TreeBundle.leafCount else { return false }
        if place == count { bytes.append(contentsOf: repeatElement(0, count: TreeRecords.leafByteCount)) }
        let start = TreeBundle.byteCount + place * TreeRecords.leafByteCount
        store(leaf.key.hash256, at: start)
        store(leaf.nextKey.hash256, at: start + 32)
        store(leaf.value, at: start + 64)
        return true
    }

    private mutating func store(_ hash: Hash256, at offset: Int) {
        precondition(offset + Hash256.byteCount <= bytes.count, "places are within the bundle")
        unsafe bytes.withUnsafeMutableBytes { buffer in
            guard let base = buffer.baseAddress else { return }
            unsafe hash.store(to: base + offset)
        }
    }
}
