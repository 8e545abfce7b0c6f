// Floor 1, Engine: proofs that the state has a value under a key, or that it has none.
//
// One leaf and its path do for both: the leaf with the key, or the leaf whose link skips it.
public import Primitives

/// What a valid proof shows.
public enum TreeProofResult: Equatable, Sendable {
    /// The key has a leaf with this value; zero when it was cleared.
    case present(Hash256)
    /// The key has no leaf.
    case absent
}

/// A leaf with its path to the root.
public struct TreeProof: Equatable, Sendable {
    /// Position of the leaf.
    public var index: UInt64
    public var leaf: TreeLeaf
    /// The siblings along the path, the leaf's first: `StateTree.depth` digests.
    public var siblings: [PoseidonDigest]

    public init(index: UInt64, leaf: TreeLeaf, siblings: [PoseidonDigest]) {
        self.index = index
        self.leaf = leaf
        self.siblings = siblings
    }

    /// What this proof shows about `key` in the tree with this root; `nil` when it shows nothing. Takes hostile proofs.
    public func verify(key: PoseidonDigest, root: Hash256) -> TreeProofResult? {
        guard siblings.count == StateTree.depth, index < StateTree.maxLeafCount, key != .zero else { return nil }
        guard leaf.key == key || leaf.skips(key) else { return nil }
        var digest = leaf.digest
        var position = index
        for sibling in siblings {
            digest = position & 1 == 0 ? Poseidon2.compress(digest, sibling) : Poseidon2.compress(sibling, digest)
            position >>= 1
        }
        guard digest.hash256 == root else { return nil }
        return leaf.key == key ? .present(leaf.value) : .absent
    }
}

extension StateTree {
    /// The proof of presence or absence of `key`, which is above zero, in a tree with leaves.
    public static func prove(_ store: TreeStore, _ key: PoseidonDigest) throws(StateError) -> TreeProof {
        let index: UInt64
        if let found = try store.find(key) { index = found } else { index = try store.predecessor(of: key) }
        guard let leaf = try store.leaf(index) else { throw .unavailable }
        var siblings: [PoseidonDigest] = []
        siblings.reserveCapacity(depth)
        for level in 0..<depth {
            let sibling = try store.node(level: level, index: (index >> UInt64(level)) ^ 1)
            siblings.append(sibling ?? emptySubtrees[level])
        }
        return TreeProof(index: index, leaf: leaf, siblings: siblings)
    }
}
