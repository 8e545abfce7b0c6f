// Floor 1, Engine: the state tree as far as a witness has it.
//
// Built by computing the root from the witness; a witness of another tree is refused. Invariants: everything that is answered
// follows from that root and from the number of leaves; what does not follow is `.unavailable`, never "absent".
public import Primitives

/// A partial state tree.
public final class WitnessTree: TreeStore {
    private let count: UInt64
    private var leaves: [IndexedLeaf] = []
    /// What the value of a leaf is the digest of, beside `leaves`.
    private var records: [AccountRecord?] = []
    private var keys: [TreeKeyIndex] = []
    /// By level; ascending by index.
    private var levels: [[TreeNode]] = []

    public init(_ witness: Witness, root: Hash256, leafCount: UInt64) throws(TransitionError) {
        count = leafCount
        super.init()
        guard leafCount > 0, leafCount <= StateTree.maxLeafCount else { throw .foreignWitness }
        try take(witness.leaves)
        try hashPaths(witness.siblings, root)
    }

    private func take(_ given: [WitnessLeaf]) throws(TransitionError) {
        leaves.reserveCapacity(given.count)
        records.reserveCapacity(given.count)
        keys.reserveCapacity(given.count)
        for entry in given {
            let index = UInt64(entry.index)
            guard index < count else { throw .foreignWitness }
            if let last = leaves.last, last.index >= index { throw .foreignWitness }
            let value: Hash256
            switch entry.content {
            case .value(let word):
                value = word
                records.append(nil)
            case .account(let record):
                value = StateTree.accountValue(record)
                records.append(record)
            }
            leaves.append(IndexedLeaf(index: index, leaf: TreeLeaf(key: entry.key, nextKey: entry.nextKey, value: value)))
            keys.append(TreeKeyIndex(key: entry.key, index: index))
        }
        keys.sort { $0.key < $1.key }
    }

    /// Whether the whole subtree of a node lies behind the last leaf.
    private func isEmpty(level: Int, index: UInt64) -> Bool { index << UInt64(level) >= count }

    /// All nodes on the paths of the leaves and of the place where the next leaf goes, with the siblings of these paths.
    private func hashPaths(_ siblings: [PoseidonDigest], _ root: Hash256) throws(TransitionError) {
        var path = leaves.map { TreeNode(level: 0, index: $0.index, digest: $0.leaf.digest) }
        if count < StateTree.maxLeafCount { path.append(TreeNode(level: 0, index: count, digest: .zero)) }
        levels.reserveCapacity(StateTree.depth + 1)
        var nextSibling = 0
        for level in 0..<StateTree.depth {
            var known: [TreeNode] = []
            var parents: [TreeNode] = []
            known.reserveCapacity(path.count * 2)
            parents.reserveCapacity(path.count)
            var position = 0
            while position < path.count {
                let own = path[position]
                position += 1
                var pair = (left: own, right: own)
                if own.index & 1 == 0, position < path.count, path[position].index == own.index + 1 {
                    pair.right = path[position]
                    position += 1
                } else {
                    let index = own.index ^ 1
                    var sibling = TreeNode(level: level, index: index, digest: StateTree.emptySubtrees[level])
                    if !isEmpty(level: level, index: index) {
                        guard nextSibling < siblings.count else { throw .foreignWitness }
                        sibling.digest = siblings[nextSibling]
                        nextSibling += 1
                    }
                    if index < own.index { pair.left = sibling } else { pair.right = sibling }
                }
                known.append(pair.left)
                known.append(pair.right)
                parents.append(parent(pair.left, pair.right, level: level + 1))
            }
            levels.append(known)
            path = parents
        }
        levels.append(path)
        guard nextSibling == siblings.count, path.count == 1, path[0].digest.hash256 == root else { throw .foreignWitness }
    }

    private func parent(_ left: TreeNode, _ right: TreeNode, level: Int) -> TreeNode {
        let index = left.index >> 1
        let digest =
            isEmpty(level: level, index: index) ? StateTree.emptySubtrees[level] : Poseidon2.compress(left.digest, right.digest)
        return TreeNode(level: level, index: index, digest: digest)
    }

    // MARK: - Reading

    /// The value under a key: its leaf's position in the witness; `nil` when the key is absent from the tree.
    private func position(of key: PoseidonDigest) throws(StateError) -> Int? {
        if let index = keys.find(key) { return position(ofLeaf: index) }
        _ = try predecessor(of: key)
        return nil
    }

    private func position(ofLeaf index: UInt64) -> Int? {
        let position = firstPosition(leaves.count) { leaves[$0].index >= index }
        return position < leaves.count && leaves[position].index == index ? position : nil
    }

    /// The account under a key; `nil` when there is none.
    func account(_ key: PoseidonDigest) throws(StateError) -> AccountRecord? {
        guard let position = try position(of: key), leaves[position].leaf.value != .zero else { return nil }
        guard let record = records[position] else { throw .unavailable }
        return record
    }

    /// The word under a key; zero when there is none.
    func word(_ key: PoseidonDigest) throws(StateError) -> UInt256 {
        guard let position = try position(of: key) else { return .zero }
        return UInt256(leaves[position].leaf.value)
    }

    public override func node(level: Int, index: UInt64) throws(StateError) -> PoseidonDigest? {
        guard levels.indices.contains(level), index <= StateTree.maxLeafCount else { throw .unavailable }
        if isEmpty(level: level, index: index) { return nil }
        let nodes = levels[level]
        let position = firstPosition(nodes.count) { nodes[$0].index >= index }
        guard position < nodes.count, nodes[position].index == index else { throw .unavailable }
        return nodes[position].digest
    }

    public override func leaf(_ index: UInt64) throws(StateError) -> TreeLeaf? {
        if index >= count { return nil }
        guard let position = position(ofLeaf: index) else { throw .unavailable }
        return leaves[position].leaf
    }

    public override func find(_ key: PoseidonDigest) throws(StateError) -> UInt64? {
        if let index = keys.find(key) { return index }
        _ = try predecessor(of: key)
        return nil
    }

    /// Only a leaf whose link reaches `key` or beyond it shows that there is none between.
    public override func predecessor(of key: PoseidonDigest) throws(StateError) -> UInt64 {
        guard let entry = keys.predecessor(of: key), let position = position(ofLeaf: entry.index) else { throw .unavailable }
        let next = leaves[position].leaf.nextKey
        guard next == .zero || next >= key else { throw .unavailable }
        return entry.index
    }

    public override func leafCount() throws(StateError) -> UInt64 { count }
}
