// Floor 1, Engine: the shape of an update: which nodes lie on the paths of the changed leaves, and what each is made of. It
// follows from the positions of the leaves alone, so that everything can be read before anything is hashed.
//
// Invariants: the nodes lie level by level, each level ascending by index; `missing` ascends by (level, index).
import Primitives

/// Where a node stands in the tree.
public struct TreePlace: Equatable, Sendable {
    public var level: Int
    public var index: UInt64

    public init(level: Int, index: UInt64) {
        self.level = level
        self.index = index
    }
}

/// The nodes above a set of leaves.
struct TreePaths {
    /// Where the digest of a child comes from: the node at this number, or, as a complement, the digest read for `missing`.
    typealias Source = Int

    struct Children {
        var left: Source
        var right: Source
    }

    /// The number of each level's first node; one entry more than there are levels.
    private(set) var starts: [Int] = [0]
    /// The index of each node on its level.
    private(set) var indices: [UInt64]
    /// The children of each node above level 0, from node `starts[1]` on.
    private(set) var children: [Children] = []
    /// Children that are not on a path: to be read from the store.
    private(set) var missing: [TreePlace] = []

    /// `leaves` ascends and is not empty.
    init(leaves: [UInt64]) {
        indices = leaves
        // Paths join on the way up; this is about what a block of many changes takes.
        indices.reserveCapacity(leaves.count * 12)
        children.reserveCapacity(leaves.count * 12)
        for level in 0..<StateTree.depth { addLevel(above: level) }
        starts.append(indices.count)
    }

    private mutating func addLevel(above level: Int) {
        let end = indices.count
        var node = starts[level]
        starts.append(end)
        while node < end {
            let index = indices[node]
            var pair = Children(left: node, right: node)
            if index & 1 == 1 {
                pair.left = addMissing(level, index - 1)
            } else if node + 1 < end, indices[node + 1] == index + 1 {
                node += 1
                pair.right = node
            } else {
                pair.right = addMissing(level, index + 1)
            }
            indices.append(index >> 1)
            children.append(pair)
            node += 1
        }
    }

    private mutating func addMissing(_ level: Int, _ index: UInt64) -> Source {
        missing.append(TreePlace(level: level, index: index))
        return ~(missing.count - 1)
    }

    var count: Int { indices.count }

    /// The numbers of a level's nodes.
    func nodes(_ level: Int) -> Range<Int> { starts[level]..<starts[level + 1] }

    /// The nodes of a level under those of a higher one, given as a range of its numbers.
    func nodes(_ level: Int, under range: Range<Int>, of higher: Int) -> Range<Int> {
        let shift = UInt64(higher - level)
        let all = nodes(level)
        guard let first = range.first, let last = range.last else { return all.lowerBound..<all.lowerBound }
        return firstNode(all) { $0 >> shift >= indices[first] }..<firstNode(all) { $0 >> shift > indices[last] }
    }

    private func firstNode(_ range: Range<Int>, where reached: (UInt64) -> Bool) -> Int {
        var low = range.lowerBound
        var high = range.upperBound
        while low < high {
            let middle = low + (high - low) / 2
            if reached(indices[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
