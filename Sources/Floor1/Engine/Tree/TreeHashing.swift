// Floor 1, Engine: the digests of an update's nodes. Subtrees are hashed side by side where the caller has threads, each
// level of a subtree as one batch for the vector unit; the few nodes above them follow. Every node is hashed once.
import Primitives

enum TreeHashing {
    /// Fewer hashes than this are done before another thread has woken up.
    static let leastPart = 128
    /// The subtrees that parts are made of: so many that the parts are of about equal size.
    private static let leastSubtrees = 64

    /// The digests of all nodes of `paths`, in their order. `read` holds what the store has at `paths.missing`.
    static func digests(
        _ paths: TreePaths, leaves: [IndexedLeaf], read: [PoseidonDigest], runner: BatchRunner
    ) -> [PoseidonDigest] {
        var limbs = TreeLimbs(.leaf, capacity: leaves.count)
        for entry in leaves { limbs.append(entry.leaf) }
        let inputs = limbs
        let top = splitLevel(paths)
        let tops = paths.nodes(top)
        let ranges = leaves.count < 2 * leastPart ? [0..<tops.count] : runner.ranges(tops.count, least: 1)
        return unsafe [PoseidonDigest](unsafeUninitializedCapacity: paths.count) { buffer, initialized in
            if let digests = buffer.baseAddress {
                let hasher = unsafe LevelHasher(paths: paths, read: read, digests: digests)
                runner.run(parts: ranges.count) { part in
                    let range = ranges[part].lowerBound + tops.lowerBound..<ranges[part].upperBound + tops.lowerBound
                    let own = paths.nodes(0, under: range, of: top)
                    unsafe inputs.hash(own, into: digests + own.lowerBound)
                    if top > 0 { for level in 1...top { unsafe hasher.hash(paths.nodes(level, under: range, of: top)) } }
                }
                for level in top..<StateTree.depth { unsafe hasher.hash(paths.nodes(level + 1)) }
            }
            initialized = paths.count
        }
    }

    /// The highest level with enough nodes to share out; level 0 when there is none.
    private static func splitLevel(_ paths: TreePaths) -> Int {
        var level = 0
        while level < StateTree.depth, paths.nodes(level + 1).count >= leastSubtrees { level += 1 }
        return level
    }
}

/// Hashes nodes whose children are known.
@unsafe
private struct LevelHasher {
    let paths: TreePaths
    let read: [PoseidonDigest]
    /// One for each node of `paths`.
    let digests: UnsafeMutablePointer<PoseidonDigest>

    /// Hashes a run of nodes of one level above the leaves.
    func hash(_ nodes: Range<Int>) {
        let first = unsafe paths.starts[1]
        unsafe withUnsafeTemporaryAllocation(of: PoseidonDigest.self, capacity: 2 * nodes.count) { buffer in
            guard let pairs = buffer.baseAddress else { return }
            for (place, node) in nodes.enumerated() {
                let children = unsafe paths.children[node - first]
                unsafe (pairs + 2 * place).initialize(to: digest(children.left))
                unsafe (pairs + 2 * place + 1).initialize(to: digest(children.right))
            }
            unsafe Poseidon2.compress(pairs: pairs, count: nodes.count, into: digests + nodes.lowerBound)
        }
    }

    @inline(__always)
    private func digest(_ source: TreePaths.Source) -> PoseidonDigest {
        source >= 0 ? unsafe digests[source] : unsafe read[~source]
    }
}
